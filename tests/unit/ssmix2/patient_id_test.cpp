#include "ssmix2/patient_id.h"

#include <catch2/catch.hpp>

using ssmix2::PatientId;

TEST_CASE("numbers that differ by leading zeros only are the same patient") {
  CHECK(PatientId("0001234").same_patient("1234"));
  CHECK(PatientId("1234").same_patient("0001234"));
  CHECK(PatientId("000").same_patient("0"));
  CHECK_FALSE(PatientId("12340").same_patient("1234"));
  CHECK_FALSE(PatientId("1234").same_patient("1235"));
  CHECK_FALSE(PatientId("1234").same_patient(" 1234"));
}

TEST_CASE("a missing number is nobody's, not even another missing one's") {
  CHECK_FALSE(PatientId("").same_patient(""));
  CHECK_FALSE(PatientId("0").same_patient(""));
  CHECK_FALSE(PatientId("").same_patient("0"));
}

TEST_CASE("the canonical number has no leading zeros, the revealed one keeps them") {
  CHECK(PatientId("0001020").canonical() == "1020");
  CHECK(PatientId("0000").canonical() == "0");
  CHECK(PatientId("A01").canonical() == "A01");
  CHECK(PatientId("0001020").reveal() == "0001020");
  CHECK_FALSE(PatientId("01") == PatientId("1"));
}
