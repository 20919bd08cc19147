#include "gateway/log.h"

#include <atomic>
#include <chrono>
#include <regex>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using gateway::Log;
using gateway::LogField;
using gateway::LogFormat;
using gateway::LogLevel;
using gateway::LogSettings;
using gateway::Message;
using gateway::SafeText;

// What was read from a storage is a std::string; that it does not become SafeText by itself is what keeps
// patients out of the log.
static_assert(!std::is_convertible_v<std::string, SafeText>);
static_assert(!std::is_constructible_v<SafeText, std::string>);
static_assert(!std::is_convertible_v<std::string_view, SafeText>);
static_assert(!std::is_convertible_v<const char*, SafeText>);

template <typename T>
concept LoggableValue = requires(const Log& log, const T& value, const SafeText& text) {
  log.write(Message::stopped, {LogField{text, value}});
};
static_assert(LoggableValue<SafeText> && LoggableValue<int>);
static_assert(!LoggableValue<std::string> && !LoggableValue<std::string_view>);

constexpr LogSettings kInfo{LogLevel::info};

class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    ::close(ends_[0]);
    close_writer();
  }

  int writer() const { return ends_[1]; }
  void close_writer() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  /// Everything up to the end of the writer.
  std::string read_all() {
    std::string all;
    char part[4096];
    for (ssize_t count = 0; (count = ::read(ends_[0], part, sizeof part)) > 0;) {
      all.append(part, static_cast<std::size_t>(count));
    }
    return all;
  }

 private:
  int ends_[2] = {-1, -1};
};

/// What `log` writes to a journal, without the prefix of info and the line end.
template <typename Write>
std::string line_of(Write write) {
  Pipe pipe;
  write(Log(kInfo, pipe.writer(), Log::Prefix::journal));
  pipe.close_writer();
  const std::string line = pipe.read_all();
  REQUIRE(line.starts_with("<6>"));
  REQUIRE(line.ends_with("\n"));
  return line.substr(3, line.size() - 4);
}

std::string line_with_value(const std::string& value) {
  return line_of([&](const Log& log) { log.write(Message::stopped, {{"value", SafeText::vouched(value)}}); });
}

}  // namespace

TEST_CASE("a line outside of the journal starts with the time in UTC and the level") {
  Pipe pipe;
  Log(kInfo, pipe.writer(), Log::Prefix::none)
      .write(Message::hints_lost, {{"storage", "main"}, {"documents", 12}});
  pipe.close_writer();
  const std::regex expected(
      R"(20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9]{3}\+00:00 )"
      R"(warning KKH-2105 more changes than the kernel keeps, sweeping storage=main documents=12\n)");
  const std::string line = pipe.read_all();
  CAPTURE(line);
  CHECK(std::regex_match(line, expected));
}

TEST_CASE("a line for the journal starts with its syslog priority and has no time") {
  Pipe pipe;
  const Log log({LogLevel::debug}, pipe.writer(), Log::Prefix::journal);
  log.write(Message::delivered);
  log.write(Message::stopped);
  log.write(Message::sent_again);
  log.write(Message::no_orders);
  pipe.close_writer();
  CHECK(pipe.read_all() ==
        "<7>KKH-4001 delivered\n<6>KKH-1005 stopped\n"
        "<4>KKH-4004 will be sent again\n<3>KKH-6002 no orders can be taken\n");
}

TEST_CASE("events below the level are left out") {
  Pipe pipe;
  const Log log({LogLevel::warning}, pipe.writer(), Log::Prefix::journal);
  log.write(Message::delivered);
  log.write(Message::stopped);
  log.write(Message::sent_again);
  log.write(Message::no_orders);
  pipe.close_writer();
  CHECK(pipe.read_all() == "<4>KKH-4004 will be sent again\n<3>KKH-6002 no orders can be taken\n");
}

TEST_CASE("the journal is recognised by device and inode, so that a redirected stderr is not taken for it") {
  Pipe pipe;
  struct stat status = {};
  REQUIRE(::fstat(pipe.writer(), &status) == 0);
  const std::string same = std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino);
  ::setenv("JOURNAL_STREAM", same.c_str(), 1);
  Log(kInfo, pipe.writer()).write(Message::stopped);
  ::setenv("JOURNAL_STREAM", (same + '0').c_str(), 1);
  Log(kInfo, pipe.writer()).write(Message::storage_back);
  ::unsetenv("JOURNAL_STREAM");
  Log(kInfo, pipe.writer()).write(Message::started);
  pipe.close_writer();
  const std::string lines = pipe.read_all();
  CHECK_THAT(lines, Catch::StartsWith("<6>KKH-1005 stopped\n20"));
  CHECK_THAT(lines, Catch::Contains("+00:00 info KKH-2102 storage is back\n20"));
  CHECK_THAT(lines, Catch::EndsWith("+00:00 info KKH-1001 started\n"));
}

TEST_CASE("values that would break a line up are quoted and escaped") {
  CHECK(line_with_value("plain-1.5/ok:架橋") == "KKH-1005 stopped value=plain-1.5/ok:架橋");
  CHECK(line_with_value("") == R"(KKH-1005 stopped value="")");
  CHECK(line_with_value("two words") == R"(KKH-1005 stopped value="two words")");
  CHECK(line_with_value("a=b") == R"(KKH-1005 stopped value="a=b")");
  CHECK(line_with_value(R"(say "hi"\)") == R"(KKH-1005 stopped value="say \"hi\"\\")");
  CHECK(line_with_value("a\nb\rc\td") == R"(KKH-1005 stopped value="a\nb\rc\td")");
  CHECK(line_with_value(std::string("\0\x1B\x7F", 3)) == R"(KKH-1005 stopped value="\x00\x1b\x7f")");
  CHECK(line_with_value("\xC2\x85\xC2\x9B\xC2\xA9") ==
        "KKH-1005 stopped value=\"\\xc2\\x85\\xc2\\x9b\xC2\xA9\"");
}

TEST_CASE("a key with a line end still is one line") {
  const auto line = line_of([](const Log& log) {
    log.write(Message::stopped, {{SafeText::vouched("a key=\n"), 1}});
  });
  CHECK(line == "KKH-1005 stopped a_key__=1");
}

TEST_CASE("a line of JSON has time, level, code and event before its fields, and still its prefix") {
  Pipe pipe;
  Log({LogLevel::info, LogFormat::json}, pipe.writer(), Log::Prefix::journal)
      .write(Message::no_orders, {{"error", SafeText::vouched("say \"hi\"\nplease")}, {"tries", 2}});
  pipe.close_writer();
  const std::regex expected(
      R"(<3>\{"time":"20[^"]+\+00:00","level":"error","code":"KKH-6002","event":"no orders can be taken",)"
      R"("error":"say \\"hi\\"\\nplease","tries":"2"\}\n)");
  const std::string line = pipe.read_all();
  CAPTURE(line);
  CHECK(std::regex_match(line, expected));
}

TEST_CASE("what comes very often is written a hundred times, and then counted") {
  Pipe pipe;
  {
    const Log log(kInfo, pipe.writer(), Log::Prefix::journal);
    for (int count = 0; count < 250; ++count) log.write(Message::sent_again);
    for (int count = 0; count < 150; ++count) log.write(Message::stopped);
    log.tell_repeats();  // the minute is not over
  }
  pipe.close_writer();
  const std::string lines = pipe.read_all();
  const auto count = [&](const std::string& wanted) {
    int found = 0;
    for (auto at = lines.find(wanted); at != std::string::npos; at = lines.find(wanted, at + 1)) ++found;
    return found;
  };
  CHECK(count("KKH-4004 will") == 100);
  CHECK(count("KKH-1005") == 150);  // one of those that a person must find one by one
  CHECK(count("KKH-1006") == 1);
  CHECK_THAT(lines, Catch::EndsWith("<4>KKH-1006 more of the same message=KKH-4004 lines=150\n"));
}

TEST_CASE("a line longer than a pipe holds arrives whole") {
  for (const bool blocking : {true, false}) {
    Pipe pipe;
    if (!blocking) REQUIRE(::fcntl(pipe.writer(), F_SETFL, O_NONBLOCK) == 0);
    const std::string value(300'000, 'x');
    std::thread writer([&] {
      Log(kInfo, pipe.writer(), Log::Prefix::journal)
          .write(Message::stopped, {{"v", SafeText::vouched(value)}});
      pipe.close_writer();
    });
    const std::string line = pipe.read_all();
    writer.join();
    CHECK(line == "<6>KKH-1005 stopped v=" + value + '\n');
  }
}

TEST_CASE("a signal while a line is written does not cut it") {
  struct sigaction handler = {};
  handler.sa_handler = [](int) {};  // without SA_RESTART: write(2) returns EINTR
  struct sigaction before = {};
  REQUIRE(::sigaction(SIGUSR1, &handler, &before) == 0);
  Pipe pipe;
  const std::string value(300'000, 'x');
  std::thread writer([&] {
    Log(kInfo, pipe.writer(), Log::Prefix::journal)
        .write(Message::stopped, {{"v", SafeText::vouched(value)}});
    pipe.close_writer();
  });
  // The first signal finds the writer with a full pipe and ends a partial write, the others find it stuck.
  for (int count = 0; count < 5; ++count) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ::pthread_kill(writer.native_handle(), SIGUSR1);
  }
  const std::string line = pipe.read_all();
  writer.join();
  ::sigaction(SIGUSR1, &before, nullptr);
  CHECK(line == "<6>KKH-1005 stopped v=" + value + '\n');
}

TEST_CASE("lines of several threads do not mix") {
  Pipe pipe;
  const Log log(kInfo, pipe.writer(), Log::Prefix::journal);
  const std::string long_value(10'000, 'x');  // longer than writes a pipe keeps together by itself
  std::atomic<int> left{4};
  std::vector<std::thread> writers;
  for (int number = 0; number < 4; ++number) {
    writers.emplace_back([&] {
      for (int count = 0; count < 50; ++count)
        log.write(Message::stopped, {{"v", SafeText::vouched(long_value)}});
      if (--left == 0) pipe.close_writer();
    });
  }
  std::string all = pipe.read_all();
  for (auto& writer : writers) writer.join();
  const std::string line = "<6>KKH-1005 stopped v=" + long_value + '\n';
  std::size_t lines = 0;
  for (; all.compare(lines * line.size(), line.size(), line) == 0 && lines < 200; ++lines) {
  }
  CHECK(lines == 200);
  CHECK(all.size() == 200 * line.size());
}

TEST_CASE("a descriptor nobody reads is no error") {
  const Log log(kInfo, -1, Log::Prefix::automatic);
  CHECK_NOTHROW(log.write(Message::no_orders));
}
