#include "gateway/remap_report.h"

#include "gateway/json_member.h"

#include <algorithm>
#include <ostream>

namespace gateway {
namespace {

using Change = RemapFinding::Change;
using Writer = JsonWriter;

constexpr std::size_t kExamples = 5;

std::string_view name_of(Change change) {
  switch (change) {
    case Change::none:
      return "none";
    case Change::by_rules:
      return "rules";
    case Change::otherwise:
      return "otherwise";
    case Change::unknown:
      return "unknown";
    case Change::held:
      return "held";
    case Change::not_compared:
      return "not-compared";
  }
  return "none";
}

/// In quotes, so that no control character of a document reaches the terminal.
std::string quoted(const std::optional<std::string>& value) {
  if (!value) return "nothing";
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.String(value->data(), static_cast<rapidjson::SizeType>(value->size()));
  return {buffer.GetString(), buffer.GetSize()};
}

std::string title(const std::string& rule, const std::string& before) {
  if (rule.empty() && before.empty()) return "no rule: rows, or what the gateway itself writes";
  if (rule.empty()) return "no longer " + before;
  if (before.empty()) return rule + ", new";
  return rule == before ? rule : rule + ", before " + before;
}

}  // namespace

std::int64_t RemapReport::of(Change change) const {
  const auto found = changes_.find(change);
  return found == changes_.end() ? 0 : found->second;
}

void RemapReport::add(const RemapFinding& finding) {
  count(finding);
  if (finding.change == Change::none) return;
  if (format_ == Format::json_lines) {
    print_json(finding);
  } else if (values_ == Values::shown) {
    print_values(finding);
  }
}

void RemapReport::count(const RemapFinding& finding) {
  ++changes_[finding.change];
  if (finding.change == Change::held) ++held_reasons_[finding.reason];
  if (finding.taken_back) ++taken_back_;
  std::set<std::pair<std::string, std::string>> rules;
  for (const ElementDifference& each : finding.elements) {
    const std::pair rule(each.rule, each.rule_before);
    Group& group = groups_[rule];
    ++group.elements[each.place()];
    if (!rules.insert(rule).second) continue;
    ++group.units;
    if (group.examples.size() < kExamples) group.examples.push_back(finding.bundle_id);
  }
}

void RemapReport::print_json(const RemapFinding& finding) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  write(writer, "bundle_id", finding.bundle_id);
  write(writer, "destination", finding.destination);
  write(writer, "change", name_of(finding.change));
  if (finding.taken_back) {
    writer.Key("taken_back");
    writer.Bool(true);
  }
  if (!finding.reason.empty()) write(writer, "reason", finding.reason);
  writer.Key("elements");
  writer.StartArray();
  for (const ElementDifference& each : finding.elements) {
    writer.StartObject();
    write(writer, "element", each.place());
    write(writer, "rule", each.rule);
    write(writer, "rule_before", each.rule_before);
    if (values_ == Values::shown && each.before) write(writer, "before", *each.before);
    if (values_ == Values::shown && each.now) write(writer, "now", *each.now);
    writer.EndObject();
  }
  writer.EndArray();
  writer.EndObject();
  out_ << std::string_view(buffer.GetString(), buffer.GetSize()) << "\n";
}

void RemapReport::print_values(const RemapFinding& finding) {
  if (finding.elements.empty()) return;
  out_ << finding.bundle_id << " -> " << finding.destination << "\n";
  for (const ElementDifference& each : finding.elements) {
    out_ << "    " << each.place() << ": " << quoted(each.before) << " -> " << quoted(each.now) << "  ("
         << title(each.rule, each.rule_before) << ")\n";
  }
}

void RemapReport::print_groups() {
  for (const auto& [rule, group] : groups_) {
    out_ << title(rule.first, rule.second) << ": " << group.units << " units\n";
    for (const auto& [element, times] : group.elements) out_ << "    " << times << " x " << element << "\n";
    for (const std::string& example : group.examples) out_ << "      " << example << "\n";
    const auto shown = static_cast<std::int64_t>(group.examples.size());
    if (group.units > shown) out_ << "      and " << group.units - shown << " more; --json lists all\n";
  }
}

void RemapReport::print_totals_json() {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  std::int64_t units = 0;
  for (const auto& [change, count] : changes_) units += count;
  write(writer, "units", units);
  for (const Change change : {Change::none, Change::by_rules, Change::otherwise, Change::unknown,
                              Change::held, Change::not_compared}) {
    write(writer, name_of(change), of(change));
  }
  write(writer, "taken_back", taken_back_);
  writer.Key("rules");
  writer.StartArray();
  for (const auto& [rule, group] : groups_) {
    writer.StartObject();
    write(writer, "rule", rule.first);
    write(writer, "rule_before", rule.second);
    write(writer, "units", group.units);
    writer.Key("elements");
    writer.StartObject();
    for (const auto& [element, times] : group.elements) write(writer, element, times);
    writer.EndObject();
    writer.EndObject();
  }
  writer.EndArray();
  writer.EndObject();
  out_ << std::string_view(buffer.GetString(), buffer.GetSize()) << "\n";
}

void RemapReport::finish() {
  if (format_ == Format::json_lines) return print_totals_json();
  print_groups();
  const std::int64_t sent = of(Change::by_rules) + of(Change::otherwise) + of(Change::unknown);
  std::int64_t units = 0;
  for (const auto& [change, count] : changes_) units += count;
  out_ << "of " << units << " units " << sent << " would be sent again";
  if (taken_back_ > 0) out_ << ", " << taken_back_ << " of them as a delete";
  out_ << "; " << of(Change::none) << " come out the same\n";
  if (of(Change::otherwise) > 0) {
    out_
        << of(Change::otherwise)
        << " change by no rule: time has passed (ages, validity of insurances), or their documents changed\n";
  }
  if (of(Change::unknown) > 0) {
    out_ << of(Change::unknown) << " change by rules that cannot be told: those of then are not kept\n";
  }
  for (const auto& [reason, count] : held_reasons_) {
    out_ << count << " would be held (" << reason << "): what was sent of them stands\n";
  }
  if (of(Change::not_compared) > 0) {
    out_ << of(Change::not_compared) << " were not compared: something of them changes just now\n";
  }
}

}  // namespace gateway
