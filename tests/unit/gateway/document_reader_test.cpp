#include "gateway/document_reader.h"

#include "tests/unit/gateway/storage_support.h"

#include <catch2/catch.hpp>

namespace {

using gateway::identity_of;
using gateway::load_document;
using namespace gateway::test;

ssmix2::Message message(const std::string& bytes) {
  auto parsed = ssmix2::Message::parse(bytes);
  REQUIRE(parsed.has_value());
  return std::move(*parsed);
}

std::string failure_of(const std::string& bytes) {
  const Folder folder;
  write_file(folder.path() / "a", bytes);
  const auto loaded = load_document(folder.path() / "a");
  return loaded.has_value() ? "loaded" : std::string(kind_of(loaded.error().code).id);
}

}  // namespace

TEST_CASE("A document is read, decoded and split, delimiters inside of kanji notwithstanding") {
  const Folder folder;
  // 本 is K\ and 宮 is 5\ in JIS X 0208: the second byte is HL7's escape character.
  const std::string kanji = "\x1b$BK\\5\\\x1b(B";
  write_file(folder.path() / "a", "MSH|^~\\&|HIS\rPID|1||0001234||" + kanji + "^TARO\r");
  const auto loaded = load_document(folder.path() / "a");
  REQUIRE(loaded.has_value());
  CHECK(loaded->message.first("PID")->field(5).component(1).text() == "本宮");
  CHECK(loaded->message.first("PID")->field(5).component(2).text() == "TARO");
  CHECK_FALSE(loaded->unterminated);
  CHECK(loaded->stat.size > 0);
}

TEST_CASE("A message without its last segment end is read, and said to be perhaps unfinished") {
  const Folder folder;
  write_file(folder.path() / "a", "MSH|^~\\&|HIS\rPID|1||0001234");
  const auto loaded = load_document(folder.path() / "a");
  REQUIRE(loaded.has_value());
  CHECK(loaded->unterminated);
}

TEST_CASE("A document with bytes that cannot be read is taken, with what was replaced counted") {
  const Folder folder;
  write_file(folder.path() / "a", "MSH|^~\\&|HIS\rPID|1||\xff\xfe|\r");
  const auto loaded = load_document(folder.path() / "a");
  REQUIRE(loaded.has_value());
  CHECK(loaded->message.first("PID")->field(3).text() == "\uFFFD\uFFFD");
  CHECK(loaded->deviations.replaced == 2);
}

TEST_CASE("What is no message says at which step it failed") {
  CHECK(failure_of("") == "file:empty");
  CHECK(failure_of("%PDF-1.4\r") == "hl7:no-msh");
  CHECK(failure_of("MSH|^~\\&|HIS\rPID|1||0001234||\x1b$BK") == "text:truncated-character");
  CHECK(failure_of("MSH|^~\\&|HIS\rPID|1||\x89\xCB\x8B") == "text:truncated-character");
  const Folder folder;
  CHECK(load_document(folder.path() / "none").error().code == ssmix2::FailureCode::file_vanished);
}

TEST_CASE("The identity of a patient changes with name, birth date, gender and insurance only") {
  const std::string master = master_bytes();
  const std::string identity = identity_of(message(master));
  CHECK(identity == identity_of(message(master)));
  CHECK(identity != identity_of(message(with(master, "KAKEHASHI", "HASHI"))));
  CHECK(identity != identity_of(message(with(master, "19600229", "19600301"))));
  CHECK(identity != identity_of(message(with(master, "|M|", "|F|"))));
  CHECK(identity != identity_of(message(with(master, "187", "188"))));
  CHECK(identity != identity_of(message(with(master, "6139999", "6139998"))));
  CHECK(identity != identity_of(message(master + "IN1|2|51^X^JHSD0001\r")));
  // The hour of the message, a visit: nothing of that makes every unit of the patient anew.
  CHECK(identity == identity_of(message(with(master, "EVN||20260401080000", "EVN||20260402080000"))));
  CHECK(identity == identity_of(message(with(master, "PV1|0001|O", "PV1|0001|I"))));
}

TEST_CASE("An identity is a hash: it shows nothing of the patient") {
  const std::string identity = identity_of(message(master_bytes()));
  CHECK(identity.size() == 32);
  CHECK(identity.find("KAKEHASHI") == std::string::npos);
}
