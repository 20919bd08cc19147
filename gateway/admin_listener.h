#pragma once
// A small HTTP server for who looks after the gateway: GET and HEAD, one request a connection. Whoever
// connects may send anything, stop half way or never read: size, time and number are limited, and more
// connections wait in the kernel. I/O thread only.

#include "gateway/admin_address.h"
#include "gateway/instant.h"
#include "gateway/wakeup.h"

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

namespace gateway {

struct AdminPage {
  int status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string body;
};

struct AdminLimits {
  std::size_t request_bytes = 8'192;
  std::size_t connections = 8;
  Milliseconds request_time{5'000};  // from the connection to the end of the request's head
  Milliseconds answer_time{10'000};  // for the page, and until the other side has taken it
};

class AdminListener {
 public:
  /// The page of a path, "/metrics"; a query is cut off before.
  using Answering = std::function<boost::asio::awaitable<AdminPage>(std::string path)>;

  AdminListener(boost::asio::any_io_executor executor, AdminAddress address, bool for_group,
                const AdminLimits& limits, Answering answering);
  AdminListener(const AdminListener&) = delete;
  AdminListener& operator=(const AdminListener&) = delete;

  /// Of a socket in the file system that nobody listens to any more the place is taken over.
  boost::system::error_code open();
  /// Runs until stop() and the end of every connection.
  boost::asio::awaitable<void> run();
  void stop();

 private:
  using Socket = boost::asio::generic::stream_protocol::socket;
  using TcpAcceptor = boost::asio::ip::tcp::acceptor;
  using LocalAcceptor = boost::asio::local::stream_protocol::acceptor;

  struct Connection {
    explicit Connection(const boost::asio::any_io_executor& executor)
        : socket(executor), deadline(executor) {}
    Socket socket;
    boost::asio::steady_timer deadline;
  };
  using SharedConnection = std::shared_ptr<Connection>;

  boost::system::error_code open_local(LocalAcceptor& acceptor);
  void begin(SharedConnection connection);
  boost::asio::awaitable<void> serve(SharedConnection connection);
  boost::asio::awaitable<AdminPage> page(std::string target);
  static void limit_time(const SharedConnection& connection, Milliseconds time);

  boost::asio::any_io_executor executor_;
  AdminAddress address_;
  bool for_group_;
  AdminLimits limits_;
  Answering answering_;
  std::variant<TcpAcceptor, LocalAcceptor> acceptor_;
  Wakeup bell_;  // rings when a connection has ended
  std::list<SharedConnection> connections_;
  bool listens_ = false;
  bool stopping_ = false;
};

}  // namespace gateway
