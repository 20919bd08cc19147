// The power goes away at any write: nothing is lost, doubled or overtaken, and nothing that was committed
// before a request left is forgotten. KAKEHASHI_LONG=1 tries more seeds.

#include "tests/crash/power_cut_world.h"

#include <cstdlib>
#include <iostream>

#include <catch2/catch.hpp>

namespace {

using crash::Findings;
using crash::PowerCutWorld;
using crash::UnsyncedDisk;

const std::uint32_t kSeeds = std::getenv("KAKEHASHI_LONG") != nullptr ? 5'000 : 60;
constexpr int kSteps = 200;

Findings try_seeds(std::uint32_t seeds, const PowerCutWorld::Options& options, bool each_good) {
  Findings all;
  for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
    const Findings found = PowerCutWorld(seed, options).run(kSteps);
    CAPTURE(seed, found.lost, found.doubled, found.overtaken, found.forgotten, found.damaged);
    if (each_good) CHECK(found.wrong() == 0);
    all += found;
  }
  std::cout << "seeds: " << seeds << ", power cuts: " << all.cuts << ", sectors lost: " << all.lost_sectors
            << ", requests: " << all.requests << ", lost: " << all.lost << ", doubled: " << all.doubled
            << ", overtaken: " << all.overtaken << ", forgotten: " << all.forgotten
            << ", damaged: " << all.damaged << '\n';
  return all;
}

}  // namespace

TEST_CASE("Power cuts at any write lose, double and overtake nothing") {
  const Findings found = try_seeds(kSeeds, {}, true);
  CHECK(found.cuts > kSeeds);
  CHECK(found.lost_sectors > kSeeds);
  CHECK(found.requests > 10 * kSeeds);
}

// Without these the test above would prove nothing.

TEST_CASE("Power cuts on a disk that lies about its syncs are noticed") {
  const Findings found = try_seeds(30, {.disk = UnsyncedDisk::Sync::lies}, false);
  CHECK(found.forgotten > 0);
  CHECK(found.doubled + found.overtaken > 0);
}

TEST_CASE("Power cuts of a database that does not sync its commits are noticed") {
  for (const char* synchronous : {"NORMAL", "OFF"}) {
    const Findings found = try_seeds(30, {.synchronous = synchronous}, false);
    CAPTURE(synchronous);
    CHECK(found.forgotten > 0);
  }
}
