#include "fhir_mapper/rule_compiler.h"

#include "fhir_mapper/closest_name.h"
#include "fhir_mapper/fhir_element.h"
#include "fhir_mapper/report_unit.h"
#include "fhir_mapper/value_rule.h"
#include "fhir_mapper/word_list.h"
#include "ssmix2/hl7_field.h"

#include <iterator>

namespace fhir_mapper {
namespace {

constexpr std::array<std::string_view, 2> kTemplateAttributes{"id", "parameters"};
constexpr std::array<std::string_view, 5> kResourceAttributes{"id", "type", "document", "row", "instance"};
constexpr std::array<std::string_view, 3> kLeaveOutAttributes{"id", "when", "reason"};
constexpr std::array<std::string_view, 3> kEndedAttributes{"id", "from", "when"};
constexpr std::array<std::string_view, 3> kIgnoreAttributes{"id", "from", "reason"};
constexpr std::array<std::string_view, 4> kObjectAttributes{"id", "path", "each", "when"};
constexpr std::array<std::string_view, 2> kFirstAttributes{"id", "when"};

constexpr std::array<std::string_view, 7> kRuleKinds{"value",     "object", "first", "use",
                                                     "leave-out", "ended",  "ignore"};

// Templates that use templates twice each would double at every level. The shipped mapping has a tenth of it.
constexpr std::size_t kMostCompiled = 20'000;
constexpr std::size_t kDeepestTemplates = 20;

RuleAttributes attributes_of(const RuleElement& element, const Surroundings& around,
                             std::span<const std::string_view> known) {
  RuleAttributes attributes(element, around);
  attributes.check_names(known);
  return attributes;
}
RuleAttributes attributes_of(const RuleElement&, const Surroundings&&,
                             std::span<const std::string_view>) = delete;

void check_empty(const RuleElement& element) {
  if (!element.children.empty()) {
    element.error("nothing may stand inside a <" + std::string(element.kind()) + ">");
  }
}

bool selects_rows(const RuleElement& element) {
  return element.kind() == "leave-out" || element.kind() == "ended" || element.kind() == "ignore";
}

/// The resource type that an <object> for a contained resource names.
std::string contained_type(const RuleElement& object) {
  for (const RuleElement& child : object.children) {
    const bool names_it = std::string_view(child.node.attribute("path").value()) == "resourceType";
    if (child.kind() == "value" && names_it && !child.node.attribute("when")) {
      return child.node.attribute("constant").value();
    }
  }
  return "";
}

/// What always gives a value leaves nothing to the alternatives behind it.
void check_reachable(const RuleElement& first) {
  for (std::size_t i = 0; i + 1 < first.children.size(); ++i) {
    const pugi::xml_node node = first.children[i].node;
    const bool always = node.attribute("constant") || node.attribute("otherwise");
    if (first.children[i].kind() != "value" || !always || node.attribute("when")) continue;
    first.children[i].error("this always gives a value: what stands behind it in <first> is never looked at");
  }
}

void tell_unknown(const RuleElement& element) {
  element.error("unknown element <" + std::string(element.kind()) + ">" +
                did_you_mean(element.kind(), kRuleKinds) +
                "; <value>, <object>, <first> or <use> may stand here");
}

/// A resource that no report unit asks for would do nothing.
void check_document(const ResourceRule& resource, const RuleAttributes& attributes) {
  const auto documents = documents_of(resource.type);
  if (std::find(documents.begin(), documents.end(), resource.document) != documents.end()) return;
  std::string names;
  for (const ssmix2::DataType document : documents) {
    names.append(names.empty() ? "" : " and ").append(info(document).name);
  }
  attributes.error(
      "no " + resource.type + " is made of " + std::string(info(resource.document).name) + " documents: " +
      (names.empty() ? "the gateway sends no such resources by themselves" : "they are made of " + names));
}

}  // namespace

RuleCompiler::RuleCompiler(const RuleTree& tree, const CodeTables& tables,
                           std::deque<RuleIdentity>& identities, Tree& constants)
    : tables_(tables), identities_(identities), constants_(constants) {
  ResourceRule nothing;
  const Surroundings outside{tables, nothing, "", "", false, nullptr};
  for (const RuleElement& element : tree.elements) {
    if (element.kind() != "template") continue;
    const RuleAttributes attributes = attributes_of(element, outside, kTemplateAttributes);
    const auto [other, fresh] = templates_.emplace(attributes.required("id"), &element);
    if (!fresh && !other->first.empty()) {
      element.error("there is a template \"" + other->first + "\" already, in " +
                    other->second->file->origin(other->second->node).text());
    }
  }
}

const RuleIdentity* RuleCompiler::identity(const RuleElement& element, const Surroundings& around,
                                           RuleIdentity::Kind kind) {
  const auto [known, fresh] = known_.try_emplace(element.node.internal_object(), nullptr);
  if (fresh) {
    std::string address = around.address;
    const std::string own = element.name.empty() ? std::string(element.kind()) : element.name;
    address.append(address.empty() ? "" : "/").append(own);
    known->second = &identities_.emplace_back(
        RuleIdentity{std::move(address), element.file->origin(element.node), element.file->whose(), kind});
  }
  return known->second;
}

ResourceRule RuleCompiler::compile_resource(const RuleElement& element) {
  ResourceRule resource;
  const Surroundings outside{tables_, resource, "", "", false, nullptr};
  const RuleAttributes attributes = attributes_of(element, outside, kResourceAttributes);
  resource.identity = identity(element, outside, RuleIdentity::Kind::resource);
  resource.id = attributes.required("id");
  resource.type = attributes.required("type");
  resource.row = attributes.required("row");
  const std::string document = attributes.required("document");
  const auto type = ssmix2::data_type_named(document);
  if (!type && !document.empty()) {
    attributes.error("there is no data type \"" + document + "\"; they look like PPR-01");
  }
  resource.document = type.value_or(ssmix2::DataType::ADT_00);
  if (!resource.type.empty() && !is_resource_type(resource.type)) {
    attributes.error("type=\"" + resource.type + "\" is no resource type that the gateway knows" +
                     did_you_mean(resource.type, resource_types()));
    return resource;
  }
  if (type && !resource.type.empty()) check_document(resource, attributes);
  // Nothing inside can be judged without these.
  if (!type || resource.type.empty() || resource.row.empty()) return resource;
  if (!ssmix2::may_hold(*type, resource.row)) {
    attributes.error("row=\"" + resource.row + "\": there is no such segment in " + document + " documents");
  }
  resource.instance = attributes.instance();
  const Surroundings inside{tables_, resource, resource.type, resource.id, false, nullptr};
  compile_selection(element, inside, resource);
  resource.rules = compile_children(element, inside);
  return resource;
}

void RuleCompiler::compile_selection(const RuleElement& resource, const Surroundings& around,
                                     ResourceRule& out) {
  for (const RuleElement& element : resource.children) {
    if (selects_rows(element)) check_empty(element);
    if (out.type == "Patient" && selects_rows(element) && element.kind() != "ignore") {
      element.error("a Patient is sent with whatever is sent of the patient: nothing leaves it out");
    } else if (element.kind() == "leave-out") {
      const RuleAttributes attributes = attributes_of(element, around, kLeaveOutAttributes);
      attributes.required("when");
      out.leave_out.push_back({identity(element, around, RuleIdentity::Kind::leave_out),
                               attributes.condition(), attributes.required("reason")});
    } else if (element.kind() == "ended") {
      const RuleAttributes attributes = attributes_of(element, around, kEndedAttributes);
      attributes.required("from");
      out.ended.push_back({identity(element, around, RuleIdentity::Kind::ended), attributes.sources("from"),
                           attributes.condition()});
    } else if (element.kind() == "ignore") {
      compile_ignore(element, around, out);
    }
  }
}

void RuleCompiler::compile_ignore(const RuleElement& element, const Surroundings& around, ResourceRule& out) {
  const RuleAttributes attributes = attributes_of(element, around, kIgnoreAttributes);
  const RuleIdentity* rule = identity(element, around, RuleIdentity::Kind::ignore);
  const std::string reason = attributes.required("reason");
  ResourceRule elsewhere;  // ignored segments need no slot
  elsewhere.document = around.resource.document;
  Surroundings apart{tables_, elsewhere, around.type, around.address, false, nullptr};
  const RuleAttributes sources(element, apart);
  for (const std::string& word : words_of(attributes.required("from"))) {
    std::string why;
    const auto source = Source::parse(word, why);
    const bool right = source && source->kind == Source::Kind::field && source->repetition == 1 &&
                       !source->every_repetition && !source->filter && source->systems.empty() &&
                       source->subcomponent == 0;
    if (!right) {
      attributes.error("<ignore> takes segments, fields and components, like NK1, PID-9 or PID-5.7, not \"" +
                       word + "\"");
      continue;
    }
    sources.check_source(*source);
    out.ignored.push_back({rule, source->segment, source->field, source->component, reason});
  }
}

std::vector<Rule> RuleCompiler::compile_children(const RuleElement& parent, const Surroundings& around) {
  std::vector<Rule> rules;
  const bool in_resource = parent.kind() == "resource";
  for (const RuleElement& element : parent.children) {
    if (!in_resource || !selects_rows(element)) compile_child(element, around, rules);
  }
  return rules;
}

void RuleCompiler::compile_child(const RuleElement& element, const Surroundings& around,
                                 std::vector<Rule>& rules) {
  if (is_too_much(element)) return;
  if (element.kind() == "value") {
    rules.push_back(compile_value(element, around));
  } else if (element.kind() == "object") {
    rules.push_back(compile_object(element, around));
  } else if (element.kind() == "first") {
    rules.push_back(compile_first(element, around));
  } else if (element.kind() == "use") {
    use_template(element, around, rules);
  } else if (std::find(kRuleKinds.begin(), kRuleKinds.end(), element.kind()) != kRuleKinds.end()) {
    element.error("<" + std::string(element.kind()) + "> stands directly in a <resource> only");
  } else {
    tell_unknown(element);
  }
}

/// Told once, for the element that was too much.
bool RuleCompiler::is_too_much(const RuleElement& element) {
  if (++compiled_ == kMostCompiled + 1) {
    element.error("more than " + std::to_string(kMostCompiled) +
                  " rules, those of templates counted at every <use>: do templates use each other several "
                  "times?");
  }
  return compiled_ > kMostCompiled;
}

void RuleCompiler::use_template(const RuleElement& element, const Surroundings& around,
                                std::vector<Rule>& rules) {
  check_empty(element);
  const std::string id = RuleAttributes(element, around).required("template");
  if (id.empty()) return;
  const auto found = templates_.find(id);
  if (found == templates_.end()) {
    std::vector<std::string_view> names;
    for (const auto& [name, each] : templates_) names.push_back(name);
    return element.error("there is no <template id=\"" + id + "\">" + did_you_mean(id, names));
  }
  if (open_templates_.size() == kDeepestTemplates) {
    return element.error("templates use each other more than " + std::to_string(kDeepestTemplates) + " deep");
  }
  const auto arguments = arguments_of(element, *found->second, around);
  if (!arguments) return;
  if (!open_templates_.insert(id).second) return element.error("the template \"" + id + "\" uses itself");
  Surroundings inside = around;
  inside.address = id;
  inside.arguments = &*arguments;
  auto included = compile_children(*found->second, inside);
  open_templates_.erase(id);
  used_templates_.insert(found->second);
  std::move(included.begin(), included.end(), std::back_inserter(rules));
}

std::optional<Arguments> RuleCompiler::arguments_of(const RuleElement& use, const RuleElement& used,
                                                    const Surroundings& around) const {
  const RuleAttributes given(use, around);
  Arguments arguments;
  bool is_complete = true;
  for (const std::string& parameter : words_of(used.node.attribute("parameters").value())) {
    if (!given.has(parameter.c_str())) {
      use.error("the template \"" + used.name + "\" needs the parameter " + parameter);
      is_complete = false;
    }
    arguments.emplace(parameter, given.text(parameter.c_str()));
  }
  for (const pugi::xml_attribute attribute : use.node.attributes()) {
    const std::string_view name = attribute.name();
    if (name == "template" || name == "id" || arguments.contains(name)) continue;
    std::string known;
    for (const auto& [parameter, value] : arguments)
      known.append(known.empty() ? "" : ", ").append(parameter);
    use.error("the template \"" + used.name + "\" has no parameter \"" + std::string(name) + "\"; it has " +
              (known.empty() ? "none" : known));
  }
  return is_complete ? std::optional(std::move(arguments)) : std::nullopt;
}

/// A template of several rules would be as many alternatives, of which only one comes out.
void RuleCompiler::compile_alternative(const RuleElement& element, const Surroundings& around,
                                       std::vector<Rule>& rules) {
  const std::size_t before = rules.size();
  compile_child(element, around, rules);
  if (element.kind() == "use" && rules.size() > before + 1) {
    element.error(
        "the template has several rules, of which <first> would choose one; put the <use> into an <object>, "
        "or the rules of the template into a <first> of their own");
  }
}

Rule RuleCompiler::compile_first(const RuleElement& element, const Surroundings& around) {
  Rule rule;
  rule.kind = Rule::Kind::first;
  rule.identity = identity(element, around, RuleIdentity::Kind::first);
  rule.when = attributes_of(element, around, kFirstAttributes).condition();
  Surroundings inside = around;
  if (!element.name.empty()) inside.address = rule.identity->address;
  for (const RuleElement& child : element.children) compile_alternative(child, inside, rule.children);
  check_reachable(element);
  if (element.children.empty()) element.error("<first> needs rules to choose from");
  return rule;
}

Rule RuleCompiler::compile_object(const RuleElement& element, const Surroundings& around) {
  const RuleAttributes attributes = attributes_of(element, around, kObjectAttributes);
  Rule rule;
  rule.kind = Rule::Kind::object;
  rule.identity = identity(element, around, RuleIdentity::Kind::object);
  rule.each = attributes.each();
  Surroundings inside = around;
  inside.address = rule.identity->address;
  inside.in_repetition = around.in_repetition || (rule.each && rule.each->field != 0);
  rule.when = RuleAttributes(element, inside).condition();
  const auto path = attributes.path();
  if (!path) return rule;
  rule.path = path->steps;
  if (rule.each && std::none_of(rule.path.begin(), rule.path.end(), [](const auto& s) { return s.append; })) {
    attributes.error("path=\"" + attributes.text("path") +
                     "\" does not repeat: of what each goes through only the last would be left");
  }
  inside.type = path->type;
  inside.in_object = true;
  std::string contained;
  if (path->type == "Resource") {
    contained = contained_type(element);
    if (!is_resource_type(contained)) {
      element.error(
          "a contained resource needs <value path=\"resourceType\" constant=\"...\"/> with the type of a "
          "resource");
      return rule;
    }
    inside.type = contained;
  } else if (is_primitive_type(path->type)) {
    element.error("path=\"" + attributes.text("path") + "\" is a " + std::string(path->type) +
                  ": write a <value>");
    return rule;
  }
  rule.children = compile_children(element, inside);
  if (element.children.empty()) element.error("an <object> without rules never comes out");
  return rule;
}

void RuleCompiler::check_unused_templates() const {
  for (const auto& [id, element] : templates_) {
    if (!used_templates_.contains(element)) check_names(*element);
  }
}

void RuleCompiler::check_names(const RuleElement& parent) const {
  ResourceRule nothing;
  const Surroundings outside{tables_, nothing, "", "", false, nullptr};
  for (const RuleElement& element : parent.children) {
    if (element.kind() == "value") {
      attributes_of(element, outside, value_attributes());
    } else if (element.kind() == "object") {
      attributes_of(element, outside, kObjectAttributes);
    } else if (element.kind() == "first") {
      attributes_of(element, outside, kFirstAttributes);
    } else if (element.kind() != "use") {
      tell_unknown(element);
    }
    check_names(element);
  }
}

Rule RuleCompiler::compile_value(const RuleElement& element, const Surroundings& around) {
  Rule rule = value_rule(RuleAttributes(element, around), constants_);
  rule.identity = identity(element, around, RuleIdentity::Kind::value);
  check_empty(element);
  return rule;
}

}  // namespace fhir_mapper
