#include "fhir_mapper/report_unit.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

using ssmix2::DataType;
using ssmix2::PatientId;
using ssmix2::StorageKey;

TEST_CASE("each kind of document belongs to its kind of unit, others to none") {
  CHECK(unit_kind_of(DataType::PPR_01) == UnitKind::condition);
  CHECK(unit_kind_of(DataType::ADT_61) == UnitKind::allergy_intolerance);
  CHECK(unit_kind_of(DataType::OML_11) == UnitKind::observation);
  CHECK(unit_kind_of(DataType::OMP_01) == UnitKind::medication_request);
  for (const DataType type : {DataType::ADT_00, DataType::OMP_02, DataType::OML_01, DataType::OMG_13}) {
    CHECK_FALSE(unit_kind_of(type).has_value());
    CHECK_FALSE(ReportUnit::of({PatientId("0001234"), "-", type, "1"}).has_value());
  }
}

TEST_CASE("problem and allergy lists are one unit a patient whatever their document's order number") {
  const auto first = ReportUnit::of({PatientId("0001234"), "-", DataType::PPR_01, "999999999999999"});
  const auto second = ReportUnit::of({PatientId("0001234"), "-", DataType::PPR_01, "000000000000001"});
  CHECK(first == second);
  CHECK(first->key() == "Condition|0001234");
  CHECK(ReportUnit::of({PatientId("0001234"), "-", DataType::ADT_61, "9"})->key() ==
        "AllergyIntolerance|0001234");
}

TEST_CASE("lab and prescription orders are a unit each, told apart by date and order number") {
  const auto unit = ReportUnit::of({PatientId("0001234"), "20260404", DataType::OML_11, "000000026000354"});
  CHECK(unit->key() == "Observation|0001234|20260404|000000026000354");
  CHECK(unit != ReportUnit::of({PatientId("0001234"), "20260405", DataType::OML_11, "000000026000354"}));
  CHECK(unit != ReportUnit::of({PatientId("0001234"), "20260404", DataType::OML_11, "000000026000355"}));
  CHECK(ReportUnit::of({PatientId("01"), "20260404", DataType::OMP_01, "7"})->key() ==
        "MedicationRequest|01|20260404|7");
}

TEST_CASE("the letters of the Bundle-IDs differ") {
  std::string letters;
  for (const UnitKindInfo& kind : unit_kinds()) letters += kind.letter;
  CHECK(letters == "CAOM");
}

}  // namespace
}  // namespace fhir_mapper::test
