#include "gateway/queue_filter.h"

#include "gateway/settings_value.h"

#include <algorithm>
#include <array>

namespace gateway {
namespace {

constexpr std::array kStates{OutboxState::pending, OutboxState::in_result, OutboxState::unknown,
                             OutboxState::held,    OutboxState::rejected,  OutboxState::delivered};

void append(std::string& text, std::string_view option, std::string_view value) {
  if (!text.empty()) text += ' ';
  text.append(option);
  if (!option.empty() && !value.empty()) text += ' ';
  text.append(value);
}

}  // namespace

bool QueueFilter::names_something() const {
  return all || patient || older_than || !units.empty() || !states.empty() || !destinations.empty() ||
         !kinds.empty() || !reasons.empty();
}

bool QueueFilter::means(OutboxState state) const {
  if (!states.empty()) return states.contains(state);
  return state != OutboxState::delivered || all || patient || !units.empty();
}

std::string to_text(const QueueFilter& filter) {
  std::string text;
  if (filter.all) append(text, "--ALL", "");
  for (const OutboxState state : filter.states) append(text, "--state", name_of(state));
  for (const std::string& destination : filter.destinations) append(text, "--destination", destination);
  for (const fhir_mapper::UnitKind kind : filter.kinds) append(text, "--type", info(kind).resource_type);
  for (const std::string& reason : filter.reasons) append(text, "--reason", reason);
  if (filter.older_than) append(text, "--older-than", format_duration(*filter.older_than));
  if (filter.patient) append(text, "--patient", filter.patient->reveal());
  for (const std::string& unit : filter.units) append(text, "", unit);
  return text;
}

std::optional<OutboxState> outbox_state_named(std::string_view name) {
  const auto* const found = std::find_if(kStates.begin(), kStates.end(),
                                         [name](OutboxState state) { return name_of(state) == name; });
  return found == kStates.end() ? std::nullopt : std::optional(*found);
}

std::optional<fhir_mapper::UnitKind> unit_kind_named(std::string_view resource_type) {
  for (const auto& each : fhir_mapper::unit_kinds()) {
    if (each.resource_type == resource_type) return each.kind;
  }
  return std::nullopt;
}

}  // namespace gateway
