#include "ssmix2/hl7_field.h"

#include "ssmix2/hl7_message.h"
#include "ssmix2/text_decoder.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace ssmix2;
namespace fs = std::filesystem;

namespace {

Hl7Field field(std::string_view segment, std::size_t number) {
  const Hl7Field* const found = find_field(segment, number);
  REQUIRE(found != nullptr);
  return *found;
}

/// The type of component `number` of a type.
std::string_view type_of(std::string_view type, std::size_t number) {
  const auto components = components_of(type);
  REQUIRE(number >= 1);
  REQUIRE(number <= components.size());
  return components[number - 1].type;
}

/// Every name that a segment can have.
std::vector<std::string> segment_names() {
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const std::string others = letters + "0123456789";
  std::vector<std::string> names;
  for (const char first : letters)
    for (const char second : others)
      for (const char third : others) names.push_back({first, second, third});
  return names;
}

bool is_known(const Segment& segment) {
  return may_be_longer(segment.name()) || segment.fields() <= fields_of(segment.name()).size();
}

/// What a document's name says: the third of its parts.
std::optional<DataType> type_in(const std::string& name) {
  const std::size_t date = name.find('_');
  const std::size_t type = date == std::string::npos ? date : name.find('_', date + 1);
  if (type == std::string::npos) return std::nullopt;
  return data_type_named(std::string_view(name).substr(type + 1, name.find('_', type + 1) - type - 1));
}

/// Whether the table has every component of a value.
bool has_components_of(std::string_view type, const Value& value) {
  if (type == "varies") return true;
  return value.components() <= std::max<std::size_t>(1, components_of(type).size());
}

void check_segment(const Segment& segment, DataType type) {
  INFO(segment.name() << " in " << info(type).name);
  CHECK(may_hold(type, segment.name()));
  CHECK(is_known(segment));
  for (std::size_t number = 1; number <= segment.fields(); ++number) {
    const Hl7Field* const known = find_field(segment.name(), number);
    if (known == nullptr || (segment.name() == "MSH" && number <= 2)) continue;
    INFO("field " << number << ", " << known->name);
    CHECK((known->repeats || segment.field(number).repetitions() <= 1));
    CHECK(has_components_of(known->type, segment.field(number).repetition(1)));
  }
}

}  // namespace

TEST_CASE("a field is found by its number, with name, type and whether it repeats") {
  CHECK(field("PRB", 3).number == 3);
  CHECK(field("PRB", 3).name == "Problem ID");
  CHECK(field("PRB", 3).type == "CWE");
  CHECK_FALSE(field("PRB", 3).repeats);
  CHECK(field("PID", 5).type == "XPN");
  CHECK(field("PID", 5).repeats);
  CHECK(field("MSH", 9).type == "MSG");
  CHECK(field("IAM", 17).name == "Allergy Clinical Status Code");
  CHECK(field("ORC", 29).name == "Order Type");
  CHECK(field("RXE", 32).type == "TS");
  CHECK(field("OBX", 14).name == "Date/Time of the Observation");
  CHECK(field("TQ1", 3).type == "RPT");
}

TEST_CASE("fields that a segment does not have are not found") {
  CHECK(find_field("PRB", 0) == nullptr);
  CHECK(find_field("PRB", 29) == nullptr);
  CHECK(find_field("NTE", 99) == nullptr);
  CHECK(find_field("prb", 3) == nullptr);
  CHECK(find_field("PR", 3) == nullptr);
  CHECK(find_field("", 1) == nullptr);
  CHECK(find_field("ZZZ", 1) == nullptr);
  CHECK(fields_of("ZZZ").empty());
}

TEST_CASE("the segments have the fields of HL7 v2.5, and those that v2.5.1 and v2.6 append to them") {
  struct Count {
    std::string_view segment;
    std::size_t standard;
    std::size_t appended;
  };
  const Count counts[] = {{"MSH", 21, 4}, {"EVN", 7, 0},  {"PID", 39, 0}, {"PD1", 21, 1}, {"NK1", 39, 0},
                          {"PV1", 52, 0}, {"PV2", 49, 1}, {"DB1", 8, 0},  {"OBX", 19, 6}, {"AL1", 6, 0},
                          {"IAM", 20, 0}, {"IN1", 53, 0}, {"IN2", 72, 0}, {"IN3", 25, 0}, {"PRB", 25, 3},
                          {"PTH", 6, 1},  {"ORC", 30, 1}, {"OBR", 49, 1}, {"SPM", 29, 0}, {"TQ1", 14, 0},
                          {"TQ2", 10, 0}, {"RXE", 44, 0}, {"RXO", 28, 7}, {"RXR", 6, 0},  {"RXC", 9, 0},
                          {"RXA", 26, 2}, {"NTE", 4, 4},  {"MRG", 7, 0},  {"ROL", 12, 1}, {"SFT", 6, 0},
                          {"ODS", 4, 0},  {"ODT", 3, 0},  {"IPC", 9, 0},  {"SCH", 27, 0}, {"RGS", 3, 0},
                          {"AIS", 12, 0}, {"AIP", 12, 0}, {"AIL", 12, 0}, {"AIG", 14, 0}, {"SAC", 44, 0}};
  for (const auto& [segment, standard, appended] : counts) {
    INFO(segment);
    CHECK(fields_of(segment).size() == standard + appended);
  }
  CHECK(field("OBX", 23).name == "Performing Organization Name");
  CHECK(field("OBR", 50).name == "Parent Universal Service Identifier");
  CHECK(field("PRB", 26).name == "Problem Severity");
}

TEST_CASE("what storages repeat may repeat") {
  const std::pair<std::string_view, std::size_t> fields[] = {
      {"PID", 3},  {"PID", 5},  {"PID", 11}, {"PID", 13}, {"NK1", 2}, {"IN1", 10}, {"AL1", 5}, {"IAM", 5},
      {"OBX", 5},  {"OBX", 8},  {"ORC", 12}, {"OBR", 16}, {"TQ1", 3}, {"TQ1", 9},  {"RXE", 7}, {"RXE", 21},
      {"RXE", 27}, {"RXE", 31}, {"RXC", 7},  {"RXA", 9},  {"NTE", 3}, {"ZPR", 1},  {"ZPR", 3}, {"ZPR", 6}};
  for (const auto& [segment, number] : fields) {
    INFO(segment << "-" << number);
    CHECK(field(segment, number).repeats);
  }
  for (const auto& [segment, number] : std::vector<std::pair<std::string_view, std::size_t>>{{"PID", 7},
                                                                                             {"PID", 8},
                                                                                             {"PRB", 3},
                                                                                             {"PRB", 10},
                                                                                             {"IAM", 3},
                                                                                             {"OBX", 3},
                                                                                             {"ORC", 2},
                                                                                             {"RXE", 2},
                                                                                             {"ZPR", 2}}) {
    INFO(segment << "-" << number);
    CHECK_FALSE(field(segment, number).repeats);
  }
}

TEST_CASE("the segments that SS-MIX2 adds are known and may be longer than the table at a site") {
  CHECK(field("ZPR", 3).repeats);
  CHECK(field("ZPR", 5).type == "CWE");
  CHECK(fields_of("ZPR").size() == 7);
  CHECK(field("ZPD", 2).type == "CWE");
  CHECK(field("ZI1", 10).name == field("IN1", 10).name);
  CHECK(field("ZE1", 9).type == "ZRD");
  CHECK(field("ZE2", 2).type == "CQ");
  CHECK(may_be_longer("ZPR"));
  CHECK(may_be_longer("ZZ9"));
  CHECK_FALSE(may_be_longer("PRB"));
  CHECK_FALSE(may_be_longer("Z"));
}

TEST_CASE("a type has the components of the standard, and these have subcomponents by their own types") {
  const std::pair<std::string_view, std::size_t> counts[] = {
      {"CWE", 9}, {"CNE", 9},  {"CE", 6}, {"XPN", 14}, {"XAD", 14}, {"XTN", 12}, {"XCN", 23}, {"XON", 10},
      {"CX", 10}, {"HD", 3},   {"TS", 2}, {"CQ", 2},   {"TQ", 12},  {"EI", 4},   {"EIP", 2},  {"PL", 11},
      {"DR", 2},  {"RPT", 11}, {"FN", 5}, {"SN", 4},   {"PRL", 3},  {"MSG", 3},  {"LA2", 16}, {"ZRD", 6}};
  for (const auto& [type, count] : counts) {
    INFO(type);
    CHECK(components_of(type).size() == count);
  }
  CHECK(components_of("XTN")[11].name == "Unformatted Telephone number");
  CHECK(type_of("CQ", 2) == "CWE");   // RXE-19.2.3
  CHECK(type_of("RPT", 1) == "CWE");  // TQ1-3.1.1
  CHECK(type_of("XPN", 1) == "FN");
  for (const std::string_view primitive : {"ST", "NM", "DT", "TM", "TX", "FT", "SI", "ID", "DTM", ""})
    CHECK(components_of(primitive).empty());
}

TEST_CASE("the value of an observation may have any components") {
  CHECK(field("OBX", 5).type == "varies");
  CHECK(components_of("varies").empty());
}

TEST_CASE("the code of an observation may have a suffix") {
  CHECK(components_of(field("OBX", 3).type).size() == components_of("CWE").size());
  CHECK(components_of(type_of(field("OBX", 3).type, 1)).size() == 2);
}

TEST_CASE("a code of a user's table may have text and system behind it") {
  CHECK(field("PV1", 10).type == "IS");
  CHECK(components_of("IS").size() == 9);
}

TEST_CASE("every type that a field or a component names is primitive or has components") {
  const std::set<std::string_view> primitive = {"ST", "NM",  "DT",  "TM", "TX",    "FT",
                                                "SI", "DTM", "GTS", "ID", "varies"};
  std::size_t fields = 0;
  const auto check = [&](std::string_view type) {
    INFO(type);
    CHECK(components_of(type).empty() == (primitive.count(type) == 1));
    CHECK(type != "CE");  // the tables say CWE
  };
  for (const std::string& segment : segment_names()) {
    for (const Hl7Field& one : fields_of(segment)) {
      ++fields;
      check(one.type);
      CHECK_FALSE(one.name.empty());
      for (const Hl7Component& component : components_of(one.type)) {
        check(component.type);
        for (const Hl7Component& subcomponent : components_of(component.type)) check(subcomponent.type);
      }
    }
  }
  CHECK(fields > 1000);
}

TEST_CASE("a kind of document holds the segments of its messages and any Z segment") {
  for (const auto& kind : data_types()) {
    INFO(kind.name);
    for (const std::string_view segment : {"MSH", "PID", "PV1", "NTE", "ZPR", "ZZZ"})
      CHECK(may_hold(kind.type, segment));
    for (const std::string_view segment : {"", "Z", "ZZZZ", "XYZ", "msh", "SCH", "AIS"})
      CHECK_FALSE(may_hold(kind.type, segment));
    CHECK(may_hold(kind.type, "PRB") == (kind.type == DataType::PPR_01));
    CHECK(may_hold(kind.type, "IAM") == (kind.type == DataType::ADT_61));
    CHECK(may_hold(kind.type, "ODS") == (kind.type == DataType::OMD));
    CHECK(may_hold(kind.type, "EVN") == (kind.message_code == "ADT"));
    CHECK(may_hold(kind.type, "RXE") == (kind.name.starts_with("OMP")));
    CHECK(may_hold(kind.type, "RXA") == (kind.message_code == "RAS"));
    CHECK(may_hold(kind.type, "SPM") == (kind.name.starts_with("OML") || kind.name.starts_with("OMG")));
  }
  CHECK(may_hold(DataType::ADT_00, "IN1"));
  CHECK(may_hold(DataType::ADT_00, "AL1"));
  CHECK(may_hold(DataType::OMP_02, "RXC"));
  CHECK(may_hold(DataType::OML_11, "ORC"));
  CHECK(may_hold(DataType::OMG_11, "IPC"));
}

TEST_CASE("every segment that a kind of document holds has its fields in the table") {
  for (const std::string& segment : segment_names()) {
    if (segment.front() == 'Z') continue;
    for (const auto& kind : data_types()) {
      if (may_hold(kind.type, segment)) {
        INFO(segment);
        CHECK_FALSE(fields_of(segment).empty());
      }
    }
  }
}

TEST_CASE("third-party samples hold only segments, fields, repetitions and components of the tables") {
  const char* folder = std::getenv("KAKEHASHI_SAMPLES");
  if (folder == nullptr) {
    WARN("skipped: KAKEHASHI_SAMPLES is not set");
    return;
  }
  std::size_t segments = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const auto type = type_in(entry.path().filename().string());
    if (!entry.is_regular_file() || !type) continue;
    INFO(entry.path());
    std::ifstream stream(entry.path(), std::ios::binary);
    auto text = decode_text(std::string(std::istreambuf_iterator<char>(stream), {}));
    REQUIRE(text.has_value());
    const auto message = Message::parse(std::move(text->utf8));
    if (!message) continue;  // the decoy
    for (std::size_t i = 0; i < message->size(); ++i, ++segments) check_segment(message->segment(i), *type);
  }
  CHECK(segments > 1000);
}
