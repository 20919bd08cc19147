#pragma once
// The attributes of a mapping's elements: each reads one kind of value and says at its place what is wrong
// with it.

#include "fhir_mapper/element_path.h"
#include "fhir_mapper/rule_tree.h"

#include <algorithm>
#include <array>
#include <map>
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

/// What a <use> gives for the parameters of its template.
using Arguments = std::map<std::string, std::string, std::less<>>;

/// Where an element stands: what its attributes may say depends on it.
struct Surroundings {
  const CodeTables& tables;
  ResourceRule& resource;                // that is being compiled; sources note their segments in it
  std::string_view type;                 // FHIR type that paths begin in
  std::string address;                   // of the element around
  bool in_repetition = false;            // whether @ has a meaning here
  const Arguments* arguments = nullptr;  // of the template around
  bool in_object = false;                // whether there is something that if-missing="drop" leaves out
};

class RuleAttributes {
 public:
  RuleAttributes(const RuleElement& element, const Surroundings& around)
      : element_(element), around_(around) {}
  RuleAttributes(const RuleElement&, const Surroundings&&) = delete;  // they are kept by reference

  void check_names(std::span<const std::string_view> known) const;
  bool in_object() const { return around_.in_object; }
  bool has(const char* attribute) const { return !element_.node.attribute(attribute).empty(); }
  /// The parameters of the template around are filled in.
  std::string text(const char* attribute) const;
  std::string required(const char* attribute) const;
  std::optional<std::string> optional_text(const char* attribute) const;

  /// Nothing: what is wrong was told.
  std::optional<ElementPath> path() const;
  std::vector<Source> sources(const char* attribute) const;
  /// Tells what HL7 says against a field source.
  void check_source(const Source& source) const;
  /// each="PID-5", each="NTE".
  std::optional<Source> each() const;
  /// instance="IAM-7.1 | IAM-2.1 IAM-3.1": alternatives in order of preference.
  std::vector<std::vector<Source>> instance() const;
  /// when="CLAUSE and CLAUSE or CLAUSE"
  Condition condition() const;
  std::optional<CodeChain> codes() const;
  std::optional<Pattern> pattern(const char* attribute) const;
  std::vector<const Normaliser*> normalisers() const;

  template <typename Enum, std::size_t N>
  Enum word(const char* attribute, const std::array<Word<Enum>, N>& known, Enum otherwise) const {
    if (!has(attribute)) return otherwise;
    const std::string given = text(attribute);
    std::array<std::string_view, N> words;
    for (std::size_t i = 0; i < N; ++i) {
      if (known[i].word == given) return known[i].value;
      words[i] = known[i].word;
    }
    error(std::string(attribute) + "=\"" + given + "\" must be one of: " + listed(words));
    return otherwise;
  }

  void error(std::string message) const;

 private:
  static std::string listed(std::span<const std::string_view> words);
  std::optional<Source> source(const std::string& text) const;
  /// No whole segment.
  std::optional<Source> value_source(const std::string& text) const;

  std::optional<Pattern> compiled(const std::string& expression) const;
  std::optional<CodeChain> chain(const std::string& tables) const;
  std::optional<Clause> clause(std::vector<std::string> words) const;
  void check_operand(std::span<const std::string> words, const std::string& operand) const;
  void read_comparison(const std::vector<std::string>& words, Clause& clause) const;

  const RuleElement& element_;
  const Surroundings& around_;
};

}  // namespace fhir_mapper
