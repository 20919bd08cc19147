#pragma once
// An expression as words: names, literals, signs.

#include "fhir_mapper/fhir_path.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fhir_mapper {

struct FhirPathToken {
  enum class Kind : std::uint8_t { end, name, text, number, date, time, sign };
  Kind kind = Kind::end;
  bool is_quoted = false;  // a name between `, which is no word of the language
  std::string text;        // what it says: without quotes, @ and escapes
  std::size_t offset = 0;  // where it begins, in bytes

  bool is_sign(std::string_view sign) const { return kind == Kind::sign && text == sign; }
  bool is_word(std::string_view word) const { return kind == Kind::name && !is_quoted && text == word; }
};

class FhirPathLexer {
 public:
  /// `expression` must outlive the lexer.
  explicit FhirPathLexer(std::string_view expression) : expression_(expression) {}

  boost::system::result<FhirPathToken, FhirPathMistake> next();
  /// The column of a byte: characters, from 1.
  FhirPathMistake mistake(std::size_t offset, std::string message) const;

 private:
  using Taken = boost::system::result<FhirPathToken, FhirPathMistake>;
  bool skip_space(std::size_t& unclosed);
  Taken quoted(FhirPathToken::Kind kind, char quote);
  Taken name_or_number();
  Taken date_or_time();
  bool take_escape(std::string& text);
  char at(std::size_t offset) const { return offset < expression_.size() ? expression_[offset] : '\0'; }

  std::string_view expression_;
  std::size_t offset_ = 0;
};

}  // namespace fhir_mapper
