#include "fhir_mapper/fhir_path_lexer.h"

#include "fhir_mapper/fhir_path_time.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace fhir_mapper {
namespace {

using Token = FhirPathToken;

constexpr std::string_view kSigns[] = {"<=", ">=", "!=", "!~", "(", ")", "[", "]", "{", "}", ".", ",",
                                       "+",  "-",  "*",  "/",  "|", "&", "<", ">", "=", "~", "%", "$"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void append_utf8(std::uint32_t c, std::string& text) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); };
  if (c < 0x80) {
    text += byte(c);
  } else if (c < 0x800) {
    text += {byte(0xC0 | (c >> 6)), byte(0x80 | (c & 0x3F))};
  } else {
    text += {byte(0xE0 | (c >> 12)), byte(0x80 | ((c >> 6) & 0x3F)), byte(0x80 | (c & 0x3F))};
  }
}

}  // namespace

FhirPathMistake FhirPathLexer::mistake(std::size_t offset, std::string message) const {
  const std::string_view before = expression_.substr(0, offset);
  const auto characters =
      std::ranges::count_if(before, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return {static_cast<std::size_t>(characters) + 1, std::move(message)};
}

/// False: a comment begins at `unclosed` and never ends.
bool FhirPathLexer::skip_space(std::size_t& unclosed) {
  for (;;) {
    while (offset_ < expression_.size() && is_space(expression_[offset_])) ++offset_;
    const std::string_view rest = expression_.substr(offset_);
    if (rest.starts_with("//")) {
      offset_ += std::min(rest.find('\n'), rest.size());
    } else if (rest.starts_with("/*")) {
      const std::size_t end = rest.find("*/", 2);
      unclosed = offset_;
      if (end == std::string_view::npos) return false;
      offset_ += end + 2;
    } else {
      return true;
    }
  }
}

FhirPathLexer::Taken FhirPathLexer::next() {
  std::size_t unclosed = 0;
  if (!skip_space(unclosed)) return mistake(unclosed, "this comment never ends; write */ behind it");
  if (offset_ >= expression_.size()) return Token{.kind = Token::Kind::end, .text = {}, .offset = offset_};
  const char c = expression_[offset_];
  if (c == '\'') return quoted(Token::Kind::text, c);
  if (c == '`') return quoted(Token::Kind::name, c);
  if (c == '@') return date_or_time();
  if (is_digit(c) || is_letter(c)) return name_or_number();
  for (const std::string_view sign : kSigns) {
    if (!expression_.substr(offset_).starts_with(sign)) continue;
    Token token{.kind = Token::Kind::sign, .text = std::string(sign), .offset = offset_};
    offset_ += sign.size();
    return token;
  }
  if (c == '"') return mistake(offset_, "a text stands between ', not between \"");
  return mistake(offset_, "nothing in FHIRPath begins with this character");
}

/// What stands behind a backslash; false: it should be four hexadecimal digits and is not.
bool FhirPathLexer::take_escape(std::string& text) {
  const char c = at(offset_++);
  switch (c) {
    case 'n':
      text += '\n';
      return true;
    case 'r':
      text += '\r';
      return true;
    case 't':
      text += '\t';
      return true;
    case 'f':
      text += '\f';
      return true;
    case 'u': {
      const std::string_view digits = expression_.substr(std::min(offset_, expression_.size()), 4);
      std::uint32_t code = 0;
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
      if (digits.size() < 4 || error != std::errc() || end != digits.data() + 4) return false;
      if (code >= 0xD800 && code <= 0xDFFF) return false;
      append_utf8(code, text);
      offset_ += 4;
      return true;
    }
    default:
      text += c;  // '\'', '\\', and what needs none
      return true;
  }
}

FhirPathLexer::Taken FhirPathLexer::quoted(Token::Kind kind, char quote) {
  Token token{.kind = kind, .is_quoted = true, .text = {}, .offset = offset_};
  for (++offset_; offset_ < expression_.size();) {
    const char c = expression_[offset_++];
    if (c == quote) return token;
    if (c != '\\') {
      token.text += c;
    } else if (const std::size_t escape = offset_ - 1;
               offset_ < expression_.size() && !take_escape(token.text)) {
      return mistake(escape, "\\u stands before four hexadecimal digits, and not for half a character");
    }
  }
  return mistake(token.offset, std::string("what begins here never ends; write ") + quote + " behind it");
}

FhirPathLexer::Taken FhirPathLexer::name_or_number() {
  Token token{.kind = Token::Kind::name, .text = {}, .offset = offset_};
  std::size_t end = offset_;
  if (is_digit(at(end))) {
    token.kind = Token::Kind::number;
    while (is_digit(at(end))) ++end;
    if (at(end) == '.' && is_digit(at(end + 1))) {
      for (++end; is_digit(at(end));) ++end;
    }
  } else {
    while (is_letter(at(end)) || is_digit(at(end))) ++end;
  }
  token.text = expression_.substr(offset_, end - offset_);
  offset_ = end;
  return token;
}

FhirPathLexer::Taken FhirPathLexer::date_or_time() {
  Token token{.kind = Token::Kind::date, .text = {}, .offset = offset_};
  const std::string_view rest = expression_.substr(offset_ + 1);
  std::size_t size = std::min(rest.find_first_not_of("0123456789-+:.TZ"), rest.size());
  while (size > 0 && (rest[size - 1] == '.' || rest[size - 1] == '-' || rest[size - 1] == '+')) --size;
  token.text = rest.substr(0, size);
  if (token.text.starts_with('T')) {
    token.kind = Token::Kind::time;
    token.text.erase(0, 1);
  }
  const bool good = token.kind == Token::Kind::time ? FhirPathTime::parse_time(token.text).has_value()
                                                    : FhirPathTime::parse_date(token.text).has_value();
  if (!good) {
    return mistake(offset_,
                   "@ stands before a date or a time that exists, like @2026-04-01T09:30+09:00 or @T09:30");
  }
  offset_ += 1 + size;
  return token;
}

}  // namespace fhir_mapper
