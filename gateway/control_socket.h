#pragma once
// Takes orders for the gateway that runs: one request a connection, one line in, lines out. Whoever connects
// may send anything, stop half way or never read: size, time and number are limited. I/O thread only.

#include "gateway/open_connections.h"

#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <string>

#include <boost/asio/local/stream_protocol.hpp>

namespace gateway {

class ControlSocket {
 public:
  using Protocol = boost::asio::local::stream_protocol;
  /// False: whoever asked has closed the connection. From any thread, until the answer is there.
  using StillWaits = std::function<bool()>;
  /// From a line without its line feed, and the user who sent it, to all that is sent back.
  using Answering = std::function<boost::asio::awaitable<std::string>(std::string line, std::int64_t uid,
                                                                      StillWaits still_waits)>;

  ControlSocket(boost::asio::any_io_executor executor, std::filesystem::path state_directory,
                const ConnectionLimits& limits, Answering answering);
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

  /// Only by who holds the lock of the directory: what an earlier gateway left there is removed.
  boost::system::error_code open();
  /// Runs until stop() and the end of every connection. What an answering throws is thrown here.
  boost::asio::awaitable<void> run();
  /// What was taken is answered still. Before the lock of the directory is given up.
  void stop();

 private:
  using Connections = OpenConnections<Protocol::socket>;

  boost::asio::awaitable<void> serve(Connections::Shared connection);

  Protocol::acceptor acceptor_;
  std::filesystem::path state_directory_;
  ConnectionLimits limits_;
  Answering answering_;
  Connections connections_;
  std::exception_ptr thrown_;
};

}  // namespace gateway
