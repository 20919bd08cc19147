#pragma once
// The files of a profile pack to its plan, with every mistake. Used once for one pack.

#include "fhir_mapper/pack_file.h"
#include "fhir_mapper/profile_plan.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper {

class ProfilePackBuilder {
 public:
  ProfilePackBuilder(const std::vector<ConfigFile>& files, std::string_view id);

  boost::system::result<std::shared_ptr<const ProfilePack>, ConfigErrors> build();

 private:
  /// Where what is read belongs.
  struct Place {
    ProfileShape* shape;  // null: FHIR itself
    ElementPlan& root;    // that paths begin at
  };

  // profile_pack_builder.cpp
  void read_head(const PackNode& root, bool is_last);
  void read_undecided(const PackNode& node);
  void read_submission(const PackNode& node);
  std::string_view keep(std::string_view text);

  // profile_codes_reader.cpp
  void read_names(const PackNode& node);
  void read_system(const PackNode& node);
  void read_form(const PackNode& node);
  void read_codes(const PackNode& node);
  void change_system(const PackNode& node);
  void add_code(CodeSystemPlan& system, std::string_view code, std::string_view display);
  CodeSystemPlan& system_at(std::string_view url);

  // profile_types.cpp
  TypePlan* type_named(std::string_view name);
  void add_members(TypePlan& type);

  // profile_shape_reader.cpp
  void declare_profile(const PackNode& node);
  void read_type(const PackNode& node);
  void read_profile(const PackNode& node);
  void read_change(const PackNode& node);
  void read_content(const PackNode& node, const Place& place);
  void read_element(const PackNode& node, const Place& place);
  void read_says(const PackNode& node, ElementPlan& element);
  void read_types(const PackNode& node, ElementPlan& element);
  void read_targets(const PackNode& node, ElementPlan& element);
  const CodeSetPlan* codes_named(const PackNode& node);
  const ProfileShape* profile_named(const PackNode& node, std::string_view url);
  ElementPlan& new_element(const ProfileShape* owner, const TypePlan* type);
  ElementPlan& child_at(ElementPlan& parent, std::uint16_t group);
  ElementPlan* element_at(ElementPlan& from, std::string_view path, const PackNode& node);
  void sum_up();

  // profile_slice_reader.cpp
  void read_slicing(const PackNode& node, const Place& place);
  void read_slice(const PackNode& node, const Place& place, const ElementPlan& sliced, SlicingPlan& slicing);
  void read_slices(const PackNode& node, const Place& place, const ElementPlan& sliced, SlicingPlan& slicing);
  void read_extension(const PackNode& node, const Place& place);
  void read_escape(const PackNode& node, const Place& place);
  void find_tests(const PackNode& node, SlicingPlan& slicing);
  void index_by_texts(SlicingPlan& slicing);
  SliceTest test_of(const ElementPlan* element, std::vector<std::string_view> path) const;
  SlicingPlan* slicing_of(const ElementPlan& element, SlicingPlan::By by, const ProfileShape* owner);

  // profile_rule_reader.cpp
  void read_rule(const PackNode& node, const Place& place);
  std::size_t described(const PackNode& node);
  RulePlan planned(std::size_t index, const FhirPath& holds, const ElementPlan& element);

  ConfigErrors errors_;
  PackFiles files_;
  std::unique_ptr<ProfilePlan> plan_;
  std::shared_ptr<ProfilePack> pack_;
  std::map<std::string_view, ProfileShape*> shapes_;  // by url
  std::map<std::string_view, ElementPlan*> own_;      // of types, by name
  std::map<std::string_view, CodeSystemPlan*> systems_;
  std::map<std::string, std::size_t, std::less<>> rule_index_;
  std::vector<std::pair<SlicingPlan*, PackNode>> open_slicings_;
};

}  // namespace fhir_mapper
