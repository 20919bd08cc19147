#include "fhir_mapper/report_unit.h"

#include "ssmix2/check.h"

#include <algorithm>
#include <array>

namespace fhir_mapper {
namespace {

using ssmix2::DataType;

constexpr std::array kKinds{
    UnitKindInfo{UnitKind::condition, "Condition", 'C', DataType::PPR_01, true},
    UnitKindInfo{UnitKind::allergy_intolerance, "AllergyIntolerance", 'A', DataType::ADT_61, true},
    UnitKindInfo{UnitKind::observation, "Observation", 'O', DataType::OML_11, false},
    UnitKindInfo{UnitKind::medication_request, "MedicationRequest", 'M', DataType::OMP_01, false},
};

}  // namespace

std::span<const UnitKindInfo> unit_kinds() {
  return kKinds;
}

const UnitKindInfo& info(UnitKind kind) {
  const UnitKindInfo& row = kKinds[static_cast<std::size_t>(kind)];
  KAKEHASHI_CHECK(row.kind == kind);
  return row;
}

std::optional<UnitKind> unit_kind_of(DataType document) {
  const auto row = std::find_if(kKinds.begin(), kKinds.end(),
                                [document](const UnitKindInfo& kind) { return kind.document == document; });
  return row == kKinds.end() ? std::nullopt : std::optional(row->kind);
}

std::vector<DataType> documents_of(std::string_view resource_type) {
  std::vector<DataType> documents;
  for (const UnitKindInfo& kind : kKinds) {
    if (kind.resource_type == resource_type) documents.push_back(kind.document);
  }
  const bool of_master =
      resource_type == "Patient" || resource_type == info(UnitKind::allergy_intolerance).resource_type;
  if (of_master) documents.push_back(DataType::ADT_00);
  return documents;
}

std::optional<ReportUnit> ReportUnit::of(const ssmix2::StorageKey& key) {
  const auto kind = unit_kind_of(key.type);
  if (!kind) return std::nullopt;
  if (info(*kind).whole_patient) return ReportUnit{*kind, key.patient, "", ""};
  return ReportUnit{*kind, key.patient, key.date, key.order_no};
}

std::string ReportUnit::key() const {
  std::string text(info(kind).resource_type);
  text.append("|").append(patient.reveal());
  if (!info(kind).whole_patient) text.append("|").append(date).append("|").append(order_no);
  return text;
}

}  // namespace fhir_mapper
