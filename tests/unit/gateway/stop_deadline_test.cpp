#include "gateway/stop_deadline.h"

#include <chrono>
#include <string>
#include <thread>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

using gateway::StopDeadline;
using namespace std::chrono_literals;

namespace {

/// The exit code of a process that is at something for so long, with that much time.
int exit_code_of(std::chrono::milliseconds work, std::chrono::milliseconds time, int standard_error = -1) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(20);  // one that never ends is a failed test
    const gateway::Log log({gateway::LogLevel::debug}, standard_error);
    {
      const StopDeadline deadline(time, 7, log);
      std::this_thread::sleep_for(work);
    }
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("A stop that takes too long ends the process") {
  const auto began = std::chrono::steady_clock::now();
  CHECK(exit_code_of(20s, 100ms) == 7);
  CHECK(std::chrono::steady_clock::now() - began < 10s);
}

TEST_CASE("A stop in time is not hurried") {
  CHECK(exit_code_of(10ms, 20s) == 0);
}

TEST_CASE("A stop that takes too long ends the process although nobody reads what it writes") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
  const std::string line(4096, 'x');
  while (::write(ends[1], line.data(), line.size()) > 0) {
  }
  REQUIRE(::fcntl(ends[1], F_SETFL, 0) == 0);
  CHECK(exit_code_of(15s, 100ms, ends[1]) == 7);
  ::close(ends[0]);
  ::close(ends[1]);
}
