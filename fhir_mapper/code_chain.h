#pragma once
// `table="local-lab? shared-lab-items"`: a code is looked up in the first table, what that makes of it in the
// next. A table alone is a chain of one. A step with `?` passes a code that it does not know on unchanged,
// for storages that hold local and standard codes side by side; one table of the chain at least must know it.

#include "fhir_mapper/code_table.h"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/system/result.hpp>

namespace fhir_mapper {

constexpr std::size_t kLongestChain = 4;

/// What a chain makes of a code. Points into the tables, and until a row was passed into the text asked.
class CodeTranslation {
 public:
  explicit CodeTranslation(std::string_view code = {}) : code_(code) {}

  /// Empty: the code is known, but nothing is sent for it.
  std::string_view code() const { return filled_in_.empty() ? code_ : std::string_view(filled_in_); }
  std::string_view system() const { return last().to_system; }
  std::string_view display() const { return last().to_display; }
  /// The row that had the last word, and all rows passed; at least one.
  const CodeRow& last() const { return *rows_.at(count_ - 1); }
  std::span<const CodeRow* const> rows() const { return {rows_.data(), count_}; }
  /// "site/local-lab.tsv:4 > shared-lab-items.tsv:17"
  std::string trail() const;

 private:
  friend class CodeChain;
  void take(const CodeRow& row);

  std::string_view code_;
  std::string filled_in_;  // the code of a row that says it by the code asked for; else empty
  std::array<const CodeRow*, kLongestChain> rows_{};
  std::size_t count_ = 0;
};

/// A code that some step did not know. When earlier steps passed it on unchanged, it belongs into the first
/// of them. Points into the tables and into what was asked.
class UnknownCode {
 public:
  UnknownCode() = default;

  std::string_view code() const { return so_far_.code(); }  // as it was asked for there, not as the chain was
  std::string_view system() const { return system_; }       // with which it was asked for; empty: any
  /// That were asked for this very code, in order; at least one.
  std::span<const CodeTable* const> tables() const { return {tables_.data(), count_}; }
  const std::string& table() const { return tables_.front()->name(); }
  std::string trail() const { return so_far_.trail(); }  // of the rows before; empty: none

 private:
  friend class CodeChain;
  UnknownCode(CodeTranslation so_far, std::string_view system)
      : so_far_(std::move(so_far)), system_(system) {}

  CodeTranslation so_far_;
  std::string_view system_;
  std::array<const CodeTable*, kLongestChain> tables_{};
  std::size_t count_ = 0;
};
[[noreturn]] void throw_exception_from_error(const UnknownCode& unknown, const boost::source_location& where);

/// Why there is no such chain.
struct ChainFailure {
  std::string message;
};
[[noreturn]] void throw_exception_from_error(const ChainFailure& failure,
                                             const boost::source_location& where);

class CodeChain {
 public:
  /// Names of tables with spaces between them. `tables` must outlive the chain and must not change.
  static boost::system::result<CodeChain, ChainFailure> parse(std::string_view text,
                                                              const CodeTables& tables);

  /// `system` is what the first table is asked for; the to_system of a row is what the next one is asked for,
  /// and a code that is passed on keeps its own. A row without to_code ends the chain.
  boost::system::result<CodeTranslation, UnknownCode> find(std::string_view code,
                                                           std::string_view system = {}) const;
  bool knows(std::string_view code, std::string_view system = {}) const;

  /// As it was written: "local-lab? shared-lab-items".
  std::string text() const;

 private:
  struct Step {
    const CodeTable* table;
    bool is_optional;
  };

  static UnknownCode unknown(std::span<const Step> asked, CodeTranslation so_far, std::string_view system);

  std::vector<Step> steps_;
};

}  // namespace fhir_mapper
