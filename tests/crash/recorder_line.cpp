#include "tests/crash/recorder_line.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::abort();
}

}  // namespace

// The calls of this line go past the functions of that name, which count.

RecorderLine::RecorderLine(const char* path) : socket_(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  if (::syscall(SYS_connect, socket_, &address, sizeof address) != 0) give_up("no recorder");
}

bool RecorderLine::lets_go_on(const CountedCall& call) const {
  const std::string text = "{\"number\": " + std::to_string(call.number) + ", \"kind\": \"" + call.kind +
                           "\", \"target\": \"" + call.target +
                           "\", \"offset\": " + std::to_string(call.offset) +
                           ", \"size\": " + std::to_string(call.size) + "}";
  char answer = 0;
  if (::syscall(SYS_sendto, socket_, text.data(), text.size(), MSG_NOSIGNAL, nullptr, 0) < 0 ||
      ::syscall(SYS_recvfrom, socket_, &answer, 1, 0, nullptr, nullptr) != 1) {
    give_up("the recorder is gone");
  }
  return answer == 'g';
}
