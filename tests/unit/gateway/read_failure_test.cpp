#include "gateway/read_failure.h"

#include "tests/unit/gateway/settings_text.h"

#include <cerrno>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using gateway::test::Folder;

constexpr int kIoErrorCorruptFileSystem = 10 | 33 << 8;  // as SQLite calls EIO
const DatabaseError kReadFailure(kIoErrorCorruptFileSystem, "a sector");

/// Of some pages, closed.
std::filesystem::path database_in(const Folder& folder) {
  const auto file = folder.path() / "test.db";
  Database database(file, Database::Access::read_write);
  database.execute("CREATE TABLE t (v TEXT)");
  for (int i = 0; i < 100; ++i)
    database.prepare("INSERT INTO t VALUES (?)").with(std::string(1'000, 'x')).run();
  return file;
}

void damage(const std::filesystem::path& file) {
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekp(3 * 4096);
  bytes << std::string(4096, '\xa5');
}

}  // namespace

TEST_CASE("Reads of a database that is right may fail for a while") {
  const Folder folder;
  const auto file = database_in(folder);
  CHECK(judge_read_failure(file) == ReadVerdict::right);
  for (int tries = 1; tries <= 3 * kReadTries; ++tries) demand_readable(file, kReadFailure, tries);
}

TEST_CASE("A database that contradicts itself is damaged, but nobody asks at the first failure") {
  const Folder folder;
  const auto file = database_in(folder);
  damage(file);
  CHECK(judge_read_failure(file) == ReadVerdict::damaged);
  for (int tries = 1; tries < kReadTries; ++tries) demand_readable(file, kReadFailure, tries);
  CHECK_THROWS_AS(demand_readable(file, kReadFailure, kReadTries), DatabaseError);
  // A full disk is no reason to read the whole file.
  demand_readable(file, DatabaseError::of_system(ENOSPC, "writing"), kReadTries);
}

TEST_CASE("A database that is not there is the disk's matter, or a person's, and not damaged") {
  const Folder folder;
  CHECK(judge_read_failure(folder.path() / "test.db") == ReadVerdict::disk);
}

TEST_CASE("A read that failed passes, and is no damage by itself") {
  CHECK(kReadFailure.unreadable());
  CHECK(kReadFailure.may_pass());
  CHECK_FALSE(kReadFailure.damaged());
}
