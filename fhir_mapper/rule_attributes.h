#pragma once
// The attributes of a mapping's elements: each reads one kind of value and says at its place what is wrong
// with it.

#include "fhir_mapper/mapping_file.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper {

template <typename Enum>
struct Word {
  std::string_view word;
  Enum value;
};
template <typename Enum>
Word(std::string_view, Enum) -> Word<Enum>;  // clang 14 does not deduce aggregates by itself

class RuleAttributes {
 public:
  /// `inside_each`: whether @ has a meaning here.
  RuleAttributes(const MappingFile& file, pugi::xml_node node, const CodeTables& tables, bool inside_each)
      : file_(file), node_(node), tables_(tables), inside_each_(inside_each) {}

  void check_names(std::span<const std::string_view> known) const;
  bool has(const char* attribute) const { return !node_.attribute(attribute).empty(); }
  std::string required(const char* attribute) const;
  std::optional<std::string> optional_text(const char* attribute) const;

  Path path() const;
  std::vector<Source> sources(const char* attribute) const;
  /// instance="IAM-7.1 | IAM-2.1 IAM-3.1": alternatives in order of preference.
  std::vector<std::vector<Source>> instance() const;
  /// when="CLAUSE and CLAUSE"
  Condition condition() const;
  const CodeTable* table() const;
  std::shared_ptr<const std::regex> pattern(const char* attribute) const;

  template <typename Enum, std::size_t N>
  Enum word(const char* attribute, const std::array<Word<Enum>, N>& known, Enum otherwise) const {
    const pugi::xml_attribute given = node_.attribute(attribute);
    if (!given) return otherwise;
    std::array<std::string_view, N> words;
    for (std::size_t i = 0; i < N; ++i) {
      if (known[i].word == given.value()) return known[i].value;
      words[i] = known[i].word;
    }
    error(std::string(attribute) + "=\"" + given.value() + "\" must be one of: " + listed(words));
    return otherwise;
  }

  void error(std::string message) const { file_.error(node_, std::move(message)); }

 private:
  static std::string listed(std::span<const std::string_view> words);
  std::optional<Source> source(const std::string& text) const;
  std::shared_ptr<const std::regex> compiled(const std::string& pattern) const;
  const CodeTable* find_table(const std::string& name) const;
  void add_clause(std::vector<std::string> words, Condition& clauses) const;
  void read_comparison(const std::vector<std::string>& words, Clause& clause) const;

  const MappingFile& file_;
  pugi::xml_node node_;
  const CodeTables& tables_;
  bool inside_each_;
};

}  // namespace fhir_mapper
