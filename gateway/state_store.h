#pragma once
// The database with everything that lives in it, and the one thread that may touch it. Others hand in a
// function:
//
//     auto count = [](StateStore::Contents& state) { return state.ledger.live_documents(); };
//     auto documents = co_await store.run(std::move(count));
//
// A disk that is full, gone or read-only loses nothing: the thread waits for its cure and does the same
// again, and whoever asked waits with it. So a function may run more than once: it changes nothing but the
// database, all of it in one transaction.

#include "gateway/ledger.h"
#include "gateway/outbox.h"
#include "gateway/run_on.h"
#include "gateway/sqlite.h"
#include "gateway/unit_years.h"
#include "gateway/units.h"
#include "gateway/write_request.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include <boost/asio/thread_pool.hpp>

namespace gateway {

class StateStore {
 public:
  struct Contents {
    Contents(const std::filesystem::path& file, TimeZone zone)
        : database(file, Database::Access::read_write),
          units(database),
          ledger(database, units),
          outbox(database, units, zone) {}

    /// The years that units are given stand in that file before they are committed.
    UnitYears::Merged keep_years_in(const std::filesystem::path& file);

    Database database;
    Units units;
    Ledger ledger;
    Outbox outbox;
    std::unique_ptr<UnitYears> years;
  };

  /// Told on the storage thread when the disk fails, with the error, and without one when it works again.
  using OnDisk = std::function<void(Database&, const DatabaseError*)>;

  explicit StateStore(std::unique_ptr<Contents> contents, OnDisk on_disk = {})
      : contents_(std::move(contents)), on_disk_(std::move(on_disk)) {}

  /// Runs `fn(Contents&)` on the storage thread; what it throws is thrown here.
  template <class Fn>
  boost::asio::awaitable<std::invoke_result_t<const Fn&, Contents&>> run(Fn fn) {
    auto bound = [this, fn = std::move(fn)] { return patiently([&] { return fn(*contents_); }); };
    co_return co_await run_on(thread_, std::move(bound));
  }

  /// The same for what only writes: done when it is durable. While one commit is synced others gather, and
  /// all of those share the next.
  template <class Fn>
  boost::asio::awaitable<std::invoke_result_t<const Fn&, Contents&>> write(Fn fn) {
    auto enqueue = [this](std::unique_ptr<WriteRequest<Contents>> request) { add(std::move(request)); };
    co_return co_await when_written<Contents>(std::move(enqueue), std::move(fn));
  }

  /// How long the storage thread has been at what it does now; not while it waits for a disk to be cured.
  /// From any thread.
  std::chrono::steady_clock::duration busy_for() const;

  /// Nobody waits for the disk any more: what waits fails, now and from now on. From any thread.
  void give_up_waiting();

  /// After a last note of the caller's, empties the write-ahead log, closes the database on its own thread
  /// and ends that thread.
  void close(const std::function<void(Contents&)>& last = {});
  /// The same for one that is damaged: its files stay as they are.
  void abandon();

 private:
  using Group = std::vector<std::unique_ptr<WriteRequest<Contents>>>;

  void add(std::unique_ptr<WriteRequest<Contents>> request);
  std::unique_ptr<WriteRequest<Contents>> next_request();
  void write_group();
  void try_group(Group& group);
  bool wait_for_disk(const DatabaseError& error, int tries);
  void note_disk_works();

  /// One try of one piece of work.
  class Busy {
   public:
    explicit Busy(std::atomic<std::chrono::steady_clock::rep>& since) : since_(since) {
      since_ = std::chrono::steady_clock::now().time_since_epoch().count();
    }
    ~Busy() { since_ = 0; }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

   private:
    std::atomic<std::chrono::steady_clock::rep>& since_;
  };

  /// As often as it takes until the disk lets it.
  template <class Work>
  std::invoke_result_t<Work&> patiently(Work work) {
    for (int tries = 1;; ++tries) {
      try {
        const Busy busy(busy_since_);
        if constexpr (std::is_void_v<std::invoke_result_t<Work&>>) {
          work();
          return note_disk_works();
        } else {
          auto result = work();
          note_disk_works();
          return result;
        }
      } catch (const DatabaseError& error) {
        if (!wait_for_disk(error, tries)) throw;
      }
    }
  }

  boost::asio::thread_pool thread_{1};
  std::unique_ptr<Contents> contents_;  // storage thread only
  OnDisk on_disk_;
  bool disk_failed_ = false;                                   // storage thread only
  std::atomic<std::chrono::steady_clock::rep> busy_since_{0};  // 0: it waits for work, or for the disk
  std::mutex mutex_;                                           // of all below
  std::deque<std::unique_ptr<WriteRequest<Contents>>> requests_;
  bool group_posted_ = false;
  bool given_up_ = false;
  std::condition_variable no_more_waiting_;
};

}  // namespace gateway
