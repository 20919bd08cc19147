#include "ssmix2/hl7_escape.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>

namespace ssmix2 {
namespace {

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'); });
}

/// The bytes of \Xhh..\, when each of them is text by itself; others belong to a character set nobody names.
std::optional<std::string> text_of_hex(std::string_view digits) {
  std::string decoded;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(digits.data() + i, digits.data() + i + 2, byte, 16);
    const bool is_text = (byte >= 0x20 && byte < 0x7F) || byte == '\t' || byte == '\r' || byte == '\n';
    if (!is_text) return std::nullopt;
    decoded.push_back(static_cast<char>(byte));
  }
  return decoded;
}

/// sp, sp3, in+4
bool is_formatting(std::string_view command) {
  if (command.size() < 2 || !is_lower(command[0]) || !is_lower(command[1])) return false;
  command.remove_prefix(2);
  if (command.starts_with('+') || command.starts_with('-')) command.remove_prefix(1);
  return std::ranges::all_of(command, is_digit);
}

/// Whether `\name\` is an escape of the standard that stays as written: hexadecimal bytes, a character of
/// another set, formatting (\.sp3\ \.in+4\), a local one. It must not be taken for two unpaired escape
/// characters, of which the second would begin an escape with the text that follows.
bool is_kept_escape(std::string_view name) {
  if (name.size() < 2) return false;
  const std::string_view rest = name.substr(1);
  switch (name[0]) {
    case 'X':
      return rest.size() % 2 == 0 && is_hex(rest);
    case 'C':
      return rest.size() == 4 && is_hex(rest);
    case 'M':
      return (rest.size() == 4 || rest.size() == 6) && is_hex(rest);
    case 'Z':
      return std::ranges::all_of(rest, [](char c) { return is_upper(c) || is_digit(c); });
    case '.':
      return is_formatting(rest);
    default:
      return false;
  }
}

/// Appends what the escape `\name\` stands for; false when it is no escape.
bool append_escape(std::string& out, std::string_view name, const Delimiters& delimiters) {
  if (name == ".br") {
    out.push_back('\n');
    return true;
  }
  if (is_kept_escape(name)) {
    const auto text = name[0] == 'X' ? text_of_hex(name.substr(1)) : std::nullopt;
    if (text) {
      out += *text;
    } else {
      out.append(1, delimiters.escape).append(name).append(1, delimiters.escape);
    }
    return true;
  }
  if (name.size() != 1) return false;
  switch (name[0]) {
    case 'H':  // highlighting begins
    case 'N':  // and ends
      return true;
    case 'F':
      out.push_back(delimiters.field);
      return true;
    case 'S':
      out.push_back(delimiters.component);
      return true;
    case 'T':
      out.push_back(delimiters.subcomponent);
      return true;
    case 'R':
      out.push_back(delimiters.repetition);
      return true;
    case 'E':
      out.push_back(delimiters.escape);
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string without_escapes(std::string_view raw, const Delimiters& delimiters) {
  std::string out;
  out.reserve(raw.size());
  while (!raw.empty()) {
    const auto begin = raw.find(delimiters.escape);
    out += raw.substr(0, begin);
    if (begin == std::string_view::npos) break;
    raw.remove_prefix(begin + 1);
    const auto end = raw.find(delimiters.escape);
    if (end != std::string_view::npos && append_escape(out, raw.substr(0, end), delimiters)) {
      raw.remove_prefix(end + 1);
    } else {
      out.push_back(delimiters.escape);
    }
  }
  return out;
}

}  // namespace ssmix2
