#include "ssmix2/transaction_record.h"

#include <string>

#include <catch2/catch.hpp>

using namespace ssmix2;
using namespace std::string_literals;

namespace {

const std::string kPatientHeader =
    "#SSMIX,2.00,9999999999,0000000123,-,ADT-00,999999999999999,DEL,-,20240401235959567\r\n";
const std::string kPatientBody = "MSH|^~\\&|HIS\rPID|1||0000000123\r\x1C";
const std::string kResultHeader =
    "#SSMIX,2.00,9999999999,0000000123,20240401,OML-11,000000000000077,INS,01,20240401235959568\r\n";
const std::string kResultBody = "MSH|^~\\&|HIS\rOBX|1|ST|x||#SSMIX,2.00\rNTE|1||text\r";

TransactionRecord record_of_patient(std::uint64_t offset = 0) {
  return {offset, "000/000/0000000123/-/ADT-00", "999999999999999", TransactionKind::remove,
          "20240401235959567"};
}
TransactionRecord record_of_result(std::uint64_t offset = 0) {
  return {offset, "000/000/0000000123/20240401/OML-11", "000000000000077", TransactionKind::insert,
          "20240401235959568"};
}

/// The one record of a file that holds this header alone; nothing when it was malformed.
std::optional<TransactionRecord> read(const std::string& header) {
  TransactionReader reader;
  REQUIRE(reader.feed(header).empty());
  const auto records = reader.finish();
  REQUIRE(records.size() + reader.malformed_headers() == 1);
  if (records.empty()) return std::nullopt;
  return records.front();
}

std::string header_for(const std::string& patient, const std::string& date = "20240401",
                       const std::string& type = "OML-11") {
  return "#SSMIX,2.00,9999999999," + patient + "," + date + "," + type + ",77,INS,01,20240401235959568\n";
}

}  // namespace

TEST_CASE("a record names the folder to look at, the order, what was done and when") {
  CHECK(read(kPatientHeader + kPatientBody) == record_of_patient());
  CHECK(read(kResultHeader + kResultBody) == record_of_result());
}

TEST_CASE("a record is complete when another header follows, the last when the file is finished") {
  TransactionReader reader;
  CHECK(reader.feed(kPatientHeader + kPatientBody).empty());
  CHECK(reader.consumed() == 0);
  const std::uint64_t second = kPatientHeader.size() + kPatientBody.size();
  CHECK(reader.feed(kResultHeader) == std::vector{record_of_patient()});
  CHECK(reader.consumed() == second);
  CHECK(reader.feed(kResultBody).empty());
  CHECK(reader.consumed() == second);
  CHECK(reader.finish() == std::vector{record_of_result(second)});
  CHECK(reader.consumed() == second + kResultHeader.size() + kResultBody.size());
  CHECK(reader.malformed_headers() == 0);
}

TEST_CASE("records are the same however the file is cut into chunks, and wherever reading resumes") {
  const std::string file = kPatientHeader + kPatientBody + "#SSMIX,broken\r" + kPatientBody + kResultHeader +
                           kResultBody + kPatientHeader;
  TransactionReader whole;
  auto expected = whole.feed(file);
  for (TransactionRecord& record : whole.finish()) expected.push_back(std::move(record));
  REQUIRE(expected.size() == 3);
  for (std::size_t cut = 0; cut <= file.size(); ++cut) {
    INFO("cut at byte " << cut);
    TransactionReader first;
    auto records = first.feed(file.substr(0, cut));
    TransactionReader resumed(first.consumed());
    REQUIRE(first.consumed() <= cut);
    auto same_reader = records;
    for (auto& record : first.feed(file.substr(cut))) same_reader.push_back(std::move(record));
    for (auto& record : first.finish()) same_reader.push_back(std::move(record));
    CHECK(same_reader == expected);
    CHECK(first.malformed_headers() == 1);
    for (auto& record : resumed.feed(file.substr(resumed.consumed()))) records.push_back(std::move(record));
    for (auto& record : resumed.finish()) records.push_back(std::move(record));
    CHECK(records == expected);
  }
}

TEST_CASE("a header stands at the beginning of a line, after CR, LF or the end mark of a message") {
  for (const char* end : {"\r", "\n", "\r\n", "\x1C", "\r\x1C", "\r\x1C\r\n"}) {
    TransactionReader reader;
    reader.feed("#SSMIX,2.00,1,0000123,-,ADT-00,9,INS,-,20240401235959"s + end + "MSH|^~\\&|" + end);
    CHECK(reader.feed(kResultHeader).size() == 1);
  }
  TransactionReader reader;
  reader.feed(kPatientHeader + "NTE|1||#SSMIX,2.00\r #SSMIX,2.00\r#ssmix,\r#SSMI\r");
  CHECK(reader.consumed() == 0);
  CHECK(reader.finish().size() == 1);
  CHECK(reader.malformed_headers() == 0);
}

TEST_CASE("what stands before the first header is skipped") {
  TransactionReader reader;
  reader.feed("left over\rfrom a cut file\r");
  CHECK(reader.consumed() == 26);
  reader.feed(kPatientHeader);
  CHECK(reader.finish() == std::vector{record_of_patient(26)});
}

TEST_CASE("malformed headers are counted and skipped with their bodies") {
  for (const char* header : {
           "#SSMIX", "#SSMIX,", "#SSMIX2,2.00,1,0000123,-,ADT-00,9,INS,-,20240401235959",
           "#SSMIX,2.00,1,0000123,-,ADT-00,9,INS,-",                     // no time
           "#SSMIX,2.00,1,0000123,-,ADT-00,9,UPD,-,20240401235959",      // neither INS nor DEL
           "#SSMIX,2.00,1,0000123,-,ADT-00,,INS,-,20240401235959",       // no order number
           "#SSMIX,2.00,1,0000123,-,ADT-00,9,INS,-,2024-04-01",          // no time
           "#SSMIX,2.00,1,0000123,-,ADT-00,9,INS,-,202404012359591234",  // no time
           "#SSMIX,2.00,1,0000123,-,ADT-00,9\t,INS,-,20240401235959",    // a control character
       }) {
    INFO(header);
    CHECK_FALSE(read(header));
    TransactionReader reader;
    const std::string before = kPatientHeader + kPatientBody;
    CHECK(reader.feed(before + header + "\r" + kPatientBody + kResultHeader + kResultBody).size() == 1);
    CHECK(reader.finish().size() == 1);
    CHECK(reader.malformed_headers() == 1);
  }
}

TEST_CASE("a header line has a greatest length") {
  const std::string start = "#SSMIX,2.00,1,0000123,-,ADT-00,9,INS,-,20240401235959,";
  CHECK(read(start + std::string(TransactionReader::kLongestHeader - start.size(), 'x')));
  CHECK_FALSE(read(start + std::string(TransactionReader::kLongestHeader - start.size() + 1, 'x')));
  TransactionReader reader;
  for (int i = 0; i < 1000; ++i) reader.feed(i == 0 ? "#SSMIX" : std::string(1000, 'x'));
  CHECK(reader.malformed_headers() == 1);
  reader.feed("\r" + kPatientHeader);
  CHECK(reader.finish().size() == 1);
}

TEST_CASE("no record names a folder outside the root or one that a storage cannot have") {
  for (const char* patient : {"", "12345", "../../", "../../etc", "000/12", "0001234/../..", "/etc/passwd",
                              "......\x01", "0001234\x7F", "0001架橋"}) {
    INFO(patient);
    const auto record = read(header_for(patient));
    CHECK((!record || !record->folder));
  }
  CHECK_FALSE(read(header_for("0001234", "..")).value().folder);
  CHECK_FALSE(read(header_for("0001234", "2024040")).value().folder);
  CHECK_FALSE(read(header_for("0001234", "-/..")).value().folder);
  CHECK_FALSE(read(header_for("0001234", "-", "..")).value().folder);
  CHECK_FALSE(read(header_for("0001234", "-", "L-OBSERVATIONS^OBSERVATIONS^99ZL01")).value().folder);
  CHECK(read(header_for("0001234", "-", "ADT-00")).value().folder == "000/123/0001234/-/ADT-00");
  CHECK(read(header_for("......")).value().folder == ".../.../....../20240401/OML-11");
}
