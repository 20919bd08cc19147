// Resources: the one at the top, those in it, and the profiles that they say they keep.

#include "fhir_mapper/profile_walk.h"

#include <algorithm>

namespace fhir_mapper {

void ProfileWalk::top(const Node& root, ProfileDemand demand) {
  const std::string_view type_name = text_of(root, "resourceType");
  const Frame nowhere{nullptr, "$", {}, -1};
  if (type_name.empty()) {
    return error(nowhere, demand == ProfileDemand::clins_submission ? "clins" : "json", "",
                 "is no FHIR resource: it has no resourceType",
                 "FHIRリソースではありません（resourceTypeがありません）");
  }
  const TypePlan* const type = type_of(type_name);
  const Frame frame{nullptr, type_name, type_name, -1};
  const ProfileShape* demanded = nullptr;
  if (demand == ProfileDemand::clins_submission) {
    for (const std::string_view url : plan_.container) {
      const ProfileShape* const shape = plan_.profile(url);
      if (shape != nullptr && shape->type_name == type_name) demanded = shape;
    }
    if (demanded == nullptr) {
      return error(nowhere, "clins", "", std::string(type_name) + " is nothing that is submitted to CLINS",
                   std::string(type_name) + "は電子カルテ情報共有サービスに送信するリソースではありません");
    }
  }
  if (type == nullptr || !type->is_resource) {
    if (!plan_.resource_names.contains(type_name)) {
      return error(frame, "type", "", "there is no resource type " + std::string(type_name),
                   std::string(type_name) + "というリソース型はありません");
    }
    return tell(IssueSeverity::warning, frame, "no-profile", "",
                "resources of this type are not checked here", "この型のリソースは検査の対象外です");
  }
  Scope scope{&root, type, nullptr, nullptr, nullptr, {}, false};
  if (demanded != nullptr) add_profile(*demanded, 0);
  resource(root, *type, 0, frame, scope);
}

void ProfileWalk::resource(const Node& node, const TypePlan& type, std::size_t begin, const Frame& frame,
                           Scope& scope) {
  if (type.own != nullptr) stack_.push_back(type.own);
  claims(node, type, begin, frame, scope);
  const std::size_t demands = stack_.size();
  const std::size_t errors = errors_;
  Entries entries;
  const bool is_bundle = type.name == "Bundle";
  if (is_bundle) {
    entries = entries_of(node);
    scope.bundle = &entries;
  }
  const Present present = object({node, type, demands_from(begin), frame, scope});
  rules(node, &type, present, begin, frame, scope);
  if (is_bundle) bundle(node, entries, frame);
  if (type.is_domain_resource) domain_resource(node, frame, scope);
  if (errors_ != errors) return;
  // Without an error it keeps each of them: what refers to it need not look again.
  for (std::size_t i = begin; i < demands; ++i) {
    const ProfileShape* const shape = stack_[i]->owner;
    if (shape != nullptr && shape->root == stack_[i]) conforming_.push_back({&node, shape});
  }
}

/// meta.profile: each profile that a resource says it keeps.
void ProfileWalk::claims(const Node& node, const TypePlan& type, std::size_t begin, const Frame& frame,
                         const Scope& scope) {
  if (quiet_) return;  // asked is one profile alone
  const Node* const meta = node.find("meta");
  const Node* const profiles = meta == nullptr ? nullptr : meta->find("profile");
  bool any = false;
  if (profiles != nullptr && profiles->is_array()) {
    const Frame at_meta{&frame, "meta", "Meta", -1};
    std::ptrdiff_t index = 0;
    for (const Node& profile : *profiles) {
      const Frame at{&at_meta, "profile", "canonical", index++};
      if (profile.kind() != Node::Kind::text) continue;
      any = true;
      claim(profile.written(), type, begin, at);
    }
  }
  const bool demanded = frame.up == nullptr && stack_.size() > begin + (type.own == nullptr ? 0 : 1);
  if (any || demanded || scope.container != nullptr) return;
  tell(IssueSeverity::warning, frame, "no-profile", type.name,
       "says no profile in meta.profile: only what FHIR and the resource around demand is checked",
       "meta.profileがないため、FHIRの基本仕様と外側のリソースの要求だけを検査しました");
}

void ProfileWalk::claim(std::string_view canonical, const TypePlan& type, std::size_t begin,
                        const Frame& at) {
  const ProfileShape* const shape = plan_.profile(canonical);
  const std::size_t bar = canonical.find('|');
  if (shape == nullptr) {
    const bool ours = canonical.starts_with("http://jpfhir.jp/") ||
                      canonical.starts_with("https://jpfhir.jp/") ||
                      canonical.starts_with("http://hl7.org/fhir/StructureDefinition/") ||
                      canonical.starts_with("http://hl7.org/fhir/ValueSet/");
    // FHIR's own definitions are no profiles, but whoever names one is right.
    constexpr std::string_view kBase = "http://hl7.org/fhir/StructureDefinition/";
    if (canonical.starts_with(kBase) && canonical.substr(kBase.size(), bar - kBase.size()) == type.name)
      return;
    return tell(ours ? IssueSeverity::error : IssueSeverity::warning, at, "profile-unknown", "",
                "there is no such profile in " + pack_.id() + ": " + std::string(canonical),
                pack_.id() + "にないプロファイルです: " + std::string(canonical));
  }
  if (shape->type_name != type.name) {
    return error(
        at, "profile-type", shape->name,
        "is a profile of " + std::string(shape->type_name) + ", not of " + std::string(type.name),
        std::string(shape->type_name) + "のプロファイルであり、" + std::string(type.name) + "には使えません");
  }
  if (bar == std::string_view::npos) {
    if (plan_.version_required && shape->url.find("/core/") == std::string_view::npos) {
      tell(IssueSeverity::warning, at, "profile-version", shape->name,
           "names no version; write |" + std::string(plan_.version) + " behind it",
           "版の指定がありません。|" + std::string(plan_.version) + "を付けてください");
    }
  } else if (const std::string_view version = canonical.substr(bar + 1);
             version != plan_.version && version != shape->version &&
             !(shape->version.empty() && shape->url.find("/core/") != std::string_view::npos)) {
    tell(IssueSeverity::warning, at, "profile-version", shape->name,
         "asks for version " + std::string(version) + "; checked against " + std::string(plan_.version),
         "版" + std::string(version) + "が指定されていますが、" + std::string(plan_.version) +
             "で検査しました");
  }
  add_profile(*shape, begin);
}

/// A resource inside of another.
void ProfileWalk::nested(const Item& item, std::size_t begin) {
  const Frame& frame = *item.frame;
  const std::string_view name = item.value == nullptr ? "" : text_of(*item.value, "resourceType");
  if (name.empty()) {
    if (item.value != nullptr && !item.value->is_object()) {
      error(*frame.up, "json", "", std::string(frame.name) + " must be a JSON object",
            std::string(frame.name) + "はJSONのオブジェクトでなければなりません");
    }
    return error(frame, "type", "", "must be a resource with its resourceType",
                 "resourceTypeのあるリソースでなければなりません");
  }
  const TypePlan* const type = type_of(name);
  if (type == nullptr || !type->is_resource) {
    if (!plan_.resource_names.contains(name)) {
      error(frame, "type", "", "there is no resource type " + std::string(name),
            std::string(name) + "というリソース型はありません");
    }
    return;
  }
  if (quiet_) return;  // each resource is judged for itself
  const bool contained = frame.name == "contained";
  Scope inner{item.value, type, nullptr, item.scope->bundle, nullptr, {}, false};
  if (contained) {
    inner.container = item.scope->container == nullptr ? item.scope : item.scope->container;
    inner.entry = item.scope->entry;
  }
  const Frame named{frame.up, frame.name, name, frame.index};
  add_profiles_of(begin, item);
  resource(*item.value, *type, begin, named, inner);
  if (!contained) return;
  auto& outer = inner.container->fragments;
  outer.insert(outer.end(), inner.fragments.begin(), inner.fragments.end());
  // Whoever refers to the resource around may be contained without being referred to.
  if (inner.refers_up) outer.push_back(text_of(*item.value, "id"));
}

}  // namespace fhir_mapper
