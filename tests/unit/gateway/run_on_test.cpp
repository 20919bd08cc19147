#include "gateway/run_on.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

namespace {

namespace asio = boost::asio;

struct NoDefault {
  explicit NoDefault(int number) : value(number) {}
  int value;
};

struct Seen {
  std::thread::id worker;
  std::thread::id resumed;
  std::string text;
  int value = 0;
  bool ran = false;
  std::string thrown;
};

asio::awaitable<void> hop(asio::thread_pool& pool, Seen& seen) {
  auto text = std::make_unique<std::string>("moved in and out");  // a move-only closure
  auto work = [text = std::move(text), &seen]() mutable {
    seen.worker = std::this_thread::get_id();
    return std::move(text);
  };
  const auto result = co_await gateway::run_on(pool, std::move(work));
  seen.resumed = std::this_thread::get_id();
  seen.text = *result;
}

asio::awaitable<void> hop_for_nothing(asio::thread_pool& pool, Seen& seen) {
  auto work = [&seen] { seen.ran = true; };
  co_await gateway::run_on(pool, std::move(work));
  seen.resumed = std::this_thread::get_id();
}

asio::awaitable<void> hop_for_value(asio::thread_pool& pool, Seen& seen) {
  auto work = [] { return NoDefault(42); };
  const NoDefault result = co_await gateway::run_on(pool, std::move(work));
  seen.value = result.value;
}

asio::awaitable<void> hop_that_throws(asio::thread_pool& pool, Seen& seen) {
  auto work = []() -> NoDefault { throw std::runtime_error("disk full"); };
  try {
    co_await gateway::run_on(pool, std::move(work));
  } catch (const std::runtime_error& error) {
    seen.thrown = error.what();
    seen.resumed = std::this_thread::get_id();
  }
}

Seen run(asio::awaitable<void> (*coroutine)(asio::thread_pool&, Seen&)) {
  asio::io_context io;
  asio::thread_pool pool(1);
  Seen seen;
  auto rethrow = [](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
  };
  asio::co_spawn(io, coroutine(pool, seen), rethrow);
  io.run();
  pool.join();
  return seen;
}

}  // namespace

TEST_CASE("run_on runs the function on the pool and resumes the caller on its own thread") {
  const Seen seen = run(hop);
  CHECK(seen.text == "moved in and out");
  CHECK(seen.worker != std::thread::id());
  CHECK(seen.worker != std::this_thread::get_id());
  CHECK(seen.resumed == std::this_thread::get_id());
}

TEST_CASE("run_on runs a function that returns nothing") {
  const Seen seen = run(hop_for_nothing);
  CHECK(seen.ran);
  CHECK(seen.resumed == std::this_thread::get_id());
}

TEST_CASE("run_on returns a value that has no default") {
  CHECK(run(hop_for_value).value == 42);
}

TEST_CASE("run_on carries an exception to the caller's thread") {
  const Seen seen = run(hop_that_throws);
  CHECK(seen.thrown == "disk full");
  CHECK(seen.resumed == std::this_thread::get_id());
}
