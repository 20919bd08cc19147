#include "ssmix2/completeness.h"

#include <string>

#include <catch2/catch.hpp>

using namespace ssmix2;
using namespace std::string_literals;

namespace {

const std::string kMessage = "MSH|^~\\&|HIS\rPID|0001||0001234";

FailureCode code_of(std::string_view bytes) {
  const auto failure = find_incompleteness(bytes);
  REQUIRE(failure);
  return failure->code;
}

}  // namespace

TEST_CASE("a message whose last segment is ended is complete") {
  CHECK_FALSE(find_incompleteness(kMessage + "\r"));
  CHECK_FALSE(find_incompleteness(kMessage + "\n"));
  CHECK_FALSE(find_incompleteness(kMessage + "\r\n"));
  CHECK_FALSE(find_incompleteness(kMessage + "\x1C"));
  CHECK_FALSE(find_incompleteness(kMessage + "\r\x1C\r"));
  CHECK_FALSE(find_incompleteness(kMessage + "\r\n\x1A"));
  CHECK_FALSE(find_incompleteness("\xEF\xBB\xBF" + kMessage + "\r"));
  CHECK_FALSE(find_incompleteness("\x0B" + kMessage + "\r"));
}

TEST_CASE("a message without an end of its last segment may still be growing") {
  CHECK(code_of(kMessage) == FailureCode::file_unterminated);
  CHECK(find_incompleteness(kMessage)->place.byte == kMessage.size());
  CHECK(code_of("MSH") == FailureCode::file_unterminated);
  CHECK(code_of("MS") == FailureCode::file_unterminated);
  CHECK(code_of("\xEF\xBB\xBF") == FailureCode::file_unterminated);
}

TEST_CASE("zeros after the text, as a crash leaves them, do not end a segment") {
  CHECK(code_of(kMessage + "\0\0\0"s) == FailureCode::file_unterminated);
  CHECK(code_of(kMessage + "\x1A") == FailureCode::file_unterminated);
}

TEST_CASE("a message that stops in two-byte mode or in an escape is cut off") {
  CHECK(code_of(kMessage + "|\x1B$B2M") == FailureCode::text_truncated_character);
  CHECK(code_of(kMessage + "|\x1B$B2") == FailureCode::text_truncated_character);
  CHECK(code_of(kMessage + "|\x1B$B2M\0\0"s) == FailureCode::text_truncated_character);
  CHECK(code_of(kMessage + "|\x1B") == FailureCode::text_truncated_character);
  CHECK(code_of(kMessage + "|\x1B(") == FailureCode::text_truncated_character);
  CHECK(code_of(kMessage + "|\x1B$") == FailureCode::text_truncated_character);
  CHECK(code_of(kMessage + "|\x1B$B2M\x1B(B") == FailureCode::file_unterminated);
}

TEST_CASE("two-byte mode left open on an earlier line is over at the end") {
  CHECK(code_of("MSH|^~\\&|\x1B$B2M\rPID|1") == FailureCode::file_unterminated);
  CHECK_FALSE(find_incompleteness("MSH|^~\\&|\x1B$B2M\rPID|1\r"));
  CHECK_FALSE(find_incompleteness("MSH|^~\\&|\x1B$B2M\r"));
}

TEST_CASE("empty, oversized and foreign files are named as such") {
  CHECK(code_of("") == FailureCode::file_empty);
  CHECK(code_of("%PDF-1.7\n") == FailureCode::hl7_no_msh);
  CHECK(code_of("PID|1\r") == FailureCode::hl7_no_msh);
  CHECK(code_of("\0\0\0\0"s) == FailureCode::hl7_no_msh);
  CHECK(code_of("\r\n") == FailureCode::hl7_no_msh);
  std::string large = kMessage;
  large.resize(kMaxDocumentBytes - 1, ' ');
  CHECK_FALSE(find_incompleteness(large + "\r"));
  CHECK(code_of(large + " \r") == FailureCode::file_too_large);
}
