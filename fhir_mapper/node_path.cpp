#include "fhir_mapper/node_path.h"

#include "fhir_mapper/json_writer.h"

#include <algorithm>
#include <charconv>

namespace fhir_mapper {
namespace {

bool is_name(std::string_view name) {
  if (name.starts_with('_')) name.remove_prefix(1);
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !name.empty() && is_letter(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9');
  });
}

/// Dots inside brackets are of the text there.
std::vector<std::string_view> split_steps(std::string_view text) {
  std::vector<std::string_view> steps;
  std::size_t begin = 0;
  bool inside = false;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    if (at == text.size() || (text[at] == '.' && !inside)) {
      steps.push_back(text.substr(begin, at - begin));
      begin = at + 1;
    } else if (text[at] == '[' || text[at] == ']') {
      inside = text[at] == '[';
    }
  }
  return steps;
}

}  // namespace

std::optional<NodePath> NodePath::parse(std::string_view text, std::string& why) {
  NodePath path;
  path.text_ = text;
  for (const std::string_view part : split_steps(text)) {
    auto step = parse_step(part, why);
    if (!step) return std::nullopt;
    path.steps_.push_back(std::move(*step));
  }
  return path;
}

std::optional<NodePath::Step> NodePath::parse_step(std::string_view text, std::string& why) {
  Step step;
  const std::size_t bracket = text.find('[');
  step.name = text.substr(0, bracket);
  if (!is_name(step.name)) {
    why = "\"" + std::string(text) + "\" is no name of an element";
    return std::nullopt;
  }
  if (bracket == std::string_view::npos) return step;
  why = "\"" + std::string(text) + "\" needs a number or name=text in its brackets, like [0] or [code=H]";
  if (!text.ends_with(']')) return std::nullopt;
  const std::string_view inside = text.substr(bracket + 1, text.size() - bracket - 2);
  const std::size_t equals = inside.find('=');
  if (equals != std::string_view::npos) {
    for (const std::string_view name : split_steps(inside.substr(0, equals))) {
      if (!is_name(name)) return std::nullopt;
      step.member.emplace_back(name);
    }
    step.value = inside.substr(equals + 1);
    return step;
  }
  std::size_t index = 0;
  const auto parsed = std::from_chars(inside.data(), inside.data() + inside.size(), index);
  if (parsed.ec != std::errc() || parsed.ptr != inside.data() + inside.size()) return std::nullopt;
  step.index = index;
  return step;
}

NodePath::Located NodePath::choose(const Node& node, const Step& step) {
  if (!node.is_array()) return {nullptr, step.name + " is no list: it takes no brackets"};
  if (step.index) return {node.at(*step.index), ""};
  const Node* chosen = nullptr;
  for (const Node& item : node) {
    const Node* member = &item;
    for (const std::string& name : step.member) {
      if (member != nullptr) member = only_item_of(*member).find(name);
    }
    if (member != nullptr) member = &only_item_of(*member);
    if (member == nullptr || text_of(*member) != step.value) continue;
    if (chosen != nullptr) return {nullptr, "several of " + step.name + " are like that"};
    chosen = &item;
  }
  return {chosen, ""};
}

NodePath::Located NodePath::descend(const Node& node, const Step& step, bool last) {
  const Node* const member = node.find(step.name);
  if (member == nullptr) return {};
  if (step.chosen()) return choose(*member, step);
  if (!member->is_array() || last) return {member, ""};
  if (member->size() == 1) return {member->at(0), ""};
  return {nullptr, "there are " + std::to_string(member->size()) + " of " + step.name +
                       ": say which, like [0] or [code=H]"};
}

NodePath::Located NodePath::walk(const Node& root, std::size_t steps) const {
  Located at{&root, ""};
  for (std::size_t i = 0; i < steps && at.node != nullptr; ++i) {
    at = descend(*at.node, steps_[i], i + 1 == steps_.size());
  }
  return at;
}

NodePath::Located NodePath::find(const Node& root) const {
  return walk(root, steps_.size());
}

NodePath::Located NodePath::find_around(const Node& root) const {
  return walk(root, steps_.size() - 1);
}

const Node& only_item_of(const Node& node) {
  return node.is_array() && node.size() == 1 ? *node.at(0) : node;
}

std::string printed_json(const Node& node) {
  return SnapshotTemplate::of(node).render(
      "", [](std::size_t index) { return "entry[" + std::to_string(index) + "]"; });
}

std::string text_of(const Node& node) {
  if (const auto text = node.text()) return std::string(*text);
  const std::string json = printed_json(node);
  const bool is_reference = node.kind() == Node::Kind::entry_url;
  return is_reference ? json.substr(1, json.size() - 2) : json;
}

}  // namespace fhir_mapper
