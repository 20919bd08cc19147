#include "fhir_mapper/javascript_pattern.h"

namespace fhir_mapper {
namespace {

// WhiteSpace and LineTerminator of ECMAScript.
constexpr std::string_view kSpaces =
    R"(\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::string javascript_as_re2(std::string_view expression) {
  std::string made;
  bool in_class = false;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    const char c = expression[i];
    if (c != '\\' || i + 1 == expression.size()) {
      // Inside a class JavaScript takes another [ for itself, RE2 for the beginning of [:alpha:].
      if (c == '[' && in_class) made += '\\';
      if (c == '[') in_class = true;
      if (c == ']') in_class = false;
      made += c;
      continue;
    }
    const char escaped = expression[++i];
    if (escaped == 's') {
      made.append(in_class ? "" : "[").append(kSpaces).append(in_class ? "" : "]");
    } else if (escaped == 'S' && !in_class) {
      made.append("[^").append(kSpaces).append("]");
    } else if (escaped == 'u' && i + 4 < expression.size()) {
      made.append("\\x{").append(expression.substr(i + 1, 4)).append("}");
      i += 4;
    } else {
      made += {'\\', escaped};
    }
  }
  return made;
}

std::string javascript_replacement_as_re2(std::string_view replacement) {
  std::string made;
  for (std::size_t i = 0; i < replacement.size(); ++i) {
    const char c = replacement[i];
    const char next = i + 1 < replacement.size() ? replacement[i + 1] : '\0';
    if (c == '$' && (is_digit(next) || next == '&')) {
      made += {'\\', next == '&' ? '0' : next};
      ++i;
    } else if (c == '$' && next == '$') {
      made += c;
      ++i;
    } else {
      made += c;
      if (c == '\\') made += c;
    }
  }
  return made;
}

}  // namespace fhir_mapper
