#include "gateway/settler.h"

#include <catch2/catch.hpp>

namespace {

using gateway::DocumentRef;
using gateway::FileStat;
using gateway::Milliseconds;
using gateway::Settler;
using std::chrono::seconds;

const DocumentRef kA{"main", "folder", "a"};
const DocumentRef kB{"main", "folder", "b"};
const FileStat kShort{100, 1};
const FileStat kLong{200, 2};

class Settling {
 public:
  Settler settler{{{"main", Milliseconds(2'000)}}};
  Settler::Clock::time_point now{};

  std::size_t due() { return settler.due(now, 100).size(); }
};

}  // namespace

TEST_CASE("A document is looked at again after the settle time of its storage") {
  Settling s;
  CHECK_FALSE(s.settler.next_look());
  s.settler.see({kA, kShort}, s.now);
  CHECK(s.due() == 0);
  CHECK(s.settler.next_look() == s.now + seconds(2));
  s.now += seconds(2);
  REQUIRE(s.due() == 1);
  CHECK(s.settler.due(s.now, 100).front().stat == kShort);
}

TEST_CASE("Seeing the same state again does not start the time anew, a change does") {
  Settling s;
  s.settler.see({kA, kShort}, s.now);
  s.now += seconds(1);
  s.settler.see({kA, kShort}, s.now);
  CHECK(s.settler.next_look() == s.now + seconds(1));
  s.settler.see({kA, kLong}, s.now);
  CHECK(s.settler.next_look() == s.now + seconds(2));
  CHECK(s.settler.size() == 1);
}

TEST_CASE("A look at a state that has changed meanwhile is worth nothing") {
  Settling s;
  s.settler.see({kA, kShort}, s.now);
  CHECK(s.settler.is_current({kA, kShort}));
  s.settler.see({kA, kLong}, s.now);
  CHECK_FALSE(s.settler.is_current({kA, kShort}));
  CHECK(s.settler.is_current({kA, kLong}));
  s.settler.forget(kA);
  CHECK_FALSE(s.settler.is_current({kA, kLong}));
  CHECK(s.settler.empty());
}

TEST_CASE("An unfinished document is looked at less and less often, until patience ends") {
  Settling s;
  s.settler.see({kA, kShort}, s.now);
  std::vector<seconds> waits;
  while (true) {
    const auto next = s.settler.next_look();
    REQUIRE(next);
    waits.push_back(std::chrono::duration_cast<seconds>(*next - s.now));
    s.now = *next;
    if (s.settler.postpone(kA, s.now)) break;
    REQUIRE(waits.size() < 100);
  }
  CHECK(std::vector<seconds>(waits.begin(), waits.begin() + 5) ==
        std::vector<seconds>{seconds(2), seconds(2), seconds(4), seconds(8), seconds(10)});
  CHECK(s.now.time_since_epoch() >= seconds(60));
  CHECK(s.now.time_since_epoch() < seconds(75));
}

TEST_CASE("A file that keeps growing never comes to the end of its patience") {
  Settling s;
  for (int i = 0; i < 100; ++i) {
    s.settler.see({kA, {100 + i, i}}, s.now);
    s.now += seconds(10);
    CHECK_FALSE(s.settler.postpone(kA, s.now));
  }
}

TEST_CASE("Something that is not waited for is not postponed into existence") {
  Settling s;
  CHECK_FALSE(s.settler.postpone(kA, s.now));
  CHECK(s.settler.empty());
}

TEST_CASE("No more documents are due at once than asked for, and they stay until they are forgotten") {
  Settling s;
  s.settler.see({kA, kShort}, s.now);
  s.settler.see({kB, kShort}, s.now);
  s.now += seconds(2);
  CHECK(s.settler.due(s.now, 1).size() == 1);
  CHECK(s.due() == 2);
  s.settler.forget(kA);
  CHECK(s.due() == 1);
}

TEST_CASE("Every storage has its own settle time") {
  Settler settler({{"main", Milliseconds(2'000)}, {"slow", Milliseconds(30'000)}});
  const Settler::Clock::time_point start{};
  settler.see({{"slow", "folder", "a"}, kShort}, start);
  CHECK(settler.next_look() == start + seconds(30));
  settler.see({kA, kShort}, start);
  CHECK(settler.next_look() == start + seconds(2));
}
