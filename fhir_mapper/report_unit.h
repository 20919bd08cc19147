#pragma once
// 報告単位: what is sent whole. One Bundle, one patient, one resource type.

#include "ssmix2/document_name.h"

#include <compare>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper {

enum class UnitKind { condition, allergy_intolerance, observation, medication_request };

struct UnitKindInfo {
  UnitKind kind;
  std::string_view resource_type;  // "Condition"
  char letter;                     // first character of the Bundle-ID's id
  ssmix2::DataType document;       // whose documents it is made of
  bool whole_patient;              // the patient's full list, not one order
};

std::span<const UnitKindInfo> unit_kinds();
const UnitKindInfo& info(UnitKind kind);
std::optional<UnitKind> unit_kind_of(ssmix2::DataType document);

/// What resources of that type are made of: the documents of their unit, and of the ADT-00 the Patient, and
/// allergies where there is no ADT-61. None: nothing asks for such resources.
std::vector<ssmix2::DataType> documents_of(std::string_view resource_type);

struct ReportUnit {
  UnitKind kind = UnitKind::condition;
  ssmix2::PatientId patient;
  std::string date;      // of the order's key; empty for a whole patient
  std::string order_no;  // of the order; empty for a whole patient

  /// The unit a document belongs to by its kind; nothing for kinds that make none (ADT-00 changes all units
  /// of its patient, but belongs to none).
  static std::optional<ReportUnit> of(const ssmix2::StorageKey& key);

  /// The same text on every machine and after every rebuild: what the Bundle-ID is made of. Identifies a
  /// person.
  std::string key() const;

  friend auto operator<=>(const ReportUnit&, const ReportUnit&) = default;
};

}  // namespace fhir_mapper
