#include "gateway/control_socket.h"

#include "gateway/control_endpoint.h"
#include "gateway/narrow_umask.h"
#include "gateway/queue_order.h"

#include <optional>
#include <utility>

#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gateway {
namespace {

namespace asio = boost::asio;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

/// As the kernel tells it, and only of those who may write the database as well.
std::optional<std::int64_t> trusted_peer(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  const bool trusted = peer.uid == ::geteuid() || peer.uid == 0;
  return trusted ? std::optional(std::int64_t{peer.uid}) : std::nullopt;
}

/// Who has only ended sending waits still.
bool is_open_to_the_other_side(int socket) {
  pollfd looked_at{socket, 0, 0};
  return ::poll(&looked_at, 1, 0) == 0;
}

}  // namespace

ControlSocket::ControlSocket(asio::any_io_executor executor, std::filesystem::path state_directory,
                             const ConnectionLimits& limits, Answering answering)
    : acceptor_(executor),
      state_directory_(std::move(state_directory)),
      limits_(limits),
      answering_(std::move(answering)),
      connections_(executor, limits) {}

boost::system::error_code ControlSocket::open() {
  const auto endpoint = ControlEndpoint::in(state_directory_);
  if (!endpoint.has_value()) return endpoint.error();
  ::unlink(control_socket_file(state_directory_).c_str());
  boost::system::error_code error;
  acceptor_.open(Protocol(), error);
  if (error) return error;
  {
    const NarrowUmask owner_only;
    acceptor_.bind(Protocol::endpoint(endpoint->path()), error);
  }
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  boost::system::error_code ignored;
  if (error) acceptor_.close(ignored);
  return error;
}

asio::awaitable<void> ControlSocket::run() {
  Connections::Serving serve_one = [this](Connections::Shared each) { return serve(std::move(each)); };
  Connections::Failing fail = [this](const std::exception_ptr& thrown) {
    thrown_ = thrown;
    stop();
  };
  co_await connections_.run(acceptor_, std::move(serve_one), std::move(fail));
  if (thrown_) std::rethrow_exception(thrown_);
}

void ControlSocket::stop() {
  if (!connections_.stop()) return;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  ::unlink(control_socket_file(state_directory_).c_str());
}

asio::awaitable<void> ControlSocket::serve(Connections::Shared connection) {
  const auto uid = trusted_peer(connection->socket.native_handle());
  if (!uid) co_return;
  Connections::limit_time(connection, limits_.request_time);
  std::string request;
  auto buffer = asio::dynamic_buffer(request, limits_.request_bytes);
  const auto [failed, size] = co_await asio::async_read_until(connection->socket, buffer, '\n', kNoThrow);
  const bool too_long = failed == asio::error::not_found;
  if (failed && !too_long && failed != asio::error::eof) co_return;
  std::string answer;
  if (failed) {
    answer =
        error_line(too_long ? "the request is too long" : "the request does not end with a line feed", 2);
  } else {
    connection->taken = true;
    connection->deadline.cancel();
    request.resize(size - 1);
    StillWaits still_waits = [file = connection->socket.native_handle()] {
      return is_open_to_the_other_side(file);
    };
    answer = co_await answering_(std::move(request), *uid, std::move(still_waits));
  }
  Connections::limit_time(connection, limits_.answer_time);
  co_await asio::async_write(connection->socket, asio::buffer(answer), kNoThrow);
}

}  // namespace gateway
