#pragma once
// The database with everything that lives in it, and the one thread that may touch it. Others hand in a
// function:
//
//     auto count = [](StateStore::Contents& state) { return state.ledger.live_documents(); };
//     auto documents = co_await store.run(std::move(count));

#include "gateway/ledger.h"
#include "gateway/outbox.h"
#include "gateway/run_on.h"
#include "gateway/sqlite.h"
#include "gateway/units.h"

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
    Database database;
    Units units;
    Ledger ledger;
    Outbox outbox;
  };

  explicit StateStore(std::unique_ptr<Contents> contents) : contents_(std::move(contents)) {}

  /// Runs `fn(Contents&)` on the storage thread; what it throws is thrown here.
  template <class Fn>
  boost::asio::awaitable<std::invoke_result_t<Fn&, Contents&>> run(Fn fn) {
    auto bound = [contents = contents_.get(), fn = std::move(fn)]() mutable { return fn(*contents); };
    co_return co_await run_on(thread_, std::move(bound));
  }

  /// Empties the write-ahead log, closes the database on its own thread and ends that thread.
  void close() {
    boost::asio::post(thread_, [this] {
      contents_->database.checkpoint();
      contents_.reset();
    });
    thread_.join();
  }

 private:
  boost::asio::thread_pool thread_{1};
  std::unique_ptr<Contents> contents_;  // storage thread only
};

}  // namespace gateway
