#pragma once
// Runs coroutines on the test's own thread. What they throw, the test throws; a test that hangs ends by its
// deadline.

#include <chrono>
#include <exception>
#include <functional>
#include <stdexcept>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace gateway::test {

class CoroutineRun {
 public:
  boost::asio::io_context& io() { return io_; }

  void spawn(boost::asio::awaitable<void> task) {
    ++tasks_;
    boost::asio::co_spawn(io_, std::move(task), [this](const std::exception_ptr& thrown) {
      --tasks_;
      if (thrown) std::rethrow_exception(thrown);
    });
  }

  /// Until `done` holds.
  void until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline)
        throw std::runtime_error("what was waited for did not happen");
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(50));
    }
  }

  /// Until every coroutine has ended.
  void to_the_end() {
    until([this] { return tasks_ == 0; });
  }

 private:
  boost::asio::io_context io_{1};
  int tasks_ = 0;
};

}  // namespace gateway::test
