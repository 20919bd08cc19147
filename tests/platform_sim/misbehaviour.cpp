#include "tests/platform_sim/misbehaviour.h"

#include <array>
#include <charconv>
#include <limits>
#include <stdexcept>

namespace platform_sim {
namespace {

struct FaultName {
  std::string_view name;
  FaultKind kind;
};

constexpr std::array<FaultName, 10> kFaults = {{
    {"delay", FaultKind::delay},
    {"status", FaultKind::status},
    {"reset-before-body", FaultKind::reset_before_body},
    {"reset-after-body", FaultKind::reset_after_body},
    {"lose-answer", FaultKind::lose_answer},
    {"late-store", FaultKind::late_store},
    {"accept", FaultKind::accept},
    {"html400", FaultKind::html400},
    {"refuse-other-identifier", FaultKind::refuse_other_identifier},
    {"outcome422", FaultKind::outcome422},
}};

/// By appending: g++ 12 sees a false overlap in `"'" + std::string(text)` (its bug 105651).
std::string quoted(std::string_view text) {
  std::string result = "'";
  result.append(text).push_back('\'');
  return result;
}

[[noreturn]] void refuse(std::string_view spec, std::string_view why) {
  throw std::invalid_argument(quoted(spec).append(": ").append(why));
}

int to_number(std::string_view spec, std::string_view value) {
  int number = 0;
  const auto end = value.data() + value.size();
  const auto [last, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc{} || last != end || number < 0) {
    refuse(spec, quoted(value) + " is not a number from 0 up");
  }
  return number;
}

Operation to_operation(std::string_view spec, std::string_view value) {
  for (const auto operation : {Operation::register_bundle, Operation::delete_bundle, Operation::result}) {
    if (value == name_of(operation)) return operation;
  }
  refuse(spec, "operation is register, delete or result");
}

/// FNV-1a: the same number everywhere, unlike std::hash.
std::uint32_t hash_of(std::string_view text) {
  std::uint32_t hash = 2'166'136'261U;
  for (const char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 16'777'619U;
  return hash;
}

bool takes_ms(FaultKind kind) {
  return kind == FaultKind::delay || kind == FaultKind::late_store || kind == FaultKind::accept;
}

void set_status_key(Spec& spec, std::string_view text, std::string_view key, std::string_view value) {
  if (key == "code") {
    spec.fault.code = to_number(text, value);
    if (spec.fault.code < 200 || spec.fault.code > 599) refuse(text, "code is 200 to 599");
  } else if (key == "retry-after") {
    spec.fault.retry_after_s = to_number(text, value);
  } else if (key == "operation-outcome") {
    if (value != "yes" && value != "no") refuse(text, "operation-outcome is yes or no");
    spec.fault.operation_outcome = value == "yes";
  } else {
    refuse(text, "unknown key " + quoted(key));
  }
}

void set_key(Spec& spec, std::string_view text, std::string_view key, std::string_view value) {
  if (key == "times") {
    spec.times = static_cast<std::uint64_t>(to_number(text, value));
  } else if (key == "after") {
    spec.after = static_cast<std::uint64_t>(to_number(text, value));
  } else if (key == "share") {
    spec.share_percent = to_number(text, value);
    if (*spec.share_percent < 1 || *spec.share_percent > 100) refuse(text, "share is 1 to 100");
  } else if (key == "seed") {
    to_number(text, value);  // it counts as a part of the text
  } else if (key == "operation") {
    spec.operation = to_operation(text, value);
  } else if (key == "match") {
    spec.match = value;
  } else if (key == "ms" && spec.fault.kind == FaultKind::accept && value == "never") {
    spec.fault.ms.reset();
  } else if (key == "ms" && takes_ms(spec.fault.kind)) {
    spec.fault.ms = std::chrono::milliseconds(to_number(text, value));
  } else if (key == "echo" && spec.fault.kind == FaultKind::outcome422) {
    if (value != "yes" && value != "no") refuse(text, "echo is yes or no");
    spec.fault.echo = value == "yes";
  } else if (key == "elsewhere" && spec.fault.kind == FaultKind::accept) {
    if (value != "yes" && value != "no") refuse(text, "elsewhere is yes or no");
    spec.fault.elsewhere = value == "yes";
  } else if (spec.fault.kind == FaultKind::status) {
    set_status_key(spec, text, key, value);
  } else {
    refuse(text, "unknown key " + quoted(key));
  }
}

/// A result poll has nothing to store, to lose or to accept.
bool has_meaning(FaultKind kind, Operation operation) {
  const bool needs_submission =
      kind == FaultKind::lose_answer || kind == FaultKind::late_store || kind == FaultKind::accept;
  return !needs_submission || operation == Operation::register_bundle ||
         operation == Operation::delete_bundle;
}

bool matches(const Spec& spec, Operation operation, std::string_view bundle_id) {
  return has_meaning(spec.fault.kind, operation) && (!spec.operation || *spec.operation == operation) &&
         bundle_id.find(spec.match) != std::string_view::npos;
}

/// Not by std::uniform_int_distribution: its numbers are the library's own, and a seed must mean the same
/// everywhere.
bool is_drawn(Spec& spec) {
  return !spec.share_percent || static_cast<int>(spec.chance() % 100) < *spec.share_percent;
}

/// Counts the request; true when it is this spec's turn.
bool is_due(Spec& spec) {
  if (spec.seen < std::numeric_limits<std::uint64_t>::max()) ++spec.seen;
  return spec.seen > spec.after && (!spec.times || spec.used < *spec.times) && is_drawn(spec);
}

}  // namespace

std::string_view name_of(Operation operation) {
  switch (operation) {
    case Operation::register_bundle:
      return "register";
    case Operation::delete_bundle:
      return "delete";
    case Operation::result:
      return "result";
    case Operation::unknown:
      return "unknown";
  }
  return "";
}

Spec parse_spec(std::string_view text) {
  std::string_view rest = text;
  const auto next_part = [&rest] {
    const auto colon = rest.find(':');
    const auto part = rest.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
    return part;
  };
  Spec spec;
  spec.text = text;
  spec.fault.name = next_part();
  const FaultName* found = nullptr;
  for (const auto& fault : kFaults) {
    if (fault.name == spec.fault.name) found = &fault;
  }
  if (found == nullptr) refuse(text, "unknown fault " + quoted(spec.fault.name));
  spec.fault.kind = found->kind;
  spec.chance.seed(hash_of(text));

  bool said_ms = false;
  while (!rest.empty()) {
    const auto part = next_part();
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) refuse(text, quoted(part) + " is not key=value");
    said_ms = said_ms || part.substr(0, equals) == "ms";
    set_key(spec, text, part.substr(0, equals), part.substr(equals + 1));
  }
  if (takes_ms(spec.fault.kind) && !said_ms) refuse(text, "needs ms=");
  return spec;
}

std::vector<Spec> parse_specs(std::string_view lines) {
  std::vector<Spec> specs;
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    auto line = lines.substr(0, end);
    lines = end == std::string_view::npos ? std::string_view{} : lines.substr(end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.empty()) specs.push_back(parse_spec(line));
  }
  return specs;
}

Decision Misbehaviour::decide(Operation operation, std::string_view bundle_id) {
  Decision decision;
  for (auto& spec : specs_) {
    if (spec.fault.kind == FaultKind::refuse_other_identifier) continue;
    if (!matches(spec, operation, bundle_id) || !is_due(spec)) continue;
    if (spec.fault.kind == FaultKind::delay) {
      decision.delay += *spec.fault.ms;
    } else if (!decision.fault) {
      decision.fault = spec.fault;
    } else {
      continue;
    }
    decision.specs.push_back(spec.text);
    ++spec.used;
  }
  return decision;
}

std::optional<std::string> Misbehaviour::refuses_other_identifier(std::string_view bundle_id) {
  for (auto& spec : specs_) {
    if (spec.fault.kind != FaultKind::refuse_other_identifier) continue;
    if (!matches(spec, Operation::register_bundle, bundle_id) || !is_due(spec)) continue;
    ++spec.used;
    return spec.text;
  }
  return std::nullopt;
}

}  // namespace platform_sim
