#include "gateway/state_directory.h"

#include "tests/unit/gateway/storage_support.h"

#include <chrono>
#include <thread>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using gateway::StateDirectoryLock;
using namespace gateway::test;

std::string refusal_of(const std::filesystem::path& directory) {
  const auto lock = StateDirectoryLock::acquire(directory);
  return lock.has_value() ? "locked" : lock.error().front().message;
}

}  // namespace

TEST_CASE("A missing state directory is made, for its owner only") {
  const Folder folder;
  const auto directory = folder.path() / "state";
  const auto lock = StateDirectoryLock::acquire(directory);
  REQUIRE(lock.has_value());
  struct stat about {};
  REQUIRE(::stat(directory.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0700);
}

TEST_CASE("A second gateway on the same state is refused until the first has ended") {
  const Folder folder;
  {
    const auto first = StateDirectoryLock::acquire(folder.path());
    REQUIRE(first.has_value());
    CHECK_THAT(refusal_of(folder.path()), Catch::Contains("another kakehashi"));
  }
  CHECK(refusal_of(folder.path()) == "locked");
}

TEST_CASE("A gateway that was killed leaves no lock behind") {
  const Folder folder;
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = StateDirectoryLock::acquire(folder.path());
    if (::write(ready[1], lock.has_value() ? "y" : "n", 1) != 1) ::_exit(1);
    ::pause();
    ::_exit(0);
  }
  char answer = 0;
  REQUIRE(::read(ready[0], &answer, 1) == 1);
  CHECK(answer == 'y');
  CHECK_THAT(refusal_of(folder.path()), Catch::Contains("another kakehashi"));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(refusal_of(folder.path()) == "locked");
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("A state directory that cannot be made or used says so") {
  const Folder folder;
  CHECK_THAT(refusal_of(folder.path() / "missing" / "state"), Catch::Contains("cannot be made"));
  write_file(folder.path() / "file", "x");
  CHECK_THAT(refusal_of(folder.path() / "file"), Catch::Contains("not writable"));
}

TEST_CASE("A gateway that starts while a command asks whether one runs is not refused for that") {
  const Folder folder;
  write_file(folder.path() / "kakehashi.lock", "");
  const int asking = ::open((folder.path() / "kakehashi.lock").c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(::flock(asking, LOCK_SH | LOCK_NB) == 0);
  std::thread command([asking] {
    std::this_thread::sleep_for(std::chrono::milliseconds(70));
    ::close(asking);
  });
  CHECK(refusal_of(folder.path()) == "locked");
  command.join();
}

TEST_CASE("Whether a gateway runs can be asked without taking its place or making anything") {
  const Folder folder;
  CHECK_FALSE(StateDirectoryLock::is_held(folder.path()));
  CHECK(std::filesystem::is_empty(folder.path()));
  {
    const auto gateway = StateDirectoryLock::acquire(folder.path());
    REQUIRE(gateway.has_value());
    CHECK(StateDirectoryLock::is_held(folder.path()));
  }
  CHECK_FALSE(StateDirectoryLock::is_held(folder.path()));
}
