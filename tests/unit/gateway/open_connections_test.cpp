#include "gateway/open_connections.h"

#include "tests/unit/gateway/coroutine_run.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <catch2/catch.hpp>

namespace {

namespace asio = boost::asio;
using namespace gateway;
using namespace gateway::test;
using Tcp = asio::ip::tcp;
using Connections = OpenConnections<Tcp::socket>;

/// A server that does with a connection what a test says, two at a time.
class Server {
 public:
  explicit Server(Connections::Serving serve) {
    run_.spawn(connections_.run(acceptor_, std::move(serve),
                                [this](const std::exception_ptr& thrown) { failures_.push_back(thrown); }));
  }

  Tcp::socket client() {
    Tcp::socket socket(run_.io());
    socket.connect(acceptor_.local_endpoint());
    socket.non_blocking(true);
    return socket;
  }
  /// And waits for the end.
  void stop() {
    acceptor_.close();
    connections_.stop();
    run_.to_the_end();
  }
  CoroutineRun& loop() { return run_; }
  std::size_t failures() const { return failures_.size(); }

 private:
  CoroutineRun run_;
  Tcp::acceptor acceptor_{run_.io(), {asio::ip::address_v4::loopback(), 0}};
  Connections connections_{run_.io().get_executor(),
                           ConnectionLimits{100, 2, Milliseconds(20), Milliseconds(20)}};
  std::vector<std::exception_ptr> failures_;
};

bool is_closed(Tcp::socket& client) {
  char byte = 0;
  boost::system::error_code error;
  client.read_some(asio::buffer(&byte, 1), error);
  return error && error != asio::error::would_block;
}

asio::awaitable<void> sleep(Milliseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

/// Until the other side, or its own deadline, closes the connection.
asio::awaitable<void> read_on(Connections::Shared connection) {
  char byte = 0;
  co_await connection->socket.async_read_some(asio::buffer(&byte, 1), asio::as_tuple(asio::use_awaitable));
}

struct Seen {
  int open = 0;
  int most_open = 0;
  int begun = 0;
  int served = 0;
};

asio::awaitable<void> serve_shortly(Seen& seen) {
  seen.most_open = std::max(seen.most_open, ++seen.open);
  co_await sleep(Milliseconds(100));
  --seen.open;
  ++seen.served;
}

asio::awaitable<void> set_time_twice(Connections::Shared connection) {
  Connections::limit_time(connection, Milliseconds(300));
  co_await sleep(Milliseconds(20));
  Connections::limit_time(connection, Milliseconds(800));
  co_await read_on(connection);
}

/// The first one has asked for something; the others never do.
asio::awaitable<void> take_the_first(Connections::Shared connection, Seen& seen) {
  connection->taken = ++seen.begun == 1;
  if (!connection->taken) co_return co_await read_on(connection);
  co_await sleep(Milliseconds(100));
  if (connection->socket.is_open()) ++seen.served;
}

asio::awaitable<void> fail(Connections::Shared) {
  throw std::runtime_error("failed on purpose");
  co_return;
}

}  // namespace

TEST_CASE("No more connections are served at a time than there may be, and all of them in the end") {
  Seen seen;
  Server server([&seen](Connections::Shared) { return serve_shortly(seen); });
  std::vector<Tcp::socket> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(server.client());
  server.loop().until([&] { return seen.served == 5; });
  CHECK(seen.most_open == 2);
  server.stop();
}

TEST_CASE("A connection whose time is over is closed, and one whose time was set anew later") {
  Server server(set_time_twice);
  auto client = server.client();
  const auto began = std::chrono::steady_clock::now();
  server.loop().until([&] { return is_closed(client); });
  CHECK(std::chrono::steady_clock::now() - began >= Milliseconds(800));
  server.stop();
}

TEST_CASE("A stop closes connections that have asked for nothing, and waits for those that have") {
  Seen seen;
  Server server([&seen](Connections::Shared each) { return take_the_first(std::move(each), seen); });
  auto asking = server.client();
  auto silent = server.client();
  server.loop().until([&] { return seen.begun == 2; });
  server.stop();
  CHECK(seen.served == 1);
  CHECK(is_closed(silent));
  CHECK(is_closed(asking));
}

TEST_CASE("What goes wrong with a connection is handed on, and the next one served") {
  Server server(fail);
  auto first = server.client();
  auto second = server.client();
  server.loop().until([&] { return server.failures() == 2; });
  CHECK(is_closed(first));
  CHECK(is_closed(second));
  server.stop();
}
