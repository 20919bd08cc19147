#include "gateway/control_socket.h"

#include "gateway/control_endpoint.h"
#include "gateway/queue_order.h"

#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gateway {
namespace {

namespace asio = boost::asio;

// After an accept that failed: descriptors run out, and come back when something is closed.
constexpr Milliseconds kBetweenTries{100};

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

/// Files that are made meanwhile are for their owner alone, and nobody can execute them.
class NarrowUmask {
 public:
  NarrowUmask() : before_(::umask(0177)) {}
  ~NarrowUmask() { ::umask(before_); }
  NarrowUmask(const NarrowUmask&) = delete;
  NarrowUmask& operator=(const NarrowUmask&) = delete;

 private:
  mode_t before_;
};

/// As the kernel tells it, and only of those who may write the database as well.
std::optional<std::int64_t> trusted_peer(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  const bool trusted = peer.uid == ::geteuid() || peer.uid == 0;
  return trusted ? std::optional(std::int64_t{peer.uid}) : std::nullopt;
}

}  // namespace

ControlSocket::ControlSocket(asio::any_io_executor executor, std::filesystem::path state_directory,
                             const ControlLimits& limits, Answering answering)
    : acceptor_(executor),
      state_directory_(std::move(state_directory)),
      limits_(limits),
      answering_(std::move(answering)),
      bell_(executor) {}

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
  while (!stopping_) {
    const auto rings = bell_.rings();
    if (connections_.size() >= limits_.connections) {
      co_await bell_.wait_for(limits_.request_time, rings);
      continue;
    }
    auto [error, connected] = co_await acceptor_.async_accept(kNoThrow);
    if (stopping_) break;
    if (error) {
      co_await bell_.wait_for(kBetweenTries, rings);
    } else {
      begin(std::move(connected));
    }
  }
  while (!connections_.empty()) {
    const auto rings = bell_.rings();
    co_await bell_.wait_for(limits_.answer_time, rings);
  }
  if (thrown_) std::rethrow_exception(thrown_);
}

void ControlSocket::stop() {
  if (stopping_) return;
  stopping_ = true;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  ::unlink(control_socket_file(state_directory_).c_str());
  for (const SharedConnection& connection : connections_) {
    if (!connection->taken) connection->socket.close(ignored);
  }
  bell_.ring();
}

void ControlSocket::begin(Protocol::socket connected) {
  const auto place =
      connections_.insert(connections_.end(), std::make_shared<Connection>(std::move(connected)));
  asio::co_spawn(acceptor_.get_executor(), serve(*place), [this, place](const std::exception_ptr& thrown) {
    boost::system::error_code ignored;
    (*place)->deadline.cancel();
    (*place)->socket.close(ignored);
    connections_.erase(place);
    if (thrown) thrown_ = thrown;
    if (thrown) stop();
    bell_.ring();
  });
}

void ControlSocket::limit_time(const SharedConnection& connection, Milliseconds time) {
  connection->deadline.expires_after(time);
  connection->deadline.async_wait([connection](const boost::system::error_code& error) {
    // It may have been set anew while this one was on its way.
    if (error || connection->deadline.expiry() > std::chrono::steady_clock::now()) return;
    boost::system::error_code ignored;
    connection->socket.close(ignored);
  });
}

asio::awaitable<void> ControlSocket::serve(SharedConnection connection) {
  const auto uid = trusted_peer(connection->socket.native_handle());
  if (!uid) co_return;
  limit_time(connection, limits_.request_time);
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
    answer = co_await answering_(std::move(request), *uid);
  }
  limit_time(connection, limits_.answer_time);
  co_await asio::async_write(connection->socket, asio::buffer(answer), kNoThrow);
}

}  // namespace gateway
