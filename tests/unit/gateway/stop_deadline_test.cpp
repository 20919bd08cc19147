#include "gateway/stop_deadline.h"

#include <chrono>
#include <thread>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

using gateway::StopDeadline;
using namespace std::chrono_literals;

namespace {

/// The exit code of a process that is at something for so long, with that much time.
int exit_code_of(std::chrono::milliseconds work, std::chrono::milliseconds time) {
  const pid_t child = ::fork();
  if (child == 0) {
    const gateway::Log log({gateway::LogLevel::error}, -1);
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
