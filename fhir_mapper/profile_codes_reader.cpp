// The code lists of a profile pack: names, systems, forms and sets.

#include "fhir_mapper/profile_pack_builder.h"

#include <string>

namespace fhir_mapper {

void ProfilePackBuilder::read_names(const PackNode& node) {
  node.allow({"kind", "base"});
  const std::string_view kind = node.required("kind");
  const std::string base(node.get("base"));
  TextIndex<char>* const index = kind == "resource"    ? &plan_->resource_names
                                 : kind == "extension" ? &plan_->extension_urls
                                 : kind == "system"    ? &plan_->system_urls
                                                       : nullptr;
  if (index == nullptr) {
    node.error("kind=\"" + std::string(kind) + "\" must be one of: resource, extension, system");
    return;
  }
  for (const std::string_view word : node.words()) {
    const std::string_view name = keep(base + std::string(word));
    index->insert(name, 1);
    if (kind == "system") plan_->known_systems.push_back(name);
  }
}

CodeSystemPlan& ProfilePackBuilder::system_at(std::string_view url) {
  const auto known = systems_.find(url);
  if (known != systems_.end()) return *known->second;
  CodeSystemPlan& system = plan_->systems.emplace_back();
  system.url = keep(url);
  systems_.emplace(system.url, &system);
  plan_->system_index.insert(system.url, &system);
  return system;
}

void ProfilePackBuilder::add_code(CodeSystemPlan& system, std::string_view code, std::string_view display) {
  std::string written(code);
  if (system.ignores_case) {
    for (char& byte : written) {
      if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
    }
  }
  const std::uint32_t* const known = system.codes.find(written);
  std::uint32_t index = 0;
  if (known != nullptr) {
    index = *known;
  } else {
    index = static_cast<std::uint32_t>(system.displays.size());
    system.codes.insert(keep(written), index);
    system.displays.emplace_back();
  }
  if (!display.empty()) system.displays[index].push_back(keep(display));
}

void ProfilePackBuilder::read_system(const PackNode& node) {
  node.allow({"url", "complete", "case", "table", "group"});
  const std::string_view url = node.required("url");
  if (systems_.contains(url)) {
    node.error("there is a <system> or <form> for " + std::string(url) + " already");
    return;
  }
  CodeSystemPlan& system = system_at(url);
  system.listed = true;
  system.complete = node.flag("complete", true);
  if (node.has("case") && node.get("case") != "ignored") node.error("case=\"...\" must be ignored");
  system.ignores_case = node.has("case");
  for (const PackNode& code : node.children({"code"})) {
    code.allow({"value", "display"});
    add_code(system, code.required("value"), code.get("display"));
  }
  if (node.has("table")) {
    const PackTable* const table = files_.table(node, node.get("table"));
    if (table == nullptr) return;
    const auto rows = table->groups.find(node.required("group"));
    if (rows == table->groups.end() || table->columns.size() != 3) {
      node.error("the table " + table->name + " has no rows of group " + std::string(node.get("group")) +
                 " with the columns group, code, display");
      return;
    }
    for (const auto& row : rows->second) add_code(system, row[1], row[2]);
  }
  if (system.codes.empty()) node.error("<system> holds no code; for one without a list there is <form>");
}

void ProfilePackBuilder::read_form(const PackNode& node) {
  node.allow({"system", "matches"});
  const std::string_view url = node.required("system");
  if (systems_.contains(url)) {
    node.error("there is a <system> or <form> for " + std::string(url) + " already");
    return;
  }
  CodeSystemPlan& system = system_at(url);
  auto pattern = Pattern::compile(node.required("matches"));
  if (!pattern) {
    node.error("matches=\"...\": " + pattern.error().message);
    return;
  }
  system.form = *pattern;
  system.form_means = keep(node.text());
}

void ProfilePackBuilder::read_codes(const PackNode& node) {
  node.allow({"id"});
  const std::string_view id = node.required("id");
  if (plan_->set_index.contains(id)) {
    node.error("there are <codes> " + std::string(id) + " already");
    return;
  }
  CodeSetPlan& set = plan_->sets.emplace_back();
  set.id = keep(id);
  plan_->set_index.insert(set.id, &set);
  for (const PackNode& of : node.children({"of"})) {
    of.allow({"system", "known"});
    CodeSetPlan::Part& part = set.parts.emplace_back();
    part.system = keep(of.get("system"));
    for (const std::string_view code : of.words()) part.codes.insert(keep(code), 1);
    if (!part.codes.empty()) continue;
    const auto system = systems_.find(part.system);
    part.told = of.flag("known", true) && system != systems_.end();
    if (part.told) part.all = system->second;
  }
  if (set.parts.empty()) node.error("<codes> holds no <of system=\"...\">");
}

void ProfilePackBuilder::change_system(const PackNode& node) {
  const auto system = systems_.find(node.get("system"));
  if (system == systems_.end()) {
    node.error("there is no <system> " + std::string(node.get("system")) + " to change");
    return;
  }
  if (node.get("beyond") != "warning") node.error("a change of a system says beyond=\"warning\"");
  system->second->beyond_warns = true;
}

}  // namespace fhir_mapper
