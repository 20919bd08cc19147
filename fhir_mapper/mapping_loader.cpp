#include "fhir_mapper/mapping_loader.h"

#include "fhir_mapper/element_shape.h"
#include "fhir_mapper/rule_attributes.h"

#include <array>
#include <map>
#include <set>

namespace fhir_mapper {
namespace {

constexpr std::string_view kNamespace = "urn:kakehashi:mapping:1";

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

constexpr std::array<std::string_view, 1> kMappingAttributes{"xmlns"};
constexpr std::array<std::string_view, 1> kFragmentAttributes{"id"};
constexpr std::array<std::string_view, 5> kResourceAttributes{"id", "type", "document", "row", "instance"};
constexpr std::array<std::string_view, 2> kLeaveOutAttributes{"when", "reason"};
constexpr std::array<std::string_view, 2> kEndedAttributes{"from", "when"};
constexpr std::array<std::string_view, 13> kValueAttributes{
    "path",         "from",    "constant", "otherwise", "join", "table",     "column",
    "table-system", "matches", "format",   "as",        "when", "if-missing"};
constexpr std::array<std::string_view, 3> kObjectAttributes{"path", "each", "when"};
constexpr std::array<std::string_view, 1> kFirstAttributes{"when"};
constexpr std::array<std::string_view, 1> kUseAttributes{"fragment"};

bool is_segment_name(std::string_view name) {
  return name.size() == 3 && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
         });
}

}  // namespace

/// Compiles one set of files; used once.
class MappingBuilder {
 public:
  boost::system::result<std::shared_ptr<const Mapping>, ConfigErrors> build(
      const std::vector<ConfigFile>& mappings, const std::vector<ConfigFile>& tables) {
    load_tables(tables);
    for (const ConfigFile& file : mappings) {
      files_.push_back(std::make_unique<MappingFile>(file.name, file.bytes, errors_));
    }
    for (const auto& file : files_) collect_fragments(*file);
    for (const auto& file : files_) compile(*file);
    check_fragments();
    if (!errors_.empty()) return errors_;
    auto mapping = std::make_shared<Mapping>();
    mapping->tables_ = tables_;
    mapping->resources_ = std::move(resources_);
    return std::shared_ptr<const Mapping>(std::move(mapping));
  }

 private:
  struct Fragment {
    const MappingFile* file;
    pugi::xml_node node;
  };
  /// Where a rule stands: what it may use depends on what is around it.
  struct Surroundings {
    const MappingFile& file;
    bool inside_each = false;
  };

  void load_tables(const std::vector<ConfigFile>& tables) {
    tables_ = std::make_shared<const CodeTables>(load_code_tables(tables, errors_));
  }

  RuleAttributes attributes_of(const Surroundings& around, pugi::xml_node node,
                               std::span<const std::string_view> known) const {
    RuleAttributes attributes(around.file, node, *tables_, around.inside_each);
    attributes.check_names(known);
    return attributes;
  }

  void collect_fragments(const MappingFile& file) {
    const pugi::xml_node root = file.root();
    if (!root) return;  // its XML was refused
    if (std::string_view(root.name()) != "mapping" || root.attribute("xmlns").value() != kNamespace) {
      file.error(root, "the root element must be <mapping xmlns=\"" + std::string(kNamespace) + "\">");
    }
    attributes_of({file}, root, kMappingAttributes);
    for (const pugi::xml_node node : root.children("fragment")) {
      const std::string id = attributes_of({file}, node, kFragmentAttributes).required("id");
      if (!fragments_.emplace(id, Fragment{&file, node}).second) {
        file.error(node, "there is a fragment \"" + id + "\" already");
      }
    }
  }

  /// Also a fragment that nothing uses must be right. It may be meant for an <object each="...">.
  void check_fragments() {
    for (const auto& [id, fragment] : fragments_) {
      open_fragments_.insert(id);
      compile_children({*fragment.file, true}, fragment.node);
      open_fragments_.clear();
    }
  }

  void compile(const MappingFile& file) {
    for (const pugi::xml_node node : file.root().children()) {
      if (node.type() != pugi::node_element || std::string_view(node.name()) == "fragment") continue;
      if (std::string_view(node.name()) == "resource") {
        compile_resource(file, node);
      } else {
        file.error(node, "unknown element <" + std::string(node.name()) +
                             ">; <resource> or <fragment> may stand here");
      }
    }
  }

  void compile_resource(const MappingFile& file, pugi::xml_node node) {
    const std::size_t errors_before = errors_.size();
    const RuleAttributes attributes = attributes_of({file}, node, kResourceAttributes);
    ResourceRule resource;
    resource.origin = file.origin(node);
    resource.id = attributes.required("id");
    resource.type = attributes.required("type");
    resource.row = attributes.required("row");
    if (!resource.row.empty() && !is_segment_name(resource.row)) {
      attributes.error("row=\"" + resource.row + "\" must be the name of a segment, like PRB");
    }
    const std::string document = attributes.required("document");
    if (const auto type = ssmix2::data_type_named(document)) {
      resource.document = *type;
    } else if (!document.empty()) {
      attributes.error("there is no data type \"" + document + "\"; they look like PPR-01");
    }
    resource.instance = attributes.instance();
    for (const pugi::xml_node child : node.children("ended")) {
      const RuleAttributes ended = attributes_of({file}, child, kEndedAttributes);
      ended.required("from");
      resource.ended.push_back({ended.sources("from"), ended.condition()});
    }
    for (const pugi::xml_node child : node.children("leave-out")) {
      const RuleAttributes leave_out = attributes_of({file}, child, kLeaveOutAttributes);
      leave_out.required("when");
      resource.leave_out.push_back({file.origin(child), leave_out.condition(), leave_out.required("reason")});
    }
    resource.rules = compile_children({file}, node);
    const bool rules_are_right = errors_.size() == errors_before;
    for (ShapeConflict& conflict :
         rules_are_right ? find_shape_conflicts(resource.rules) : std::vector<ShapeConflict>()) {
      file.error_at(conflict.origin, std::move(conflict.message));
    }
    add(file, node, std::move(resource));
  }

  void add(const MappingFile& file, pugi::xml_node node, ResourceRule resource) {
    for (const ResourceRule& other : resources_) {
      if (other.type != resource.type || other.document != resource.document) continue;
      file.error(node, "there is a <resource> for " + resource.type + " of " +
                           std::string(info(resource.document).name) + " already, in " + other.origin.text());
    }
    resources_.push_back(std::move(resource));
  }

  std::vector<Rule> compile_children(const Surroundings& around, pugi::xml_node parent) {
    std::vector<Rule> rules;
    const bool in_resource = std::string_view(parent.name()) == "resource";
    for (const pugi::xml_node node : parent.children()) {
      const std::string_view name = node.name();
      if (node.type() == pugi::node_comment) continue;
      if (in_resource && (name == "leave-out" || name == "ended")) continue;
      if (name == "value") {
        rules.push_back(compile_value(around, node));
      } else if (name == "object") {
        rules.push_back(compile_object(around, node));
      } else if (name == "first") {
        rules.push_back(compile_first(around, node));
      } else if (name == "use") {
        include_fragment(around, node, rules);
      } else if (node.type() == pugi::node_element) {
        around.file.error(node, "unknown element <" + std::string(name) +
                                    ">; <value>, <object>, <first> or <use> may stand here");
      } else {
        around.file.error(node, "only elements may stand here, no text");
      }
    }
    return rules;
  }

  void include_fragment(const Surroundings& around, pugi::xml_node node, std::vector<Rule>& rules) {
    const std::string id = attributes_of(around, node, kUseAttributes).required("fragment");
    if (id.empty()) return;
    const auto fragment = fragments_.find(id);
    if (fragment == fragments_.end()) {
      around.file.error(node, "there is no <fragment id=\"" + id + "\">");
      return;
    }
    if (!open_fragments_.insert(id).second) {
      around.file.error(node, "the fragment \"" + id + "\" uses itself");
      return;
    }
    auto included = compile_children({*fragment->second.file, around.inside_each}, fragment->second.node);
    open_fragments_.erase(id);
    std::move(included.begin(), included.end(), std::back_inserter(rules));
  }

  Rule compile_first(const Surroundings& around, pugi::xml_node node) {
    Rule rule;
    rule.kind = Rule::Kind::first;
    rule.origin = around.file.origin(node);
    rule.when = attributes_of(around, node, kFirstAttributes).condition();
    rule.children = compile_children(around, node);
    return rule;
  }

  Rule compile_object(const Surroundings& around, pugi::xml_node node) {
    const RuleAttributes attributes = attributes_of(around, node, kObjectAttributes);
    Rule rule;
    rule.kind = Rule::Kind::object;
    rule.origin = around.file.origin(node);
    rule.path = attributes.path();
    const auto each = attributes.sources("each");
    if (attributes.has("each") && (each.size() != 1 || each.front().kind != Source::Kind::field)) {
      attributes.error("each takes one field, like PID-5");
    }
    if (!each.empty()) rule.each = each.front();
    const Surroundings inside{around.file, around.inside_each || attributes.has("each")};
    rule.when = attributes_of(inside, node, kObjectAttributes).condition();
    rule.children = compile_children(inside, node);
    return rule;
  }

  Rule compile_value(const Surroundings& around, pugi::xml_node node) {
    const RuleAttributes attributes = attributes_of(around, node, kValueAttributes);
    Rule rule;
    rule.origin = around.file.origin(node);
    rule.path = attributes.path();
    rule.when = attributes.condition();
    rule.from = attributes.sources("from");
    rule.constant = attributes.optional_text("constant");
    rule.otherwise = attributes.optional_text("otherwise");
    rule.join = attributes.optional_text("join");
    rule.table = attributes.table();
    rule.table_system = attributes.optional_text("table-system").value_or("");
    rule.column = attributes.word("column", kColumns, Rule::TableColumn::code);
    rule.conversion = attributes.word("as", kConversions, Conversion::text);
    rule.if_missing = attributes.word("if-missing", kIfMissing, IfMissing::nothing);
    rule.matches = attributes.pattern("matches");
    rule.format = attributes.optional_text("format");
    check_value(attributes);
    if (node.first_child()) attributes.error("nothing may stand inside a <value>");
    return rule;
  }

  /// Attributes that would be without effect beside each other are mistakes.
  static void check_value(const RuleAttributes& attributes) {
    if (attributes.has("from") == attributes.has("constant")) {
      attributes.error("a <value> needs either from or constant");
    }
    for (const char* name : {"otherwise", "join", "table", "matches", "format"}) {
      if (!attributes.has("constant") || !attributes.has(name)) continue;
      attributes.error(std::string(name) + " goes with from, not with constant");
    }
    for (const char* name : {"table", "matches"}) {
      if (!attributes.has("join") || !attributes.has(name)) continue;
      attributes.error(std::string(name) + " does not go with join: it looks at one source");
    }
    for (const char* name : {"column", "table-system"}) {
      if (!attributes.has(name) || attributes.has("table")) continue;
      attributes.error(std::string(name) + " needs a table");
    }
    const auto format = attributes.optional_text("format");
    if (format && format->find("{}") == std::string::npos) {
      attributes.error("format=\"" + *format + "\" needs {} where the value is to stand");
    }
  }

  ConfigErrors errors_;
  std::shared_ptr<const CodeTables> tables_;
  std::vector<std::unique_ptr<MappingFile>> files_;
  std::map<std::string, Fragment> fragments_;
  std::set<std::string> open_fragments_;
  std::vector<ResourceRule> resources_;
};

boost::system::result<std::shared_ptr<const Mapping>, ConfigErrors> load_mapping(
    const std::vector<ConfigFile>& mappings, const std::vector<ConfigFile>& tables) {
  return MappingBuilder().build(mappings, tables);
}

}  // namespace fhir_mapper
