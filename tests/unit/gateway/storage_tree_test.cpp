#include "gateway/storage_tree.h"

#include "tests/unit/gateway/storage_support.h"

#include <catch2/catch.hpp>
#include <unistd.h>

namespace {

using gateway::list_directory;
using gateway::list_subtree;
using gateway::SubtreeListing;
using gateway::SubtreeRules;
using namespace gateway::test;

const SubtreeRules kAll{[](const std::string&) { return true; }, [](const std::string&) {}};

std::vector<std::string> folders_of(const SubtreeListing& listing) {
  std::vector<std::string> folders;
  for (const auto& folder : listing.folders) folders.push_back(folder.folder);
  return folders;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("A directory is listed in order, files with their states, links as files and not followed") {
  const Folder folder;
  write_file(folder.path() / "b", "12345");
  write_file(folder.path() / "a", "1");
  write_file(folder.path() / "sub" / "x", "1");
  std::filesystem::create_directory_symlink(folder.path() / "sub", folder.path() / "link");
  const auto entries = list_directory(folder.path());
  REQUIRE(entries.has_value());
  CHECK(entries->directories == Names{"sub"});
  REQUIRE(entries->files.size() == 3);
  CHECK(entries->files[0].name == "a");
  CHECK(entries->files[1].name == "b");
  CHECK(entries->files[1].stat.size == 5);
  CHECK(entries->files[1].stat.mtime_ns > 0);
  CHECK(entries->files[2].name == "link");
  CHECK(entries->files[0].stat == gateway::read_document(folder.path() / "a")->stat);
}

TEST_CASE("A directory that is not there, or is none, is an error and no empty directory") {
  const Folder folder;
  write_file(folder.path() / "file", "1");
  CHECK_FALSE(list_directory(folder.path() / "none").has_value());
  CHECK_FALSE(list_directory(folder.path() / "file").has_value());
  std::filesystem::create_directory_symlink(folder.path(), folder.path() / "link");
  CHECK_FALSE(list_directory(folder.path() / "link").has_value());
}

TEST_CASE("A subtree is listed depth-first from its folder, empty folders included") {
  const Folder folder;
  write_file(folder.path() / "000/123/0001234/-/PPR-01/x", "1");
  std::filesystem::create_directories(folder.path() / "000/123/0001234/20260401");
  write_file(folder.path() / "001/other", "1");
  CHECK(folders_of(list_subtree(folder.path(), "000", kAll)) ==
        Names{"000", "000/123", "000/123/0001234", "000/123/0001234/-", "000/123/0001234/-/PPR-01",
              "000/123/0001234/20260401"});
  const auto whole = list_subtree(folder.path(), "", kAll);
  CHECK(whole.folders.size() == 8);
  CHECK(whole.folders.front().folder.empty());
  CHECK(whole.unreadable.empty());
}

TEST_CASE("Directories that are not wanted are not entered") {
  const Folder folder;
  write_file(folder.path() / "a" / "PPR-01" / "x", "1");
  write_file(folder.path() / "a" / "OMD" / "y", "1");
  const SubtreeRules rules{[](const std::string& name) { return name != "OMD"; }, [](const std::string&) {}};
  CHECK(folders_of(list_subtree(folder.path(), "a", rules)) == Names{"a", "a/PPR-01"});
}

TEST_CASE("Every folder is announced before it is read: what comes after the announcement is not missed") {
  const Folder folder;
  std::filesystem::create_directories(folder.path() / "a");
  Names announced;
  const SubtreeRules rules{[](const std::string&) { return true; },
                           [&](const std::string& at) {
                             announced.push_back(at);
                             if (at == "a") write_file(folder.path() / "a" / "late", "1");
                           }};
  const auto listing = list_subtree(folder.path(), "", rules);
  CHECK(announced == Names{"", "a"});
  REQUIRE(listing.folders.size() == 2);
  CHECK(listing.folders[1].files.size() == 1);
}

TEST_CASE("A folder that is gone is not listed, one that cannot be read is named") {
  const Folder folder;
  const auto gone = list_subtree(folder.path(), "none", kAll);
  CHECK(gone.folders.empty());
  CHECK(gone.unreadable.empty());
  if (::geteuid() == 0) return;  // root reads everything
  std::filesystem::create_directories(folder.path() / "shut");
  std::filesystem::permissions(folder.path() / "shut", std::filesystem::perms::none);
  CHECK(list_subtree(folder.path(), "", kAll).unreadable == Names{"shut"});
  std::filesystem::permissions(folder.path() / "shut", std::filesystem::perms::owner_all);
}

TEST_CASE("A tree deeper than any storage is not followed to its end") {
  const Folder folder;
  std::filesystem::create_directories(folder.path() / "1/2/3/4/5/6/7/8/9/10");
  CHECK(folders_of(list_subtree(folder.path(), "", kAll)).back() == "1/2/3/4/5/6/7/8");
}

TEST_CASE("The root may be a link to a mount, a folder below it may not") {
  const Folder mount;
  const Folder folder;
  write_file(mount.path() / "000" / "x", "1");
  std::filesystem::create_directory_symlink(mount.path(), folder.path() / "root");
  std::filesystem::create_directory_symlink(mount.path() / "000", mount.path() / "001");
  CHECK(folders_of(list_subtree(folder.path() / "root", "", kAll)) == Names{"", "000"});
  CHECK(folders_of(list_subtree(folder.path() / "root", "001", kAll)).empty());
}

TEST_CASE("A listing may stop at its folder, and names the wanted directories below it") {
  const Folder folder;
  write_file(folder.path() / "PPR-01" / "x", "1");
  std::filesystem::create_directories(folder.path() / "OMD");
  SubtreeRules rules{[](const std::string& name) { return name != "OMD"; }, [](const std::string&) {}};
  rules.levels = 0;
  const auto listing = list_subtree(folder.path(), "", rules);
  REQUIRE(listing.folders.size() == 1);
  CHECK(listing.folders[0].directories == Names{"PPR-01"});
}
