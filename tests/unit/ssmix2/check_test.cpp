#include "ssmix2/check.h"

#include <csignal>

#include <catch2/catch.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

// The signal that ended a child which made the check, or 0 when it survived.
int signal_of_check(bool holds) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    close(STDERR_FILENO);
    std::signal(SIGABRT, SIG_DFL);
    KAKEHASHI_CHECK(holds);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

}  // namespace

TEST_CASE("a broken invariant aborts the process, in release builds too") {
  CHECK(signal_of_check(false) == SIGABRT);
  CHECK(signal_of_check(true) == 0);
}
