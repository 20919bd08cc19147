#include "fhir_mapper/effective_mapping.h"

#include <algorithm>

namespace fhir_mapper {
namespace {

using Nodes = std::vector<pugi::xml_node>;

bool is_comment(pugi::xml_node node) {
  return node.type() == pugi::node_comment;
}

Nodes nodes_in(pugi::xml_node parent) {
  const auto children = parent.children();
  return {children.begin(), children.end()};
}

/// The comments right before the node.
Nodes comments_before(pugi::xml_node node) {
  Nodes comments;
  for (auto before = node.previous_sibling(); is_comment(before); before = before.previous_sibling()) {
    comments.insert(comments.begin(), before);
  }
  return comments;
}

/// What could not be read back as it is.
std::string attribute_text(std::string_view text) {
  std::string written;
  for (const char c : text) {
    if (c == '&') {
      written += "&amp;";
    } else if (c == '<') {
      written += "&lt;";
    } else if (c == '"') {
      written += "&quot;";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      written += "&#" + std::to_string(static_cast<int>(c)) + ";";
    } else {
      written += c;
    }
  }
  return written;
}

bool is_shown(const std::set<std::string, std::less<>>* names, std::string_view address) {
  return names == nullptr || names->contains(address.substr(0, address.find('/')));
}

class Writer {
 public:
  /// `names`: only resources and templates that are called so; null: all.
  Writer(const RuleFiles& files, const std::set<std::string, std::less<>>* names)
      : files_(files), changes_(files.tree().changes), told_(changes_.size(), false), names_(names) {
    for (const RuleElement& element : files.tree().elements) note_in_effect(element);
  }

  std::string write() {
    text_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<mapping xmlns=\"" + std::string(kMappingNamespace) +
            "\">\n";
    Nodes nodes;
    for (const auto& file : files_.files()) {
      if (std::string_view(file->root().name()) != "mapping") continue;
      for (const pugi::xml_node node : file->root().parent().children()) {
        const Nodes more = node == file->root() ? nodes_in(node) : Nodes{node};
        nodes.insert(nodes.end(), more.begin(), more.end());
      }
    }
    write_children(files_.tree().elements, nodes, "", 1);
    write_untold_removals();
    return std::move(text_) + "</mapping>\n";
  }

 private:
  void note_in_effect(const RuleElement& element) {
    in_effect_.insert(element.node.internal_object());
    for (const RuleElement& child : element.children) note_in_effect(child);
  }

  /// `nodes` are what stands there in the files, before any change; `address` is that of the element around.
  void write_children(const std::vector<RuleElement>& rules, const Nodes& nodes, const std::string& address,
                      std::size_t depth) {
    auto next = nodes.begin();
    for (const RuleElement& rule : rules) {
      const auto place = std::find(next, nodes.end(), first_of(rule.node));
      const bool is_hidden = depth == 1 && !is_shown(names_, rule.name);
      if (depth == 1 && !is_hidden) text_ += '\n';
      if (place != nodes.end()) {
        if (!is_hidden) write_between(next, place, depth);
        next = place + 1;
      }
      if (is_hidden) continue;
      if (place == nodes.end() || *place != rule.node) write_comments_of_change(rule.node, depth);
      write_element(rule, address, depth);
    }
    if (depth > 1 || names_ == nullptr) write_between(next, nodes.end(), depth);
  }

  void write_between(Nodes::const_iterator from, Nodes::const_iterator to, std::size_t depth) {
    for (; from != to; ++from) {
      if (is_comment(*from)) {
        write_line(depth, comment(from->value()));
      } else {
        write_removal(*from, depth);
      }
    }
  }

  /// Before rules of a site: what it says about them, also before the change that put them there.
  void write_comments_of_change(pugi::xml_node node, std::size_t depth) {
    Nodes comments = comments_before(node);
    const pugi::xml_node before =
        comments.empty() ? node.previous_sibling() : comments.front().previous_sibling();
    if (!before) {
      const Nodes outside = comments_before(node.parent());
      comments.insert(comments.begin(), outside.begin(), outside.end());
    }
    for (const pugi::xml_node each : comments) write_line(depth, comment(each.value()));
  }

  /// Of a rule that is gone: who removed it, or what had replaced it.
  void write_removal(pugi::xml_node node, std::size_t depth) {
    for (std::size_t i = 0; i < changes_.size(); ++i) {
      const RuleChange& change = changes_[i];
      if (change.gone.node != node) continue;
      if (change.by.children.empty()) {
        told_[i] = true;
        if (is_told(change)) write_line(depth, removal(change));
      }
      for (const RuleElement& instead : change.by.children) {
        if (!in_effect_.contains(instead.node.internal_object())) write_removal(instead.node, depth);
      }
    }
  }

  /// Of rules that a site had added, or that were removed from what was replaced afterwards.
  void write_untold_removals() {
    for (std::size_t i = 0; i < changes_.size(); ++i) {
      const RuleChange& change = changes_[i];
      if (told_[i] || !change.by.children.empty()) continue;
      if (is_told(change)) write_line(1, removal(change));
    }
  }

  /// Whether what it changed belongs to what is shown.
  bool is_told(const RuleChange& change) const {
    return is_shown(names_, change.by.node.attribute("rule").value());
  }

  static std::string removal(const RuleChange& change) {
    return comment(" removed: " + std::string(change.by.node.attribute("rule").value()) + " (" +
                   place_of(change.gone) + ") by " + place_of(change.by) + ": " +
                   change.by.node.attribute("reason").value() + " ");
  }

  void write_element(const RuleElement& rule, const std::string& around, std::size_t depth) {
    std::string address = around;
    if (!rule.name.empty()) address.append(around.empty() ? "" : "/").append(rule.name);
    std::string tag = "<" + std::string(rule.kind());
    for (const pugi::xml_attribute attribute : rule.node.attributes()) {
      tag.append(" ").append(attribute.name()).append("=\"");
      tag.append(attribute_text(attribute.value())).append("\"");
    }
    const Nodes nodes = nodes_in(rule.node);
    const bool is_empty = rule.children.empty() && nodes.empty();
    tag += is_empty ? "/> " : "> ";
    write_line(depth,
               tag + comment(" " + (rule.name.empty() ? "" : address + " ") + "(" + origin(rule) + ") "));
    if (is_empty) return;
    write_children(rule.children, nodes, address, depth + 1);
    write_line(depth, "</" + std::string(rule.kind()) + ">");
  }

  /// "site/o.xml:3, site, instead of condition.xml:12"
  std::string origin(const RuleElement& rule) const {
    std::string text = place_of(rule);
    for (auto node = rule.node; const RuleChange* change = replacement_by(node); node = change->gone.node) {
      text += ", instead of " + place_of(change->gone);
    }
    return text;
  }

  static std::string place_of(const RuleElement& element) {
    return element.file->origin(element.node).text() +
           (element.file->whose() == ConfigOrigin::site ? ", site" : "");
  }

  /// The node that stood there before all replacements.
  pugi::xml_node first_of(pugi::xml_node node) const {
    while (const RuleChange* change = replacement_by(node)) node = change->gone.node;
    return node;
  }

  /// The <replace> that put the node there.
  const RuleChange* replacement_by(pugi::xml_node node) const {
    for (const RuleChange& change : changes_) {
      if (node.parent() == change.by.node) return &change;
    }
    return nullptr;
  }

  void write_line(std::size_t depth, const std::string& line) {
    text_.append(2 * depth, ' ').append(line).append("\n");
  }

  static std::string comment(const std::string& text) { return "<!--" + comment_text(text) + "-->"; }

  const RuleFiles& files_;
  const std::vector<RuleChange>& changes_;
  std::vector<bool> told_;  // of each change
  const std::set<std::string, std::less<>>* names_;
  std::set<const pugi::xml_node_struct*> in_effect_;
  std::string text_;
};

}  // namespace

EffectiveMapping::EffectiveMapping(const std::vector<ConfigFile>& files) : files_(files, errors_) {}

std::string EffectiveMapping::text() const {
  return Writer(files_, nullptr).write();
}

std::vector<std::string_view> EffectiveMapping::resources() const {
  std::vector<std::string_view> ids;
  for (const RuleElement& element : files_.tree().elements) {
    if (element.kind() == "resource") ids.push_back(element.name);
  }
  return ids;
}

std::string EffectiveMapping::text_of_resource(std::string_view id) const {
  Names names;
  for (const RuleElement& element : files_.tree().elements) {
    if (element.kind() != "resource" || element.name != id) continue;
    names.insert(element.name);
    add_used_templates(element, names);
  }
  return Writer(files_, &names).write();
}

void EffectiveMapping::add_used_templates(const RuleElement& element, Names& names) const {
  for (const RuleElement& child : element.children) add_used_templates(child, names);
  if (element.kind() != "use") return;
  const std::string_view name = element.node.attribute("template").value();
  for (const RuleElement& used : files_.tree().elements) {
    if (used.kind() != "template") continue;
    // A name that is made of parameters may become that of any template.
    if (used.name != name && name.find('{') == std::string_view::npos) continue;
    if (names.insert(used.name).second) add_used_templates(used, names);
  }
}

std::string comment_text(std::string_view text) {
  std::string written;
  for (const char c : text) {
    if (c == '-' && written.ends_with('-')) written += ' ';
    written += c;
  }
  if (written.ends_with('-')) written += ' ';
  return written;
}

}  // namespace fhir_mapper
