#include "gateway/admin_listener.h"

#include "gateway/narrow_umask.h"

#include <utility>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace gateway {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

using Request = http::request_parser<http::empty_body>;

/// What a gateway that was killed left behind. Anything else in that place is not ours to take away.
void remove_abandoned(asio::any_io_executor executor, const std::string& path) {
  struct stat status = {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  boost::system::error_code error;
  asio::local::stream_protocol::socket probe(std::move(executor));
  probe.connect(asio::local::stream_protocol::endpoint(path), error);
  if (error == asio::error::connection_refused) ::unlink(path.c_str());
}

http::response<http::string_body> response_of(AdminPage page) {
  http::response<http::string_body> response(static_cast<http::status>(page.status), 11);
  response.set(http::field::content_type,
               boost::beast::string_view(page.content_type.data(), page.content_type.size()));
  response.set(http::field::cache_control, "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  if (page.status == 405) response.set(http::field::allow, "GET, HEAD");
  response.keep_alive(false);
  response.body() = std::move(page.body);
  response.prepare_payload();
  return response;
}

}  // namespace

AdminListener::AdminListener(asio::any_io_executor executor, AdminAddress address, bool for_group,
                             const ConnectionLimits& limits, Answering answering)
    : executor_(executor),
      address_(std::move(address)),
      for_group_(for_group),
      limits_(limits),
      answering_(std::move(answering)),
      acceptor_(std::in_place_type<TcpAcceptor>, executor),
      connections_(executor, limits) {}

boost::system::error_code AdminListener::open() {
  boost::system::error_code error;
  if (address_.kind == AdminAddress::Kind::local) {
    error = open_local(acceptor_.emplace<LocalAcceptor>(executor_));
  } else {
    auto& acceptor = std::get<TcpAcceptor>(acceptor_);
    const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(address_.host), address_.port);
    acceptor.open(endpoint.protocol(), error);
    // Connections of before a restart do not keep the port.
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  }
  listens_ = !error;
  boost::system::error_code ignored;
  if (error) std::visit([&ignored](auto& acceptor) { acceptor.close(ignored); }, acceptor_);
  return error;
}

boost::system::error_code AdminListener::open_local(LocalAcceptor& acceptor) {
  remove_abandoned(executor_, address_.path);
  boost::system::error_code error;
  acceptor.open(asio::local::stream_protocol(), error);
  {
    const NarrowUmask owner_only;
    if (!error) acceptor.bind(asio::local::stream_protocol::endpoint(address_.path), error);
  }
  if (error) return error;
  if (for_group_ && ::chmod(address_.path.c_str(), 0660) != 0)
    error.assign(errno, boost::system::system_category());
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) ::unlink(address_.path.c_str());
  return error;
}

asio::awaitable<void> AdminListener::run() {
  const Connections::Serving serve_one = [this](Connections::Shared each) { return serve(std::move(each)); };
  // What goes wrong with a page is told to who asked for it, and to nobody else.
  const Connections::Failing fail = [](const std::exception_ptr&) {};
  return std::visit([&](auto& acceptor) { return connections_.run(acceptor, serve_one, fail); }, acceptor_);
}

void AdminListener::stop() {
  if (!connections_.stop()) return;
  boost::system::error_code ignored;
  std::visit([&ignored](auto& acceptor) { acceptor.close(ignored); }, acceptor_);
  if (listens_ && address_.kind == AdminAddress::Kind::local) ::unlink(address_.path.c_str());
}

asio::awaitable<void> AdminListener::serve(Connections::Shared connection) {
  Connections::limit_time(connection, limits_.request_time);
  boost::beast::flat_buffer buffer(limits_.request_bytes);
  Request parser;
  parser.header_limit(static_cast<std::uint32_t>(limits_.request_bytes));
  const auto [failed, size] = co_await http::async_read_header(connection->socket, buffer, parser, kNoThrow);
  const bool is_http_error =
      failed && failed.category() == http::make_error_code(http::error::end_of_stream).category();
  if (failed && (!is_http_error || failed == http::error::end_of_stream)) co_return;
  Connections::limit_time(connection, limits_.answer_time);
  const bool reads = parser.get().method() == http::verb::get || parser.get().method() == http::verb::head;
  AdminPage answer{400, "text/plain; charset=utf-8", "this is no request that is understood here\n"};
  if (!failed && !reads) answer = {405, "text/plain; charset=utf-8", "GET and HEAD only\n"};
  if (!failed && reads) answer = co_await page(std::string(parser.get().target()));
  auto response = response_of(std::move(answer));
  http::response_serializer<http::string_body> serializer(response);
  if (!failed && parser.get().method() == http::verb::head) {
    co_await http::async_write_header(connection->socket, serializer, kNoThrow);
  } else {
    co_await http::async_write(connection->socket, serializer, kNoThrow);
  }
  boost::system::error_code ignored;
  connection->socket.shutdown(asio::socket_base::shutdown_send, ignored);
}

asio::awaitable<AdminPage> AdminListener::page(std::string target) {
  try {
    co_return co_await answering_(target.substr(0, target.find('?')));
  } catch (const std::exception&) {
  }
  co_return AdminPage{500, "text/plain; charset=utf-8", "the page could not be made\n"};
}

}  // namespace gateway
