#pragma once
// Reads the whole state database and looks whether it is right: after a stop that was none in order, and once
// a day. On a connection and a thread of its own, so that nothing waits for it. I/O thread.

#include "gateway/log.h"
#include "gateway/state_store.h"
#include "gateway/wakeup.h"

#include <atomic>
#include <filesystem>
#include <mutex>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

namespace gateway {

class DatabaseCheck {
 public:
  /// `at_once`: there is a reason to doubt it.
  DatabaseCheck(boost::asio::any_io_executor executor, std::filesystem::path file, bool at_once,
                StateStore& store, const Log& log);

  /// Runs until stop(). Throws DatabaseError::damaged() when the database is wrong.
  boost::asio::awaitable<void> run();
  /// Also ends a check that runs.
  void stop();

 private:
  boost::asio::awaitable<Milliseconds> until_next();
  boost::asio::awaitable<void> check();
  void check_now();
  void interrupt();

  std::filesystem::path file_;
  bool at_once_;
  StateStore& store_;
  const Log& log_;
  Wakeup bell_;
  boost::asio::steady_timer again_;
  std::atomic<bool> stopping_ = false;
  bool checking_ = false;
  int unreadable_ = 0;  // checks in a row
  std::mutex mutex_;    // of the next
  Database* open_ = nullptr;
  boost::asio::thread_pool thread_{1};
};

}  // namespace gateway
