#include "ssmix2/segment_group.h"

#include <string>
#include <utility>

#include <catch2/catch.hpp>

using namespace ssmix2;

namespace {

Message parsed(std::string body) {
  auto message = Message::parse("MSH|^~\\&|HIS\r" + std::move(body));
  REQUIRE(message.has_value());
  return std::move(*message);
}

/// First field of what a row finds; "-" when nothing.
std::string found(const Row& row, std::string_view name) {
  const auto segment = row.find(name);
  return segment ? segment->field(1).text() : "-";
}

std::string all_found(const Row& row, std::string_view name) {
  std::string text;
  for (const Segment& segment : row.all(name)) text += segment.field(1).text();
  return text;
}

}  // namespace

TEST_CASE("a problem has the segments up to the next problem") {
  const Message message =
      parsed("PID|p\rPRB|1\rZPR|z1\rZPD|a\rZPD|b\rNTE|n1\rZI1|i1\rORC|o1\rPRB|2\rORC|o2\rPRB|3");
  const auto rows = rows_of(message, DataType::PPR_01, "PRB");
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].segment().field(1).text() == "1");
  CHECK(found(rows[0], "ZPR") == "z1");
  CHECK(all_found(rows[0], "ZPD") == "ab");
  CHECK(found(rows[0], "NTE") == "n1");
  CHECK(found(rows[0], "ORC") == "o1");
  CHECK(found(rows[1], "ORC") == "o2");
  CHECK(found(rows[1], "ZPR") == "-");
  CHECK(found(rows[2], "ORC") == "-");
  CHECK(found(rows[2], "PID") == "p");
  CHECK(found(rows[2], "PRB") == "3");
}

TEST_CASE("a result finds its order and specimen, ORC before or after OBR") {
  for (const char* order : {"OBR|b1\rORC|c1\r", "ORC|c1\rOBR|b1\r"}) {
    const std::string first(order);
    std::string second = first;
    second[second.find("b1") + 1] = '2';
    second[second.find("c1") + 1] = '2';
    const Message message =
        parsed("PID|p\rSPM|s1\r" + first + "OBX|1\rOBX|2\r" + second + "OBX|3\rSPM|s2\r" + first + "OBX|4");
    const auto rows = rows_of(message, DataType::OML_11, "OBX");
    REQUIRE(rows.size() == 4);
    CHECK(found(rows[0], "ORC") + found(rows[0], "OBR") + found(rows[0], "SPM") == "c1b1s1");
    CHECK(found(rows[1], "ORC") + found(rows[1], "OBR") + found(rows[1], "SPM") == "c1b1s1");
    CHECK(found(rows[2], "ORC") + found(rows[2], "OBR") + found(rows[2], "SPM") == "c2b2s1");
    CHECK(found(rows[3], "ORC") + found(rows[3], "OBR") + found(rows[3], "SPM") == "c1b1s2");
    CHECK(found(rows[3], "PID") == "p");
    CHECK(all_found(rows[1], "OBX") == "2");
    CHECK(all_found(rows[1], "OBR") == "b1");
  }
}

TEST_CASE("orders without ORC or without results do not run into each other") {
  const Message message = parsed("SPM|s\rOBR|1\rOBR|2\rTQ1|t2\rOBX|a\rOBR|3\rOBX|b");
  const auto rows = rows_of(message, DataType::OML_11, "OBX");
  REQUIRE(rows.size() == 2);
  CHECK(found(rows[0], "OBR") == "2");
  CHECK(found(rows[0], "TQ1") == "t2");
  CHECK(found(rows[1], "OBR") == "3");
  CHECK(found(rows[1], "TQ1") == "-");
}

TEST_CASE("a result directly below a specimen belongs to no order") {
  const Message message = parsed("SPM|s1\rOBR|1\rOBX|a\rSPM|s2\rOBX|b\rOBR|2\rOBX|c");
  const auto rows = rows_of(message, DataType::OML_11, "OBX");
  REQUIRE(rows.size() == 3);
  CHECK(found(rows[1], "SPM") == "s2");
  CHECK(found(rows[1], "OBR") == "-");
  CHECK(found(rows[2], "OBR") == "2");
}

TEST_CASE("what follows the results of an order is the order's, and not the last result's") {
  const Message message = parsed(
      "PID|p\rPV1|v\rORC|o1\rTQ1|t1\rOBR|b1\rOBX|a\rNTE|na\rZE1|z\rOBX|b\rIPC|i1\rORC|o2\rOBR|b2\rOBX|c\rIPC|"
      "i2");
  const auto rows = rows_of(message, DataType::OMG_11, "OBX");
  REQUIRE(rows.size() == 3);
  CHECK(found(rows[0], "IPC") + found(rows[0], "ZE1") + found(rows[0], "NTE") == "i1zna");
  CHECK(found(rows[1], "IPC") + found(rows[1], "OBR") + found(rows[1], "NTE") + found(rows[1], "ZE1") ==
        "i1b1--");
  CHECK(found(rows[2], "IPC") + found(rows[2], "OBR") + found(rows[2], "ZE1") == "i2b2-");
}

TEST_CASE("an ORC behind the results of an OBR begins the next order") {
  const Message message = parsed("SPM|s\rOBR|b1\rOBX|a\rNTE|n\rORC|o2\rOBR|b2\rOBX|b\rORC|o3\rOBX|c");
  const auto rows = rows_of(message, DataType::OML_11, "OBX");
  REQUIRE(rows.size() == 3);
  CHECK(found(rows[0], "ORC") + found(rows[0], "OBR") == "-b1");
  CHECK(found(rows[1], "ORC") + found(rows[1], "OBR") == "o2b2");
  CHECK(found(rows[2], "ORC") + found(rows[2], "OBR") == "o3-");
}

TEST_CASE("notes and timing between ORC and OBR do not part them") {
  for (const char* between : {"NTE|n\r", "TQ1|t\r", "NTE|n\rTQ1|t\rNTE|m\r"}) {
    for (const auto& [first, second] : {std::pair{"ORC|o\r", "OBR|b\r"}, std::pair{"OBR|b\r", "ORC|o\r"}}) {
      const Message message =
          parsed("NTE|m\rPID|p\rNTE|np\rSPM|s\r" + (std::string(first) + between) + second + "OBX|a\r");
      const auto rows = rows_of(message, DataType::OML_11, "OBX");
      REQUIRE(rows.size() == 1);
      CHECK(found(rows[0], "ORC") + found(rows[0], "OBR") + found(rows[0], "SPM") == "obs");
      CHECK(found(rows[0], "NTE") == "-");
    }
  }
}

TEST_CASE("an order of tests without results and timing is one row each") {
  const Message message =
      parsed("PID|p\rAL1|x\rSPM|s1\rORC|o1\rOBR|1\rORC|o2\rTQ1|t2\rOBR|2\rSPM|s2\rOBX|v\rORC|o3\rOBR|3");
  const auto rows = rows_of(message, DataType::OML_01, "OBR");
  REQUIRE(rows.size() == 3);
  CHECK(found(rows[0], "ORC") + found(rows[0], "TQ1") + found(rows[0], "SPM") == "o1-s1");
  CHECK(found(rows[1], "ORC") + found(rows[1], "TQ1") + found(rows[1], "SPM") == "o2t2s1");
  CHECK(found(rows[2], "ORC") + found(rows[2], "TQ1") + found(rows[2], "SPM") == "o3-s2");
}

TEST_CASE("a diet finds its order") {
  const Message message = parsed("PID|p\rPV1|v\rORC|o1\rTQ1|t1\rODS|1\rODS|2\rORC|o2\rODS|3");
  const auto rows = rows_of(message, DataType::OMD, "ODS");
  REQUIRE(rows.size() == 3);
  CHECK(found(rows[1], "ORC") + found(rows[1], "TQ1") == "o1t1");
  CHECK(found(rows[2], "ORC") + found(rows[2], "TQ1") == "o2-");
}

TEST_CASE("a message without specimens still groups by order") {
  const Message message = parsed("PID|p\rORC|c1\rOBR|b1\rOBX|a\rORC|c2\rOBR|b2\rOBX|b");
  const auto rows = rows_of(message, DataType::OML_11, "OBX");
  REQUIRE(rows.size() == 2);
  CHECK(found(rows[0], "OBR") == "b1");
  CHECK(found(rows[1], "OBR") == "b2");
  CHECK(found(rows[1], "SPM") == "-");
}

TEST_CASE("a note belongs to what it follows: of an order or a specimen it speaks of all results") {
  const Message message = parsed(
      "NTE|m\rPID|p\rNTE|np\rSPM|s\rNTE|ns\rOBR|1\rNTE|n1\rOBX|a\rNTE|na\rNTE|nA\rOBX|b\rOBX|c\rNTE|nc");
  const auto results = rows_of(message, DataType::OML_11, "OBX");
  REQUIRE(results.size() == 3);
  CHECK(all_found(results[0], "NTE") == "nanAn1ns");
  CHECK(found(results[0], "NTE") == "na");
  CHECK(found(results[1], "NTE") == "-");
  CHECK(all_found(results[1], "NTE") == "n1ns");
  CHECK(found(results[2], "NTE") == "nc");
  CHECK(found(rows_of(message, DataType::OML_11, "OBR").at(0), "NTE") == "n1");
  CHECK(all_found(rows_of(message, DataType::OML_11, "PID").at(0), "NTE") == "np");
}

TEST_CASE("a drug finds its own dose, route and mixture and the order it stands in") {
  const Message message = parsed(
      "PID|p\rAL1|x\rORC|o1\rRXE|1\rTQ1|t1\rRXR|r1\rRXC|a\rRXC|b\r"
      "ORC|o2\rRXE|2\rTQ1|t2\rRXE|3\rRXR|r3\rNTE|n3");
  const auto rows = rows_of(message, DataType::OMP_01, "RXE");
  REQUIRE(rows.size() == 3);
  CHECK(found(rows[0], "ORC") + found(rows[0], "TQ1") + found(rows[0], "RXR") == "o1t1r1");
  CHECK(all_found(rows[0], "RXC") == "ab");
  CHECK(found(rows[1], "ORC") + found(rows[1], "TQ1") + found(rows[1], "RXR") == "o2t2-");
  CHECK(found(rows[2], "ORC") + found(rows[2], "TQ1") + found(rows[2], "RXR") == "o2-r3");
  CHECK(found(rows[2], "NTE") == "n3");
  CHECK(found(rows[2], "AL1") == "x");
}

TEST_CASE("timing that stands before the drug is the order's") {
  const Message message = parsed("ORC|o1\rTQ1|t1\rRXE|1\rORC|o2\rTQ1|t2\rRXE|2");
  const auto rows = rows_of(message, DataType::OMP_01, "RXE");
  REQUIRE(rows.size() == 2);
  CHECK(found(rows[0], "TQ1") == "t1");
  CHECK(found(rows[1], "TQ1") == "t2");
}

TEST_CASE("an administration finds the drug ordered") {
  const Message message = parsed("ORC|o\rRXE|e1\rTQ1|t\rRXR|r\rRXA|1\rORC|O\rRXA|2\rRXR|q");
  const auto rows = rows_of(message, DataType::OMP_11, "RXA");
  REQUIRE(rows.size() == 2);
  CHECK(found(rows[0], "ORC") + found(rows[0], "RXE") + found(rows[0], "RXR") == "oe1r");
  CHECK(found(rows[1], "ORC") + found(rows[1], "RXE") + found(rows[1], "RXR") == "O-q");
}

TEST_CASE("drugs given as one mixture share the route that stands behind the last of them") {
  const Message message = parsed(
      "ORC|o\rRXE|e1\rRXR|r\rRXC|c\rRXA|1\rNTE|n1\rRXA|2\rRXR|q\rOBX|x\rRXA|3\rNTE|n3\rRXR|s\rORC|O\rRXA|4");
  const auto rows = rows_of(message, DataType::OMP_12, "RXA");
  REQUIRE(rows.size() == 4);
  CHECK(found(rows[0], "RXR") + found(rows[1], "RXR") + found(rows[2], "RXR") == "qqs");
  CHECK(found(rows[0], "OBX") + found(rows[1], "OBX") + found(rows[2], "OBX") == "xx-");
  CHECK(found(rows[0], "NTE") + found(rows[1], "NTE") + found(rows[2], "NTE") == "n1-n3");
  CHECK(all_found(rows[1], "RXA") == "2");
  CHECK(found(rows[2], "RXE") + found(rows[2], "RXC") == "e1c");
  CHECK(found(rows[3], "RXE") + found(rows[3], "RXR") + found(rows[3], "ORC") == "--O");
}

TEST_CASE("a remark on a result belongs to the result before it and is no row") {
  const Message message = parsed(
      "SPM|s\rOBX|1||A^a^JC10^L1^l^99L\rOBX|2||A&TCM^a^JC10\rNTE|n\rOBX|3||L1&IMP^l^99L\rOBX|4||B\r"
      "OBX|5||C&TCM");
  const auto rows = rows_of(message, DataType::OML_11, "OBX");
  REQUIRE(rows.size() == 3);
  CHECK(found(rows[0], "OBX") == "1");
  CHECK(all_found(rows[0], "OBX") == "123");
  CHECK(found(rows[0], "NTE") == "n");
  CHECK(all_found(rows[1], "OBX") == "4");
  CHECK(found(rows[2], "OBX") == "5");  // on an item that is nowhere
}

TEST_CASE(
    "a remark that does not stand behind its result belongs to the one result of its item in its order") {
  const Message message = parsed(
      "SPM|s\rOBR|1\rOBX|1||C&TCM\rNTE|n1\rOBX|2||3A010000002327101^a^JC10^A^a^99L\rOBX|3||B\rNTE|n3\r"
      "OBX|4||3A010000002327101&TCM\rNTE|n4\rOBX|5||C\rOBX|6||3A010&TCM\rOBX|7||A&IMP");
  const auto rows = rows_of(message, DataType::OML_11, "OBX");
  REQUIRE(rows.size() == 3);
  CHECK(all_found(rows[0], "OBX") == "2467");
  CHECK(all_found(rows[0], "NTE") == "n4");
  CHECK(all_found(rows[1], "OBX") == "3");
  CHECK(all_found(rows[1], "NTE") == "n3");
  CHECK(all_found(rows[2], "OBX") == "51");
  CHECK(all_found(rows[2], "NTE") == "n1");
}

TEST_CASE("a remark with two items belongs to the result that has one of them") {
  const Message message = parsed(
      "OBR|1\rOBX|1||L1^a^99L\rOBX|2||A&TCM^a^JC10^L1&TCM^a^99L\rOBX|3||L2^b^99L\rOBX|4||L3^c^99L\r"
      "OBX|5||B&TCM^b^JC10^L2&TCM^b^99L");
  const auto rows = rows_of(message, DataType::OML_11, "OBX");
  REQUIRE(rows.size() == 3);
  CHECK(all_found(rows[0], "OBX") == "12");
  CHECK(all_found(rows[1], "OBX") == "35");
}

TEST_CASE("a remark by the analyte of its result's JLAC10 code belongs to the result before it") {
  const Message message = parsed(
      "OBR|1\rOBX|1||2A990000001930952^w^JC10\rOBX|2||2A990&TCM\rOBX|3||L1^r^99L^2A990000001930951^r^JC10\r"
      "OBX|4||2A990&TCM");
  const auto rows = rows_of(message, DataType::OML_11, "OBX");
  REQUIRE(rows.size() == 2);
  CHECK(all_found(rows[0], "OBX") == "12");
  CHECK(all_found(rows[1], "OBX") == "34");
}

TEST_CASE("a remark on one of several results, or on one of another order, is a row by itself") {
  const Message message = parsed(
      "SPM|s\rOBR|1\rOBX|1||A^a^JC10\rOBX|2||A^a^JC10\rOBX|3||2A990000001930952\rOBX|4||2A990000001930951\r"
      "OBX|5||B\rOBX|6||A&TCM\rOBX|7||2A990&TCM\rOBR|2\rOBX|8||D\rOBX|9||B&TCM\rNTE|n");
  const auto rows = rows_of(message, DataType::OML_11, "OBX");
  REQUIRE(rows.size() == 9);
  CHECK(all_found(rows[5], "OBX") == "6");
  CHECK(all_found(rows[6], "OBX") == "7");
  CHECK(all_found(rows[8], "OBX") == "9");
  CHECK(all_found(rows[8], "NTE") == "n");
}

TEST_CASE("elsewhere a row stands alone with its notes and Z-segments") {
  const Message message = parsed("EVN|e\rPID|p\rPV1|v\rIAM|1\rNTE|n\rIAM|2\rZXX|z\rNTE|other\rIAM|3");
  const auto rows = rows_of(message, DataType::ADT_61, "IAM");
  REQUIRE(rows.size() == 3);
  CHECK(found(rows[0], "NTE") + found(rows[1], "NTE") + found(rows[2], "NTE") == "nother-");
  CHECK(all_found(rows[1], "IAM") == "2");
  CHECK(found(rows[0], "ZXX") + found(rows[1], "ZXX") + found(rows[2], "ZXX") == "-z-");
  CHECK(found(rows[2], "PV1") == "v");
  CHECK(rows[2].segment().index() == 9);
}

TEST_CASE("the patient's row finds everything of the message") {
  const Message message = parsed("PID|p\rPV1|v\rOBX|1\rOBX|2\rAL1|a\rIN1|x\rIN1|y");
  const auto rows = rows_of(message, DataType::ADT_00, "PID");
  REQUIRE(rows.size() == 1);
  CHECK(all_found(rows[0], "OBX") == "12");
  CHECK(all_found(rows[0], "IN1") == "xy");
  CHECK(found(rows[0], "AL1") == "a");
}

TEST_CASE("what speaks of the patient belongs to the message wherever it stands") {
  const Message message = parsed("PRB|1\rPV1|v\rNTE|n\rORC|o\rPRB|2");
  const auto rows = rows_of(message, DataType::PPR_01, "PRB");
  REQUIRE(rows.size() == 2);
  CHECK(found(rows[1], "PV1") == "v");
  CHECK(found(rows[0], "NTE") == "-");
}

TEST_CASE("a message without the row segment has no rows") {
  const Message message = parsed("PID|p");
  CHECK(rows_of(message, DataType::PPR_01, "PRB").empty());
  CHECK(rows_of(message, DataType::OML_11, "").empty());
}
