#include "gateway/control_socket.h"

#include "gateway/control_client.h"
#include "gateway/control_endpoint.h"
#include "tests/unit/gateway/coroutine_run.h"
#include "tests/unit/gateway/storage_support.h"

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>

#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

namespace asio = boost::asio;
using namespace gateway;
using namespace gateway::test;
using Milliseconds = std::chrono::milliseconds;

constexpr std::size_t kLongest = 1'000;

/// One that answers what it is told, behind "got ", as often as it can.
class Serving {
 public:
  explicit Serving(std::filesystem::path directory, Milliseconds request_time = Milliseconds(2'000),
                   std::size_t connections = 8)
      : directory_(std::move(directory)),
        socket_(run_.io().get_executor(), directory_,
                ConnectionLimits{kLongest, connections, request_time, Milliseconds(500)},
                [this](std::string line, std::int64_t uid, ControlSocket::StillWaits waits) {
                  still_waits = std::move(waits);
                  return answer(std::move(line), uid);
                }) {
    opened = !socket_.open();
    if (opened) run_.spawn(socket_.run());
  }

  /// What a client of another thread gets for it.
  std::string ask(const std::string& text) {
    auto asked = std::async(std::launch::async,
                            [this, text] { return ask_gateway(directory_, text, Milliseconds(5'000)); });
    run_.until([&] { return asked.wait_for(Milliseconds(0)) == std::future_status::ready; });
    auto answer = asked.get();
    return answer.has_value() ? *answer : "error: " + answer.error().message();
  }
  void stop() {
    socket_.stop();
    run_.to_the_end();
  }

  bool opened = false;
  bool fails = false;
  std::string reply = "got ";
  std::vector<std::int64_t> uids;
  ControlSocket::StillWaits still_waits;
  std::function<void()> while_answering;
  CoroutineRun& loop() { return run_; }
  ControlSocket& socket() { return socket_; }

 private:
  asio::awaitable<std::string> answer(std::string line, std::int64_t uid) {
    uids.push_back(uid);
    if (fails) throw std::runtime_error("failed on purpose");
    if (while_answering) while_answering();
    co_return reply + line + "\n";
  }

  CoroutineRun run_;
  std::filesystem::path directory_;
  ControlSocket socket_;
};

/// A client that does what it likes. Never waits for longer than the test.
class RawClient {
 public:
  explicit RawClient(const std::filesystem::path& directory) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = control_socket_file(directory).native();
    REQUIRE(path.size() < sizeof address.sun_path);
    std::copy(path.begin(), path.end(), address.sun_path);
    REQUIRE(::connect(file_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { ::close(file_); }

  void send(std::string_view text) {
    REQUIRE(::send(file_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
  }
  void end_sending() { ::shutdown(file_, SHUT_WR); }
  /// Whether the other side has closed, whatever it said before.
  bool closed() {
    char bytes[256];
    ssize_t got = 0;
    while ((got = ::recv(file_, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
      said.append(bytes, static_cast<std::size_t>(got));
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
  }
  std::string said;

 private:
  int file_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

unsigned mode_of(const std::filesystem::path& file) {
  struct stat about {};
  REQUIRE(::lstat(file.c_str(), &about) == 0);
  return about.st_mode & 0777;
}

}  // namespace

TEST_CASE("A line that is sent is answered, with the user who sent it") {
  const Folder folder;
  Serving serving(folder.path());
  REQUIRE(serving.opened);
  CHECK(serving.ask("hold\n") == "got hold\n");
  CHECK(serving.ask("release\n") == "got release\n");
  CHECK(serving.uids == std::vector<std::int64_t>(2, std::int64_t{::getuid()}));
  serving.stop();
}

TEST_CASE("While a request is answered it can be told whether anybody waits for that") {
  const Folder folder;
  Serving serving(folder.path());
  std::vector<bool> waits;
  auto client = std::make_unique<RawClient>(folder.path());
  serving.while_answering = [&] {
    waits.push_back(serving.still_waits());
    client->end_sending();
    waits.push_back(serving.still_waits());
    client.reset();
    waits.push_back(serving.still_waits());
  };
  client->send("hold\n");
  serving.loop().until([&] { return waits.size() == 3; });
  CHECK(waits == std::vector<bool>{true, true, false});
  serving.stop();
}

TEST_CASE("Who asks and gets no answer in time is told just that") {
  const Folder folder;
  Serving serving(folder.path());  // its loop does not run
  const auto answer = ask_gateway(folder.path(), "hold\n", Milliseconds(20));
  REQUIRE(answer.has_error());
  CHECK(answer.error() == boost::system::errc::timed_out);
  serving.stop();
}

TEST_CASE("The socket is for its owner alone, whatever the umask, and gone with who made it") {
  const Folder folder;
  const mode_t before = ::umask(0);
  {
    Serving serving(folder.path());
    const mode_t during = ::umask(before);
    CHECK(during == 0);  // what others make is not concerned
    CHECK(mode_of(control_socket_file(folder.path())) == 0600);
    serving.stop();
  }
  CHECK_FALSE(std::filesystem::exists(control_socket_file(folder.path())));
}

TEST_CASE("What a gateway that was killed has left there is replaced") {
  const Folder folder;
  {
    Serving killed(folder.path());
    REQUIRE(killed.opened);
  }
  REQUIRE(std::filesystem::exists(control_socket_file(folder.path())));
  const auto refused = ask_gateway(folder.path(), "hold\n");
  REQUIRE(refused.has_error());
  CHECK(refused.error() == boost::system::errc::connection_refused);
  Serving serving(folder.path());
  CHECK(serving.ask("hold\n") == "got hold\n");
  serving.stop();
}

TEST_CASE("A state directory with a path longer than a socket's may be has its socket all the same") {
  const Folder folder;
  auto directory = folder.path();
  for (int i = 0; i < 8; ++i) directory /= std::string(30, 'x');
  std::filesystem::create_directories(directory);
  Serving serving(directory);
  REQUIRE(serving.opened);
  CHECK(serving.ask("hold\n") == "got hold\n");
  CHECK(mode_of(control_socket_file(directory)) == 0600);
  serving.stop();
  CHECK_FALSE(std::filesystem::exists(control_socket_file(directory)));
}

TEST_CASE("Where no gateway listens the command is told so") {
  const Folder folder;
  CHECK(ask_gateway(folder.path(), "hold\n").error() == boost::system::errc::no_such_file_or_directory);
  CHECK(ask_gateway(folder.path() / "none", "hold\n").has_error());
}

TEST_CASE("A directory that is not there has no socket, and that is told") {
  const Folder folder;
  CHECK_FALSE(Serving(folder.path() / "none").opened);
}

TEST_CASE("A request longer than the limit is refused, and the next one answered") {
  const Folder folder;
  Serving serving(folder.path());
  CHECK_THAT(serving.ask(std::string(kLongest + 1, 'x') + "\n"), Catch::Contains("too long"));
  CHECK_THAT(serving.ask(std::string(4'000'000, 'x')), Catch::Contains("too long"));
  CHECK(serving.uids.empty());
  CHECK(serving.ask("hold\n") == "got hold\n");
  serving.stop();
}

TEST_CASE("Bytes of any kind are handed on as they are, up to the first line feed") {
  const Folder folder;
  Serving serving(folder.path());
  const std::string garbage("\0\xFF{[\x01", 5);
  CHECK(serving.ask(garbage + "\nand more\n") == "got " + garbage + "\n");
  CHECK(serving.ask("\n") == "got \n");
  serving.stop();
}

TEST_CASE("A request without a line feed is no order") {
  const Folder folder;
  Serving serving(folder.path());
  RawClient client(folder.path());
  client.send("hold");
  client.end_sending();
  serving.loop().until([&] { return client.closed(); });
  CHECK_THAT(client.said, Catch::Contains("line feed"));
  RawClient(folder.path());  // closes at once
  CHECK(serving.ask("hold\n") == "got hold\n");
  CHECK(serving.uids.size() == 1);
  serving.stop();
}

TEST_CASE("A client that is too slow is left, and others do not wait for it") {
  const Folder folder;
  Serving serving(folder.path(), Milliseconds(300));
  RawClient slow(folder.path());
  slow.send("ho");
  const auto began = std::chrono::steady_clock::now();
  CHECK(serving.ask("hold\n") == "got hold\n");
  CHECK_FALSE(slow.closed());
  serving.loop().until([&] { return slow.closed(); });
  const auto took = std::chrono::steady_clock::now() - began;
  CHECK(took > Milliseconds(200));
  CHECK(took < Milliseconds(10'000));
  CHECK(slow.said.empty());
  serving.stop();
}

TEST_CASE("More clients than there may be wait until one is done with") {
  const Folder folder;
  Serving serving(folder.path(), Milliseconds(300), 2);
  RawClient first(folder.path());
  RawClient second(folder.path());
  serving.loop().until([&] {
    RawClient* const both[] = {&first, &second};
    return std::none_of(std::begin(both), std::end(both), [](RawClient* each) { return each->closed(); });
  });
  CHECK(serving.ask("hold\n") == "got hold\n");
  serving.stop();
}

TEST_CASE("A client that does not take its answer is left, too") {
  const Folder folder;
  Serving serving(folder.path());
  serving.reply = std::string(8'000'000, 'x');
  RawClient lazy(folder.path());
  lazy.send("hold\n");
  serving.loop().until([&] { return !serving.uids.empty(); });
  serving.socket().stop();
  serving.loop().to_the_end();  // the time for the answer is over
  CHECK(serving.uids.size() == 1);
}

TEST_CASE("A gateway that stops ends with those who have not said what they want") {
  const Folder folder;
  Serving serving(folder.path(), Milliseconds(60'000));
  RawClient client(folder.path());
  client.send("ho");
  CHECK(serving.ask("hold\n") == "got hold\n");
  const auto began = std::chrono::steady_clock::now();
  serving.stop();
  CHECK(std::chrono::steady_clock::now() - began < Milliseconds(20'000));
  CHECK(client.closed());
}

TEST_CASE("What fails while an order is carried out is not lost") {
  const Folder folder;
  Serving serving(folder.path());
  serving.fails = true;
  RawClient client(folder.path());
  client.send("hold\n");
  CHECK_THROWS_AS(serving.loop().to_the_end(), std::runtime_error);
}
