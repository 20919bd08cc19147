#include "fhir_mapper/rule_attributes.h"

#include "fhir_mapper/closest_name.h"
#include "fhir_mapper/word_list.h"
#include "ssmix2/hl7_field.h"

namespace fhir_mapper {
namespace {

std::string field_text(const Source& source) {
  return source.segment + "-" + std::to_string(source.field);
}

// Templates that give twice what they were given would double it at every level.
constexpr std::size_t kLongestText = 10'000;
constexpr std::size_t kLongestToldArgument = 100;

/// "class" of the "{class}" that stands at `at`; empty: none does. Neither "{}" nor the {8} of an expression.
std::string_view parameter_at(std::string_view text, std::size_t at) {
  if (text[at] != '{') return {};
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_part = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
  // \p{Greek} is of an expression, too.
  const bool is_class =
      at >= 2 && text[at - 2] == '\\' && (text[at - 1] == 'p' || text[at - 1] == 'P' || text[at - 1] == 'x');
  std::size_t end = at + 1;
  while (end < text.size() && is_part(text[end])) ++end;
  const bool is_name =
      !is_class && end < text.size() && text[end] == '}' && end > at + 1 && is_letter(text[at + 1]);
  return is_name ? text.substr(at + 1, end - at - 1) : std::string_view();
}

/// What HL7 says against the component or sub-component of the source; empty: nothing.
std::string wrong_component(const Source& source, const ssmix2::Hl7Field& field) {
  if (source.component == 0 || field.type == "varies") return "";
  const auto components = ssmix2::components_of(field.type);
  const std::string what =
      field_text(source) + " (" + std::string(field.name) + ") is of type " + std::string(field.type);
  // One component is the whole of a primitive value.
  const std::size_t count = std::max<std::size_t>(components.size(), 1);
  if (source.component > count)
    return what + ", which has " + std::to_string(count) + " component" + (count == 1 ? "" : "s");
  if (source.subcomponent == 0 || components.empty()) return "";
  const ssmix2::Hl7Component& component = components[source.component - 1];
  const std::size_t parts = std::max<std::size_t>(ssmix2::components_of(component.type).size(), 1);
  if (source.subcomponent <= parts) return "";
  return "component " + std::to_string(source.component) + " (" + std::string(component.name) + ") of " +
         field_text(source) + " is of type " + std::string(component.type) + ", which has " +
         std::to_string(parts) + " part" + (parts == 1 ? "" : "s");
}

/// "D|W", also written "D | W": a space that nobody sees would let a deleted result pass.
std::vector<std::string> alternatives_of(std::string_view operand) {
  std::vector<std::string> alternatives;
  while (true) {
    const std::size_t bar = std::min(operand.find('|'), operand.size());
    std::string_view value = operand.substr(0, bar);
    while (value.starts_with(' ')) value.remove_prefix(1);
    while (value.ends_with(' ')) value.remove_suffix(1);
    alternatives.emplace_back(value);
    if (bar == operand.size()) return alternatives;
    operand.remove_prefix(bar + 1);
  }
}

}  // namespace

void RuleAttributes::error(std::string message) const {
  // A template is compiled at each <use>: what its arguments made wrong is told with them.
  if (around_.arguments != nullptr) {
    for (const auto& [name, value] : *around_.arguments) {
      if (value.empty() || value.size() > kLongestToldArgument) continue;
      if (message.find(value) != std::string::npos) message += " (" + name + "=\"" + value + "\")";
    }
  }
  element_.error(std::move(message));
}

std::string RuleAttributes::listed(std::span<const std::string_view> words) {
  std::string list;
  for (const std::string_view word : words) list.append(list.empty() ? "" : ", ").append(word);
  return list;
}

void RuleAttributes::check_names(std::span<const std::string_view> known) const {
  for (const pugi::xml_attribute attribute : element_.node.attributes()) {
    if (std::find(known.begin(), known.end(), attribute.name()) != known.end()) continue;
    error("unknown attribute \"" + std::string(attribute.name()) + "\" of <" + std::string(element_.kind()) +
          ">; there are: " + listed(known));
  }
}

std::string RuleAttributes::text(const char* attribute) const {
  const std::string_view written = element_.node.attribute(attribute).value();
  if (around_.arguments == nullptr) return std::string(written);
  std::string text;
  for (std::size_t at = 0; at < written.size();) {
    const std::string_view name = parameter_at(written, at);
    if (name.empty()) {
      text += written[at++];
      continue;
    }
    at += name.size() + 2;
    if (const auto argument = around_.arguments->find(name); argument != around_.arguments->end()) {
      text += argument->second;
    } else {
      error(std::string(attribute) + "=\"" + std::string(written) + "\": the template has no parameter \"" +
            std::string(name) + "\"; parameters=\"...\" of <template> names them");
      text.append("{").append(name).append("}");
    }
    if (text.size() <= kLongestText) continue;
    error(std::string(attribute) + "=\"...\" is longer than " + std::to_string(kLongestText) +
          " bytes with its parameters filled in");
    return "";
  }
  return text;
}

std::string RuleAttributes::required(const char* attribute) const {
  std::string given = text(attribute);
  if (given.empty()) error("<" + std::string(element_.kind()) + "> needs the attribute " + attribute);
  return given;
}

std::optional<std::string> RuleAttributes::optional_text(const char* attribute) const {
  return has(attribute) ? std::optional<std::string>(text(attribute)) : std::nullopt;
}

std::optional<ElementPath> RuleAttributes::path() const {
  const std::string text = required("path");
  if (text.empty()) return std::nullopt;
  std::string why;
  auto path = resolve_path(text, around_.type, why);
  if (!path) error("path=\"" + text + "\": " + why);
  return path;
}

std::optional<Source> RuleAttributes::source(const std::string& text) const {
  std::string why;
  auto source = Source::parse(text, why);
  if (!source) {
    error("the source \"" + text + "\" " + why);
    return std::nullopt;
  }
  if (source->kind == Source::Kind::current && !around_.in_repetition) {
    error("the source \"" + text + "\" has a meaning only inside an <object> with each=\"...\"");
  }
  if (source->kind != Source::Kind::field) return source;
  check_source(*source);
  auto& segments = around_.resource.segments;
  const auto known = std::find(segments.begin(), segments.end(), source->segment);
  source->slot = static_cast<std::size_t>(known - segments.begin());
  if (known == segments.end()) segments.push_back(source->segment);
  return source;
}

std::optional<Source> RuleAttributes::value_source(const std::string& text) const {
  auto found = source(text);
  if (!found || found->kind != Source::Kind::field || found->field != 0) return found;
  error("the source \"" + text + "\" is a whole segment; a field looks like " + text + "-3");
  return std::nullopt;
}

void RuleAttributes::check_source(const Source& source) const {
  const std::string_view document = ssmix2::info(around_.resource.document).name;
  if (!ssmix2::may_hold(around_.resource.document, source.segment)) {
    error("the source \"" + source.text + "\": there is no " + source.segment + " in " +
          std::string(document) + " documents");
  }
  const auto fields = ssmix2::fields_of(source.segment);
  if (source.field == 0 || fields.empty()) return;
  const ssmix2::Hl7Field* field = ssmix2::find_field(source.segment, source.field);
  if (field == nullptr) {
    if (ssmix2::may_be_longer(source.segment)) return;
    return error("the source \"" + source.text + "\": " + source.segment + " has " +
                 std::to_string(fields.size()) + " fields");
  }
  if (source.stand_in != 0 && ssmix2::find_field(source.segment, source.stand_in) == nullptr) {
    error("the source \"" + source.text + "\": " + source.segment + " has no field " +
          std::to_string(source.stand_in));
  }
  const std::string wrong = wrong_component(source, *field);
  if (!wrong.empty()) error("the source \"" + source.text + "\": " + wrong);
}

std::vector<Source> RuleAttributes::sources(const char* attribute) const {
  std::vector<Source> all;
  const auto words = words_of(text(attribute));
  if (has(attribute) && words.empty())
    error(std::string(attribute) + "=\"\" names no source; one looks like PRB-3.1");
  for (const std::string& word : words) {
    if (auto found = value_source(word)) all.push_back(std::move(*found));
  }
  return all;
}

std::optional<Source> RuleAttributes::each() const {
  if (!has("each")) return std::nullopt;
  const auto words = words_of(text("each"));
  auto found = words.size() == 1 ? source(words.front()) : std::nullopt;
  const bool right = found && found->kind == Source::Kind::field && found->component == 0 &&
                     found->repetition == 1 && !found->every_repetition && !found->filter &&
                     found->systems.empty();
  if (!right) error("each takes one field or segment, like PID-5 or NTE, and goes through all of it");
  return right ? found : std::nullopt;
}

std::vector<std::vector<Source>> RuleAttributes::instance() const {
  std::vector<std::vector<Source>> alternatives(1);
  std::vector<std::size_t> counts(1);
  for (const std::string& word : words_of(required("instance"))) {
    if (word == "|") {
      alternatives.emplace_back();
      counts.push_back(0);
      continue;
    }
    ++counts.back();
    if (auto found = value_source(word)) alternatives.back().push_back(std::move(*found));
  }
  if (has("instance") && std::find(counts.begin(), counts.end(), 0u) != counts.end()) {
    error("instance=\"" + text("instance") +
          "\" needs sources on both sides of |, with spaces around it, like IAM-7.1 | IAM-2.1 IAM-3.1");
  }
  return alternatives;
}

Condition RuleAttributes::condition() const {
  Condition condition;
  if (!has("when")) return condition;
  condition.alternatives.emplace_back();
  std::vector<std::string> words;
  auto end_clause = [&] {
    if (auto read = clause(std::move(words))) condition.alternatives.back().push_back(std::move(*read));
    words.clear();
  };
  for (const std::string& word : words_of(text("when"))) {
    if (word != "and" && word != "or") {
      words.push_back(word);
      continue;
    }
    end_clause();
    if (word == "or") condition.alternatives.emplace_back();
  }
  end_clause();
  return condition;
}

std::optional<Clause> RuleAttributes::clause(std::vector<std::string> words) const {
  Clause clause;
  if (!words.empty() && words.front() == "not") {
    clause.test = Clause::Test::absent;
    words.erase(words.begin());
  }
  const bool bare = words.size() == 1;
  const bool compared = words.size() >= 3 && clause.test == Clause::Test::present;
  if (!bare && !compared) {
    error("when=\"" + text("when") +
          "\" is not understood; write SOURCE, not SOURCE, SOURCE = A|B, SOURCE != A|B, SOURCE ~ PATTERN, "
          "SOURCE in TABLE or SOURCE not-in TABLE, joined by and, or");
    return std::nullopt;
  }
  auto found = value_source(words.front());
  if (!found) return std::nullopt;
  clause.source = std::move(*found);
  if (compared) read_comparison(words, clause);
  return clause;
}

/// All of it would be one code, which no value has: the rule would never hold, or a row never be left out.
void RuleAttributes::check_operand(std::span<const std::string> words, const std::string& operand) const {
  static constexpr auto kSigns =
      std::to_array<std::string_view>({"=", "==", "!=", "AND", "OR", "&&", "||", "in", "not-in", "not"});
  for (const std::string& word : words.subspan(2)) {
    if (std::ranges::find(kSigns, word) != kSigns.end()) {
      return error("\"" + word + "\" would be part of the code \"" + operand +
                   "\"; clauses are joined by and, or, in small letters");
    }
    if (word.ends_with(',')) return error("\"" + operand + "\": alternatives are separated by |, like D|W");
  }
  const auto is_quote = [](char c) { return c == '\'' || c == '"'; };
  if (is_quote(operand.front()) && is_quote(operand.back())) {
    error("\"" + operand + "\" stands there without quotes, like D|W");
  }
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
  std::string operand;
  for (std::size_t i = 2; i < words.size(); ++i) operand.append(i == 2 ? "" : " ").append(words[i]);
  if (clause.test == Clause::Test::matches) {
    clause.pattern = compiled(operand);
  } else if (clause.test == Clause::Test::in_table || clause.test == Clause::Test::not_in_table) {
    clause.codes = chain(operand);
  } else {
    clause.values = alternatives_of(operand);
    check_operand(words, operand);
    const bool is_complete = std::ranges::none_of(clause.values, &std::string::empty);
    if (!is_complete) error("\"" + operand + "\" needs a value on both sides of |, like D|W");
  }
}

std::optional<CodeChain> RuleAttributes::codes() const {
  return has("table") ? chain(text("table")) : std::nullopt;
}

std::optional<CodeChain> RuleAttributes::chain(const std::string& tables) const {
  auto parsed = CodeChain::parse(tables, around_.tables);
  if (parsed.has_value()) return *parsed;
  error(parsed.error().message);
  return std::nullopt;
}

std::optional<Pattern> RuleAttributes::pattern(const char* attribute) const {
  return has(attribute) ? compiled(text(attribute)) : std::nullopt;
}

std::optional<Pattern> RuleAttributes::compiled(const std::string& expression) const {
  auto pattern = Pattern::compile(expression);
  if (pattern.has_value()) return *pattern;
  error("\"" + expression + "\" is no regular expression: " + pattern.error().message);
  return std::nullopt;
}

std::vector<const Normaliser*> RuleAttributes::normalisers() const {
  std::vector<const Normaliser*> all;
  for (const std::string& name : words_of(text("with"))) {
    if (const Normaliser* known = find_normaliser(name)) {
      all.push_back(known);
      continue;
    }
    std::vector<std::string_view> names;
    for (const Normaliser& each : fhir_mapper::normalisers()) names.push_back(each.name);
    error("with=\"" + name + "\" names no function; there are: " + listed(names));
  }
  return all;
}

}  // namespace fhir_mapper
