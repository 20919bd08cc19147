#include "gateway/name_lookup.h"

#include "tests/unit/gateway/coroutine_run.h"

#include <atomic>
#include <optional>
#include <string_view>
#include <thread>

#include <catch2/catch.hpp>
#include <dlfcn.h>
#include <netdb.h>

namespace {

using namespace gateway;
using namespace std::chrono_literals;
using gateway::test::CoroutineRun;
using Clock = std::chrono::steady_clock;
using Found = std::optional<boost::system::result<HostAddresses>>;

constexpr std::string_view kSilent = "silent.example";
std::atomic<bool> name_server_is_silent = false;

boost::asio::awaitable<void> look(boost::asio::any_io_executor executor, std::string host,
                                  Milliseconds timeout, Found& found) {
  found = co_await look_up(executor, std::move(host), "443", timeout);
}

Found looked_up(CoroutineRun& run, const std::string& host, Milliseconds timeout) {
  Found found;
  run.spawn(look(run.io().get_executor(), host, timeout, found));
  run.to_the_end();
  return found;
}

}  // namespace

/// In place of the C library's: its name server that does not answer would be one that nobody has in a test.
extern "C" int getaddrinfo(const char* host, const char* port, const addrinfo* hints, addrinfo** found) {
  const bool asked = host != nullptr && kSilent == host;
  while (asked && name_server_is_silent) std::this_thread::sleep_for(1ms);
  static const auto real = reinterpret_cast<decltype(&::getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(asked ? "127.0.0.9" : host, port, hints, found);
}

TEST_CASE("An address is found as it is written") {
  CoroutineRun run;
  for (const std::string host : {"127.0.0.1", "::1"}) {
    const auto found = looked_up(run, host, 10s);
    REQUIRE(found->has_value());
    REQUIRE((*found)->size() == 1);
    CHECK((*found)->front().address().to_string() == host);
    CHECK((*found)->front().port() == 443);
  }
}

TEST_CASE(
    "A name server that does not answer is waited for until the deadline, and its late answer is nobody's") {
  name_server_is_silent = true;
  CoroutineRun run;
  const auto start = Clock::now();
  const auto found = looked_up(run, std::string(kSilent), 200ms);
  CHECK(Clock::now() - start < 5s);
  CHECK(Clock::now() - start >= 200ms);
  REQUIRE(found->has_error());
  CHECK(found->error() == boost::asio::error::timed_out);
  name_server_is_silent = false;
  run.io().restart();
  run.io().run();  // the late answer comes in here
}

TEST_CASE("A name server that answers in time is believed") {
  name_server_is_silent = false;
  CoroutineRun run;
  const auto found = looked_up(run, std::string(kSilent), 10s);
  REQUIRE(found->has_value());
  CHECK((*found)->front().address().to_string() == "127.0.0.9");
}

TEST_CASE("A name that nobody knows is an error") {
  CoroutineRun run;
  CHECK(looked_up(run, "nowhere.invalid", 30s)->has_error());
}
