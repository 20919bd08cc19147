#include "gateway/heartbeat.h"

#include "tests/unit/gateway/coroutine_run.h"
#include "tests/unit/gateway/settings_text.h"
#include "tests/unit/gateway/state_support.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <thread>

#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

namespace asio = boost::asio;
using namespace gateway;
using namespace gateway::test;
using namespace std::chrono_literals;

/// The side of systemd: the socket that a service is told of, with a watchdog of 40 ms.
class Systemd {
 public:
  Systemd() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    const std::string path = folder_.path() / "notify";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot bind " + path);
    }
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    ::setenv("WATCHDOG_USEC", "40000", 1);
  }
  ~Systemd() {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
    ::close(socket_);
  }
  Systemd(const Systemd&) = delete;
  Systemd& operator=(const Systemd&) = delete;

  /// Since it was asked last.
  int pings() {
    int count = 0;
    char datagram[256];
    for (ssize_t size; (size = ::recv(socket_, datagram, sizeof datagram, 0)) > 0;) {
      if (std::string_view(datagram, static_cast<std::size_t>(size)) == "WATCHDOG=1") ++count;
    }
    return count;
  }

 private:
  Folder folder_;
  int socket_;
};

class Beating {
 public:
  explicit Beating(Milliseconds stuck_after)
      : heartbeat_(run_.io().get_executor(), settings_, store_, service_, log_, stuck_after) {
    run_.spawn(heartbeat_.run_pulse());
  }
  ~Beating() {
    goes_on_ = true;
    heartbeat_.stop();
    run_.to_the_end();
    store_.close();
  }
  Beating(const Beating&) = delete;
  Beating& operator=(const Beating&) = delete;

  /// The storage thread begins work that lasts until let_go().
  void keep_busy() {
    run_.spawn(work());
    run_.until([this] { return busy_.load(); });
  }
  void let_go() { goes_on_ = true; }
  void run_for(Milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    run_.until([end] { return std::chrono::steady_clock::now() >= end; });
  }
  int lines_with(std::string_view code) {
    std::rewind(journal_.get());
    char line[1000];
    int count = 0;
    while (std::fgets(line, sizeof line, journal_.get()) != nullptr) {
      if (std::string_view(line).find(code) != std::string_view::npos) ++count;
    }
    return count;
  }
  CoroutineRun& run() { return run_; }
  const Heartbeat& heartbeat() const { return heartbeat_; }

 private:
  asio::awaitable<void> work() {
    auto last = [this](StateStore::Contents&) {
      busy_ = true;
      while (!goes_on_) std::this_thread::sleep_for(1ms);
    };
    co_await store_.run(std::move(last));
  }

  std::atomic<bool> busy_ = false;
  std::atomic<bool> goes_on_ = false;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> journal_{std::tmpfile(), &std::fclose};
  Log log_{{LogLevel::info}, ::fileno(journal_.get()), Log::Prefix::none};
  Settings settings_ = loaded(kLeast);
  ServiceManager service_;
  StateStore store_{empty_state()};
  CoroutineRun run_;
  Heartbeat heartbeat_;
};

}  // namespace

TEST_CASE("The watchdog is fed until the storage thread is stuck, and again when it goes on") {
  Systemd systemd;
  Beating beating(60ms);
  int pings = 0;
  beating.run().until([&] { return (pings += systemd.pings()) >= 2; });
  CHECK(beating.heartbeat().turns());

  beating.keep_busy();
  beating.run().until([&] { return !beating.heartbeat().turns(); });
  systemd.pings();
  const Instant last = beating.heartbeat().last_beat();
  beating.run_for(200ms);
  CHECK(systemd.pings() == 0);
  CHECK(beating.heartbeat().last_beat() == last);
  CHECK(beating.lines_with("KKH-5205") == 1);

  beating.let_go();
  beating.run().until([&] { return systemd.pings() > 0; });
  CHECK(beating.heartbeat().turns());
  CHECK(beating.heartbeat().last_beat() > last);
}

TEST_CASE("Work that lasts does not starve the watchdog before it counts as stuck") {
  Systemd systemd;
  Beating beating(60s);
  beating.keep_busy();
  systemd.pings();
  int pings = 0;
  beating.run().until([&] { return (pings += systemd.pings()) >= 3; });
  CHECK(beating.lines_with("KKH-5205") == 0);
}
