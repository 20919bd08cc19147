#include "fhir_mapper/account.h"

#include "ssmix2/check.h"
#include "ssmix2/field_index.h"

#include <algorithm>
#include <functional>

namespace fhir_mapper {
namespace {

using ssmix2::Segment;
using ssmix2::Value;

bool says_something(const Value& part) {
  return !part.is_null() && part.raw().find_first_not_of(' ') != std::string_view::npos;
}

bool by_ignore(const AccountedValue& value) {
  return value.rule != nullptr && value.rule->kind == RuleIdentity::Kind::ignore;
}

/// An <ignore> is of whole segments, and knows less of a value than whatever looked at it.
bool stands_against(const AccountedValue& before, const AccountedValue& now) {
  if (before.fate != now.fate) return before.fate > now.fate;
  if (by_ignore(before)) return by_ignore(now);
  return before.rule != nullptr || (by_ignore(now) && !before.reason.empty());
}

}  // namespace

std::string_view name_of(Fate fate) {
  switch (fate) {
    case Fate::unmapped:
      return "unmapped";
    case Fate::ignored:
      return "ignored";
    case Fate::malformed:
      return "malformed";
    case Fate::mapped:
      return "mapped";
  }
  return "unmapped";
}

Account::Account(const ssmix2::Message& message) : message_(&message) {
  const ssmix2::FieldIndex fields(message);
  for (std::size_t i = 0; i < message.size(); ++i) {
    const Segment segment = message.segment(i);
    const std::size_t first = segment.name() == "MSH" ? 3 : 1;
    for (std::size_t number = first; number <= fields.fields(i); ++number) add_parts(fields.field(i, number));
  }
}

void Account::add_parts(const Value& field) {
  for (const Value repetition : field.all_repetitions()) {
    for (const Value component : repetition.all_components()) {
      for (const Value part : component.all_subcomponents()) {
        if (says_something(part)) values_.push_back({.value = part});
      }
    }
  }
}

void Account::settle(const AccountedValue& of_value) {
  const std::string_view range = of_value.value.raw();
  const auto begins_before = [](const AccountedValue& each, const char* at) {
    return std::less<>()(each.value.raw().data(), at);
  };
  auto part = std::lower_bound(values_.begin(), values_.end(), range.data(), begins_before);
  for (; part != values_.end() && std::less<>()(part->value.raw().data(), range.data() + range.size());
       ++part) {
    if (stands_against(*part, of_value)) continue;
    const Value own = part->value;
    *part = of_value;
    part->value = own;
  }
}

void Account::settle(const Segment& segment, Fate fate, const RuleIdentity* rule, std::string_view reason) {
  settle({.value = Value(segment.text(), nullptr), .fate = fate, .rule = rule, .reason = reason});
}

void Account::settle(const Trace& trace) {
  for (const TracedValue& traced : trace.values()) {
    if (traced.value.raw().empty()) continue;
    AccountedValue of_value{.value = traced.value, .rule = traced.rule, .element = traced.element};
    switch (traced.use) {
      case TracedValue::Use::mapped:
        of_value.fate = Fate::mapped;
        break;
      case TracedValue::Use::unusable:
        of_value.fate = Fate::malformed;
        break;
      case TracedValue::Use::decided:
        of_value.fate = Fate::ignored;
        of_value.reason = "rules decide by it";
        break;
    }
    settle(of_value);
  }
}

void Account::settle(const Ignore& ignore) {
  for (const Segment& segment : message_->all(ignore.segment)) {
    if (ignore.field == 0) {
      settle(segment, Fate::ignored, ignore.identity, ignore.reason);
      continue;
    }
    const Value field = segment.field(ignore.field);
    AccountedValue of_value{.value = field, .fate = Fate::ignored, .rule = ignore.identity};
    of_value.reason = ignore.reason;
    if (ignore.component == 0) {
      settle(of_value);
      continue;
    }
    for (const Value repetition : field.all_repetitions()) {
      of_value.value = repetition.component(ignore.component);
      settle(of_value);
    }
  }
}

void Account::settle_variable(std::string_view variable, const std::vector<Value>& values,
                              const Trace& trace) {
  const auto& traced = trace.values();
  const auto writer = std::find_if(traced.begin(), traced.end(), [variable](const TracedValue& each) {
    return each.use == TracedValue::Use::mapped && each.source == variable;
  });
  if (writer == traced.end()) return;
  for (const Value& value : values) {
    if (value.raw().empty()) continue;
    settle({.value = value, .fate = Fate::mapped, .rule = writer->rule, .element = writer->element});
  }
}

void Account::settle(const Account& other) {
  KAKEHASHI_CHECK(values_.size() == other.values_.size());
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (other.values_[i].fate <= values_[i].fate) continue;
    const Value own = values_[i].value;
    values_[i] = other.values_[i];
    values_[i].value = own;
  }
}

Account::Counts Account::counts() const {
  Counts counts{};
  for (const AccountedValue& each : values_) ++counts[static_cast<std::size_t>(each.fate)];
  return counts;
}

}  // namespace fhir_mapper
