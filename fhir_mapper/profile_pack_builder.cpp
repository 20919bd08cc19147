#include "fhir_mapper/profile_pack_builder.h"

#include <algorithm>
#include <utility>

namespace fhir_mapper {

ProfilePack::ProfilePack() = default;
ProfilePack::~ProfilePack() = default;

boost::system::result<std::shared_ptr<const ProfilePack>, ConfigErrors> ProfilePack::load(
    const std::vector<ConfigFile>& files, std::string_view id) {
  return ProfilePackBuilder(files, id).build();
}

ProfilePackBuilder::ProfilePackBuilder(const std::vector<ConfigFile>& files, std::string_view id)
    : files_(files, id, errors_),
      plan_(std::make_unique<ProfilePlan>()),
      pack_(std::shared_ptr<ProfilePack>(new ProfilePack)) {}

std::string_view ProfilePackBuilder::keep(std::string_view text) {
  return plan_->texts.emplace_back(text);
}

boost::system::result<std::shared_ptr<const ProfilePack>, ConfigErrors> ProfilePackBuilder::build() {
  using Read = void (ProfilePackBuilder::*)(const PackNode&);
  std::vector<PackNode> all;
  for (const PackNode& root : files_.roots()) {
    const auto children = root.children({"include", "undecided", "names", "system", "form", "codes", "type",
                                         "profile", "change", "submission"});
    all.insert(all.end(), children.begin(), children.end());
  }
  const auto each = [&](std::string_view kind, Read read) {
    for (const PackNode& node : all) {
      if (node.kind() == kind && errors_.size() < kMostPackMistakes) (this->*read)(node);
    }
  };
  for (const PackNode& root : files_.roots()) read_head(root, &root == &files_.roots().back());
  each("undecided", &ProfilePackBuilder::read_undecided);
  each("names", &ProfilePackBuilder::read_names);
  each("system", &ProfilePackBuilder::read_system);
  each("form", &ProfilePackBuilder::read_form);
  each("codes", &ProfilePackBuilder::read_codes);
  each("profile", &ProfilePackBuilder::declare_profile);
  each("type", &ProfilePackBuilder::read_type);
  each("profile", &ProfilePackBuilder::read_profile);
  each("change", &ProfilePackBuilder::read_change);
  each("submission", &ProfilePackBuilder::read_submission);
  for (const auto& [slicing, node] : open_slicings_) find_tests(node, *slicing);
  sum_up();
  for (const CodeSystemPlan& system : plan_->systems) plan_->known_systems.push_back(system.url);
  for (const std::string_view system : plan_->known_systems) {
    plan_->normalised_systems.insert(keep(normalised_system(system)), system);
  }
  plan_->extension_type = type_named("Extension");
  plan_->described = &pack_->rules_;
  if (!errors_.empty()) return errors_;
  pack_->plan_ = std::move(plan_);
  return std::shared_ptr<const ProfilePack>(std::move(pack_));
}

void ProfilePackBuilder::read_head(const PackNode& root, bool is_last) {
  root.allow({"id", "version", "fhir", "complete", "profile-version"});
  const std::string_view version = root.required("version");
  const std::string_view id = root.required("id");
  if (root.required("fhir") != "4.0.1")
    root.error("fhir=\"...\" must be 4.0.1, the version whose elements are known");
  root.flag("complete", true);
  const std::string_view written = root.get("profile-version");
  if (root.has("profile-version") && written != "optional" && written != "required") {
    root.error("profile-version=\"" + std::string(written) + "\" must be optional or required");
  }
  if (!is_last) return;
  pack_->id_ = id;
  pack_->version_ = version;
  pack_->complete_ = root.flag("complete", true);
  plan_->version = keep(version);
  plan_->version_required = written == "required";
}

void ProfilePackBuilder::read_undecided(const PackNode& node) {
  node.allow({"about"});
  UndecidedPoint point{std::string(node.required("about")), {}, {}};
  for (const PackNode& child : node.children({"ja", "en"})) {
    (child.kind() == "ja" ? point.ja : point.en) = child.text();
  }
  if (point.ja.empty() || point.en.empty())
    node.error("<undecided> holds a sentence in <ja> and one in <en>");
  pack_->undecided_.push_back(std::move(point));
}

/// What a submission consists of: the profile of each resource that may be its root.
void ProfilePackBuilder::read_submission(const PackNode& node) {
  node.allow({"profiles"});
  node.children({});
  for (const std::string_view url : node.words("profiles")) {
    if (profile_named(node, url) != nullptr) plan_->container.push_back(keep(url));
  }
}

}  // namespace fhir_mapper
