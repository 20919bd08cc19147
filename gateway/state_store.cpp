#include "gateway/state_store.h"

#include "gateway/read_failure.h"

#include <algorithm>
#include <chrono>

#include <boost/asio/post.hpp>

namespace gateway {
namespace {

using Clock = std::chrono::steady_clock;

// No request waits longer than that for those that it is committed with.
constexpr std::size_t kMostInGroup = 64;
constexpr std::chrono::milliseconds kLongestGroup{20};

constexpr std::chrono::milliseconds kFirstWait{100};
constexpr std::chrono::milliseconds kLongestWait{5'000};

std::chrono::milliseconds wait_after(int tries) {
  return std::min(kLongestWait, kFirstWait * (1 << std::min(tries - 1, 10)));
}

std::filesystem::path file_of(Database& database) {
  auto select = database.prepare("PRAGMA database_list");
  return select.step() ? select.text(2) : std::string();
}

}  // namespace

UnitYears::Merged StateStore::Contents::keep_years_in(const std::filesystem::path& file) {
  years = std::make_unique<UnitYears>(database, file);
  Transaction transaction(database);
  const auto merged = years->merge();
  transaction.commit();
  units.keep_years_in(*years);
  database.before_commit([this] { years->flush(); });
  return merged;
}

void StateStore::add(std::unique_ptr<WriteRequest<Contents>> request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(std::move(request));
  // One is enough: it takes all that are there when its turn comes.
  if (std::exchange(group_posted_, true)) return;
  boost::asio::post(thread_, [this] { write_group(); });
}

std::unique_ptr<WriteRequest<StateStore::Contents>> StateStore::next_request() {
  const std::lock_guard lock(mutex_);
  if (requests_.empty()) return nullptr;
  auto request = std::move(requests_.front());
  requests_.pop_front();
  return request;
}

void StateStore::write_group() {
  Group group;
  // Also when not even a transaction begins, somebody is told.
  group.push_back(next_request());
  std::exception_ptr failed;
  try {
    patiently([&] { try_group(group); });
  } catch (...) {
    failed = std::current_exception();
  }
  {
    // Between two groups everything else has its turn.
    const std::lock_guard lock(mutex_);
    group_posted_ = !requests_.empty();
    if (group_posted_) boost::asio::post(thread_, [this] { write_group(); });
  }
  for (auto& request : group) request->complete(failed ? failed : request->error);
}

/// Those of `group` again, and more as long as there are any.
void StateStore::try_group(Group& group) {
  const auto latest = Clock::now() + kLongestGroup;
  Transaction transaction(contents_->database);
  for (std::size_t i = 0; i < group.size() || (group.size() < kMostInGroup && Clock::now() < latest); ++i) {
    if (i == group.size()) {
      auto next = next_request();
      if (!next) break;
      group.push_back(std::move(next));
    }
    WriteRequest<Contents>& request = *group[i];
    request.error = nullptr;
    try {
      Transaction part(contents_->database);
      request.run(*contents_);
      part.commit();
    } catch (const DatabaseError& error) {
      // What came before it is undone with it, or cannot be committed either.
      if (error.may_pass() || error.damaged()) throw;
      request.error = std::current_exception();
    } catch (...) {
      request.error = std::current_exception();
    }
    // Out of memory, SQLite undoes the whole transaction by itself.
    if (!contents_->database.in_transaction()) std::rethrow_exception(request.error);
  }
  transaction.commit();
}

Clock::duration StateStore::busy_for() const {
  const Clock::duration since(busy_since_.load());
  return since == Clock::duration::zero() ? since : Clock::now().time_since_epoch() - since;
}

bool StateStore::wait_for_disk(const DatabaseError& error, int tries) {
  if (!error.may_pass()) return false;
  if (!std::exchange(disk_failed_, true) && on_disk_) on_disk_(contents_->database, &error);
  demand_readable(file_of(contents_->database), error, tries);
  std::unique_lock lock(mutex_);
  return !no_more_waiting_.wait_for(lock, wait_after(tries), [this] { return given_up_; });
}

void StateStore::note_disk_works() {
  if (std::exchange(disk_failed_, false) && on_disk_) on_disk_(contents_->database, nullptr);
}

void StateStore::give_up_waiting() {
  const std::lock_guard lock(mutex_);
  given_up_ = true;
  no_more_waiting_.notify_all();
}

void StateStore::close(const std::function<void(Contents&)>& last) {
  boost::asio::post(thread_, [this, &last] {
    try {
      if (last) last(*contents_);
    } catch (const DatabaseError&) {
      // It cannot be noted; the next start looks closer.
    }
    contents_->database.checkpoint();
    contents_.reset();
  });
  thread_.join();
}

void StateStore::abandon() {
  boost::asio::post(thread_, [this] {
    contents_->database.leave_as_it_is();
    contents_.reset();
  });
  thread_.join();
}

}  // namespace gateway
