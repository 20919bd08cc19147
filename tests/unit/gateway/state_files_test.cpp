#include "gateway/state_files.h"

#include "tests/unit/gateway/settings_text.h"
#include "tests/unit/gateway/state_support.h"

#include <fstream>

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;

}  // namespace

TEST_CASE("A file of the database that is deleted, moved or replaced under it is noticed") {
  const Folder folder;
  const auto file = folder.path() / "kakehashi.db";
  Database database(file, Database::Access::read_write);
  database.execute("CREATE TABLE t (v)");
  const StateFiles files = StateFiles::now_at(file);
  database.checkpoint();
  { Database reader(file, Database::Access::read_only); }
  CHECK(files.are_in_place());
  const std::string ending = GENERATE("", "-wal");
  const auto one = std::filesystem::path(file).concat(ending);
  const std::string how = GENERATE("deleted", "moved", "replaced");
  std::filesystem::rename(one, folder.path() / "elsewhere");
  if (how == "deleted") std::filesystem::remove(folder.path() / "elsewhere");
  if (how == "replaced") std::filesystem::copy_file(folder.path() / "elsewhere", one);
  CHECK_FALSE(files.are_in_place());
}

TEST_CASE("A damaged database is moved aside with its log, and never onto one that lies there") {
  const Folder folder;
  const auto file = folder.path() / "kakehashi.db";
  CHECK_FALSE(move_aside(file, at(0)));
  CHECK_FALSE(was_moved_aside(file));
  std::vector<std::string> kept;
  for (const std::string content : {"first", "second"}) {
    for (const auto* ending : {"", "-wal"}) {
      std::ofstream(std::filesystem::path(file).concat(ending)) << content << ending;
    }
    const auto aside = move_aside(file, at(0));
    REQUIRE(aside);
    for (const auto* ending : {"", "-wal"}) {
      CHECK_FALSE(std::filesystem::exists(std::filesystem::path(file).concat(ending)));
      std::string text;
      std::ifstream(std::filesystem::path(*aside).concat(ending)) >> text;
      CHECK(text == content + ending);
    }
    kept.push_back(aside->filename());
  }
  CHECK(kept[0] == "kakehashi.db.damaged-1775001600");
  CHECK(kept[1] == "kakehashi.db.damaged-1775001600.2");
  CHECK(was_moved_aside(file));
}
