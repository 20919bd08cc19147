#pragma once
// A small HTTP server for who looks after the gateway: GET and HEAD, one request a connection. Whoever
// connects may send anything: its size is limited, too. I/O thread only.

#include "gateway/admin_address.h"
#include "gateway/open_connections.h"

#include <functional>
#include <string>
#include <string_view>
#include <variant>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

namespace gateway {

struct AdminPage {
  int status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string body;
};

class AdminListener {
 public:
  /// The page of a path, "/metrics"; a query is cut off before.
  using Answering = std::function<boost::asio::awaitable<AdminPage>(std::string path)>;

  AdminListener(boost::asio::any_io_executor executor, AdminAddress address, bool for_group,
                const ConnectionLimits& limits, Answering answering);
  AdminListener(const AdminListener&) = delete;
  AdminListener& operator=(const AdminListener&) = delete;

  /// Of a socket in the file system that nobody listens to any more the place is taken over.
  boost::system::error_code open();
  /// Runs until stop() and the end of every connection.
  boost::asio::awaitable<void> run();
  void stop();

 private:
  using Connections = OpenConnections<boost::asio::generic::stream_protocol::socket>;
  using TcpAcceptor = boost::asio::ip::tcp::acceptor;
  using LocalAcceptor = boost::asio::local::stream_protocol::acceptor;

  boost::system::error_code open_local(LocalAcceptor& acceptor);
  boost::asio::awaitable<void> serve(Connections::Shared connection);
  boost::asio::awaitable<AdminPage> page(std::string target);

  boost::asio::any_io_executor executor_;
  AdminAddress address_;
  bool for_group_;
  ConnectionLimits limits_;
  Answering answering_;
  std::variant<TcpAcceptor, LocalAcceptor> acceptor_;
  Connections connections_;
  bool listens_ = false;
};

}  // namespace gateway
