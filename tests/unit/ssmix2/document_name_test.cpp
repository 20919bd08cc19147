#include "ssmix2/document_name.h"

#include <catch2/catch.hpp>

using namespace ssmix2;

namespace {

FailureCode code_of(std::string_view path) {
  INFO(path);
  const auto parsed = parse_document_path(path);
  REQUIRE(parsed.has_error());
  return parsed.error().code;
}

// A path whose folders agree with a name of patient 0001234, order date 20240401, type OML-11.
std::string laboratory_path(const std::string& name) {
  return "000/123/0001234/20240401/OML-11/" + name;
}

}  // namespace

TEST_CASE("the parts of a document's name are taken from its path") {
  const auto parsed = parse_document_path(
      "000/123/0001234/20240401/OML-11/0001234_20240401_OML-11_000000000000077_20240401103059123_01A_1");
  REQUIRE(parsed.has_value());
  CHECK(parsed->key == StorageKey{PatientId("0001234"), "20240401", DataType::OML_11, "000000000000077"});
  CHECK(parsed->occurred_at == "20240401103059123");
  CHECK(parsed->department == "01A");
  CHECK(parsed->flag == ConditionFlag::live);
}

TEST_CASE("a document without a date or a number in its data type is understood") {
  const auto undated =
      parse_document_path("000/123/0001234/-/PPR-01/0001234_-_PPR-01_999999999999999_20240401103059123_-_2");
  REQUIRE(undated.has_value());
  CHECK(undated->key.date == "-");
  CHECK(undated->department == "-");
  CHECK(undated->flag == ConditionFlag::superseded);

  const auto diet = parse_document_path(
      "000/123/0001234/20240401/OMD/0001234_20240401_OMD_000000000000001_20240401103059123_01_0");
  REQUIRE(diet.has_value());
  CHECK(diet->key.type == DataType::OMD);
  CHECK(diet->flag == ConditionFlag::deleted);
}

TEST_CASE("a missing or empty department and a file extension are tolerated") {
  const auto missing = parse_document_path(laboratory_path("0001234_20240401_OML-11_77_20240401103059_1"));
  REQUIRE(missing.has_value());
  CHECK(missing->department.empty());
  CHECK(missing->key.order_no == "77");
  CHECK(missing->occurred_at == "20240401103059");

  const auto empty = parse_document_path(laboratory_path("0001234_20240401_OML-11_77_20240401103059__1.txt"));
  REQUIRE(empty.has_value());
  CHECK(empty->department.empty());
  CHECK(empty->flag == ConditionFlag::live);
}

TEST_CASE("a patient number may hold underscores") {
  const auto parsed =
      parse_document_path("A_1/_2_/A_1_2_34/-/ADT-00/A_1_2_34_-_ADT-00_999999999999999_202404011030_-_1");
  REQUIRE(parsed.has_value());
  CHECK(parsed->key.patient.reveal() == "A_1_2_34");
}

TEST_CASE("times of 12 to 17 digits are compared padded to 17") {
  const auto parsed = parse_document_path(laboratory_path("0001234_20240401_OML-11_77_202404011030_01_1"));
  REQUIRE(parsed.has_value());
  CHECK(parsed->occurred_at == "202404011030");
  CHECK(parsed->occurred_at_padded() == "20240401103000000");
  CHECK(code_of(laboratory_path("0001234_20240401_OML-11_77_20240401103_01_1")) ==
        FailureCode::path_bad_name);
  CHECK(code_of(laboratory_path("0001234_20240401_OML-11_77_202404011030591234_01_1")) ==
        FailureCode::path_bad_name);
}

TEST_CASE("folder and file name must agree byte for byte") {
  const std::string name = "0001234_20240401_OML-11_77_20240401103059123_01_1";
  CHECK(parse_document_path("000/123/0001234/20240401/OML-11/" + name).has_value());
  CHECK(code_of("000/123/1234/20240401/OML-11/" + name) == FailureCode::path_folder_disagrees);
  CHECK(code_of("000/123/0001235/20240401/OML-11/" + name) == FailureCode::path_folder_disagrees);
  CHECK(code_of("000/123/0001234/20240402/OML-11/" + name) == FailureCode::path_folder_disagrees);
  CHECK(code_of("000/123/0001234/-/OML-11/" + name) == FailureCode::path_folder_disagrees);
  CHECK(code_of("000/123/0001234/20240401/OML-01/" + name) == FailureCode::path_folder_disagrees);
  CHECK(code_of("001/123/0001234/20240401/OML-11/" + name) == FailureCode::path_folder_disagrees);
  CHECK(code_of("000/124/0001234/20240401/OML-11/" + name) == FailureCode::path_folder_disagrees);
  CHECK(code_of("000/1234/0001234/20240401/OML-11/" + name) == FailureCode::path_folder_disagrees);
}

TEST_CASE("numbers of less than six characters take the second level as the storage has it") {
  const auto path = [](std::string levels, const std::string& id) {
    return levels + "/" + id + "/-/ADT-00/" + id + "_-_ADT-00_999999999999999_20240401103059123_-_1";
  };
  CHECK(parse_document_path(path("123/45", "12345")).has_value());
  CHECK(parse_document_path(path("123/4", "1234")).has_value());
  CHECK(parse_document_path(path("12/345", "12345")).has_value());
  CHECK(code_of(path("12/3456", "123456")) == FailureCode::path_folder_disagrees);
  CHECK(parse_document_path(path("123/123", "123")).has_value());
  CHECK(parse_document_path(path("12/12", "12")).has_value());
  CHECK(code_of(path("123/46", "12345")) == FailureCode::path_folder_disagrees);
  CHECK(code_of(path("124/45", "12345")) == FailureCode::path_folder_disagrees);
  CHECK(code_of(path("123/456", "12345")) == FailureCode::path_folder_disagrees);
}

TEST_CASE("paths of another depth or with special folders are no layout of a storage") {
  const std::string name = "0001234_20240401_OML-11_77_20240401103059123_01_1";
  CHECK(code_of("") == FailureCode::path_unknown_layout);
  CHECK(code_of(name) == FailureCode::path_unknown_layout);
  CHECK(code_of("123/0001234/20240401/OML-11/" + name) == FailureCode::path_unknown_layout);
  CHECK(code_of("000/123/0001234/20240401/OML-11/" + name + "/x") == FailureCode::path_unknown_layout);
  CHECK(code_of("/000/123/0001234/20240401/OML-11/" + name) == FailureCode::path_unknown_layout);
  CHECK(code_of("000//0001234/20240401/OML-11/" + name) == FailureCode::path_unknown_layout);
  CHECK(code_of("000/../0001234/20240401/OML-11/" + name) == FailureCode::path_unknown_layout);
  CHECK(code_of("./123/0001234/20240401/OML-11/" + name) == FailureCode::path_unknown_layout);
}

TEST_CASE("a well-formed data type outside the standard is told from a bad name") {
  const auto path = [](const std::string& type) {
    return "000/123/0001234/-/" + type + "/0001234_-_" + type + "_77_20240401103059123_01_1";
  };
  CHECK(code_of(path("XXX-99")) == FailureCode::path_unknown_data_type);
  CHECK(code_of(path("OML-12")) == FailureCode::path_unknown_data_type);
  CHECK(parse_document_path(path("XXX-99")).error().detail.view() == "XXX-99");
  CHECK(code_of(path("oml-11")) == FailureCode::path_bad_name);
  CHECK(code_of(path("OML-1")) == FailureCode::path_bad_name);
  CHECK(code_of(path("L-OBSERVATIONS^OBSERVATIONS^99ZL01")) == FailureCode::path_bad_name);
}

TEST_CASE("names that lack a part or have a malformed one are bad") {
  for (const char* name : {
           "0001234_20240401_OML-11_77_20240401103059123_01_3",   // flag
           "0001234_20240401_OML-11_77_20240401103059123_01_",    // flag
           "0001234_20240401_OML-11_77_20240401103059123_01_1.",  // extension
           "0001234_20240401_OML-11_77_20240401103059123_01_1~",  // a backup
           "0001234_20240401_OML-11_77_20240401103059123_toolong_1",
           "0001234_20240401_OML-11__20240401103059123_01_1",   // order number
           "0001234_2024041_OML-11_77_20240401103059123_01_1",  // date
           "_20240401_OML-11_77_20240401103059123_01_1",        // patient
           "20240401_OML-11_77_20240401103059123_01_1",
           "README.md",
           "Thumbs.db",
           "_",
       }) {
    CHECK(code_of(laboratory_path(name)) == FailureCode::path_bad_name);
  }
  CHECK(code_of(laboratory_path("0001234_20240401_OML-11_7\n7_20240401103059123_01_1")) ==
        FailureCode::path_bad_name);
}

TEST_CASE("a name with a character that is not ASCII is bad, in any part and any character set") {
  CHECK(code_of(laboratory_path("0001234_20240401_OML-11_77_20240401103059123_内_1")) ==
        FailureCode::path_bad_name);
  CHECK(code_of(laboratory_path("0001234_20240401_OML-11_7\x93\xE0_20240401103059123_01_1")) ==
        FailureCode::path_bad_name);
  const std::string wide_zero = "０";
  CHECK(code_of(wide_zero + "/123/" + wide_zero + "123/-/ADT-00/" + wide_zero +
                "123_-_ADT-00_999999999999999_20240401103059123_-_1") == FailureCode::path_bad_name);
}
