#include "gateway/state_place.h"

#include "tests/unit/gateway/settings_text.h"

#include <fstream>

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;

constexpr const char* kMounts =
    "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
    "23 22 8:2 / /srv rw - xfs /dev/sdb1 rw\n"
    "24 22 8:2 /ssmix2/old\\040one /var/lib/bound rw - xfs /dev/sdb1 rw\n"
    "25 22 0:40 / /mnt rw - nfs server:/ rw\n"
    "26 22 8:3 / /mnt rw - ext4 /dev/sdc1 rw\n";

PlaceOnDisk place(const std::string& path) {
  const auto found = place_of(path, kMounts);
  REQUIRE(found);
  return *found;
}

std::string complaint(const Settings& settings) {
  const auto errors = check_state_place(settings);
  return errors.empty() ? "" : errors.front().message;
}

}  // namespace

TEST_CASE("A path lies where its mount says, and of two mounts at one place the last is on top") {
  CHECK(place("/srv/ssmix2").device == "8:2");
  CHECK(place("/srv/ssmix2").path == "/ssmix2");
  CHECK(place("/srv").path == "/");
  CHECK(place("/var/lib/bound/state").path == "/ssmix2/old one/state");
  CHECK(place("/srvx").device == "8:1");
  CHECK(place("/mnt/x").device == "8:3");
}

TEST_CASE(
    "A place is inside of another by its path or by a bind mount, and not by a name that begins alike") {
  CHECK(lies_inside(place("/srv/ssmix2/state"), place("/srv/ssmix2")));
  CHECK(lies_inside(place("/var/lib/bound/state"), place("/srv/ssmix2")));
  CHECK(lies_inside(place("/srv/ssmix2"), place("/srv/ssmix2/")));
  CHECK_FALSE(lies_inside(place("/srv/ssmix2x"), place("/srv/ssmix2")));
  CHECK_FALSE(lies_inside(place("/ssmix2/state"), place("/srv/ssmix2")));  // the same words on another disk
  CHECK_FALSE(lies_inside(place("/srv"), place("/srv/ssmix2")));
}

TEST_CASE("No state lies on a file system of other machines") {
  for (const std::uint32_t remote : {0x6969U, 0xFF534D42U, 0xFE534D42U, 0x01021997U, 0x00C36400U}) {
    CHECK(why_no_state_on(FileSystem::with_magic(remote)).value_or("").find("network") != std::string::npos);
  }
  for (const std::uint32_t fine : {0xEF53U, 0x58465342U, 0x01021994U, 0x65735546U, 0x1234U}) {
    CHECK_FALSE(why_no_state_on(FileSystem::with_magic(fine)));
  }
}

TEST_CASE("A state directory that a symbolic link leads into a storage is refused, also before it is made") {
  const Folder folder;
  Settings settings = loaded(kLeast);
  std::filesystem::create_directories(folder.path() / "root/000");
  settings.storages.front().root = folder.path() / "root";
  settings.state_directory = folder.path() / "state";
  CHECK(complaint(settings).empty());
  std::filesystem::create_directory_symlink("root/000", folder.path() / "link");
  settings.state_directory = folder.path() / "link/not/yet";
  CHECK_THAT(complaint(settings),
             Catch::Contains("storage \"main\"") && Catch::Contains("choose a directory"));
}

TEST_CASE("A key that others can read or replace is warned of") {
  using std::filesystem::perms;
  const Folder folder;
  Settings settings = loaded(kLeast);
  settings.state_directory = folder.path();
  auto& key = settings.destinations.front().tls.key;
  key = folder.path() / "client.key";
  CHECK(find_place_warnings(settings).empty());  // not there: that is a mistake, and said elsewhere
  std::ofstream(key) << "-";
  for (const auto good : {0400, 0600, 0640, 0440}) {
    std::filesystem::permissions(key, perms(good));
    CHECK(find_place_warnings(settings).empty());
  }
  for (const auto open : {0644, 0604, 0660, 0606}) {
    std::filesystem::permissions(key, perms(open));
    REQUIRE(find_place_warnings(settings).size() == 1);
    CHECK(find_place_warnings(settings).front().file == key);
  }
}
