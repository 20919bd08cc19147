#include "ssmix2/data_type.h"

#include <set>

#include <catch2/catch.hpp>

using ssmix2::DataType;

TEST_CASE("every data type is found by its name") {
  std::set<std::string_view> names;
  for (const auto& row : ssmix2::data_types()) {
    CHECK(ssmix2::data_type_named(row.name) == row.type);
    CHECK(&ssmix2::info(row.type) == &row);
    CHECK_FALSE(row.title.empty());
    names.insert(row.name);
  }
  CHECK(names.size() == 27);
}

TEST_CASE("a data type names the message it must hold") {
  CHECK(ssmix2::info(DataType::ADT_61).message_code == "ADT");
  CHECK(ssmix2::info(DataType::PPR_01).message_code == "PPR");
  CHECK(ssmix2::info(DataType::OMP_01).message_code == "RDE");
  CHECK(ssmix2::info(DataType::OMP_12).message_code == "RAS");
  CHECK(ssmix2::info(DataType::OML_11).message_code == "OUL");
  CHECK(ssmix2::info(DataType::OMG_12).message_code == "OMI");
  CHECK(ssmix2::info(DataType::OMG_13).message_code == "ORU");
  CHECK(ssmix2::info(DataType::OMD).name == "OMD");
}

TEST_CASE("names that are not exactly those of the standard are unknown") {
  CHECK_FALSE(ssmix2::data_type_named("OML-12"));
  CHECK_FALSE(ssmix2::data_type_named("ADT_00"));
  CHECK_FALSE(ssmix2::data_type_named("adt-00"));
  CHECK_FALSE(ssmix2::data_type_named("OMD-01"));
  CHECK_FALSE(ssmix2::data_type_named(""));
}
