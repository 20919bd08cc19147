#include "ssmix2/hl7_field.h"

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>

namespace ssmix2 {
namespace {

struct Hl7Segment {
  std::string_view name;
  std::span<const Hl7Field> fields;
};

struct Hl7DataType {
  std::string_view name;
  std::span<const Hl7Component> components;
};

#include "ssmix2/hl7_component_table.inc"
#include "ssmix2/hl7_field_table.inc"

/// Strictly ascending by name: sorted, and nothing twice.
template <typename Table>
constexpr bool ascends(const Table& table) {
  return std::ranges::is_sorted(table, std::ranges::less_equal{}, [](const auto& row) { return row.name; });
}

constexpr bool is_numbered(const Hl7Segment& segment) {
  for (std::size_t i = 0; i < segment.fields.size(); ++i) {
    if (segment.fields[i].number != i + 1) return false;
  }
  return !segment.fields.empty();
}
static_assert(ascends(kSegments) && ascends(kDataTypes), "look-up by halving");
static_assert(std::ranges::all_of(kSegments, is_numbered),
              "find_field() indexes the fields by their numbers");

template <typename Table>
constexpr auto find_row(const Table& table, std::string_view name) {
  const auto* const found =
      std::ranges::lower_bound(table, name, {}, [](const auto& row) { return row.name; });
  return found != std::end(table) && found->name == name ? found : nullptr;
}

// Which segments the messages of each kind of document have, as the guideline builds them. One list for all
// kinds of a family, which is generous: a discharge may bring what only admissions bring in the guideline, an
// order what only results do. What tells kinds apart stays apart: IAM is of ADT-61 alone, RXA of what was
// given. NTE, PD1 and ROL stand in some messages only, but speak of what all of them have.
constexpr auto kEverywhere =
    std::to_array<std::string_view>({"MSH", "NTE", "PD1", "PID", "PV1", "PV2", "ROL", "SFT"});
constexpr auto kAdmission =
    std::to_array<std::string_view>({"ACC", "AL1", "DB1", "DG1", "DRG", "EVN", "GT1", "IN1", "IN2", "IN3",
                                     "MRG", "NK1", "OBX", "PDA", "PR1", "UB1", "UB2"});
constexpr auto kAllergies = std::to_array<std::string_view>({"EVN", "IAM"});
constexpr auto kProblems = std::to_array<std::string_view>({"GOL", "OBR", "OBX", "ORC", "PRB", "PTH", "VAR"});
constexpr auto kDiet = std::to_array<std::string_view>(
    {"AL1", "GT1", "IN1", "IN2", "IN3", "OBX", "ODS", "ODT", "ORC", "TQ1", "TQ2"});
constexpr auto kDrugOrder =
    std::to_array<std::string_view>({"AL1", "BLG", "CTI", "FT1", "GT1", "IN1", "IN2", "IN3", "OBX", "ORC",
                                     "RXC", "RXE", "RXO", "RXR", "TQ1", "TQ2"});
constexpr auto kDrugGiven =
    std::to_array<std::string_view>({"AL1", "CTI", "GT1", "IN1", "IN2", "IN3", "OBX", "ORC", "RXA", "RXC",
                                     "RXE", "RXO", "RXR", "TQ1", "TQ2"});
constexpr auto kLaboratory = std::to_array<std::string_view>(
    {"AL1", "BLG", "CTI", "DG1", "DSC", "FT1", "GT1", "IN1", "IN2", "IN3", "INV",
     "NK1", "OBR", "OBX", "ORC", "SAC", "SID", "SPM", "TCD", "TQ1", "TQ2"});
constexpr auto kExamination =
    std::to_array<std::string_view>({"AL1", "BLG", "CTD", "CTI", "DG1", "DSC", "FT1", "GT1", "IN1", "IN2",
                                     "IN3", "IPC", "NK1", "OBR", "OBX", "ORC", "SAC", "SPM", "TQ1", "TQ2"});

std::span<const std::string_view> own_segments_of(DataType type) {
  switch (type) {
    case DataType::ADT_00:
    case DataType::ADT_01:
    case DataType::ADT_02:
    case DataType::ADT_12:
    case DataType::ADT_21:
    case DataType::ADT_22:
    case DataType::ADT_31:
    case DataType::ADT_32:
    case DataType::ADT_41:
    case DataType::ADT_42:
    case DataType::ADT_51:
    case DataType::ADT_52:
      return kAdmission;
    case DataType::ADT_61:
      return kAllergies;
    case DataType::PPR_01:
      return kProblems;
    case DataType::OMD:
      return kDiet;
    case DataType::OMP_01:
    case DataType::OMP_02:
      return kDrugOrder;
    case DataType::OMP_11:
    case DataType::OMP_12:
      return kDrugGiven;
    case DataType::OML_01:
    case DataType::OML_11:
      return kLaboratory;
    case DataType::OMG_01:
    case DataType::OMG_11:
    case DataType::OMG_02:
    case DataType::OMG_12:
    case DataType::OMG_03:
    case DataType::OMG_13:
      return kExamination;
  }
  return {};
}

bool is_z_segment(std::string_view segment) {
  return segment.size() == 3 && segment.front() == 'Z';
}

static_assert(std::ranges::is_sorted(kEverywhere) && std::ranges::is_sorted(kAdmission) &&
                  std::ranges::is_sorted(kAllergies) && std::ranges::is_sorted(kProblems) &&
                  std::ranges::is_sorted(kDiet) && std::ranges::is_sorted(kDrugOrder) &&
                  std::ranges::is_sorted(kDrugGiven) && std::ranges::is_sorted(kLaboratory) &&
                  std::ranges::is_sorted(kExamination),
              "look-up by halving");

}  // namespace

std::span<const Hl7Field> fields_of(std::string_view segment) {
  const Hl7Segment* const found = find_row(kSegments, segment);
  if (found == nullptr) return {};
  return found->fields;
}

const Hl7Field* find_field(std::string_view segment, std::size_t number) {
  const std::span<const Hl7Field> fields = fields_of(segment);
  return number >= 1 && number <= fields.size() ? &fields[number - 1] : nullptr;
}

bool may_be_longer(std::string_view segment) {
  return is_z_segment(segment);
}

std::span<const Hl7Component> components_of(std::string_view type) {
  const Hl7DataType* const found = find_row(kDataTypes, type);
  if (found == nullptr) return {};
  return found->components;
}

bool may_hold(DataType type, std::string_view segment) {
  return is_z_segment(segment) || std::ranges::binary_search(kEverywhere, segment) ||
         std::ranges::binary_search(own_segments_of(type), segment);
}

}  // namespace ssmix2
