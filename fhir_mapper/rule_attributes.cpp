#include "fhir_mapper/rule_attributes.h"

#include <sstream>

namespace fhir_mapper {
namespace {

std::vector<std::string> split_words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

/// A FHIR element name; _name is the one beside a primitive, for its extensions.
bool is_element_name(std::string_view name) {
  if (name.starts_with('_')) name.remove_prefix(1);
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !name.empty() && is_letter(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9');
  });
}

}  // namespace

std::string RuleAttributes::listed(std::span<const std::string_view> words) {
  std::string list;
  for (const std::string_view word : words) list.append(list.empty() ? "" : ", ").append(word);
  return list;
}

void RuleAttributes::check_names(std::span<const std::string_view> known) const {
  for (const pugi::xml_attribute attribute : node_.attributes()) {
    if (std::find(known.begin(), known.end(), attribute.name()) != known.end()) continue;
    error("unknown attribute \"" + std::string(attribute.name()) + "\" of <" + node_.name() +
          ">; there are: " + listed(known));
  }
}

std::string RuleAttributes::required(const char* attribute) const {
  std::string text = node_.attribute(attribute).value();
  if (text.empty()) error("<" + std::string(node_.name()) + "> needs the attribute " + attribute);
  return text;
}

std::optional<std::string> RuleAttributes::optional_text(const char* attribute) const {
  const pugi::xml_attribute given = node_.attribute(attribute);
  return given ? std::optional<std::string>(given.value()) : std::nullopt;
}

Path RuleAttributes::path() const {
  const std::string text = required("path");
  Path steps;
  bool right = true;
  for (std::size_t begin = 0; begin <= text.size() && !text.empty();) {
    const std::size_t dot = std::min(text.find('.', begin), text.size());
    PathStep step{text.substr(begin, dot - begin), false};
    if (step.name.ends_with("[]")) step = {step.name.substr(0, step.name.size() - 2), true};
    right = right && is_element_name(step.name);
    steps.push_back(std::move(step));
    begin = dot + 1;
  }
  if (!right) {
    error("path=\"" + text +
          "\" must be names joined by dots, with [] behind a name that repeats, like code.coding[]");
  }
  return steps;
}

std::optional<Source> RuleAttributes::source(const std::string& text) const {
  std::string why;
  auto source = Source::parse(text, why);
  if (!source) {
    error("the source \"" + text + "\" " + why);
  } else if (source->kind == Source::Kind::current && !inside_each_) {
    error("the source \"" + text + "\" has a meaning only inside an <object> with each=\"...\"");
  } else if (source->kind == Source::Kind::variable &&
             std::find(kVariableNames.begin(), kVariableNames.end(), source->name) == kVariableNames.end()) {
    error("there is no variable \"" + text + "\"; there are: " + listed(kVariableNames));
  }
  return source;
}

std::vector<Source> RuleAttributes::sources(const char* attribute) const {
  std::vector<Source> all;
  const auto words = split_words(node_.attribute(attribute).value());
  if (has(attribute) && words.empty())
    error(std::string(attribute) + "=\"\" names no source; one looks like PRB-3.1");
  for (const std::string& text : words) {
    if (auto found = source(text)) all.push_back(std::move(*found));
  }
  return all;
}

std::vector<std::vector<Source>> RuleAttributes::instance() const {
  std::vector<std::vector<Source>> alternatives(1);
  std::vector<std::size_t> words_of(1);
  for (const std::string& word : split_words(required("instance"))) {
    if (word == "|") {
      alternatives.emplace_back();
      words_of.push_back(0);
      continue;
    }
    ++words_of.back();
    if (auto found = source(word)) alternatives.back().push_back(std::move(*found));
  }
  if (has("instance") && std::find(words_of.begin(), words_of.end(), 0u) != words_of.end()) {
    error("instance=\"" + std::string(node_.attribute("instance").value()) +
          "\" needs sources on both sides of |, with spaces around it, like IAM-7.1 | IAM-2.1 IAM-3.1");
  }
  return alternatives;
}

Condition RuleAttributes::condition() const {
  Condition clauses;
  if (!has("when")) return clauses;
  std::vector<std::string> words;
  for (const std::string& word : split_words(node_.attribute("when").value())) {
    if (word != "and") {
      words.push_back(word);
      continue;
    }
    add_clause(words, clauses);
    words.clear();
  }
  add_clause(words, clauses);
  return clauses;
}

void RuleAttributes::add_clause(std::vector<std::string> words, Condition& clauses) const {
  Clause clause;
  if (!words.empty() && words.front() == "not") {
    clause.test = Clause::Test::absent;
    words.erase(words.begin());
  }
  const bool bare = words.size() == 1;
  const bool compared = words.size() == 3 && clause.test == Clause::Test::present;
  if (!bare && !compared) {
    return error(
        "when=\"" + std::string(node_.attribute("when").value()) +
        "\" is not understood; write SOURCE, not SOURCE, SOURCE = A|B, SOURCE != A|B, SOURCE ~ PATTERN, "
        "SOURCE in TABLE or SOURCE not-in TABLE, joined by and");
  }
  auto found = source(words.front());
  if (!found) return;
  clause.source = std::move(*found);
  if (compared) read_comparison(words, clause);
  clauses.push_back(std::move(clause));
}

void RuleAttributes::read_comparison(const std::vector<std::string>& words, Clause& clause) const {
  static constexpr std::array kTests{
      Word{"=", Clause::Test::equals},    Word{"!=", Clause::Test::differs},
      Word{"in", Clause::Test::in_table}, Word{"not-in", Clause::Test::not_in_table},
      Word{"~", Clause::Test::matches},
  };
  const auto test =
      std::find_if(kTests.begin(), kTests.end(), [&](const auto& known) { return known.word == words[1]; });
  if (test == kTests.end()) {
    return error("\"" + words[1] + "\" is no comparison; there are =, !=, ~, in and not-in");
  }
  clause.test = test->value;
  if (clause.test == Clause::Test::matches) {
    clause.pattern = compiled(words[2]);
    return;
  }
  if (clause.test == Clause::Test::in_table || clause.test == Clause::Test::not_in_table) {
    clause.table = find_table(words[2]);
    return;
  }
  std::istringstream alternatives(words[2]);
  for (std::string value; std::getline(alternatives, value, '|');) clause.values.push_back(value);
}

const CodeTable* RuleAttributes::table() const {
  const auto name = optional_text("table");
  return name ? find_table(*name) : nullptr;
}

const CodeTable* RuleAttributes::find_table(const std::string& name) const {
  const auto found = tables_.find(name);
  if (found != tables_.end()) return &found->second;
  error("there is no code table \"" + name + "\" (" + name + ".tsv in the terminology directory)");
  return nullptr;
}

std::shared_ptr<const std::regex> RuleAttributes::pattern(const char* attribute) const {
  const auto text = optional_text(attribute);
  return text ? compiled(*text) : nullptr;
}

std::shared_ptr<const std::regex> RuleAttributes::compiled(const std::string& pattern) const {
  try {
    return std::make_shared<std::regex>(pattern, std::regex::ECMAScript | std::regex::optimize);
  } catch (const std::regex_error& wrong) {
    error("\"" + pattern + "\" is no regular expression: " + wrong.what());
    return nullptr;
  }
}

}  // namespace fhir_mapper
