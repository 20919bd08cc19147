#include "gateway/database_check.h"

#include "gateway/read_failure.h"
#include "gateway/schema.h"

#include <charconv>

#include <boost/asio/as_tuple.hpp>

namespace gateway {
namespace {

constexpr Milliseconds kEvery{86'400'000};
constexpr Milliseconds kAfterFailure{600'000};
// A disk may be away for a moment: so many checks fail before anybody asks what that means.
constexpr int kUnreadableChecks = 3;
constexpr Milliseconds kAfterUnreadable{10'000};
constexpr Milliseconds kBetweenInterrupts{20};
constexpr const char* kChecked = "checked";

/// Points to the connection as long as it may be interrupted.
class Interruptible {
 public:
  Interruptible(std::mutex& mutex, Database*& place, Database& database) : mutex_(mutex), place_(place) {
    const std::lock_guard lock(mutex_);
    place_ = &database;
  }
  ~Interruptible() {
    const std::lock_guard lock(mutex_);
    place_ = nullptr;
  }
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

 private:
  std::mutex& mutex_;
  Database*& place_;
};

}  // namespace

DatabaseCheck::DatabaseCheck(boost::asio::any_io_executor executor, std::filesystem::path file, bool at_once,
                             StateStore& store, const Log& log)
    : file_(std::move(file)),
      at_once_(at_once),
      store_(store),
      log_(log),
      bell_(executor),
      again_(executor) {}

void DatabaseCheck::stop() {
  stopping_ = true;
  bell_.ring();
  interrupt();
}

/// Again and again: one that comes before the statement runs is without effect.
void DatabaseCheck::interrupt() {
  if (!checking_) return;
  {
    const std::lock_guard lock(mutex_);
    if (open_ != nullptr) open_->interrupt();
  }
  again_.expires_after(kBetweenInterrupts);
  again_.async_wait([this](const boost::system::error_code& error) {
    if (!error) interrupt();
  });
}

boost::asio::awaitable<void> DatabaseCheck::run() {
  while (!stopping_) {
    const auto rings = bell_.rings();
    const Milliseconds wait = at_once_ ? Milliseconds(0) : co_await until_next();
    if (wait > Milliseconds(0)) {
      co_await bell_.wait_for(wait, rings);
      continue;
    }
    at_once_ = false;
    co_await check();
  }
}

boost::asio::awaitable<Milliseconds> DatabaseCheck::until_next() {
  auto ask = [](StateStore::Contents& state) { return recalled(state.database, kChecked).value_or("0"); };
  const std::string text = co_await store_.run(std::move(ask));
  std::int64_t last = 0;
  std::from_chars(text.data(), text.data() + text.size(), last);
  const Milliseconds since = now() - Instant(Milliseconds(last));
  // A clock that was set back must not put it off for long.
  co_return since < Milliseconds(0) || since >= kEvery ? Milliseconds(0) : kEvery - since;
}

boost::asio::awaitable<void> DatabaseCheck::check() {
  const auto began = std::chrono::steady_clock::now();
  checking_ = true;
  std::exception_ptr failed;
  try {
    auto job = [this] { check_now(); };
    co_await run_on(thread_, std::move(job));
  } catch (const DatabaseError& error) {
    if (error.damaged()) failed = std::current_exception();
    unreadable_ = error.unreadable() ? unreadable_ + 1 : 0;
    if (!error.damaged() && !stopping_) {
      log_.write(Message::database_unchecked, {{"error", SafeText::vouched(error.what())}});
    }
    if (!error.damaged()) at_once_ = !stopping_;
  }
  checking_ = false;
  if (failed) std::rethrow_exception(failed);
  if (stopping_) co_return;
  if (at_once_) {
    const auto rings = bell_.rings();
    const bool soon = unreadable_ > 0 && unreadable_ < kUnreadableChecks;
    co_await bell_.wait_for(soon ? kAfterUnreadable : kAfterFailure, rings);
    co_return;
  }
  unreadable_ = 0;
  const auto took = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - began);
  log_.write(Message::database_right, {{"milliseconds", SafeText(took.count())}});
  auto note = [](StateStore::Contents& state) {
    remember(state.database, kChecked, std::to_string(now().time_since_epoch().count()));
  };
  co_await store_.run(std::move(note));
}

/// On its own thread.
void DatabaseCheck::check_now() {
  try {
    Database database(file_, Database::Access::read_only);
    const Interruptible interruptible(mutex_, open_, database);
    if (stopping_) return;
    if (const auto wrong = database.quick_check()) throw DatabaseError::of_damage("quick_check: " + *wrong);
  } catch (const DatabaseError& error) {
    if (unreadable_ + 1 >= kUnreadableChecks) demand_readable(file_, error, kReadTries);
    throw;
  }
}

}  // namespace gateway
