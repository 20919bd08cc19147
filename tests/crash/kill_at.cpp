// For LD_PRELOAD: counts the calls of a process that leave something outside of it, or wait for something
// from there, in all threads together, and kills the process with SIGKILL at one of them.
//
//   KAKEHASHI_KILL_AT=N          at the N-th call; without it the calls are only counted
//   KAKEHASHI_KILL_WHEN=before   the call is not made
//                       half     it is made with half of its bytes
//                       after    it is made
//   KAKEHASHI_KILL_KINDS=send    counts only calls of these kinds; they are called as kNames says
//   KAKEHASHI_COUNT_FILE=PATH    gets the counts as one JSON object, at the end or just before the kill
//   KAKEHASHI_RECORDER=SOCKET    no two calls at a time, and before each the process stands still until the
//                                recorder that listens there lets it go on, or has it killed
//   KAKEHASHI_CONNECT_PORT=PORT  connects there instead: a state knows its destination's address, and the
//                                states of one run are tried out at several at a time
//
// These are the functions that the gateway, SQLite, OpenSSL and Asio call (nm -D, strace -f -c). Counted are
// files that have a name, and sockets; pipes, event counters and the log on descriptor 2 are not.

#include "tests/crash/recorder_line.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>

#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

enum class Kind { write, sync, truncate, rename, link, unlink, connect, send, receive };
constexpr std::array<const char*, 9> kNames{"write",  "sync",    "truncate", "rename", "hard-link",
                                            "unlink", "connect", "send",     "receive"};

enum class When { before, half, after };

/// What the environment asks for.
struct Plan {
  long at = 0;
  When when = When::before;
  std::string_view kinds;            // empty: all
  const char* count_file = nullptr;  // no object: it is needed after those are destroyed
  const char* recorder = nullptr;
  in_port_t connect_port = 0;  // 0: where the caller says

  static const Plan& of_environment() {
    static const Plan plan;
    return plan;
  }

  bool counts(Kind kind) const {
    return kinds.empty() || kinds.find(kNames[static_cast<std::size_t>(kind)]) != std::string_view::npos;
  }

 private:
  Plan() {
    read_number("KAKEHASHI_KILL_AT", at);
    read_number("KAKEHASHI_CONNECT_PORT", connect_port);
    recorder = std::getenv("KAKEHASHI_RECORDER");
    kinds = value_of("KAKEHASHI_KILL_KINDS");
    count_file = std::getenv("KAKEHASHI_COUNT_FILE");
    if (value_of("KAKEHASHI_KILL_WHEN") == "half") when = When::half;
    if (value_of("KAKEHASHI_KILL_WHEN") == "after") when = When::after;
  }

  static std::string_view value_of(const char* name) {
    const char* text = std::getenv(name);
    return text == nullptr ? std::string_view() : text;
  }

  template <typename Number>
  static void read_number(const char* name, Number& number) {
    const std::string_view text = value_of(name);
    std::from_chars(text.data(), text.data() + text.size(), number);
  }
};

/// One for the whole process.
struct Counter {
  std::atomic<long> calls{0};
  std::array<std::atomic<long>, kNames.size()> by_kind{};

  static Counter& of_process() {
    static Counter counter;
    return counter;
  }

  long next(Kind kind) {
    ++by_kind[static_cast<std::size_t>(kind)];
    return ++calls;
  }
};

/// The name of a file without its folders, or "socket".
std::string target_of(int descriptor) {
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  std::array<char, 4096> path = {};
  const ssize_t length = ::readlink(link.c_str(), path.data(), path.size());
  if (length <= 0) return "unknown";
  const std::string_view target(path.data(), static_cast<std::size_t>(length));
  if (target.starts_with("socket:")) return "socket";
  return std::string(target.substr(target.rfind('/') + 1));
}

/// What stdio writes does not come back here: the C library calls itself.
void write_counts(const char* killed_at, const std::string& target) {
  const Plan& plan = Plan::of_environment();
  std::FILE* file = plan.count_file == nullptr ? nullptr : std::fopen(plan.count_file, "w");
  if (file == nullptr) return;
  std::fprintf(file, "{\"calls\": %ld, \"killed_at\": \"%s\", \"target\": \"%s\"",
               Counter::of_process().calls.load(), killed_at, target.c_str());
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    std::fprintf(file, ", \"%s\": %ld", kNames[i], Counter::of_process().by_kind[i].load());
  }
  std::fprintf(file, "}\n");
  std::fclose(file);
}

__attribute__((destructor)) void write_counts_at_the_end() {
  write_counts("", "");
}

[[noreturn]] void wait_for_the_end() {
  for (;;) ::pause();
}

[[noreturn]] void die(Kind kind, const std::string& target) {
  write_counts(kNames[static_cast<std::size_t>(kind)], target);
  ::kill(::getpid(), SIGKILL);
  wait_for_the_end();
}

/// Which bytes a call writes or sends.
struct Extent {
  off_t offset = -1;
  std::size_t size = 0;
};

/// No objects of the templates below: each of those would have its own.
std::mutex& one_at_a_time() {
  static std::mutex mutex;
  return mutex;
}

const RecorderLine& recorder_line() {
  static const RecorderLine line(Plan::of_environment().recorder);
  return line;
}

/// The call is made with the lock held: what the recorder sees next is what this call left, and nothing else.
template <typename Whole>
auto recorded(Kind kind, const std::string& target, Extent extent, Whole whole) {
  const std::lock_guard lock(one_at_a_time());
  const int error = errno;
  const long number = Counter::of_process().next(kind);
  const char* name = kNames[static_cast<std::size_t>(kind)];
  if (!recorder_line().lets_go_on({number, name, target, extent.offset, extent.size})) die(kind, target);
  errno = error;
  return whole();
}

template <typename Target, typename Whole, typename Half>
auto counted(Kind kind, Target target, Extent extent, Whole whole, Half half) {
  const Plan& plan = Plan::of_environment();
  if (!plan.counts(kind)) return whole();
  if (plan.recorder != nullptr) return recorded(kind, target(), extent, whole);
  const long number = Counter::of_process().next(kind);
  if (plan.at == 0 || number < plan.at) return whole();
  // Another thread ends the process at its call: nothing that comes later may happen.
  if (number > plan.at) wait_for_the_end();
  const std::string name = target();
  if (plan.when == When::after) whole();
  if (plan.when == When::half) half();
  die(kind, name);
}

bool is_socket(int descriptor) {
  struct stat status = {};
  return ::fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode);
}

bool is_counted(int descriptor) {
  struct stat status = {};
  if (descriptor == STDOUT_FILENO || descriptor == STDERR_FILENO || ::fstat(descriptor, &status) != 0)
    return false;
  // SQLite deletes its temporary files as soon as they are open.
  return (S_ISREG(status.st_mode) && status.st_nlink > 0) || S_ISSOCK(status.st_mode);
}

/// A call on a descriptor.
template <typename Whole, typename Half>
auto counted_on(int descriptor, Kind kind, Extent extent, Whole whole, Half half) {
  const auto target = [descriptor] { return target_of(descriptor); };
  return is_counted(descriptor) ? counted(kind, target, extent, whole, half) : whole();
}

template <typename Whole>
auto counted_on(int descriptor, Kind kind, Whole whole) {
  return counted_on(descriptor, kind, {}, whole, [] {});
}

/// A call on a path.
template <typename Whole>
auto counted_on(const char* path, Kind kind, Whole whole) {
  const auto target = [path] {
    const std::string_view text(path);
    return std::string(text.substr(text.rfind('/') + 1));
  };
  return counted(kind, target, {}, whole, [] {});
}

/// Where a write without a place of its own goes; -1 for a socket.
off_t place_of_next_write(int descriptor) {
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return -1;
  const bool appends = (::fcntl(descriptor, F_GETFL) & O_APPEND) != 0;
  return appends ? status.st_size : ::lseek(descriptor, 0, SEEK_CUR);
}

/// The C library's own function of that name.
template <typename Function>
Function* original(Function* /*of this type*/, const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* bytes, std::size_t size) {
  static const auto real = original(&::write, "write");
  const auto whole = [=] { return real(fd, bytes, size); };
  const Kind kind = is_socket(fd) ? Kind::send : Kind::write;
  return counted_on(fd, kind, {place_of_next_write(fd), size}, whole, [=] { real(fd, bytes, size / 2); });
}

ssize_t pwrite64(int fd, const void* bytes, std::size_t size, off64_t at) {
  static const auto real = original(&::pwrite64, "pwrite64");
  const auto whole = [=] { return real(fd, bytes, size, at); };
  return counted_on(fd, Kind::write, {at, size}, whole, [=] { real(fd, bytes, size / 2, at); });
}

ssize_t pwrite(int fd, const void* bytes, std::size_t size, off_t at) {
  return ::pwrite64(fd, bytes, size, at);
}

int fsync(int fd) {
  static const auto real = original(&::fsync, "fsync");
  return counted_on(fd, Kind::sync, [=] { return real(fd); });
}

int fdatasync(int fd) {
  static const auto real = original(&::fdatasync, "fdatasync");
  return counted_on(fd, Kind::sync, [=] { return real(fd); });
}

int ftruncate64(int fd, off64_t size) noexcept {
  static const auto real = original(&::ftruncate64, "ftruncate64");
  return counted_on(fd, Kind::truncate, [=] { return real(fd, size); });
}

int ftruncate(int fd, off_t size) noexcept {
  return ::ftruncate64(fd, size);
}

int rename(const char* from, const char* to) noexcept {
  static const auto real = original(&::rename, "rename");
  return counted_on(from, Kind::rename, [=] { return real(from, to); });
}

int link(const char* from, const char* to) noexcept {
  static const auto real = original(&::link, "link");
  return counted_on(to, Kind::link, [=] { return real(from, to); });
}

int unlink(const char* path) noexcept {
  static const auto real = original(&::unlink, "unlink");
  return counted_on(path, Kind::unlink, [=] { return real(path); });
}

int connect(int fd, const sockaddr* address, socklen_t size) {
  static const auto real = original(&::connect, "connect");
  const in_port_t port = Plan::of_environment().connect_port;
  if (port == 0 || address->sa_family != AF_INET) {
    return counted_on(fd, Kind::connect, [=] { return real(fd, address, size); });
  }
  sockaddr_in other = {};
  std::memcpy(&other, address, sizeof other);
  other.sin_port = htons(port);
  return counted_on(fd, Kind::connect,
                    [=] { return real(fd, reinterpret_cast<const sockaddr*>(&other), sizeof other); });
}

ssize_t send(int fd, const void* bytes, std::size_t size, int flags) {
  static const auto real = original(&::send, "send");
  const auto whole = [=] { return real(fd, bytes, size, flags); };
  return counted_on(fd, Kind::send, {-1, size}, whole, [=] { real(fd, bytes, size / 2, flags); });
}

ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  static const auto real = original(&::sendmsg, "sendmsg");
  const auto whole = [=] { return real(fd, message, flags); };
  const auto half = [=] {
    iovec part = message->msg_iov[0];
    part.iov_len /= 2;
    msghdr shorter = *message;
    shorter.msg_iov = &part;
    shorter.msg_iovlen = 1;
    real(fd, &shorter, flags);
  };
  return counted_on(fd, Kind::send, {-1, message->msg_iov[0].iov_len}, whole, half);
}

ssize_t recv(int fd, void* bytes, std::size_t size, int flags) {
  static const auto real = original(&::recv, "recv");
  return counted_on(fd, Kind::receive, [=] { return real(fd, bytes, size, flags); });
}

ssize_t recvmsg(int fd, msghdr* message, int flags) {
  static const auto real = original(&::recvmsg, "recvmsg");
  return counted_on(fd, Kind::receive, [=] { return real(fd, message, flags); });
}

}  // extern "C"
