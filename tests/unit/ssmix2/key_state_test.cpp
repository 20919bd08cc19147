#include "ssmix2/key_state.h"

#include <algorithm>
#include <vector>

#include <catch2/catch.hpp>

using namespace ssmix2;

namespace {

DocumentName document(const char* occurred_at, ConditionFlag flag) {
  DocumentName name;
  name.occurred_at = occurred_at;
  name.flag = flag;
  return name;
}

constexpr auto kDeleted = ConditionFlag::deleted;
constexpr auto kLive = ConditionFlag::live;
constexpr auto kSuperseded = ConditionFlag::superseded;

}  // namespace

TEST_CASE("the newest live document stands for its key") {
  const std::vector<DocumentName> documents = {
      document("20240101000000000", kSuperseded), document("20240103000000000", kLive),
      document("20240102000000000", kSuperseded), document("20240102120000000", kLive)};
  CHECK(state_of_key(documents) == KeyState{KeyState::Kind::live, 1, 1});
}

TEST_CASE("a live document stands even beside a newer deleted or superseded one") {
  const std::vector<DocumentName> documents = {document("20240101000000000", kLive),
                                               document("20240109000000000", kDeleted),
                                               document("20240110000000000", kSuperseded)};
  CHECK(state_of_key(documents) == KeyState{KeyState::Kind::live, 0, 0});
}

TEST_CASE("a key is deleted when no document is live and the newest has flag 0") {
  const std::vector<DocumentName> documents = {document("20240101000000000", kSuperseded),
                                               document("20240103000000000", kDeleted),
                                               document("20240102000000000", kDeleted)};
  CHECK(state_of_key(documents) == KeyState{KeyState::Kind::deleted, 1, 0});
}

TEST_CASE("a key is undecided while its newest document is superseded and none is live") {
  const std::vector<DocumentName> only = {document("20240101000000000", kSuperseded)};
  CHECK(state_of_key(only) == KeyState{KeyState::Kind::undecided, 0, 0});
  const std::vector<DocumentName> newest = {document("20240101000000000", kDeleted),
                                            document("20240102000000000", kSuperseded)};
  CHECK(state_of_key(newest) == KeyState{KeyState::Kind::undecided, 1, 0});
}

TEST_CASE("times are compared padded, because writers leave out milliseconds") {
  // As numbers the first would be far smaller than the second.
  const std::vector<DocumentName> documents = {document("202401020000", kLive),
                                               document("20240101235959999", kLive)};
  CHECK(state_of_key(documents).document == 0);
}

TEST_CASE("of the same time flag 0 wins over 2, and of equal documents the later") {
  const std::vector<DocumentName> mixed = {document("20240101000000000", kDeleted),
                                           document("202401010000", kSuperseded)};
  CHECK(state_of_key(mixed) == KeyState{KeyState::Kind::deleted, 0, 0});
  const std::vector<DocumentName> equal = {document("202401010000", kLive),
                                           document("20240101000000000", kLive)};
  CHECK(state_of_key(equal) == KeyState{KeyState::Kind::live, 1, 1});
}

TEST_CASE("the state of a key does not depend on the order of its documents") {
  std::vector<DocumentName> documents = {
      document("20240101000000000", kSuperseded), document("20240103000000000", kDeleted),
      document("20240102000000000", kLive), document("20240102000000001", kLive)};
  std::ranges::sort(documents);
  do {
    const KeyState state = state_of_key(documents);
    REQUIRE(state.kind == KeyState::Kind::live);
    REQUIRE(documents[state.document].occurred_at == "20240102000000001");
    REQUIRE(state.superseded_live == 1);
  } while (std::next_permutation(documents.begin(), documents.end()));
}
