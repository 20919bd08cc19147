#include "gateway/configuration_difference.h"

#include <map>

#include <pugixml.hpp>

namespace gateway {
namespace {

using Values = std::map<std::string, std::string>;

/// "destination[platform]"; elements without an id that stand there more than once by their place.
std::string step_of(const pugi::xml_node& element) {
  std::string step = element.name();
  const std::string_view id = element.attribute("id").value();
  if (!id.empty()) return step.append("[").append(id).append("]");
  int place = 1;
  for (auto before = element.previous_sibling(element.name()); before;
       before = before.previous_sibling(element.name())) {
    ++place;
  }
  const bool alone = place == 1 && !element.next_sibling(element.name());
  return alone ? step : step.append("[").append(std::to_string(place)).append("]");
}

void collect(const pugi::xml_node& element, const std::string& path, Values& values) {
  for (const pugi::xml_attribute& attribute : element.attributes()) {
    values.insert_or_assign(path + "@" + attribute.name(), attribute.value());
  }
  for (const pugi::xml_node& child : element.children()) {
    if (child.type() == pugi::node_element) collect(child, path + step_of(child) + "/", values);
  }
}

Values values_of(const Settings& settings) {
  pugi::xml_document document;
  Values values;
  if (document.load_buffer(settings.text.data(), settings.text.size())) {
    collect(document.document_element(), "", values);
  }
  return values;
}

void compare(const Values& before, const Values& after, bool shows_values,
             std::vector<ConfigurationChange>& changes) {
  const auto value_in = [&](const Values& values, const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() || !shows_values ? std::string() : found->second;
  };
  Values all = before;
  all.insert(after.begin(), after.end());
  for (const auto& [name, value] : all) {
    const auto old = before.find(name);
    const auto now = after.find(name);
    const bool same = old != before.end() && now != after.end() && old->second == now->second;
    if (!same) changes.push_back({name, value_in(before, name), value_in(after, name)});
  }
}

Values values_of(const ConfigurationFiles& files) {
  Values values;
  for (const auto& list : {files.mappings, files.tables}) {
    for (const fhir_mapper::ConfigFile& file : list) values.emplace(file.name, file.bytes);
  }
  return values;
}

}  // namespace

std::vector<ConfigurationChange> changes_between(const Configuration& before, const Configuration& after) {
  std::vector<ConfigurationChange> changes;
  compare(values_of(before.settings), values_of(after.settings), true, changes);
  compare(values_of(before.files), values_of(after.files), false, changes);
  if (before.pack_fingerprint != after.pack_fingerprint) changes.push_back({"profile packs", {}, {}});
  return changes;
}

}  // namespace gateway
