#include "gateway/storage_tree.h"

#include "tests/unit/gateway/storage_support.h"

#include <algorithm>
#include <mutex>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using gateway::FolderListing;
using gateway::FolderToLookAt;
using gateway::look_at;
using gateway::LookRules;
using gateway::SeenFile;
using namespace gateway::test;

using Names = std::vector<std::string>;
using Outcome = FolderListing::Outcome;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kLongAgo = 1'000'000'000 * kSecond;

std::int64_t mtime_of(const std::filesystem::path& path) {
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  return about.st_mtim.tv_sec * kSecond + about.st_mtim.tv_nsec;
}

void set_mtime(const std::filesystem::path& path, std::int64_t mtime_ns) {
  const timespec time{mtime_ns / kSecond, mtime_ns % kSecond};
  const timespec both[2] = {time, time};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), both, 0) == 0);
}

FolderToLookAt folder_at(const std::string& path, int level = gateway::kDateLevel) {
  return {.path = path, .level = level};
}

FolderListing look_at_one(const std::filesystem::path& root, const FolderToLookAt& folder,
                          const LookRules& rules = {}) {
  const auto listings = look_at(root, {folder}, rules);
  REQUIRE(listings.size() == 1);
  return listings.front();
}

Names names_of(const std::vector<SeenFile>& files) {
  Names names;
  for (const SeenFile& file : files) names.push_back(file.name);
  return names;
}

}  // namespace

// --- what a folder holds ---

TEST_CASE("A folder is listed in order, files with their states, links as files and not followed") {
  const Folder folder;
  write_file(folder.path() / "at" / "b", "12345");
  write_file(folder.path() / "at" / "a", "1");
  write_file(folder.path() / "at" / "sub" / "x", "1");
  std::filesystem::create_directory_symlink(folder.path() / "at" / "sub", folder.path() / "at" / "link");
  const FolderListing listing = look_at_one(folder.path(), folder_at("at"));
  CHECK(listing.outcome == Outcome::listed);
  CHECK(listing.mtime_ns == mtime_of(folder.path() / "at"));
  CHECK(listing.directories == Names{"sub"});
  REQUIRE(names_of(listing.files) == Names{"a", "b", "link"});
  CHECK(listing.files[1].stat->size == 5);
  CHECK(listing.files[0].stat == gateway::read_document(folder.path() / "at" / "a")->stat);
  CHECK(listing.files[2].stat == *gateway::stat_document(folder.path() / "at" / "link"));
}

TEST_CASE("Sizes are asked for as the rules say: never, always, or when the folder has changed") {
  const Folder folder;
  write_file(folder.path() / "at" / "a", "1");
  FolderToLookAt at = folder_at("at");
  LookRules rules{.trust_mtime = false};
  const auto has_stat = [&] { return look_at_one(folder.path(), at, rules).files.at(0).stat.has_value(); };
  rules.stat_files = LookRules::Stat::when_changed;
  CHECK(has_stat());
  rules.stat_files = LookRules::Stat::never;
  CHECK_FALSE(has_stat());
  at.known_mtime_ns = mtime_of(folder.path() / "at");
  rules.stat_files = LookRules::Stat::when_changed;
  CHECK_FALSE(has_stat());
  rules.stat_files = LookRules::Stat::always;
  CHECK(has_stat());
}

TEST_CASE("Directories that are not wanted are named as such: they are not lost") {
  const Folder folder;
  std::filesystem::create_directories(folder.path() / "at" / "PPR-01");
  std::filesystem::create_directories(folder.path() / "at" / "OMD");
  LookRules rules;
  rules.is_wanted = [](const FolderToLookAt& at, std::string_view name) {
    return at.path == "at" && name != "OMD";
  };
  const FolderListing listing = look_at_one(folder.path(), folder_at("at"), rules);
  CHECK(listing.directories == Names{"PPR-01"});
  CHECK(listing.unwanted == Names{"OMD"});
}

TEST_CASE("Nothing lies below a kind folder but documents: a directory there is seen as a file") {
  const Folder folder;
  std::filesystem::create_directories(folder.path() / "PPR-01" / "old" / "deeper");
  const FolderListing listing = look_at_one(folder.path(), folder_at("PPR-01", gateway::kKindLevel));
  CHECK(listing.directories.empty());
  CHECK(names_of(listing.files) == Names{"old"});
}

TEST_CASE("An empty folder is listed: what was in it has gone") {
  const Folder folder;
  std::filesystem::create_directories(folder.path() / "at");
  const FolderListing listing = look_at_one(folder.path(), folder_at("at"));
  CHECK(listing.outcome == Outcome::listed);
  CHECK(listing.files.empty());
  CHECK(listing.directories.empty());
}

// --- what did not change ---

TEST_CASE("A folder with the time that is known is left out, the others stay in their order") {
  const Folder folder;
  for (const char* name : {"a", "b", "c"}) std::filesystem::create_directories(folder.path() / name);
  std::vector<FolderToLookAt> folders = {folder_at("c"), folder_at("b"), folder_at("a")};
  folders[1].known_mtime_ns = mtime_of(folder.path() / "b");
  folders[2].known_mtime_ns = mtime_of(folder.path() / "a") - 1;
  const auto listings = look_at(folder.path(), folders, {});
  REQUIRE(listings.size() == 2);
  CHECK(listings[0].folder.path == "c");
  CHECK(listings[1].folder.path == "a");
}

TEST_CASE("A time that is not the known one is a change, also when it is an older one") {
  const Folder folder;
  std::filesystem::create_directories(folder.path() / "at");
  FolderToLookAt at = folder_at("at");
  at.known_mtime_ns = mtime_of(folder.path() / "at");
  set_mtime(folder.path() / "at", kLongAgo);
  CHECK(look_at(folder.path(), {at}, {}).size() == 1);
}

TEST_CASE("Where times are not trusted every folder is listed, changed or not") {
  const Folder folder;
  write_file(folder.path() / "at" / "a", "1");
  FolderToLookAt at = folder_at("at");
  at.known_mtime_ns = mtime_of(folder.path() / "at");
  CHECK(look_at(folder.path(), {at}, {}).empty());
  CHECK(names_of(look_at_one(folder.path(), at, {.trust_mtime = false}).files) == Names{"a"});
}

TEST_CASE("A young time is not believed: a change within the clock's grain would not show in it") {
  const Folder folder;
  std::filesystem::create_directories(folder.path() / "at");
  const LookRules rules{.mtime_margin_ns = 60 * kSecond};
  CHECK_FALSE(look_at_one(folder.path(), folder_at("at"), rules).mtime_tells);
  const std::int64_t now_ns = mtime_of(folder.path() / "at");
  set_mtime(folder.path() / "at", now_ns - 59 * kSecond);
  CHECK_FALSE(look_at_one(folder.path(), folder_at("at"), rules).mtime_tells);
  set_mtime(folder.path() / "at", now_ns - 61 * kSecond);
  CHECK(look_at_one(folder.path(), folder_at("at"), rules).mtime_tells);
  set_mtime(folder.path() / "at", now_ns + 3'600 * kSecond);  // another machine's clock
  CHECK_FALSE(look_at_one(folder.path(), folder_at("at"), rules).mtime_tells);
}

TEST_CASE("A folder that goes is told, although its time was trusted") {
  const Folder folder;
  std::filesystem::create_directories(folder.path() / "at");
  FolderToLookAt at = folder_at("at");
  at.known_mtime_ns = mtime_of(folder.path() / "at");
  std::filesystem::remove(folder.path() / "at");
  CHECK(look_at_one(folder.path(), at).outcome == Outcome::gone);
}

// --- what cannot be listed ---

TEST_CASE("What is not there, or is no directory, is gone and not an empty folder") {
  const Folder folder;
  write_file(folder.path() / "file", "1");
  std::filesystem::create_directories(folder.path() / "real");
  std::filesystem::create_directory_symlink(folder.path() / "real", folder.path() / "link");
  CHECK(look_at_one(folder.path(), folder_at("none")).outcome == Outcome::gone);
  CHECK(look_at_one(folder.path(), folder_at("file")).outcome == Outcome::gone);
  CHECK(look_at_one(folder.path(), folder_at("file/below")).outcome == Outcome::gone);
  CHECK(look_at_one(folder.path(), folder_at("link")).outcome == Outcome::gone);
}

TEST_CASE("A folder that may not be read is there: it is unreadable, not gone") {
  if (::geteuid() == 0) return;  // root reads everything
  const Folder folder;
  std::filesystem::create_directories(folder.path() / "shut" / "below");
  std::filesystem::permissions(folder.path() / "shut", std::filesystem::perms::none);
  CHECK(look_at_one(folder.path(), folder_at("shut")).outcome == Outcome::unreadable);
  CHECK(look_at_one(folder.path(), folder_at("shut/below")).outcome == Outcome::unreadable);
  std::filesystem::permissions(folder.path() / "shut", std::filesystem::perms::owner_all);
}

TEST_CASE("A name too long for the file system is unreadable, not gone") {
  const Folder folder;
  CHECK(look_at_one(folder.path(), folder_at(std::string(300, 'x'))).outcome == Outcome::unreadable);
}

TEST_CASE("The root may be a link to a mount, a folder below it may not") {
  const Folder mount;
  const Folder folder;
  write_file(mount.path() / "000" / "x", "1");
  std::filesystem::create_directory_symlink(mount.path(), folder.path() / "root");
  std::filesystem::create_directory_symlink(mount.path() / "000", mount.path() / "001");
  const FolderListing root = look_at_one(folder.path() / "root", folder_at("", gateway::kRootLevel));
  CHECK(root.directories == Names{"000"});
  CHECK(names_of(root.files) == Names{"001"});
  CHECK(look_at_one(folder.path() / "root", folder_at("001", 1)).outcome == Outcome::gone);
}

// --- in which way ---

TEST_CASE("Every folder is announced before it is read: what comes after the announcement is not missed") {
  const Folder folder;
  std::filesystem::create_directories(folder.path() / "a");
  FolderToLookAt known = folder_at("a");
  known.known_mtime_ns = mtime_of(folder.path() / "a");
  set_mtime(folder.path() / "a", kLongAgo);
  known.known_mtime_ns = kLongAgo;
  Names announced;
  LookRules rules;
  rules.before_looking = [&](const FolderToLookAt& at) {
    announced.push_back(at.path);
    if (at.path == "a") write_file(folder.path() / "a" / "late", "1");
  };
  const auto listings = look_at(folder.path(), {folder_at("", gateway::kRootLevel), known}, rules);
  CHECK(announced == Names{"", "a"});
  REQUIRE(listings.size() == 2);
  CHECK(names_of(listings[1].files) == Names{"late"});
}

TEST_CASE("Several threads find the same as one, in the same order") {
  const Folder folder;
  std::vector<FolderToLookAt> folders;
  for (int i = 0; i < 1'000; ++i) {
    const std::string name = std::to_string(i);
    std::filesystem::create_directories(folder.path() / name / "sub");
    if (i % 7 == 0) write_file(folder.path() / name / "file", name);
    set_mtime(folder.path() / name, kLongAgo);
    folders.push_back(folder_at(name));
    if (i % 5 == 0) folders.back().known_mtime_ns = kLongAgo;
    if (i % 11 == 0) folders.back().path = "none" + name;
  }
  std::mutex mutex;
  std::size_t announced = 0;
  const auto found = [&](int concurrency) {
    LookRules rules{.concurrency = concurrency};
    rules.before_looking = [&](const FolderToLookAt&) {
      const std::lock_guard lock(mutex);
      ++announced;
    };
    Names lines;
    for (const FolderListing& each : look_at(folder.path(), folders, rules)) {
      lines.push_back(each.folder.path + (each.outcome == Outcome::gone ? " gone" : "") +
                      (each.mtime_tells ? " tells" : ""));
      for (const std::string& name : each.directories) lines.back() += " " + name;
      for (const SeenFile& file : each.files) lines.back() += " " + std::to_string(file.stat->size);
    }
    return lines;
  };
  const Names alone = found(1);
  CHECK(alone.size() > 800);
  CHECK(alone.size() < 1'000);
  CHECK(found(8) == alone);
  CHECK(announced == 2'000);
}
