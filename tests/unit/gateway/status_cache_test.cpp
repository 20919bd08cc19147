#include "gateway/status_cache.h"

#include "gateway/quiet_time.h"
#include "tests/unit/gateway/coroutine_run.h"
#include "tests/unit/gateway/settings_text.h"
#include "tests/unit/gateway/state_support.h"

#include <boost/asio/thread_pool.hpp>
#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;

/// What the cache sees of the state in the settings' directory.
std::shared_ptr<const StateLook> look_at(const Settings& settings) {
  CoroutineRun run;
  boost::asio::thread_pool work(1);
  StatusCache cache(run.io().get_executor(), settings, work);
  std::shared_ptr<const StateLook> seen;
  const auto look = [&]() -> boost::asio::awaitable<void> { seen = co_await cache.look(); };
  run.spawn(look());
  run.to_the_end();
  work.join();
  REQUIRE(seen);
  return seen;
}

}  // namespace

TEST_CASE("Rows that wait for the end of a quiet time are not late before, nor at its end") {
  const Folder folder;
  Settings settings = loaded(kLeast);
  settings.state_directory = folder.path();
  StateStore::Contents state(database_file(settings), settings.facility.zone);
  prepare_schema(state.database);
  remember(state.database, "institution-number", kInstitution);
  const Instant start = now() - std::chrono::hours(3);
  put(state, built(condition_unit(), content("1")), start);
  CHECK(look_at(settings)->due_since.at(kPlatform) == start);
  begin_quiet_time(state.database, start, Promises::perhaps);
  CHECK(look_at(settings)->due_since.at(kPlatform) == start + std::chrono::hours(1));
  begin_quiet_time(state.database, start + std::chrono::hours(3), Promises::perhaps);
  CHECK(look_at(settings)->due_since.at(kPlatform) == start + std::chrono::hours(4));
}
