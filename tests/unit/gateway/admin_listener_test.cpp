#include "gateway/admin_listener.h"

#include "tests/unit/gateway/coroutine_run.h"
#include "tests/unit/gateway/settings_text.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace {

namespace asio = boost::asio;
using namespace gateway;
using namespace gateway::test;
using Local = asio::local::stream_protocol;

/// A client on a thread of its own, which says `text` and gets all that comes until the end.
std::string all_that_comes_for(const std::string& path, const std::string& text) {
  asio::io_context io;
  Local::socket socket(io);
  boost::system::error_code error;
  socket.connect(Local::endpoint(path), error);
  if (error) return "not connected: " + error.message();
  asio::write(socket, asio::buffer(text), error);
  std::string answer;
  asio::read(socket, asio::dynamic_buffer(answer), error);
  return answer;
}

class Serving {
 public:
  explicit Serving(const ConnectionLimits& limits = {}, bool for_group = false)
      : path_((folder_.path() / "admin.sock").string()),
        listener_(run_.io().get_executor(), {AdminAddress::Kind::local, {}, 0, path_}, for_group, limits,
                  [this](std::string path) { return answer(std::move(path)); }) {
    opened = listener_.open();
    if (!opened) run_.spawn(listener_.run());
  }
  ~Serving() {
    listener_.stop();
    run_.to_the_end();
  }

  std::string ask(const std::string& text) {
    auto asked = std::async(std::launch::async, [this, text] { return all_that_comes_for(path_, text); });
    run_.until([&] { return asked.wait_for(Milliseconds(0)) == std::future_status::ready; });
    return asked.get();
  }
  const std::string& path() const { return path_; }
  CoroutineRun& loop() { return run_; }
  AdminListener& listener() { return listener_; }

  boost::system::error_code opened;
  std::vector<std::string> paths;

 private:
  asio::awaitable<AdminPage> answer(std::string path) {
    paths.push_back(path);
    if (path == "/fails") throw std::runtime_error("failed on purpose");
    co_return AdminPage{200, "text/plain", "page " + path + "\n"};
  }

  Folder folder_;
  std::string path_;
  CoroutineRun run_;
  AdminListener listener_;
};

bool begins_with(const std::string& text, const std::string& begin) {
  return text.compare(0, begin.size(), begin) == 0;
}

}  // namespace

TEST_CASE("A page is served, and the connection ends") {
  Serving serving;
  const std::string answer = serving.ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  CAPTURE(answer);
  CHECK(begins_with(answer, "HTTP/1.1 200 OK\r\n"));
  CHECK(answer.find("Connection: close\r\n") != std::string::npos);
  CHECK(answer.find("\r\n\r\npage /metrics\n") != std::string::npos);
}

TEST_CASE("A query does not count, and what is asked for with HEAD comes without its body") {
  Serving serving;
  const std::string answer = serving.ask("HEAD /metrics?x=1 HTTP/1.0\r\n\r\n");
  CHECK(answer.find("Content-Length: 14\r\n") != std::string::npos);
  CHECK(answer.find("page") == std::string::npos);
  CHECK(serving.paths == std::vector<std::string>{"/metrics"});
}

TEST_CASE("Nothing can be changed") {
  const auto* method = GENERATE("POST", "PUT", "DELETE", "OPTIONS", "PATCH");
  Serving serving;
  const std::string answer =
      serving.ask(std::string(method) + " /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  CHECK(begins_with(answer, "HTTP/1.1 405 "));
  CHECK(answer.find("Allow: GET, HEAD\r\n") != std::string::npos);
  CHECK(serving.paths.empty());
}

TEST_CASE("What is no request is answered as such, or not at all, and others are served") {
  Serving serving;
  for (const std::string& text :
       {std::string("\x16\x03\x01\x02"), std::string("GET\r\n\r\n"), std::string(100'000, 'a'),
        "GET /" + std::string(20'000, 'b') + " HTTP/1.1\r\n\r\n",
        std::string("GET / HTTP/1.1\r\nA\r\n\r\n")}) {
    const std::string answer = serving.ask(text);
    CAPTURE(text.substr(0, 20), answer);
    CHECK((answer.empty() || begins_with(answer, "HTTP/1.1 400 ")));
  }
  CHECK(serving.paths.empty());
  CHECK(begins_with(serving.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 200 "));
}

TEST_CASE("A page that cannot be made disturbs nobody else") {
  Serving serving;
  CHECK(begins_with(serving.ask("GET /fails HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 500 "));
  CHECK(begins_with(serving.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 200 "));
}

TEST_CASE("Whoever says nothing is let go, and makes room for others") {
  Serving serving({8'192, 2, Milliseconds(200), Milliseconds(1'000)});
  asio::io_context io;
  Local::socket silent(io);
  Local::socket half(io);
  silent.connect(Local::endpoint(serving.path()));
  half.connect(Local::endpoint(serving.path()));
  asio::write(half, asio::buffer(std::string("GET / HT")));
  const auto began = std::chrono::steady_clock::now();
  CHECK(begins_with(serving.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 200 "));
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(10));
  char byte = 0;
  boost::system::error_code error;
  asio::read(silent, asio::buffer(&byte, 1), error);
  CHECK(error == asio::error::eof);
}

TEST_CASE("The socket is its owner's alone, or its group's as well") {
  const auto mode_of = [](const std::string& path) {
    struct stat status = {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 0777;
  };
  Serving narrow;
  CHECK(mode_of(narrow.path()) == 0600);
  Serving wide({}, true);
  CHECK(mode_of(wide.path()) == 0660);
}

TEST_CASE("A socket that is in use stays with who has it, one that is left over is taken") {
  Serving serving;
  REQUIRE_FALSE(serving.opened);
  CoroutineRun run;
  AdminListener second(run.io().get_executor(), {AdminAddress::Kind::local, {}, 0, serving.path()}, false, {},
                       [](std::string) -> asio::awaitable<AdminPage> { co_return AdminPage{}; });
  CHECK(second.open() == asio::error::address_in_use);
  CHECK(begins_with(serving.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 200 "));

  Folder folder;
  const std::string left = (folder.path() / "left.sock").string();
  {
    asio::io_context io;
    Local::acceptor killed(io, Local::endpoint(left));  // its file stays
  }
  AdminListener third(run.io().get_executor(), {AdminAddress::Kind::local, {}, 0, left}, false, {},
                      [](std::string) -> asio::awaitable<AdminPage> { co_return AdminPage{}; });
  CHECK_FALSE(third.open());
  third.stop();
  CHECK(::access(left.c_str(), F_OK) != 0);
}

TEST_CASE("A file that is no socket is not taken away") {
  Folder folder;
  const auto path = folder.path() / "precious";
  std::ofstream(path) << "data";
  CoroutineRun run;
  AdminListener listener(run.io().get_executor(), {AdminAddress::Kind::local, {}, 0, path.string()}, false,
                         {}, [](std::string) -> asio::awaitable<AdminPage> { co_return AdminPage{}; });
  CHECK(listener.open());
  CHECK(std::filesystem::file_size(path) == 4);
}

TEST_CASE("A port that is in use is an error and nothing else") {
  asio::io_context io;
  asio::ip::tcp::acceptor taken(io, {asio::ip::address_v4::loopback(), 0});
  CoroutineRun run;
  AdminListener listener(run.io().get_executor(),
                         {AdminAddress::Kind::tcp, "127.0.0.1", taken.local_endpoint().port(), {}}, false, {},
                         [](std::string) -> asio::awaitable<AdminPage> { co_return AdminPage{}; });
  CHECK(listener.open() == asio::error::address_in_use);
}
