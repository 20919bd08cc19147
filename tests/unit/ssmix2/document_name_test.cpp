#include "ssmix2/document_name.h"

#include <array>
#include <random>
#include <string>

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

/// What a name of the folder 000/123/0001234/20240401/OML-11 holds; nothing: it is refused.
struct NameRow {
  const char* after_type;  // what follows 0001234_20240401_OML-11_
  const char* order_no = nullptr;
  const char* occurred_at = nullptr;
  const char* department = nullptr;
  int flag = 0;
};

constexpr std::array kNames = {
    // order number, 発生日時, 診療科, flag
    NameRow{"000000000000077_20240401103059123_01_1", "000000000000077", "20240401103059123", "01", 1},
    NameRow{"000000000000077_20240401103059123_01A_2", "000000000000077", "20240401103059123", "01A", 2},
    NameRow{"000000000000077_20240401103059123_-_0", "000000000000077", "20240401103059123", "-", 0},
    NameRow{"999999999999999_20240401103059123_abCD5_1", "999999999999999", "20240401103059123", "abCD5", 1},
    // order numbers of other lengths and with other characters
    NameRow{"1_20240401103059123_01_1", "1", "20240401103059123", "01", 1},
    NameRow{"20231205101112.94.14239.1002_20240401103059123_01_1", "20231205101112.94.14239.1002",
            "20240401103059123", "01", 1},
    NameRow{"A-1 ^&_20240401103059123_01_1", "A-1 ^&", "20240401103059123", "01", 1},
    // an order number that looks like a time
    NameRow{"20240401103059000_20240401103059123_1", "20240401103059000", "20240401103059123", "", 1},
    // times with fewer digits
    NameRow{"77_202404011030591_01_1", "77", "202404011030591", "01", 1},
    NameRow{"77_20240401103059_01_1", "77", "20240401103059", "01", 1},
    NameRow{"77_202404011030_01_1", "77", "202404011030", "01", 1},
    NameRow{"77_20240401103_01_1"},
    NameRow{"77_202404011030591234_01_1"},
    NameRow{"77_2024040110305912x_01_1"},
    // no department, an extension
    NameRow{"77_20240401103059123_1", "77", "20240401103059123", "", 1},
    NameRow{"77_20240401103059123__1", "77", "20240401103059123", "", 1},
    NameRow{"77_20240401103059123_01_1.txt", "77", "20240401103059123", "01", 1},
    NameRow{"77_20240401103059123_1.hl7", "77", "20240401103059123", "", 1},
    NameRow{"77_20240401103059123_01_1."},
    NameRow{"77_20240401103059123_01_1.t~"},
    NameRow{"77_20240401103059123_01_1.tar.gz"},
    // what is not there, too long or wrong
    NameRow{"77_20240401103059123_01_3"},
    NameRow{"77_20240401103059123_01_"},
    NameRow{"77_20240401103059123_01"},
    NameRow{"77_20240401103059123_01_11"},
    NameRow{"77_20240401103059123_ABCDE6_1"},
    NameRow{"77_20240401103059123_0-1_1"},
    NameRow{"_20240401103059123_01_1"},
    NameRow{"20240401103059123_01_1"},
    NameRow{"7_7_20240401103059123_01_1"},
    NameRow{""},
};

DocumentFolder folder(std::string_view path) {
  auto parsed = DocumentFolder::parse(path);
  REQUIRE(parsed.has_value());
  return *parsed;
}

/// Names as the grammar has them, and any text near them.
class RandomNames {
 public:
  std::size_t number(std::size_t below) { return static_cast<std::size_t>(engine_()) % below; }
  std::string of(std::string_view alphabet, std::size_t least, std::size_t most) {
    std::string text(least + number(most - least + 1), ' ');
    for (char& c : text) c = alphabet[number(alphabet.size())];
    return text;
  }

 private:
  std::mt19937 engine_{20240401};
};

}  // namespace

TEST_CASE("a document's name is order number, time, department and flag behind what its folders say") {
  const DocumentFolder laboratory = folder("000/123/0001234/20240401/OML-11");
  for (const NameRow& row : kNames) {
    INFO(row.after_type);
    const auto name = laboratory.name("0001234_20240401_OML-11_" + std::string(row.after_type));
    REQUIRE(name.has_value() == (row.order_no != nullptr));
    if (!name) continue;
    CHECK(name->key == StorageKey{PatientId("0001234"), "20240401", DataType::OML_11, row.order_no});
    CHECK(name->occurred_at == row.occurred_at);
    CHECK(name->department == row.department);
    CHECK(static_cast<int>(name->flag) == row.flag);
  }
}

TEST_CASE("every name that the grammar makes is taken apart into what it was made of") {
  constexpr std::string_view kDigits = "0123456789";
  constexpr std::string_view kLetters = "0123456789ABCXYZabcxyz";
  RandomNames random;
  for (int round = 0; round < 3000; ++round) {
    const std::string patient = random.of("0123456789AZaz-_.", 3, 15) + "7";
    const std::string date = random.number(3) == 0 ? "-" : random.of(kDigits, 8, 8);
    const DataTypeInfo& type = data_types()[random.number(data_types().size())];
    const std::string order_no = random.of("0123456789Az.-^", 1, 22);
    const std::string time = random.of(kDigits, 12, 17);
    const bool has_department = random.number(4) != 0;
    const std::string department = random.number(4) == 0 ? "-" : random.of(kLetters, 1, 5);
    const std::size_t flag = random.number(3);
    const std::string extension = random.number(3) == 0 ? "." + random.of(kLetters, 1, 4) : "";

    const std::string folder_path = patient.substr(0, 3) + "/" + patient.substr(3, 3) + "/" + patient + "/" +
                                    date + "/" + std::string(type.name);
    const std::string file = patient + "_" + date + "_" + std::string(type.name) + "_" + order_no + "_" +
                             time + (has_department ? "_" + department : "") + "_" + std::to_string(flag) +
                             extension;
    INFO(folder_path << "/" << file);
    const auto name = parse_document_path(folder_path + "/" + file);
    REQUIRE(name.has_value());
    REQUIRE(name->key == StorageKey{PatientId(patient), date, type.type, order_no});
    REQUIRE(name->occurred_at == time);
    REQUIRE(name->department == (has_department ? department : ""));
    REQUIRE(static_cast<std::size_t>(name->flag) == flag);
    REQUIRE(*folder(folder_path).name(file) == *name);
    // Nothing else goes by this name: a folder of another patient, date or type refuses it.
    REQUIRE(folder("999/999/999999999999999999/-/ADT-00").name(file).has_error());
  }
}

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

TEST_CASE("numbers of less than six characters take the first two levels as the storage has them") {
  const auto path = [](std::string levels, const std::string& id) {
    return levels + "/" + id + "/-/ADT-00/" + id + "_-_ADT-00_999999999999999_20240401103059123_-_1";
  };
  // Cut like any other, padded on the left, padded on the right: the standard does not say.
  for (const char* levels : {"123/45", "012/345", "123/450", "123/-", "12/345"}) {
    INFO(levels);
    CHECK(parse_document_path(path(levels, "12345")).has_value());
  }
  CHECK(parse_document_path(path("7/7", "7")).has_value());
  CHECK(parse_document_path(path("123/456", "123456")).has_value());
  CHECK(code_of(path("12/3456", "123456")) == FailureCode::path_folder_disagrees);
  CHECK(code_of(path("012/345", "123456")) == FailureCode::path_folder_disagrees);
  // The patient's own folder decides all the same.
  CHECK(code_of("123/45/12345/-/ADT-00/12346_-_ADT-00_999999999999999_20240401103059123_-_1") ==
        FailureCode::path_folder_disagrees);
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

TEST_CASE("a date folder that is no date is no layout of a storage") {
  for (const char* date : {"2024040", "202404011", "2024-04-01", "--", "x"}) {
    const std::string text(date);
    CHECK(code_of("000/123/0001234/" + text + "/OML-11/0001234_" + text +
                  "_OML-11_77_20240401103059123_01_1") == FailureCode::path_unknown_layout);
  }
}

TEST_CASE("files that are no documents have bad names") {
  for (const char* name :
       {"README.md", "Thumbs.db", "_", "", ".", "..", "20240401_OML-11_77_20240401103059123_01_1",
        "_20240401_OML-11_77_20240401103059123_01_1", "0001234_2024041_OML-11_77_20240401103059123_01_1",
        "0001234_20240401_OML-11_7\n7_20240401103059123_01_1"}) {
    CHECK(code_of(laboratory_path(name)) == FailureCode::path_bad_name);
  }
}

TEST_CASE("a file name has no folder in it") {
  const DocumentFolder laboratory = folder("000/123/0001234/20240401/OML-11");
  for (const char* name : {"0001234_20240401_OML-11_7/7_20240401103059123_01_1", "/", "x/.."}) {
    INFO(name);
    CHECK(laboratory.name(name).error().code == FailureCode::path_unknown_layout);
  }
  CHECK(laboratory.patient() == PatientId("0001234"));
  CHECK(laboratory.date() == "20240401");
  CHECK(laboratory.type() == DataType::OML_11);
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
