#include "fhir_mapper/element_path.h"

#include "fhir_mapper/closest_name.h"
#include "fhir_mapper/fhir_element.h"

#include <algorithm>
#include <map>
#include <set>

namespace fhir_mapper {
namespace {

/// The element beside a primitive one, for its extensions: _birthDate.
constexpr FhirElement kBesidePrimitive{.name = {}, .choice = {}, .type = "Element"};
/// What JSON says of a contained resource.
constexpr FhirElement kResourceType{.name = "resourceType", .choice = {}, .type = "code", .required = true};

const FhirElement* element_named(std::string_view type, std::string_view name) {
  if (name.starts_with('_')) {
    const FhirElement* primitive = find_element(type, name.substr(1));
    const bool fits = primitive != nullptr && !primitive->repeats && is_primitive_type(primitive->type);
    return fits ? &kBesidePrimitive : nullptr;
  }
  // Beside a primitive value there is what every type has, and nothing else.
  if (type == kBesidePrimitive.type)
    return name == "id" || name == "extension" ? find_element("Coding", name) : nullptr;
  if (name == "resourceType" && is_resource_type(type)) return &kResourceType;
  return find_element(type, name);
}

std::string no_such_element(std::string_view type, std::string_view name) {
  if (name.empty())
    return "names of elements with dots between them must stand here, like code.coding[].system";
  if (type == "Resource") {
    return "what is inside a contained resource depends on its type: write an <object> for it, with its "
           "resourceType";
  }
  std::string why = std::string(type) + " has no element \"" + std::string(name) + "\"";
  std::string variants;
  std::vector<std::string_view> names;
  for (const FhirElement& element : elements_of(type)) {
    names.push_back(element.name);
    const std::string_view stem = element.choice.substr(0, element.choice.find('['));
    if (!stem.empty() && name.starts_with(stem))
      variants.append(variants.empty() ? "" : ", ").append(element.name);
  }
  if (!variants.empty()) return why + "; the choice is between " + variants;
  return why + did_you_mean(name, names);
}

}  // namespace

std::optional<ElementPath> resolve_path(std::string_view text, std::string_view type, std::string& why) {
  ElementPath path;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t dot = std::min(text.find('.', begin), text.size());
    std::string_view name = text.substr(begin, dot - begin);
    const bool append = name.ends_with("[]");
    if (append) name.remove_suffix(2);
    const FhirElement* element = element_named(type, name);
    if (element == nullptr && is_primitive_type(type)) {
      why = "\"" + path.steps.back().name + "\" is a " + std::string(type) + ": nothing stands inside it";
      return std::nullopt;
    }
    if (element == nullptr) {
      why = no_such_element(type, name);
      return std::nullopt;
    }
    if (append != element->repeats) {
      why =
          std::string(type) + "." + std::string(name) +
          (append ? " does not repeat: write it without []" : " repeats: write " + std::string(name) + "[]");
      return std::nullopt;
    }
    path.steps.push_back({std::string(name), append});
    type = element->type;
    begin = dot + 1;
  }
  path.type = type;
  return path;
}

Conversion conversion_for(std::string_view type) {
  if (type == "decimal") return Conversion::decimal;
  if (type == "boolean") return Conversion::boolean;
  if (type == "date") return Conversion::date;
  if (type == "dateTime") return Conversion::date_time;
  if (type == "instant") return Conversion::instant;
  if (type == "integer" || type == "positiveInt" || type == "unsignedInt") return Conversion::integer;
  if (type == "string" || type == "markdown" || type == "xhtml") return Conversion::text;
  return Conversion::code;  // code, id, and the kinds of uri: no spaces around them
}

bool goes_into(Conversion conversion, std::string_view type) {
  switch (conversion) {
    case Conversion::decimal:
    case Conversion::compared_decimal:
      return type == "decimal";
    case Conversion::comparator:
      return type == "code" || type == "string";
    case Conversion::date:
      return type == "date" || type == "dateTime" || type == "string";
    case Conversion::date_time:
      return type == "dateTime" || type == "string";
    case Conversion::instant:
      return type == "instant" || type == "dateTime" || type == "string";
    case Conversion::boolean:
      return type == "boolean";
    case Conversion::integer:
      return conversion_for(type) == Conversion::integer || type == "decimal";
    case Conversion::text:
    case Conversion::code: {
      const Conversion own = conversion_for(type);
      return own == Conversion::text || own == Conversion::code;
    }
  }
  return false;
}

namespace {

/// What the rules make inside one element, all objects of its path together.
struct Made {
  std::string type;
  const RuleIdentity* rule = nullptr;
  std::set<std::string> names;
};

class RequiredCheck {
 public:
  explicit RequiredCheck(std::string_view type) { made_[""].type = type; }

  void visit(const std::vector<Rule>& rules, const std::string& prefix) {
    for (const Rule& rule : rules) {
      const std::string inner = rule.kind == Rule::Kind::first ? prefix : walk(rule, prefix);
      visit(rule.children, inner);
    }
  }

  std::vector<MissingElement> missing() const {
    std::vector<MissingElement> all;
    for (const auto& [path, made] : made_) {
      for (const FhirElement& element : elements_of(made.type)) {
        if (!element.required || is_made(made, element)) continue;
        const std::string_view name = element.choice.empty() ? element.name : element.choice;
        std::string message = made.type + " needs " + std::string(name) + ", and no rule makes it";
        const bool told =
            std::any_of(all.begin(), all.end(), [&](const auto& m) { return m.message == message; });
        if (!told) all.push_back({made.rule, std::move(message)});
      }
    }
    return all;
  }

 private:
  std::string walk(const Rule& rule, std::string at) {
    for (const PathStep& step : rule.path) {
      const std::string type = made_.at(at).type;
      made_.at(at).names.insert(step.name);
      const FhirElement* element = element_named(type, step.name);
      if (element == nullptr || is_primitive_type(element->type)) return at;
      const bool contained = element->type == "Resource";
      const std::string inner = contained ? resource_type(rule) : std::string(element->type);
      at.append(".").append(step.name).append(contained ? ":" + inner : "");
      const auto [made, fresh] = made_.try_emplace(at);
      if (!fresh) continue;
      made->second.rule = rule.identity;
      made->second.type = inner;
    }
    return at;
  }

  static std::string resource_type(const Rule& rule) {
    for (const Rule& child : rule.children) {
      const bool names_it = child.path.size() == 1 && child.path.front().name == "resourceType";
      if (names_it && child.constant) return *child.constant;
    }
    return "Resource";
  }

  static bool is_made(const Made& made, const FhirElement& required) {
    if (required.choice.empty()) return made.names.contains(std::string(required.name));
    return std::any_of(made.names.begin(), made.names.end(), [&](const std::string& name) {
      const FhirElement* element = find_element(made.type, name);
      return element != nullptr && element->choice == required.choice;
    });
  }

  std::map<std::string, Made> made_;  // by path without []; of contained resources with their type
};

}  // namespace

std::vector<MissingElement> find_missing_elements(const std::vector<Rule>& rules, std::string_view type) {
  RequiredCheck check(type);
  check.visit(rules, "");
  return check.missing();
}

}  // namespace fhir_mapper
