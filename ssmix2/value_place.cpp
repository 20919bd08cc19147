#include "ssmix2/value_place.h"

#include <algorithm>
#include <string>

namespace ssmix2 {
namespace {

/// 1-based number of the piece of `whole` that begins where `part` does.
std::size_t number_of(std::string_view part, std::string_view whole, char delimiter) {
  const auto before = whole.substr(0, static_cast<std::size_t>(part.data() - whole.data()));
  return 1 + static_cast<std::size_t>(std::ranges::count(before, delimiter));
}

bool is_whole(const Value& value, const Value& outer) {
  return value.raw().data() == outer.raw().data() && value.raw().size() == outer.raw().size();
}

}  // namespace

Place place_of(const Message& message, const Value& value) {
  const auto segment = message.segment_of(value);
  if (!segment) return {};
  const bool is_header = segment->name() == "MSH";
  const Delimiters& delimiters = message.delimiters();
  Place place{.segment = std::string(segment->name()), .occurrence = segment->occurrence()};
  // Piece 1 is the segment's name; MSH-1 is the delimiter behind it, so that there the pieces are one ahead.
  place.field = number_of(value.raw(), segment->text(), delimiters.field) - (is_header ? 0 : 1);
  const Value field = segment->field(place.field);
  if (is_whole(value, field) || (is_header && place.field <= 2)) return place;

  const std::size_t repetition = number_of(value.raw(), field.raw(), delimiters.repetition);
  if (field.repetitions() > 1) place.repetition = repetition;
  const Value outer = field.repetition(repetition);
  if (is_whole(value, outer)) return place;

  place.component = number_of(value.raw(), outer.raw(), delimiters.component);
  const Value component = outer.component(place.component);
  if (!is_whole(value, component)) {
    place.subcomponent = number_of(value.raw(), component.raw(), delimiters.subcomponent);
  }
  return place;
}

Value value_at(const Message& message, const Place& place) {
  for (std::size_t i = 0; i < message.size(); ++i) {
    const Segment segment = message.segment(i);
    if (segment.name() != place.segment ||
        segment.occurrence() != std::max<std::size_t>(place.occurrence, 1)) {
      continue;
    }
    Value value = segment.field(place.field);
    if (place.repetition != 0) value = value.repetition(place.repetition);
    if (place.component != 0 || place.subcomponent != 0) {
      value = value.component(std::max<std::size_t>(place.component, 1));
    }
    return place.subcomponent == 0 ? value : value.subcomponent(place.subcomponent);
  }
  return {};
}

}  // namespace ssmix2
