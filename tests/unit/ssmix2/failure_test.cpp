#include "ssmix2/failure.h"

#include <set>
#include <stdexcept>

#include <catch2/catch.hpp>

using namespace ssmix2;

namespace {

constexpr int kCodes = static_cast<int>(FailureCode::gate_mass_delete) + 1;

}  // namespace

TEST_CASE("every failure has an id of its own, a sentence and a remedy") {
  std::set<std::string_view> ids;
  for (int code = 0; code < kCodes; ++code) {
    const FailureKind& kind = kind_of(static_cast<FailureCode>(code));
    CHECK(static_cast<int>(kind.code) == code);
    CHECK(kind.id.find(':') != std::string_view::npos);
    CHECK(kind.sentence.size() > 10);
    CHECK(kind.remedy.size() > 10);
    ids.insert(kind.id);
  }
  CHECK(ids.size() == kCodes);
}

TEST_CASE(
    "only what time may mend waits, only what goes on all the same is ignored, and only content is "
    "rejected") {
  std::set<std::string_view> waiting, ignored, rejected;
  for (int code = 0; code < kCodes; ++code) {
    const FailureKind& kind = kind_of(static_cast<FailureCode>(code));
    if (kind.disposition == Disposition::wait) waiting.insert(kind.id);
    if (kind.disposition == Disposition::ignored) ignored.insert(kind.id);
    if (kind.disposition == Disposition::rejected) rejected.insert(kind.id);
  }
  CHECK(waiting == std::set<std::string_view>{"file:empty", "file:unreadable", "file:unterminated",
                                              "file:changed-while-read", "file:vanished", "key:undecided",
                                              "hl7:no-msh", "text:truncated-character"});
  CHECK(ignored == std::set<std::string_view>{"map:data-type-not-mapped", "patient:insurance-expired",
                                              "profile:warned"});
  CHECK(rejected == std::set<std::string_view>{"profile:broken"});
}

TEST_CASE("a place is written as segment, field and component or as a byte") {
  CHECK(to_text(Place{}).empty());
  CHECK(to_text(Place{.byte = 1204}).view() == "byte 1204");
  CHECK(to_text(Place{.byte = 0}).view() == "byte 0");
  CHECK(to_text(Place{.segment = "PRB"}).view() == "PRB");
  CHECK(to_text(Place{.segment = "PRB", .component = 2}).view() == "PRB");
  CHECK(to_text(Place{.segment = "PRB", .occurrence = 2, .field = 3, .component = 1}).view() == "PRB[2]-3.1");
  const Place deep{
      .segment = "PID", .occurrence = 1, .field = 5, .repetition = 2, .component = 1, .subcomponent = 3};
  CHECK(to_text(deep).view() == "PID[1]-5[2].1.3");
}

TEST_CASE("a place never shows what does not look like a segment name") {
  CHECK(to_text(Place{.segment = "架橋太郎", .field = 1}).view() == "?-1");
  CHECK(to_text(Place{.segment = "pid"}).view() == "?");
  CHECK(to_text(Place{.segment = "PI"}).view() == "?");
}

TEST_CASE("a failure reads as id, sentence, detail, place and remedy") {
  const std::string remedy(kind_of(FailureCode::file_empty).remedy);
  CHECK(to_text(Failure{FailureCode::file_empty}).view() == "file:empty: the file has no bytes; " + remedy);
  CHECK(to_text(Failure{FailureCode::file_empty, {.byte = 7}, "seen twice"}).view() ==
        "file:empty: the file has no bytes (seen twice) at byte 7; " + remedy);
}

TEST_CASE("asking a failed result for its value throws with the failure's text") {
  const Result<int> failed = Failure{FailureCode::hl7_no_msh};
  CHECK_THROWS_AS(failed.value(), std::logic_error);
  CHECK_THROWS_WITH(failed.value(), Catch::Contains("hl7:no-msh"));
  CHECK(Result<int>(3).value() == 3);
}
