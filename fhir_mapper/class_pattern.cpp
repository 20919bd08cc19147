#include "fhir_mapper/class_pattern.h"

#include <algorithm>
#include <charconv>

namespace fhir_mapper {
namespace {

// Where it may begin anywhere, a text is read so many times at most.
constexpr std::size_t kMostParts = 64;
constexpr std::size_t kMostCharacters = 64;

/// The character at the begin of a text and its bytes; nothing where that is no UTF-8, which no class holds.
std::optional<std::pair<char32_t, std::size_t>> character_at(std::string_view text) {
  const auto byte = [text](std::size_t at) -> char32_t { return static_cast<unsigned char>(text[at]); };
  const char32_t first = byte(0);
  if (first < 0x80) return std::pair(first, std::size_t{1});
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return std::nullopt;
  char32_t character = first & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0u) != 0x80) return std::nullopt;
    character = character << 6 | (byte(i) & 0x3Fu);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (character < kLeast[size] || character > 0x10FFFF) return std::nullopt;
  return std::pair(character, size);
}

/// Of its UTF-8; not of ASCII.
unsigned first_byte_of(char32_t character) {
  if (character < 0x800) return 0xC0u | character >> 6;
  return character < 0x10000 ? 0xE0u | character >> 12 : 0xF0u | character >> 18;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto character = character_at(text);
    if (!character.has_value()) return false;
    text.remove_prefix(character->second);
  }
  return true;
}

bool is_word(char32_t character) {
  return (character >= '0' && character <= '9') || (character >= 'A' && character <= 'Z') ||
         (character >= 'a' && character <= 'z');
}

}  // namespace

std::optional<ClassPattern> ClassPattern::of(std::string_view expression) {
  ClassPattern made;
  made.at_begin_ = expression.starts_with('^');
  if (made.at_begin_) expression.remove_prefix(1);
  std::size_t characters = 0;
  while (!expression.empty() && expression != "$") {
    made.anything_behind_ = expression == ".*" || expression == ".*$";
    if (made.anything_behind_) {
      expression.remove_prefix(2);
      break;
    }
    if (made.parts_.size() == kMostParts) return std::nullopt;
    Part part;
    if (!read_part(expression, part)) return std::nullopt;
    characters += part.least;
    const bool is_last = expression == "$";
    if (part.most != part.least && !is_last) return std::nullopt;
    made.parts_.push_back(std::move(part));
  }
  made.at_end_ = expression == "$";
  if (made.parts_.empty() || characters > kMostCharacters) return std::nullopt;
  const Part& first = made.parts_.front();
  for (unsigned byte = 0; byte < 0x80; ++byte) made.may_begin_[byte] = first.ascii[byte];
  for (const auto& [low, high] : first.others) {
    for (unsigned byte = first_byte_of(low); byte <= first_byte_of(high); ++byte) made.may_begin_.set(byte);
  }
  // Where it could begin anywhere and take any number, the first place may not be the right one.
  const Part& last = made.parts_.back();
  const bool takes_any = last.most != last.least || (made.anything_behind_ && made.at_end_);
  if (takes_any && !made.at_begin_) return std::nullopt;
  return made;
}

bool ClassPattern::read_part(std::string_view& rest, Part& part) {
  if (rest.starts_with('[')) {
    if (!read_class(rest, part)) return false;
  } else {
    const auto character = read_character(rest, false);
    if (!character.has_value()) return false;
    add(part, *character, *character);
  }
  return read_count(rest, part);
}

bool ClassPattern::read_class(std::string_view& rest, Part& part) {
  rest.remove_prefix(1);
  if (rest.starts_with('^') || rest.starts_with(']')) return false;
  while (!rest.starts_with(']')) {
    const auto first = read_character(rest, true);
    if (!first.has_value()) return false;
    if (!rest.starts_with('-') || rest.starts_with("-]")) {
      add(part, *first, *first);
      continue;
    }
    rest.remove_prefix(1);
    const auto last = read_character(rest, true);
    if (!last.has_value() || *last < *first) return false;
    add(part, *first, *last);
  }
  rest.remove_prefix(1);
  return true;
}

bool ClassPattern::read_count(std::string_view& rest, Part& part) {
  if (rest.starts_with('*') || rest.starts_with('+') || rest.starts_with('?')) return false;
  if (!rest.starts_with('{')) return true;
  const char* const end = rest.data() + rest.size();
  const auto least = std::from_chars(rest.data() + 1, end, part.least);
  const char* at = least.ptr;
  if (least.ec != std::errc() || part.least == 0 || at == end) return false;
  part.most = part.least;
  if (*at == ',') {
    const auto most = std::from_chars(at + 1, end, part.most);
    if (most.ec != std::errc() || part.most < part.least) return false;
    at = most.ptr;
  }
  if (at == end || *at != '}' || part.most > kMostCharacters) return false;
  rest.remove_prefix(static_cast<std::size_t>(at + 1 - rest.data()));
  return !rest.starts_with('?') && !rest.starts_with('{') && !rest.starts_with('*') && !rest.starts_with('+');
}

/// A character that stands for itself; nothing for what means more, which is RE2's.
std::optional<char32_t> ClassPattern::read_character(std::string_view& rest, bool in_class) {
  if (rest.empty()) return std::nullopt;
  const bool is_escaped = rest.front() == '\\';
  if (is_escaped) rest.remove_prefix(1);
  if (rest.empty()) return std::nullopt;
  const auto found = character_at(rest);
  if (!found.has_value()) return std::nullopt;
  const auto [character, size] = *found;
  constexpr std::string_view kMeaning = "\\.[]{}()*+?^$|";
  const bool has_meaning = character < 0x80 && kMeaning.find(rest.front()) != std::string_view::npos;
  if (is_escaped && (character >= 0x80 || is_word(character))) return std::nullopt;  // \d, \n, \pL
  const bool is_harmless = in_class && (character == '.' || character == '*' || character == '+');
  if (!is_escaped && has_meaning && !is_harmless) return std::nullopt;
  rest.remove_prefix(size);
  return character;
}

void ClassPattern::add(Part& part, char32_t first, char32_t last) {
  for (char32_t character = first; character <= std::min<char32_t>(last, 0x7F); ++character) {
    part.ascii.set(character);
  }
  if (last >= 0x80) part.others.emplace_back(std::max<char32_t>(first, 0x80), last);
}

bool ClassPattern::take(const Part& part, std::string_view& text) {
  if (text.empty()) return false;
  const auto byte = static_cast<unsigned char>(text.front());
  if (byte < 0x80) {
    if (!part.ascii[byte]) return false;
    text.remove_prefix(1);
    return true;
  }
  if (part.others.empty()) return false;
  const auto found = character_at(text);
  if (!found.has_value()) return false;
  const char32_t character = found->first;
  const bool is_in = std::ranges::any_of(part.others, [character](const auto& range) {
    return character >= range.first && character <= range.second;
  });
  if (is_in) text.remove_prefix(found->second);
  return is_in;
}

bool ClassPattern::fits(std::string_view text, bool to_end) const {
  for (const Part& part : parts_) {
    std::size_t count = 0;
    while (count < part.most && take(part, text)) ++count;
    if (count < part.least) return false;
  }
  if (!to_end && !at_end_) return true;
  return anything_behind_ ? is_utf8(text) : text.empty();
}

bool ClassPattern::is_in(std::string_view text) const {
  if (at_begin_) return fits(text, false);
  for (; !text.empty(); text.remove_prefix(1)) {
    if (may_begin_[static_cast<unsigned char>(text.front())] && fits(text, false)) return true;
  }
  return false;
}

}  // namespace fhir_mapper
