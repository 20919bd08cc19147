#pragma once
// The connections of a small server, one request each. Whoever connects may stop half way or never read: each
// has a deadline, there are only so many, and more of them wait in the kernel. I/O thread only.

#include "gateway/instant.h"
#include "gateway/wakeup.h"

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

namespace gateway {

struct ConnectionLimits {
  std::size_t request_bytes = 8'192;
  std::size_t connections = 8;
  Milliseconds request_time{5'000};  // from the connection to the end of what it asks
  Milliseconds answer_time{10'000};  // until the other side has taken the answer
};

template <class Socket>
class OpenConnections {
 public:
  struct Connection {
    explicit Connection(const boost::asio::any_io_executor& executor)
        : socket(executor), deadline(executor) {}
    Socket socket;
    boost::asio::steady_timer deadline;
    bool taken = false;  // its request is whole, and answered whatever happens
  };
  using Shared = std::shared_ptr<Connection>;
  using Serving = std::function<boost::asio::awaitable<void>(Shared)>;
  /// What a serving threw.
  using Failing = std::function<void(const std::exception_ptr&)>;

  OpenConnections(boost::asio::any_io_executor executor, const ConnectionLimits& limits)
      : limits_(limits), bell_(std::move(executor)) {}

  /// Until stop() and the end of every connection. `acceptor` is closed by who stops, and outlives the run.
  template <class Acceptor>
  boost::asio::awaitable<void> run(Acceptor& acceptor, Serving serve, Failing fail) {
    while (!stopping_) {
      const auto rings = bell_.rings();
      if (open_.size() >= limits_.connections) {
        co_await bell_.wait_for(limits_.request_time, rings);
        continue;
      }
      const auto connection = std::make_shared<Connection>(bell_.executor());
      const auto [error] = co_await acceptor.async_accept(connection->socket,
                                                          boost::asio::as_tuple(boost::asio::use_awaitable));
      if (stopping_) break;
      if (error) {
        co_await bell_.wait_for(kBetweenTries, rings);
      } else {
        begin(connection, serve(connection), fail);
      }
    }
    while (!open_.empty()) {
      const auto rings = bell_.rings();
      co_await bell_.wait_for(limits_.answer_time, rings);
    }
  }

  /// What was taken is answered still. False: it was stopped before.
  bool stop() {
    if (stopping_) return false;
    stopping_ = true;
    for (const Shared& connection : open_) {
      if (!connection->taken) close(*connection);
    }
    bell_.ring();
    return true;
  }

  /// Takes the place of the time it had.
  static void limit_time(const Shared& connection, Milliseconds time) {
    connection->deadline.expires_after(time);
    connection->deadline.async_wait([connection](const boost::system::error_code& error) {
      // It may have been set anew while this one was on its way.
      if (error || connection->deadline.expiry() > std::chrono::steady_clock::now()) return;
      close(*connection);
    });
  }

 private:
  // After an accept that failed: descriptors run out, and come back when something is closed.
  static constexpr Milliseconds kBetweenTries{100};

  void begin(const Shared& connection, boost::asio::awaitable<void> serving, const Failing& fail) {
    const auto place = open_.insert(open_.end(), connection);
    boost::asio::co_spawn(bell_.executor(), std::move(serving),
                          [this, place, fail](const std::exception_ptr& thrown) {
                            (*place)->deadline.cancel();
                            close(**place);
                            open_.erase(place);
                            if (thrown) fail(thrown);
                            bell_.ring();
                          });
  }

  static void close(Connection& connection) {
    boost::system::error_code ignored;
    connection.socket.close(ignored);
  }

  ConnectionLimits limits_;
  Wakeup bell_;  // rings when a connection has ended
  std::list<Shared> open_;
  bool stopping_ = false;
};

}  // namespace gateway
