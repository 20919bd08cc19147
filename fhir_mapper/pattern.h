#pragma once
// A regular expression of a mapping or table (RE2's syntax). Whoever writes it and whatever it is asked, the
// time is linear in the text and the memory has a limit: an expression that backtracks would let one odd
// value stop the gateway. Immutable, cheap to copy, for all threads.

#include "fhir_mapper/class_pattern.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/system/result.hpp>

namespace re2 {
class RE2;
}

namespace fhir_mapper {

/// Why an expression cannot be used: "missing ): (a" and, where there is one, what to write instead.
struct PatternFailure {
  std::string message;
};
[[noreturn]] void throw_exception_from_error(const PatternFailure& failure,
                                             const boost::source_location& where);

class Pattern {
 public:
  static boost::system::result<Pattern, PatternFailure> compile(std::string_view expression);
  /// The expression that only `text` matches; without spaces, tabs and ends of lines, for a cell of a table.
  static std::string quoted(std::string_view text);

  /// Whether `text` as a whole is of the pattern.
  bool matches(std::string_view text) const;
  /// Whether it is anywhere in `text`.
  bool is_in(std::string_view text) const;
  /// `text` with each place that is of the pattern replaced; \\1 in `replacement` is what the first group
  /// took.
  std::string replaced_in(std::string_view text, std::string_view replacement) const;
  /// What the first group took of `text`, or all of it when the pattern has no group; nothing when it does
  /// not match as a whole or the group had no part in it. Points into `text`.
  std::optional<std::string_view> taken(std::string_view text) const;

  /// How many groups the pattern has, those that only hold something together (?:...) not counted.
  std::size_t group_count() const;
  /// What each group took of `text`, in order; of a group without a part in it the empty text. Nothing at
  /// all when `text` does not match as a whole. Points into `text`.
  std::vector<std::string_view> groups(std::string_view text) const;

  const std::string& expression() const;
  friend bool operator==(const Pattern& left, const Pattern& right) {
    return left.expression() == right.expression();
  }

 private:
  explicit Pattern(std::shared_ptr<const re2::RE2> compiled);

  std::shared_ptr<const re2::RE2> compiled_;    // never null
  std::shared_ptr<const ClassPattern> simple_;  // the same expression, where it is as simple; else null
  bool matches_nothing_;                        // the empty text: what most sources give
};

}  // namespace fhir_mapper
