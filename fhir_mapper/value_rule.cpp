#include "fhir_mapper/value_rule.h"

#include "fhir_mapper/conversion.h"
#include "fhir_mapper/fhir_element.h"

namespace fhir_mapper {
namespace {

constexpr std::array<std::string_view, 17> kValueAttributes{
    "id",      "path",    "from", "constant", "otherwise", "join", "table",      "column", "table-system",
    "unknown", "matches", "with", "format",   "as",        "when", "if-missing", "held-as"};
constexpr std::array kConversions{
    Word{"text", Conversion::text},
    Word{"code", Conversion::code},
    Word{"decimal", Conversion::decimal},
    Word{"compared-decimal", Conversion::compared_decimal},
    Word{"comparator", Conversion::comparator},
    Word{"date", Conversion::date},
    Word{"dateTime", Conversion::date_time},
    Word{"instant", Conversion::instant},
    Word{"integer", Conversion::integer},
    Word{"boolean", Conversion::boolean},
};
constexpr std::array kIfMissing{
    Word{"nothing", IfMissing::nothing},
    Word{"drop", IfMissing::drop},
    Word{"hold", IfMissing::hold},
};
constexpr std::array kColumns{
    Word{"code", Rule::TableColumn::code},
    Word{"display", Rule::TableColumn::display},
    Word{"system", Rule::TableColumn::system},
};
constexpr std::array kUnknown{Word{"todo", true}, Word{"expected", false}};

/// Attributes that would be without effect beside each other are mistakes.
void check_value(const RuleAttributes& attributes) {
  if (attributes.has("from") == attributes.has("constant")) {
    attributes.error("a <value> needs either from or constant");
  }
  for (const char* name : {"otherwise", "join", "table", "matches", "with", "format"}) {
    if (!attributes.has("constant") || !attributes.has(name)) continue;
    attributes.error(std::string(name) + " goes with from, not with constant");
  }
  if (attributes.has("join") && attributes.has("matches")) {
    attributes.error("matches does not go with join: it looks at one source");
  }
  // A variable may be a patient's number: it is on no list of codes that somebody fills in.
  if (attributes.has("join") && attributes.has("table") &&
      attributes.text("from").find('$') != std::string::npos &&
      attributes.optional_text("unknown") != "expected") {
    attributes.error(
        "a table beside join with a variable needs unknown=\"expected\": what is joined is no code to do");
  }
  for (const char* name : {"column", "table-system", "unknown"}) {
    if (!attributes.has(name) || attributes.has("table")) continue;
    attributes.error(std::string(name) + " needs a table");
  }
  const bool is_never_missing = attributes.has("constant") || attributes.has("otherwise");
  if (is_never_missing && attributes.has("if-missing")) {
    attributes.error("if-missing is without effect: constant or otherwise always gives a value");
  }
  if (attributes.has("held-as") && attributes.text("if-missing") != "hold") {
    attributes.error("held-as needs if-missing=\"hold\": it is the reason of that");
  }
  const auto format = attributes.optional_text("format");
  if (format && (format->find("{}") == std::string::npos || format->find("{}") != format->rfind("{}"))) {
    attributes.error("format=\"" + *format + "\" needs {} once, where the value is to stand");
  }
}

/// How the value is written where it goes: as="..." or what FHIR's type says.
Conversion conversion_of(const RuleAttributes& attributes, const ElementPath& path) {
  if (!is_primitive_type(path.type)) {
    attributes.error("path=\"" + attributes.text("path") + "\" is a " + std::string(path.type) +
                     ", which has elements of its own: write an <object>, or a longer path");
    return Conversion::text;
  }
  const Conversion conversion = attributes.word("as", kConversions, conversion_for(path.type));
  if (!goes_into(conversion, path.type)) {
    attributes.error("as=\"" + attributes.text("as") + "\" does not go into " + attributes.text("path") +
                     ", which is a " + std::string(path.type));
  }
  return conversion;
}

/// A reason that a rule can give; the others are of files, paths and gates.
std::optional<ssmix2::FailureCode> held_as(const RuleAttributes& attributes) {
  if (!attributes.has("held-as")) return std::nullopt;
  const std::string id = attributes.text("held-as");
  constexpr std::array kReasons{ssmix2::FailureCode::map_missing_element, ssmix2::FailureCode::map_bad_value,
                                ssmix2::FailureCode::map_no_code, ssmix2::FailureCode::code_shared_item};
  std::string listed;
  for (const ssmix2::FailureCode code : kReasons) {
    const std::string_view known = kind_of(code).id;
    if (known == id) return code;
    listed.append(listed.empty() ? "" : ", ").append(known);
  }
  attributes.error("held-as=\"" + id + "\" must be one of: " + listed);
  return std::nullopt;
}

/// What stands in the file can be judged now: it would be missing in every resource.
std::optional<Leaf> judged(const Rule& rule, const char* name, const std::optional<std::string>& text,
                           const RuleAttributes& attributes, Tree& tree) {
  if (!text) return std::nullopt;
  auto leaf = convert(rule.conversion, *text, "+00:00", tree);
  const bool trimmed = leaf && rule.conversion == Conversion::code && leaf->written() != *text;
  if (leaf && !trimmed) return leaf;
  attributes.error(std::string(name) + "=\"" + *text + "\" " +
                   (text->empty() ? "is empty, and FHIR has no empty values"
                    : trimmed     ? "has spaces around it, and a code may not"
                                  : "is no value for " + attributes.text("path") +
                                    "; it is written as in HL7, a date like 20260401"));
  return std::nullopt;
}

/// A constant is converted once, but for times: these want the facility's zone.
void set_constants(Rule& rule, const RuleAttributes& attributes, Tree& tree) {
  const auto constant = judged(rule, "constant", rule.constant, attributes, tree);
  const bool is_time = rule.conversion == Conversion::date_time || rule.conversion == Conversion::instant;
  if (!is_time) rule.constant_leaf = constant;
  judged(rule, "otherwise", rule.otherwise, attributes, tree);
}

}  // namespace

std::span<const std::string_view> value_attributes() {
  return kValueAttributes;
}

Rule value_rule(const RuleAttributes& attributes, Tree& constants) {
  attributes.check_names(kValueAttributes);
  Rule rule;
  if (const auto path = attributes.path()) {
    rule.path = path->steps;
    rule.conversion = conversion_of(attributes, *path);
  }
  rule.when = attributes.condition();
  rule.from = attributes.sources("from");
  rule.constant = attributes.optional_text("constant");
  rule.otherwise = attributes.optional_text("otherwise");
  rule.join = attributes.optional_text("join");
  rule.codes = attributes.codes();
  rule.table_system = attributes.optional_text("table-system").value_or("");
  rule.column = attributes.word("column", kColumns, Rule::TableColumn::code);
  rule.unknown_is_todo = attributes.word("unknown", kUnknown, true);
  rule.if_missing = attributes.word("if-missing", kIfMissing, IfMissing::nothing);
  rule.held_as = held_as(attributes);
  if (rule.if_missing == IfMissing::drop && !attributes.in_object()) {
    attributes.error("if-missing=\"drop\" leaves out the <object> around, and there is none here");
  }
  rule.matches = attributes.pattern("matches");
  rule.normalisers = attributes.normalisers();
  rule.format = attributes.optional_text("format");
  check_value(attributes);
  set_constants(rule, attributes, constants);
  return rule;
}

}  // namespace fhir_mapper
