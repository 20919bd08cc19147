#pragma once
// What a rule sees while it runs: the values of one row, of the segments around it, and of what is not in the
// document. Views into the document's message; made for one row, in one thread.

#include "fhir_mapper/fhir_node.h"
#include "fhir_mapper/mapping.h"
#include "ssmix2/field_index.h"
#include "ssmix2/segment_group.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/container/small_vector.hpp>

namespace fhir_mapper {

/// The values of all variables; one that has none says nothing.
class Variables {
 public:
  using Value = std::variant<std::string, EntryUrl>;

  void set(Variable variable, Value value) { values_[index(variable)] = std::move(value); }
  const Value& of(Variable variable) const { return values_[index(variable)]; }

 private:
  static std::size_t index(Variable variable) { return static_cast<std::size_t>(variable); }
  std::array<Value, kVariableNames.size()> values_;
};

/// What a source gave: views of the message, of its index and of the variables.
class Found {
 public:
  Found() = default;
  /// `selector`: what had to be read to find `value`, such as the system beside a code.
  Found(const ssmix2::FieldIndex& fields, const ssmix2::Value& value, const ssmix2::Value& selector = {});
  explicit Found(const Variables::Value& variable);

  /// Escapes resolved. Fields of nothing but spaces say nothing: writers with fixed widths fill them.
  std::string_view text() const { return text_; }
  /// text() without the spaces around it, as codes are compared: writers with fixed widths fill these, too.
  std::string_view code() const;
  bool empty() const { return text_.empty() && !entry_url_; }
  const std::optional<EntryUrl>& entry_url() const { return entry_url_; }
  /// Where in the message it stands; of a variable nowhere.
  const ssmix2::Value& value() const { return value_; }
  const ssmix2::Value& selector() const { return selector_; }

 private:
  std::string_view text_;
  std::optional<EntryUrl> entry_url_;
  ssmix2::Value value_;
  ssmix2::Value selector_;
};

/// Nearly always one.
using AllFound = boost::container::small_vector<Found, 1>;

class RowScope {
 public:
  /// `rule` names the segments that sources read. All arguments must outlive the scope.
  RowScope(const ResourceRule& rule, const ssmix2::Row& row, const ssmix2::FieldIndex& fields,
           const Variables& variables);

  Found find(const Source& source) const;
  /// The same of each repetition for a source with [*], at most kMostRepetitions + 1; of others what find()
  /// gives. Those that say nothing are not among them.
  AllFound find_all(const Source& source) const;
  /// No field or segment of a real message repeats that often; one of eight megabytes would fill the memory.
  static constexpr std::size_t kMostRepetitions = 10'000;
  /// Of a source with a stand-in (ZPR-1|4[*].2): a repetition with a code or a name of which neither field
  /// says what the source asks for.
  std::optional<Found> find_incomplete(const Source& source) const;
  /// The scopes in which an <object each="..."> stands: one for each repetition of a field, or for each
  /// segment. kMostRepetitions + 1 where there are more.
  std::vector<RowScope> each(const Source& source) const;

  /// Where `source` looks, also when nothing is there.
  ssmix2::Place place_of(const Source& source, const Found& found) const;

  const ssmix2::Row& row() const { return *row_; }
  const ssmix2::Message& message() const { return fields_->message(); }

 private:
  static constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);

  Found narrowed(const Source& source, const ssmix2::IndexedRepetition& repetition,
                 const ssmix2::Value& selector = {}) const;
  std::size_t triplet_of(const Source& source, const ssmix2::IndexedRepetition& coded) const;
  /// Of sources with [*]: how many repetitions there are, and what one of them gives.
  std::size_t repetitions_of(const Source& source, std::size_t segment) const;
  Found of_repetition(const Source& source, std::size_t segment, std::size_t number) const;

  const ssmix2::Row* row_;
  const ssmix2::FieldIndex* fields_;
  const Variables* variables_;
  std::vector<std::size_t> segments_;  // by slot: index of the segment in the message, or kAbsent
  ssmix2::IndexedRepetition current_;  // of the nearest each
};

}  // namespace fhir_mapper
