#include "gateway/file_system.h"

#include "tests/unit/gateway/settings_text.h"

#include <chrono>
#include <string>

#include <catch2/catch.hpp>

namespace {

using gateway::FileSystem;
using gateway::MtimeTrust;
using gateway::WatchMode;
using namespace gateway::test;
using namespace std::chrono_literals;

const FileSystem kExt4 = FileSystem::with_magic(0xEF53);
const FileSystem kNfs = FileSystem::with_magic(0x6969);
const FileSystem kFat = FileSystem::with_magic(0x4D44);
const FileSystem kUnknown = FileSystem::with_magic(0xABCDEF01);

std::string why_not_watched(const FileSystem& file_system, WatchMode mode) {
  return FileSystem::why_not_watched(&file_system, mode).str();
}

}  // namespace

TEST_CASE("A file system that is there has a name, one that is not has none") {
  const Folder folder;
  const auto here = FileSystem::of(folder.path());
  REQUIRE(here.has_value());
  CHECK_FALSE(here->name().empty());
  const auto gone = FileSystem::of(folder.path() / "gone");
  REQUIRE(gone.has_error());
  CHECK(gone.error() == boost::system::errc::no_such_file_or_directory);
}

TEST_CASE("A root that is a link is asked for what it leads to") {
  if (!std::filesystem::is_directory("/proc/self")) return;
  const Folder folder;
  std::filesystem::create_symlink("/proc", folder.path() / "link");
  const auto proc = FileSystem::of(folder.path() / "link");
  REQUIRE(proc.has_value());
  CHECK(proc->name().view() == "unknown 0x9fa0");
}

TEST_CASE("A file system is named by its number") {
  CHECK(kExt4.name().view() == "ext4");
  CHECK(kNfs.name().view() == "nfs");
  CHECK(FileSystem::with_magic(0x58465342).name().view() == "xfs");
  CHECK(FileSystem::with_magic(0x01021994).name().view() == "tmpfs");
  CHECK(FileSystem::with_magic(0x794C7630).name().view() == "overlay");
  for (const auto magic : {0x517Bu, 0xFF534D42u, 0xFE534D42u}) {
    CHECK(FileSystem::with_magic(magic).name().view() == "cifs");
    CHECK(FileSystem::with_magic(magic).is_remote());
  }
  CHECK(kUnknown.name().view() == "unknown 0xabcdef01");
}

TEST_CASE("Only of a local file system does the kernel tell every change") {
  CHECK(kExt4.reports_every_change());
  CHECK(kFat.reports_every_change());
  CHECK_FALSE(kExt4.is_remote());
  for (const auto magic : {0x6969u, 0x65735546u, 0x01021997u, 0x00C36400u, 0x5346414Fu, 0x0BD00BD0u}) {
    CHECK(FileSystem::with_magic(magic).is_remote());
    CHECK_FALSE(FileSystem::with_magic(magic).reports_every_change());
  }
  CHECK_FALSE(kUnknown.is_remote());
  CHECK_FALSE(kUnknown.reports_every_change());
}

TEST_CASE("The times of folders are trusted where they are known to be kept, or when the settings say so") {
  CHECK(kExt4.keeps_folder_times(MtimeTrust::automatic));
  for (const FileSystem* doubtful : {&kNfs, &kFat, &kUnknown}) {
    CHECK_FALSE(doubtful->keeps_folder_times(MtimeTrust::automatic));
    CHECK(doubtful->keeps_folder_times(MtimeTrust::yes));
  }
  CHECK_FALSE(kExt4.keeps_folder_times(MtimeTrust::no));
}

TEST_CASE("A time counts as settled after a clock's coarsest step, or after what two clocks may differ") {
  CHECK(kExt4.time_margin() == 2s);
  CHECK(kFat.time_margin() == 2s);
  CHECK(kNfs.time_margin() == 60s);
  CHECK(kUnknown.time_margin() == 60s);
}

TEST_CASE("Why something better is not used is said, with what to do about it") {
  CHECK(kExt4.why_all_folders(MtimeTrust::automatic).empty());
  CHECK(kNfs.why_all_folders(MtimeTrust::yes).empty());
  CHECK(
      kNfs.why_all_folders(MtimeTrust::automatic).view() ==
      "sweeps list every folder: a network file system's (nfs) times cannot be trusted; set trust-mtime=yes "
      "if its server keeps them");
  CHECK_THAT(kUnknown.why_all_folders(MtimeTrust::automatic).str(), Catch::Contains("(unknown 0xabcdef01)"));
  CHECK_THAT(kFat.why_all_folders(MtimeTrust::automatic).str(), Catch::Contains("another file system"));
  CHECK_THAT(kExt4.why_all_folders(MtimeTrust::no).str(), Catch::Contains("trust-mtime is set to no"));
  CHECK(why_not_watched(kExt4, WatchMode::automatic).empty());
  CHECK(why_not_watched(kUnknown, WatchMode::automatic).empty());
  CHECK(why_not_watched(kNfs, WatchMode::inotify).empty());
  CHECK_THAT(why_not_watched(kNfs, WatchMode::automatic), Catch::Contains("a network file system (nfs)"));
  CHECK_THAT(why_not_watched(kExt4, WatchMode::sweep), Catch::Contains("watch is set to sweep"));
  CHECK(FileSystem::why_not_watched(nullptr, WatchMode::automatic).empty());
  CHECK(FileSystem::why_not_watched(nullptr, WatchMode::sweep).view() == "watch is set to sweep");
}
