#include "ssmix2/key_state.h"

#include <algorithm>
#include <string>
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

/// The files of one key as a storage shows them at one moment, each as day and flag: "3_1" is of 3 April with
/// flag 1. `state` is what the key then is: "live 3", "deleted 3", "undecided 3".
struct KeyRow {
  const char* what;
  std::vector<const char*> files;
  const char* state;
  std::size_t superseded_live = 0;
};

/// The steps by which writers update and delete, and what is seen between them.
std::vector<KeyRow> key_rows() {
  return {
      // An update: rename _1 to _2, then create.
      {"created", {"1_1"}, "live 1"},
      {"updated: renamed", {"1_2"}, "undecided 1"},
      {"updated: created", {"1_2", "2_1"}, "live 2"},
      {"updated again: renamed", {"1_2", "2_2"}, "undecided 2"},
      {"updated again: created", {"1_2", "2_2", "3_1"}, "live 3"},
      // A delete: rename _1 and _2 to _0, then create the delete message.
      {"deleted: _1 renamed, _2 not yet", {"1_2", "2_0"}, "deleted 2"},
      {"deleted: _2 renamed, _1 not yet", {"1_0", "2_1"}, "live 2"},
      {"deleted: all renamed", {"1_0", "2_0"}, "deleted 2"},
      {"deleted: delete message created", {"1_0", "2_0", "3_0"}, "deleted 3"},
      {"deleted: history left behind", {"1_2", "2_2", "3_0"}, "deleted 3"},
      // A tombstone comes back: the same key is created again.
      {"created again after a delete", {"1_0", "2_0", "3_1"}, "live 3"},
      {"created again and updated: renamed", {"1_0", "2_0", "3_2"}, "undecided 3"},
      {"created again and updated: created", {"1_0", "2_0", "3_2", "4_1"}, "live 4"},
      {"deleted again", {"1_0", "2_0", "3_0", "4_0", "5_0"}, "deleted 5"},
      // Updates that are delete and new: _0 piles up and no _2 exists.
      {"update as delete and new: deleted", {"1_0", "2_0"}, "deleted 2"},
      {"update as delete and new: new", {"1_0", "2_0", "3_1"}, "live 3"},
      {"update as delete and new, four times", {"1_0", "2_0", "3_0", "4_0", "5_1"}, "live 5"},
      // Writers that rename the old _1 straight to _0.
      {"old one renamed straight to _0", {"1_0"}, "deleted 1"},
      {"old one renamed straight to _0, new one created", {"1_0", "2_1"}, "live 2"},
      {"both kinds of writers in one key", {"1_2", "2_0", "3_1"}, "live 3"},
      // Several _1: the newest counts and the others are an anomaly.
      {"new one created, old one never renamed", {"1_1", "2_1"}, "live 2", 1},
      {"three of them", {"2_1", "3_1", "1_1"}, "live 3", 2},
      {"two of them and history", {"1_2", "2_1", "3_1", "4_0"}, "live 3", 1},
      // Clocks that went back, late files: as long as there is a _1 it stands.
      {"a _1 older than the history it replaced", {"3_2", "2_1"}, "live 2"},
      {"a _1 older than a _0", {"3_0", "2_1"}, "live 2"},
      {"a _0 older than the _2 beside it", {"1_0", "2_2"}, "undecided 2"},
      {"a _0 newer than the _2 beside it", {"1_2", "2_0"}, "deleted 2"},
      {"a _0 between two _2", {"1_2", "2_0", "3_2"}, "undecided 3"},
  };
}

DocumentName document_of(std::string_view file) {
  const std::string day = "2024040" + std::string(file.substr(0, 1)) + "103059123";
  return document(day.c_str(), static_cast<ConditionFlag>(file.back() - '0'));
}

std::string text_of(const KeyState& state, const std::vector<DocumentName>& documents) {
  const char* const kinds[] = {"live ", "deleted ", "undecided "};
  return kinds[static_cast<std::size_t>(state.kind)] + documents[state.document].occurred_at.substr(7, 1);
}

}  // namespace

TEST_CASE(
    "at every step of a writer the key is what its files say together, in whatever order they are listed") {
  for (const KeyRow& row : key_rows()) {
    INFO(row.what);
    std::vector<DocumentName> documents;
    for (const char* file : row.files) documents.push_back(document_of(file));
    std::ranges::sort(documents);
    do {
      const KeyState state = state_of_key(documents);
      REQUIRE(text_of(state, documents) == row.state);
      REQUIRE(state.superseded_live == row.superseded_live);
    } while (std::next_permutation(documents.begin(), documents.end()));
  }
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
