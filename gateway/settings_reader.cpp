#include "gateway/settings_reader.h"

#include <algorithm>
#include <array>
#include <functional>

#include <pugixml.hpp>

namespace gateway {

namespace {

struct Mistake {
  std::size_t offset;
  std::string message;
};

/// The message goes to a log: "https://user:password@host" is refused, and not quoted as it is.
std::string without_password(std::string text) {
  const auto begin = text.find("://");
  const auto sign = text.rfind('@');
  if (begin != std::string::npos && sign != std::string::npos && sign > begin)
    text.replace(begin + 3, sign - begin - 3, "...");
  return text;
}

std::string tag(std::string_view name) {
  return std::string("<").append(name).append(">");
}

template <typename Rule>
std::vector<std::string_view> names_of(const std::vector<Rule>& rules) {
  std::vector<std::string_view> names;
  for (const Rule& rule : rules) names.push_back(rule.name);
  return names;
}

template <typename Rule>
const Rule* rule_named(const std::vector<Rule>& rules, std::string_view name) {
  const auto found =
      std::find_if(rules.begin(), rules.end(), [&](const Rule& rule) { return rule.name == name; });
  return found == rules.end() ? nullptr : &*found;
}

/// `; did you mean …?` or, when nothing is near, what there is.
std::string help(std::string_view written, const std::vector<std::string_view>& known) {
  const std::string near = proposal(written, known);
  if (!near.empty()) return near;
  return known.empty() ? "; there is none" : "; known are " + joined(known);
}

class Walk {
 public:
  Walk(const std::string& text, Settings& settings) : text_(text), buffer_(text), settings_(settings) {}

  std::vector<Mistake> document(const ElementRule& root);

 private:
  // What one element said, needed to see what it did not say.
  struct Seen {
    std::size_t offset;
    std::vector<std::pair<std::string_view, std::size_t>> attributes;
    std::vector<std::string_view> wrong;
  };

  void element(const pugi::xml_node& node, const ElementRule& rule);
  void attribute(const pugi::xml_attribute& attribute, const ElementRule& rule, Seen& seen);
  bool has_bare_markup(const pugi::xml_attribute& attribute) const;
  void children(const pugi::xml_node& node, const ElementRule& rule);
  void check(const ElementRule& rule, const Seen& seen);

  // pugixml parses in place and never moves names, so that a name's address is its place in the file. (Its
  // own offset_debug() knows elements only.)
  std::size_t offset_of(const char* name) const {
    const bool inside =
        !std::less<>()(name, buffer_.data()) && std::less<>()(name, buffer_.data() + buffer_.size());
    return inside ? static_cast<std::size_t>(name - buffer_.data()) : 0;  // else pugixml's own ""
  }
  void complain(std::size_t offset, std::string message) {
    mistakes_.push_back({offset, std::move(message)});
  }

  std::size_t offset_of_text(const pugi::xml_node& node) const {
    return std::min(text_.find_first_not_of(" \t\r\n", offset_of(node.value())), text_.size());
  }

  const std::string& text_;  // as it stands in the file
  std::string buffer_;       // where pugixml unescapes and ends strings
  Settings& settings_;
  std::vector<Mistake> mistakes_;
};

std::vector<Mistake> Walk::document(const ElementRule& root) {
  pugi::xml_document document;
  // As a fragment, pugixml keeps text outside the root element, which it otherwise drops without a word.
  constexpr unsigned kOptions = pugi::parse_default | pugi::parse_doctype | pugi::parse_fragment;
  const auto result =
      document.load_buffer_inplace(buffer_.data(), buffer_.size(), kOptions, pugi::encoding_utf8);
  if (!result) {
    complain(static_cast<std::size_t>(result.offset),
             std::string("not well-formed XML: ") + result.description());
    return mistakes_;
  }
  bool found = false;
  for (const pugi::xml_node& node : document.children()) {
    if (node.type() == pugi::node_doctype) {
      complain(offset_of_text(node), "a DOCTYPE is not supported; remove it");
    } else if (node.type() != pugi::node_element) {
      complain(offset_of_text(node), "text outside of " + tag(root.name) + "; remove it");
    } else if (node.name() != root.name || found) {
      complain(offset_of(node.name()),
               tag(node.name()) + " in place of the one " + tag(root.name) + " the file is made of");
    } else {
      found = true;
      element(node, root);
    }
  }
  if (!found && mistakes_.empty()) complain(0, "no " + tag(root.name) + "; the file is empty");
  return mistakes_;
}

void Walk::element(const pugi::xml_node& node, const ElementRule& rule) {
  rule.begin(settings_);
  Seen seen{offset_of(node.name()), {}, {}};
  for (const pugi::xml_attribute& written : node.attributes()) attribute(written, rule, seen);
  for (const AttributeRule& known : rule.attributes) {
    const bool given = std::any_of(seen.attributes.begin(), seen.attributes.end(),
                                   [&](const auto& attribute) { return attribute.first == known.name; });
    if (given || !known.required) continue;
    complain(seen.offset, "missing attribute " + in_quotes(known.name) + " of " + tag(rule.name) + ", " +
                              std::string(known.meaning) + "; write " + known.bounds);
    seen.wrong.push_back(known.name);
  }
  children(node, rule);
  check(rule, seen);
}

void Walk::attribute(const pugi::xml_attribute& attribute, const ElementRule& rule, Seen& seen) {
  const std::string_view name = attribute.name();
  const std::size_t offset = offset_of(attribute.name());
  const std::string where = in_quotes(name) + " of " + tag(rule.name);
  const bool again = std::any_of(seen.attributes.begin(), seen.attributes.end(),
                                 [&](const auto& earlier) { return earlier.first == name; });
  if (again) {
    complain(offset, "attribute " + where + " is given twice; keep one");
    return;
  }
  seen.attributes.emplace_back(name, offset);
  const AttributeRule* known = rule_named(rule.attributes, name);
  if (known == nullptr) {
    complain(offset, "unknown attribute " + where + help(name, names_of(rule.attributes)));
    return;
  }
  if (has_bare_markup(attribute)) {
    complain(offset, "not well-formed XML: a bare < or & in " + where + "; write &lt; or &amp;");
    seen.wrong.push_back(name);
    return;
  }
  if (const Complaint complaint = known->set(settings_, attribute.value())) {
    complain(offset, std::string(name) + "=" + in_quotes(without_password(attribute.value())) + " of " +
                         tag(rule.name) + " " + *complaint);
    seen.wrong.push_back(name);
  }
}

// pugixml lets both pass, other readers of the same file do not.
bool Walk::has_bare_markup(const pugi::xml_attribute& attribute) const {
  const std::size_t begin = offset_of(attribute.value());
  if (begin == 0) return false;
  const std::string_view written =
      std::string_view(text_).substr(begin, text_.find(text_[begin - 1], begin) - begin);
  if (written.find('<') != std::string_view::npos) return true;
  for (auto at = written.find('&'); at != std::string_view::npos; at = written.find('&', at + 1)) {
    const std::string_view entity = written.substr(at + 1, written.substr(at + 1).find(';'));
    constexpr std::array<std::string_view, 5> kEntities{"amp", "lt", "gt", "quot", "apos"};
    if (entity.starts_with('#')) continue;
    if (std::find(kEntities.begin(), kEntities.end(), entity) == kEntities.end()) return true;
  }
  return false;
}

void Walk::children(const pugi::xml_node& node, const ElementRule& rule) {
  std::vector<std::string_view> found;
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() != pugi::node_element) {
      complain(offset_of_text(child),
               "text inside " + tag(rule.name) + "; settings are attributes, remove it");
      continue;
    }
    const std::size_t offset = offset_of(child.name());
    const ElementRule* known = rule_named(rule.children, child.name());
    if (known == nullptr) {
      complain(offset, "unknown element " + tag(child.name()) + " in " + tag(rule.name) +
                           help(child.name(), names_of(rule.children)));
      continue;
    }
    const bool again = std::find(found.begin(), found.end(), known->name) != found.end();
    const bool once = known->count == Count::one || known->count == Count::at_most_one;
    if (again && once) {
      complain(offset, "second " + tag(known->name) + " in " + tag(rule.name) + "; keep one");
    }
    found.push_back(known->name);
    element(child, *known);
  }
  for (const ElementRule& known : rule.children) {
    if (known.count == Count::at_most_one || known.count == Count::any) continue;
    if (std::find(found.begin(), found.end(), known.name) != found.end()) continue;
    complain(offset_of(node.name()), "missing element " + tag(known.name) + " in " + tag(rule.name));
  }
}

void Walk::check(const ElementRule& rule, const Seen& seen) {
  for (Finding& finding : rule.check(settings_)) {
    // What is wrong with an attribute has been said; what would follow from it only distracts.
    const bool said = std::any_of(seen.wrong.begin(), seen.wrong.end(), [&](std::string_view wrong) {
      return std::find(finding.attributes.begin(), finding.attributes.end(), wrong) !=
             finding.attributes.end();
    });
    if (said) continue;
    std::size_t offset = seen.offset;
    for (const auto& [name, place] : seen.attributes) {
      if (name == finding.attributes.front()) offset = place;
    }
    complain(offset, std::move(finding.message));
  }
}

/// The first byte that is no UTF-8 or a control character XML 1.0 forbids, or npos. pugixml looks at neither.
std::size_t first_bad_byte(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') return at;
    const std::size_t length = byte < 0x80   ? 1
                               : byte < 0xC2 ? 0
                               : byte < 0xE0 ? 2
                               : byte < 0xF0 ? 3
                               : byte < 0xF5 ? 4
                                             : 0;
    if (length == 0 || at + length > text.size()) return at;
    for (std::size_t next = 1; next < length; ++next) {
      if ((static_cast<unsigned char>(text[at + next]) & 0xC0) != 0x80) return at;
    }
    at += length;
  }
  return std::string_view::npos;
}

}  // namespace

SettingsErrors read_settings(const std::string& text, const ElementRule& root, const std::string& file,
                             Settings& settings) {
  std::vector<Mistake> mistakes;
  if (const auto bad = first_bad_byte(text); bad != std::string_view::npos) {
    mistakes.push_back({bad, "not UTF-8 text; save the file as UTF-8 (not Shift_JIS or UTF-16)"});
  } else {
    mistakes = Walk(text, settings).document(root);
  }
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const Mistake& left, const Mistake& right) { return left.offset < right.offset; });
  SettingsErrors errors;
  for (Mistake& mistake : mistakes) {
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(mistake.offset, text.size()));
    const auto line = 1 + std::count(text.begin(), end, '\n');
    errors.push_back({file + ':' + std::to_string(line), std::move(mistake.message)});
  }
  return errors;
}

}  // namespace gateway
