#pragma once
// Regular expressions that are nothing but characters and classes of them in a row, each a fixed number of
// times, and perhaps anything behind them: "^[0-4][0-9]{9}$", "[\t\r\n]", "[67].*". Most rules of profiles
// are such, and reading one takes less time than entering RE2. Immutable, for all threads.

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace fhir_mapper {

class ClassPattern {
 public:
  /// Nothing when the expression (RE2's syntax) is of another form.
  static std::optional<ClassPattern> of(std::string_view expression);

  /// As Pattern::matches() and Pattern::is_in().
  bool matches(std::string_view text) const { return fits(text, true); }
  bool is_in(std::string_view text) const;

 private:
  struct Part {
    std::bitset<128> ascii;
    std::vector<std::pair<char32_t, char32_t>> others;  // from the first to the last
    std::size_t least = 1;
    std::size_t most = 1;  // more than `least` at the end alone, where nothing else can want what it takes
  };

  static bool read_part(std::string_view& rest, Part& part);
  static bool read_class(std::string_view& rest, Part& part);
  static bool read_count(std::string_view& rest, Part& part);
  static std::optional<char32_t> read_character(std::string_view& rest, bool in_class);
  static void add(Part& part, char32_t first, char32_t last);
  /// Takes one character of the part from the text.
  static bool take(const Part& part, std::string_view& text);
  /// From the begin of the text.
  bool fits(std::string_view text, bool to_end) const;

  std::vector<Part> parts_;
  std::bitset<256> may_begin_;  // the bytes that a character of the first part begins with
  bool at_begin_ = false;
  bool at_end_ = false;
  bool anything_behind_ = false;
};

}  // namespace fhir_mapper
