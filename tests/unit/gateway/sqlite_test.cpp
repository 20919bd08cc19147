#include "gateway/sqlite.h"

#include "tests/unit/gateway/settings_text.h"
#include "tests/unit/gateway/state_support.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <thread>

#include <catch2/catch.hpp>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using gateway::Database;
using gateway::DatabaseError;
using gateway::Transaction;
using gateway::test::Folder;
using gateway::test::value_of;

std::filesystem::path file_in(const Folder& folder) {
  return folder.path() / "test.db";
}

/// As long as it lives, connections that are opened can undo no transaction, or no part of one, once they are
/// told so: as if there were no memory for it.
class NoUndo {
 public:
  NoUndo() {
    action() = 0;
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(&refuse));
  }
  ~NoUndo() { sqlite3_reset_auto_extension(); }
  NoUndo(const NoUndo&) = delete;
  NoUndo& operator=(const NoUndo&) = delete;
  /// SQLITE_TRANSACTION or SQLITE_SAVEPOINT.
  void of(int refused) { action() = refused; }

 private:
  static int& action() {
    static int refused = 0;
    return refused;
  }
  static int refuse(sqlite3* connection, char**, const void*) {
    return sqlite3_set_authorizer(connection, &judge, nullptr);
  }
  static int judge(void*, int asked, const char* what, const char*, const char*, const char*) {
    return asked == action() && what == std::string_view("ROLLBACK") ? SQLITE_DENY : SQLITE_OK;
  }
};

}  // namespace

TEST_CASE("A database on disk is in WAL, syncs fully and minds foreign keys") {
  const Folder folder;
  Database database(file_in(folder), Database::Access::read_write);
  CHECK(value_of(database, "PRAGMA journal_mode") == "wal");
  CHECK(value_of(database, "PRAGMA synchronous") == "2");
  CHECK(value_of(database, "PRAGMA foreign_keys") == "1");
  CHECK(value_of(database, "PRAGMA busy_timeout") == "5000");
}

TEST_CASE("Values come back as they were bound: zero bytes, emptiness and null are different things") {
  Database database(":memory:", Database::Access::read_write);
  const std::string zero("a\0b", 3);
  auto select = database.prepare("SELECT ?, ?, ?, ?, ?");
  select.with(std::int64_t{-5'000'000'000}, std::string_view(zero), std::string_view(), std::nullopt,
              std::optional<std::string>("x"));
  REQUIRE(select.step());
  CHECK(select.integer(0) == -5'000'000'000);
  CHECK(select.text(1) == zero);
  CHECK_FALSE(select.is_null(2));
  CHECK(select.text(2).empty());
  CHECK(select.is_null(3));
  CHECK(select.text(4) == "x");
  CHECK_FALSE(select.step());
}

TEST_CASE("A lab value in a TEXT column keeps its digits") {
  Database database(":memory:", Database::Access::read_write);
  database.execute("CREATE TABLE t (v TEXT) STRICT");
  database.prepare("INSERT INTO t VALUES (?)").with(std::string_view("7.20")).run();
  CHECK(value_of(database, "SELECT v FROM t") == "7.20");
}

TEST_CASE("A transaction that is not committed is rolled back") {
  Database database(":memory:", Database::Access::read_write);
  database.execute("CREATE TABLE t (v INTEGER)");
  {
    const Transaction transaction(database);
    database.execute("INSERT INTO t VALUES (1)");
  }
  CHECK(value_of(database, "SELECT COUNT(*) FROM t") == "0");
  {
    Transaction transaction(database);
    database.execute("INSERT INTO t VALUES (1)");
    CHECK(database.changes() == 1);
    CHECK(database.last_row_id() == 1);
    transaction.commit();
  }
  CHECK(value_of(database, "SELECT COUNT(*) FROM t") == "1");
}

TEST_CASE("Of a part that cannot be undone nothing is committed with the whole") {
  NoUndo undo;
  Database database(":memory:", Database::Access::read_write);
  database.execute("CREATE TABLE t (v INTEGER)");
  Transaction whole(database);
  database.execute("INSERT INTO t VALUES (1)");
  {
    const Transaction part(database);
    database.execute("INSERT INTO t VALUES (2)");
    undo.of(SQLITE_SAVEPOINT);
  }
  CHECK_FALSE(database.in_transaction());
  CHECK_THROWS_AS(whole.commit(), DatabaseError);
  CHECK(value_of(database, "SELECT COUNT(*) FROM t") == "0");
}

TEST_CASE("A process that cannot undo a transaction ends, and the next one finds it undone") {
  const Folder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(STDERR_FILENO);
    std::signal(SIGABRT, SIG_DFL);  // Catch2's would tell of it
    NoUndo undo;
    Database database(file_in(folder), Database::Access::read_write);
    database.execute("CREATE TABLE t (v INTEGER)");
    {
      const Transaction transaction(database);
      database.execute("INSERT INTO t VALUES (1)");
      undo.of(SQLITE_TRANSACTION);
    }
    std::_Exit(0);
  }
  int ended = 0;
  REQUIRE(::waitpid(child, &ended, 0) == child);
  CHECK(WIFSIGNALED(ended));
  Database database(file_in(folder), Database::Access::read_write);
  CHECK(value_of(database, "SELECT COUNT(*) FROM t") == "0");
}

TEST_CASE("A second writer waits for the first instead of failing at once") {
  const Folder folder;
  Database first(file_in(folder), Database::Access::read_write);
  first.execute("CREATE TABLE t (v INTEGER)");
  Transaction transaction(first);
  first.execute("INSERT INTO t VALUES (1)");
  std::string seen;
  std::thread other([&] {
    Database second(file_in(folder), Database::Access::read_write);
    Transaction waits(second);
    seen = value_of(second, "SELECT COUNT(*) FROM t");
    waits.commit();
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  transaction.commit();
  other.join();
  CHECK(seen == "1");
}

TEST_CASE("A reader beside the writer sees what is committed and can change nothing") {
  const Folder folder;
  Database writer(file_in(folder), Database::Access::read_write);
  writer.execute("CREATE TABLE t (v INTEGER)");
  Database reader(file_in(folder), Database::Access::read_only);
  const Transaction transaction(writer);
  writer.execute("INSERT INTO t VALUES (1)");
  CHECK(value_of(reader, "SELECT COUNT(*) FROM t") == "0");
  CHECK_THROWS_AS(reader.execute("INSERT INTO t VALUES (2)"), DatabaseError);
}

TEST_CASE("A checkpoint leaves an empty write-ahead log") {
  const Folder folder;
  Database database(file_in(folder), Database::Access::read_write);
  database.execute("CREATE TABLE t (v INTEGER)");
  const auto log = folder.path() / "test.db-wal";
  CHECK(std::filesystem::file_size(log) > 0);
  {
    auto select = database.prepare("SELECT * FROM sqlite_schema");  // done with when it goes out of scope
    CHECK(select.step());
  }
  database.checkpoint();
  CHECK(std::filesystem::file_size(log) == 0);
}

TEST_CASE("Errors carry SQLite's code, and a full disk is told apart") {
  Database database(":memory:", Database::Access::read_write);
  database.execute("CREATE TABLE t (v INTEGER UNIQUE)");
  database.execute("INSERT INTO t VALUES (1)");
  auto insert = database.prepare("INSERT INTO t VALUES (1)");
  try {
    insert.run();
    FAIL("a second 1 was accepted");
  } catch (const DatabaseError& error) {
    CHECK(error.code() == SQLITE_CONSTRAINT_UNIQUE);
    CHECK_FALSE(error.may_pass());
  }
  CHECK(DatabaseError(SQLITE_FULL, "").may_pass());
  CHECK(DatabaseError(SQLITE_IOERR_WRITE, "").may_pass());
  CHECK_THROWS_AS(database.prepare("SELECT FROM"), DatabaseError);
  CHECK_THROWS_AS(database.execute("nonsense"), DatabaseError);
}

TEST_CASE("A real full disk is told apart, and the transaction that met it is undone") {
  Database database(":memory:", Database::Access::read_write);
  database.execute("CREATE TABLE t (v TEXT)");
  database.execute("PRAGMA max_page_count = 4");
  try {
    Transaction transaction(database);
    for (int i = 0; i < 100; ++i) {
      database.prepare("INSERT INTO t VALUES (?)").with(std::string_view(std::string(2'000, 'x'))).run();
    }
    FAIL("the disk did not fill");
  } catch (const DatabaseError& error) {
    CHECK(error.may_pass());
  }
  CHECK(value_of(database, "SELECT COUNT(*) FROM t") == "0");
}

TEST_CASE("A file that cannot be opened is an error that names it") {
  const Folder folder;
  CHECK_THROWS_WITH(Database(folder.path() / "missing" / "x.db", Database::Access::read_write),
                    Catch::Contains("x.db"));
  CHECK_THROWS_AS(Database(folder.path() / "none.db", Database::Access::read_only), DatabaseError);
}
