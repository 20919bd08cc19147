#include "fhir_mapper/fhir_path_comparison.h"

#include "fhir_mapper/fhir_path_time.h"
#include "fhir_mapper/same_text.h"

#include <algorithm>
#include <string>

namespace fhir_mapper {
namespace {

using Kind = FhirPathValue::Kind;
using Order = FhirPathComparison::Order;

constexpr std::string_view kEntryUrl = "urn:uuid:00000000-0000-0000-0000-";
constexpr std::string_view kSnapshotTime = "2000-01-01T00:00:00.000Z";
constexpr std::size_t kIndexDigits = 12;

std::optional<std::string_view> text_of(const Node& node, FhirPathTextRoom& room) {
  switch (node.kind()) {
    case Node::Kind::text:
      return node.written();
    case Node::Kind::snapshot_time:
      return kSnapshotTime;
    case Node::Kind::entry_url: {
      std::ranges::copy(kEntryUrl, room.begin());
      std::size_t rest = node.entry_index();
      for (std::size_t i = kEntryUrl.size() + kIndexDigits; i-- > kEntryUrl.size(); rest /= 10) {
        room[i] = static_cast<char>('0' + rest % 10);
      }
      return std::string_view(room.data(), kEntryUrl.size() + kIndexDigits);
    }
    case Node::Kind::object:
    case Node::Kind::array:
    case Node::Kind::decimal:
    case Node::Kind::boolean:
    case Node::Kind::null:
      break;
  }
  return std::nullopt;
}

Kind kind_of_text(FhirType type) {
  const FhirKnownTypes& known = known_types();
  if (type == known.date || type == known.date_time || type == known.instant) return Kind::date;
  return type == known.time ? Kind::time : Kind::text;
}

/// The text of what is nothing but one: no date, nothing that is filled in. Most comparisons are of such.
std::optional<std::string_view> mere_text(const FhirPathValue& value) {
  if (value.kind == Kind::text) return value.text;
  if (value.kind != Kind::element || value.is_bare || value.node->kind() != Node::Kind::text) {
    return std::nullopt;
  }
  if (kind_of_text(value.type) != Kind::text) return std::nullopt;
  return value.node->written();
}

/// As ~ compares texts.
std::string folded(std::string_view text) {
  std::string made;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      if (!made.empty() && made.back() != ' ') made += ' ';
    } else {
      made += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
  }
  if (made.ends_with(' ')) made.pop_back();
  return made;
}

bool same_number(const FhirPathNumber& left, const FhirPathNumber& right, bool loosely) {
  if (!loosely) return left == right;
  const int places = std::min(left.places(), right.places());
  return left.rounded(places) == right.rounded(places);
}

std::optional<FhirPathTime> time_of(const FhirPathValue& value) {
  return value.kind == Kind::time ? FhirPathTime::parse_time(value.text)
                                  : FhirPathTime::parse_date(value.text);
}

bool is_time(const FhirPathValue& value) {
  return value.kind == Kind::date || value.kind == Kind::time;
}

/// Both dates or both times, or one of them a text that may be one.
bool are_times(FhirPathValue& left, FhirPathValue& right) {
  if (is_time(left) && right.kind == Kind::text) right.kind = left.kind;
  if (is_time(right) && left.kind == Kind::text) left.kind = right.kind;
  return is_time(left) && left.kind == right.kind;
}

std::string_view text_at(const Node& object, std::string_view name) {
  const Node* const member = object.find(name);
  return member == nullptr ? std::string_view() : member->written();
}

/// A Quantity as its number and unit. Nothing for what is none, or is only a bound (<5).
std::optional<FhirPathValue> quantity_of(const FhirPathValue& value) {
  if (value.kind == Kind::quantity) return value;
  if (value.kind != Kind::element || value.is_bare || !value.node->is_object()) return std::nullopt;
  if (!is_kind_of(value.type, known_types().quantity)) return std::nullopt;
  if (value.node->find("comparator") != nullptr) return std::nullopt;
  const auto number = FhirPathNumber::parse(text_at(*value.node, "value"));
  if (!number.has_value()) return std::nullopt;
  const std::string_view code = text_at(*value.node, "code");
  FhirPathValue quantity =
      FhirPathValue::of(code.empty() ? text_at(*value.node, "unit") : code, Kind::quantity);
  quantity.number = *number;
  return quantity;
}

template <typename Comparable>
Order order_of(const Comparable& left, const Comparable& right) {
  return left < right ? Order::less : right < left ? Order::greater : Order::equal;
}

FhirPathTruth truth_of(bool truth) {
  return truth ? FhirPathTruth::yes : FhirPathTruth::no;
}

}  // namespace

std::optional<std::string_view> text_of(const FhirPathValue& value, FhirPathTextRoom& room) {
  if (value.kind == Kind::text) return value.text;
  if (value.kind != Kind::element || value.is_bare) return std::nullopt;
  return text_of(*value.node, room);
}

FhirPathValue plain_value(const FhirPathValue& value, FhirPathTextRoom& room) {
  if (value.kind != Kind::element || value.is_bare) return value;
  switch (value.node->kind()) {
    case Node::Kind::boolean:
      return FhirPathValue::of(value.node->written() == "true");
    case Node::Kind::decimal:
      if (const auto number = FhirPathNumber::parse(value.node->written())) return FhirPathValue::of(*number);
      return value;
    case Node::Kind::text:
      return FhirPathValue::of(value.node->written(), kind_of_text(value.type));
    case Node::Kind::entry_url:
      return FhirPathValue::of(*text_of(*value.node, room));
    case Node::Kind::snapshot_time:
    case Node::Kind::object:
    case Node::Kind::array:
    case Node::Kind::null:
      break;
  }
  return value;
}

FhirPathTruth FhirPathComparison::equal(const FhirPathValue& left, const FhirPathValue& right) {
  ++steps_;
  if (const auto text = mere_text(left)) {
    if (const auto other = mere_text(right)) return truth_of(same_text(*text, *other));
  }
  FhirPathTextRoom left_room;
  FhirPathTextRoom right_room;
  FhirPathValue a = plain_value(left, left_room);
  FhirPathValue b = plain_value(right, right_room);
  if (a.kind == Kind::element && b.kind == Kind::element) {
    return truth_of(a.is_bare == b.is_bare && (a.node == b.node || same(*a.node, *b.node, false)));
  }
  if (a.kind == Kind::quantity || b.kind == Kind::quantity) {
    const auto x = quantity_of(a);
    const auto y = quantity_of(b);
    return truth_of(x.has_value() && y.has_value() && x->number == y->number && x->text == y->text);
  }
  if (is_time(a) || is_time(b)) {
    if (!are_times(a, b)) return FhirPathTruth::no;
    if (a.text == b.text) return FhirPathTruth::yes;
    const auto x = time_of(a);
    const auto y = time_of(b);
    if (!x.has_value() || !y.has_value()) return FhirPathTruth::no;
    const auto order = x->compare(*y);
    return order.has_value() ? truth_of(*order == 0) : FhirPathTruth::unknown;
  }
  if (a.kind != b.kind) return FhirPathTruth::no;
  if (a.kind == Kind::boolean) return truth_of(a.truth == b.truth);
  if (a.kind == Kind::number) return truth_of(a.number == b.number);
  return truth_of(a.text == b.text);
}

bool FhirPathComparison::equivalent(const FhirPathValue& left, const FhirPathValue& right) {
  ++steps_;
  FhirPathTextRoom left_room;
  FhirPathTextRoom right_room;
  const FhirPathValue a = plain_value(left, left_room);
  const FhirPathValue b = plain_value(right, right_room);
  if (a.kind == Kind::element && b.kind == Kind::element) {
    return a.is_bare == b.is_bare && same(*a.node, *b.node, true);
  }
  if (a.kind == Kind::text && b.kind == Kind::text) {
    steps_ += (a.text.size() + b.text.size()) / 16;
    return folded(a.text) == folded(b.text);
  }
  if (a.kind == Kind::number && b.kind == Kind::number) return same_number(a.number, b.number, true);
  return equal(left, right) == FhirPathTruth::yes;
}

bool FhirPathComparison::same_leaf(const Node& left, const Node& right, bool loosely) const {
  if (left.kind() == Node::Kind::snapshot_time || right.kind() == Node::Kind::snapshot_time) {
    return left.kind() == right.kind();
  }
  FhirPathTextRoom left_room;
  FhirPathTextRoom right_room;
  const auto a = text_of(left, left_room);
  const auto b = text_of(right, right_room);
  if (a.has_value() || b.has_value()) return loosely && a && b ? folded(*a) == folded(*b) : a == b;
  if (left.kind() != right.kind()) return false;
  if (left.kind() == Node::Kind::boolean) return left.written() == right.written();
  const auto x = FhirPathNumber::parse(left.written());
  const auto y = FhirPathNumber::parse(right.written());
  if (!x.has_value() || !y.has_value()) return left.written() == right.written();
  return same_number(*x, *y, loosely);
}

/// Members of an object may stand in any order, items of an array may not.
bool FhirPathComparison::same(const Node& left, const Node& right, bool loosely) {
  ++steps_;
  if (left.is_object() != right.is_object() || left.is_array() != right.is_array()) return false;
  if (!left.is_object() && !left.is_array()) return same_leaf(left, right, loosely);
  if (left.size() != right.size()) return false;
  auto other = right.begin();
  for (const Node& part : left) {
    const Node* const pair = left.is_array() ? &*other : right.find(part.name());
    if (pair == nullptr || !same(part, *pair, loosely)) return false;
    ++other;
  }
  return true;
}

Order FhirPathComparison::order(const FhirPathValue& left, const FhirPathValue& right) {
  FhirPathTextRoom left_room;
  FhirPathTextRoom right_room;
  FhirPathValue a = plain_value(left, left_room);
  FhirPathValue b = plain_value(right, right_room);
  if (a.kind == Kind::number && b.kind == Kind::number) return order_of(a.number, b.number);
  if (a.kind == Kind::text && b.kind == Kind::text) return order_of(a.text, b.text);
  if (is_time(a) || is_time(b)) {
    if (!are_times(a, b)) return Order::unfit;
    const auto x = time_of(a);
    const auto y = time_of(b);
    if (!x.has_value() || !y.has_value()) return Order::unfit;
    const auto order = x->compare(*y);
    return order.has_value() ? order_of(*order, 0) : Order::unknown;
  }
  const auto x = quantity_of(a);
  const auto y = quantity_of(b);
  // Units are not converted: mg and g have no order here.
  if (!x.has_value() || !y.has_value() || x->text != y->text) return Order::unfit;
  return order_of(x->number, y->number);
}

}  // namespace fhir_mapper
