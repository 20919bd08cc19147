#include "ssmix2/value_place.h"

#include "ssmix2/text_decoder.h"

#include <algorithm>
#include <string>

namespace ssmix2 {
namespace {

constexpr std::string_view kTrailing{"\x1C\r\n\x1A\0", 5};

/// 1-based number of the piece of `whole` that begins where `part` does.
std::size_t number_of(std::string_view part, std::string_view whole, char delimiter) {
  const auto before = whole.substr(0, static_cast<std::size_t>(part.data() - whole.data()));
  return 1 + static_cast<std::size_t>(std::ranges::count(before, delimiter));
}

bool is_whole(const Value& value, const Value& outer) {
  return value.raw().data() == outer.raw().data() && value.raw().size() == outer.raw().size();
}

struct Prefix {
  std::size_t decoded = 0;            // bytes of UTF-8
  std::optional<std::size_t> broken;  // where a character begins that the prefix cuts
};

Prefix decode_prefix(std::string_view file, std::size_t length) {
  const auto text = decode_text(file.substr(0, length));
  if (text) return {text->utf8.size(), std::nullopt};
  const std::size_t begin = text.error().place.byte;
  const auto before = decode_text(file.substr(0, begin));
  return {before ? before->utf8.size() : 0, begin};
}

/// Length of the shortest prefix of the file whose text reaches beyond the offset.
std::optional<std::size_t> shortest_beyond(std::string_view file, std::size_t utf8_offset) {
  std::size_t too_short = 0, long_enough = file.size() + 1;
  while (long_enough - too_short > 1) {
    const std::size_t middle = too_short + (long_enough - too_short) / 2;
    (decode_prefix(file, middle).decoded > utf8_offset ? long_enough : too_short) = middle;
  }
  if (long_enough > file.size()) return std::nullopt;
  return long_enough;
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

std::optional<std::size_t> source_byte_of(std::string_view file, std::size_t utf8_offset) {
  const auto end_before = utf8_offset == 0 ? 0 : shortest_beyond(file, utf8_offset - 1);
  if (!end_before) return std::nullopt;
  const auto end = shortest_beyond(file, utf8_offset);
  if (!end) return end_before;
  // Decoding drops line ends and transport marks from the end of a prefix, so that they are looked for by
  // themselves: an empty value at the end of its segment begins there.
  const bool at_mark = file.find_first_of(kTrailing, *end_before) == *end_before;
  if (at_mark && decode_prefix(file, *end_before).decoded == utf8_offset) return end_before;
  // One byte less is the character's begin, or cuts it.
  return decode_prefix(file, *end - 1).broken.value_or(*end - 1);
}

}  // namespace ssmix2
