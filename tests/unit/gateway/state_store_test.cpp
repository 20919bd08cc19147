#include "gateway/state_store.h"

#include "tests/unit/gateway/coroutine_run.h"
#include "tests/unit/gateway/settings_text.h"
#include "tests/unit/gateway/state_support.h"

#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

namespace {

namespace asio = boost::asio;

using gateway::Database;
using gateway::DatabaseError;
using gateway::StateStore;
using namespace gateway::test;
using namespace std::chrono_literals;

void add_number(StateStore::Contents& state, int number) {
  gateway::Transaction transaction(state.database);
  state.database.prepare("INSERT INTO number VALUES (?)").with(std::int64_t{number}).run();
  transaction.commit();
}

/// A store on disk with a table of numbers, and what others see of it.
class Stored {
 public:
  explicit Stored(StateStore::OnDisk on_disk = {}) : store_(make(), std::move(on_disk)) {}
  ~Stored() { store_.close(); }
  Stored(const Stored&) = delete;
  Stored& operator=(const Stored&) = delete;

  StateStore& store() { return store_; }
  CoroutineRun& run() { return run_; }

  template <class Fn>
  void write(Fn fn) {
    run_.spawn(writing(std::move(fn)));
  }
  template <class Fn>
  void ask(Fn fn) {
    run_.spawn(asking(std::move(fn)));
  }
  /// On a connection of its own: what is committed.
  std::string committed() {
    Database other(file(), Database::Access::read_only);
    return value_of(other, "SELECT COUNT(*) FROM number");
  }

  int written = 0;
  std::vector<std::string> thrown;

 private:
  std::filesystem::path file() const { return folder_.path() / "test.db"; }
  std::unique_ptr<StateStore::Contents> make() {
    auto contents = std::make_unique<StateStore::Contents>(file(), *gateway::TimeZone::named("Asia/Tokyo"));
    contents->database.execute("CREATE TABLE number (n INTEGER UNIQUE)");
    contents->database.execute("CREATE TABLE alarm (storage, kind)");
    return contents;
  }
  template <class Fn>
  asio::awaitable<void> writing(Fn fn) {
    std::string what;
    try {
      co_await store_.write(std::move(fn));
      ++written;
    } catch (const std::exception& error) {
      what = error.what();
    }
    if (!what.empty()) thrown.push_back(what);
  }
  template <class Fn>
  asio::awaitable<void> asking(Fn fn) {
    co_await store_.run(std::move(fn));
  }

  Folder folder_;
  CoroutineRun run_;
  StateStore store_;
};

}  // namespace

TEST_CASE("What was written is durable before whoever wrote it goes on") {
  Stored stored;
  bool checked = false;
  auto claim = [](StateStore::Contents& state) {
    add_number(state, 1);
    return 7;
  };
  const auto use = [](Stored& in, decltype(claim) fn, bool& done) -> asio::awaitable<void> {
    const int got = co_await in.store().write(std::move(fn));
    CHECK(got == 7);
    CHECK(in.committed() == "1");
    done = true;
  };
  stored.run().spawn(use(stored, claim, checked));
  stored.run().to_the_end();
  CHECK(checked);
}

TEST_CASE("What gathers while the storage thread is busy is committed at once, and once") {
  Stored stored;
  std::atomic<int> commits = 0;
  stored.ask([&commits](StateStore::Contents& state) {
    state.database.before_commit([&commits] { ++commits; });
    std::this_thread::sleep_for(50ms);
  });
  for (int i = 0; i < 20; ++i) {
    stored.write([i](StateStore::Contents& state) { add_number(state, i); });
  }
  stored.run().to_the_end();
  CHECK(stored.written == 20);
  CHECK(stored.committed() == "20");
  CHECK(commits == 1);
}

TEST_CASE("One that fails undoes nothing of those it was to be committed with") {
  Stored stored;
  stored.ask([](StateStore::Contents&) { std::this_thread::sleep_for(50ms); });
  stored.write([](StateStore::Contents& state) { add_number(state, 1); });
  stored.write([](StateStore::Contents& state) {
    add_number(state, 2);
    throw std::runtime_error("a bug");
  });
  stored.write([](StateStore::Contents& state) { add_number(state, 1); });  // is there already
  stored.write([](StateStore::Contents& state) { add_number(state, 3); });
  stored.run().to_the_end();
  CHECK(stored.written == 2);
  REQUIRE(stored.thrown.size() == 2);
  CHECK(stored.thrown[0] == "a bug");
  CHECK_THAT(stored.thrown[1], Catch::Contains("UNIQUE"));
  CHECK(stored.committed() == "2");
}

TEST_CASE("A group ends after 20 ms of work, so that nobody waits long for the others") {
  Stored stored;
  std::atomic<int> commits = 0;
  stored.ask([&commits](StateStore::Contents& state) {
    state.database.before_commit([&commits] { ++commits; });
    std::this_thread::sleep_for(20ms);
  });
  for (int i = 0; i < 6; ++i) {
    stored.write([i](StateStore::Contents& state) {
      std::this_thread::sleep_for(15ms);
      add_number(state, i);
    });
  }
  stored.run().to_the_end();
  CHECK(commits >= 3);
  CHECK(stored.committed() == "6");
}

TEST_CASE("A full disk is waited for: everything comes after its cure, once") {
  std::vector<bool> told;
  Stored stored([&told](Database& database, const DatabaseError* error) {
    told.push_back(error != nullptr);
    if (error != nullptr) {
      CHECK(error->may_pass());
      database.execute("PRAGMA max_page_count = 1000000");  // the cure
    }
  });
  const bool grouped = GENERATE(true, false);
  stored.ask([](StateStore::Contents& state) {
    state.database.execute("CREATE TABLE ballast (t TEXT)");
    state.database.prepare("PRAGMA max_page_count = 1").step();  // as many as there are
  });
  const auto fill = [](StateStore::Contents& state) {
    gateway::Transaction transaction(state.database);
    for (int i = 0; i < 10; ++i) add_number(state, i);
    state.database.prepare("INSERT INTO ballast VALUES (?)").with(std::string(100'000, 'x')).run();
    transaction.commit();
  };
  if (grouped) {
    stored.write(fill);
    stored.write([](StateStore::Contents& state) { add_number(state, 10); });
  } else {
    stored.ask(fill);
    stored.ask([](StateStore::Contents& state) { add_number(state, 10); });
  }
  stored.run().to_the_end();
  CHECK(stored.committed() == "11");
  CHECK(stored.thrown.empty());
  CHECK(told == std::vector{true, false});
}

TEST_CASE("A disk that became read-only is waited for until nobody waits any more") {
  std::atomic<bool> failed = false;
  Stored stored([&failed](Database&, const DatabaseError* error) { failed = error != nullptr; });
  stored.ask([](StateStore::Contents& state) { state.database.execute("PRAGMA query_only = ON"); });
  stored.write([](StateStore::Contents& state) { add_number(state, 1); });
  stored.run().until([&] { return failed.load(); });
  CHECK(stored.written == 0);
  SECTION("the gateway stops") {
    stored.store().give_up_waiting();
    stored.run().to_the_end();
    REQUIRE(stored.thrown.size() == 1);
    CHECK_THAT(stored.thrown.front(), Catch::Contains("readonly"));
  }
}

TEST_CASE("Damage is told at once: waiting cures nothing") {
  Stored stored;
  stored.write([](StateStore::Contents&) { throw DatabaseError::of_damage("a page is wrong"); });
  stored.run().to_the_end();
  CHECK(stored.thrown == std::vector<std::string>{"a page is wrong"});
}
