#pragma once
// Takes orders for the gateway that runs: one request a connection, one line in, lines out. Whoever connects
// may send anything, stop half way or never read: size, time and number are limited. I/O thread only.

#include "gateway/instant.h"
#include "gateway/wakeup.h"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

namespace gateway {

struct ControlLimits {
  std::size_t request_bytes = 0;
  std::size_t connections = 8;       // more of them wait
  Milliseconds request_time{5'000};  // from the connection to its line feed
  Milliseconds answer_time{10'000};  // until the other side has taken the answer
};

class ControlSocket {
 public:
  using Protocol = boost::asio::local::stream_protocol;
  /// From a line without its line feed, and the user who sent it, to all that is sent back.
  using Answering = std::function<boost::asio::awaitable<std::string>(std::string line, std::int64_t uid)>;

  ControlSocket(boost::asio::any_io_executor executor, std::filesystem::path state_directory,
                const ControlLimits& limits, Answering answering);
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

  /// Only by who holds the lock of the directory: what an earlier gateway left there is removed.
  boost::system::error_code open();
  /// Runs until stop() and the end of every connection. What an answering throws is thrown here.
  boost::asio::awaitable<void> run();
  /// What was taken is answered still. Before the lock of the directory is given up.
  void stop();

 private:
  struct Connection {
    explicit Connection(Protocol::socket connected)
        : socket(std::move(connected)), deadline(socket.get_executor()) {}
    Protocol::socket socket;
    boost::asio::steady_timer deadline;
    bool taken = false;  // the request is whole
  };
  using SharedConnection = std::shared_ptr<Connection>;

  void begin(Protocol::socket connected);
  boost::asio::awaitable<void> serve(SharedConnection connection);
  static void limit_time(const SharedConnection& connection, Milliseconds time);

  Protocol::acceptor acceptor_;
  std::filesystem::path state_directory_;
  ControlLimits limits_;
  Answering answering_;
  Wakeup bell_;  // rings when a connection has ended
  std::list<SharedConnection> connections_;
  std::exception_ptr thrown_;
  bool stopping_ = false;
};

}  // namespace gateway
