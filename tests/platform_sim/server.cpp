#include "tests/platform_sim/server.h"

#include "tests/platform_sim/tls_context.h"

#include <array>
#include <csignal>
#include <exception>
#include <iostream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

namespace platform_sim {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace net = boost::asio;
namespace ssl = net::ssl;
using boost::system::error_code;
using net::ip::tcp;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

using TlsStream = beast::ssl_stream<beast::tcp_stream>;
using Parser = http::request_parser<http::string_body>;
using Response = http::response<http::string_body>;

constexpr std::uint64_t kBodyLimit = 10'000'000;  // 10 MB in one transmission
constexpr std::uint64_t kControlBodyLimit = 64 * 1024;
constexpr std::uint32_t kHeaderLimit = 16 * 1024;
constexpr std::size_t kDrainLimit = 64 * 1024 * 1024;
constexpr auto kHandshakeDeadline = 10s;
constexpr auto kBodyDeadline = 60s;
constexpr auto kWriteDeadline = 30s;
constexpr auto kCloseDeadline = 2s;
constexpr auto kStopGrace = 1s;

auto into(error_code& ec) {
  return net::redirect_error(net::use_awaitable, ec);
}

tcp::endpoint to_tcp(const Endpoint& endpoint) {
  error_code ec;
  const auto address = net::ip::make_address(endpoint.address, ec);
  if (ec) throw std::runtime_error(endpoint.address + " is not an IP address");
  return {address, endpoint.port};
}

std::string to_text(const tcp::endpoint& endpoint) {
  std::ostringstream text;
  text << endpoint;
  return text.str();
}

std::string common_name(TlsStream& stream) {
  const X509* certificate = SSL_get0_peer_certificate(stream.native_handle());
  if (certificate == nullptr) return {};
  std::array<char, 256> name = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(),
                            static_cast<int>(name.size()));
  return name.data();
}

Response to_response(const Answer& answer, const Parser& parser) {
  Response response;
  response.version(11);
  response.result(static_cast<unsigned>(answer.status));
  response.keep_alive(parser.is_header_done() && parser.keep_alive() && !answer.close);
  if (!answer.content_type.empty()) response.set(http::field::content_type, answer.content_type);
  if (!answer.content_location.empty()) {
    response.set(http::field::content_location, answer.content_location);
  }
  if (answer.retry_after_s) {
    response.set(http::field::retry_after, std::to_string(*answer.retry_after_s));
  }
  response.body() = answer.body;
  if (answer.status != 204) response.prepare_payload();
  return response;
}

Head to_head(const Parser& parser, const std::string& client, int at_once) {
  const auto& request = parser.get();
  return {.method = std::string(request.method_string()),
          .target = std::string(request.target()),
          .host = std::string(request[http::field::host]),
          .content_type = std::string(request[http::field::content_type]),
          .client = client,
          .at_once = at_once};
}

/// RST instead of FIN: what a client sees when a firewall or a crash cuts the line.
void reset(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(net::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

/// Takes in what the peer still sends. Closing with unread bytes would send a reset that overtakes our last
/// words (an alert, a 413), and the peer would never read them.
template <typename Stream>
net::awaitable<void> drain(Stream& stream) {
  beast::get_lowest_layer(stream).expires_after(kCloseDeadline);
  std::array<char, 16 * 1024> bytes;
  error_code ec;
  for (std::size_t total = 0; !ec && total < kDrainLimit;) {
    total += co_await stream.async_read_some(net::buffer(bytes), into(ec));
  }
}

/// One more as long as it lives.
class Counted {
 public:
  explicit Counted(int& count) : count_(count) { ++count_; }
  ~Counted() { --count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  int& count_;
};

/// One TLS connection, known to the server while it lives.
struct Connection {
  Connection(tcp::socket socket, ssl::context& context, std::set<Connection*>& all)
      : stream(std::move(socket), context), all_(all) {
    all_.insert(this);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { all_.erase(this); }

  beast::tcp_stream& tcp_stream() { return beast::get_lowest_layer(stream); }

  TlsStream stream;
  beast::flat_buffer buffer;
  std::string client;
  bool busy = false;  // in a request
  std::optional<Counted> unanswered;

 private:
  std::set<Connection*>& all_;
};

enum class After { keep_alive, close, nothing };

}  // namespace

/// One thread: nothing below needs a lock, and what is stored is stored in one go. Coroutines take references
/// only where the caller awaits them at once.
class Server::Impl {
 public:
  Impl(const ServerSettings& settings, Platform& platform, const PlatformStore& store);

  void run();
  std::string listening_on() const { return to_text(listener_.local_endpoint()); }
  std::string control_on() const { return control_ ? to_text(control_->local_endpoint()) : ""; }

 private:
  void spawn(net::awaitable<void> task);
  void fail(const std::exception_ptr& error);

  net::awaitable<void> stop_on_signal();
  net::awaitable<void> accept_clients();
  net::awaitable<void> serve_client(tcp::socket socket);
  net::awaitable<After> serve_request(Connection& connection);
  net::awaitable<After> answer_bad_head(Connection& connection, Parser& parser, error_code error);
  net::awaitable<After> carry_out(Connection& connection, const Parser& parser, std::int64_t number,
                                  Reaction reaction);
  net::awaitable<After> send(Connection& connection, const Parser& parser, Answer answer);
  net::awaitable<void> complete_at(std::int64_t number, std::int64_t due_ms);
  net::awaitable<void> accept_control();
  net::awaitable<void> serve_control(tcp::socket socket);

  Platform& platform_;
  ssl::context context_;
  milliseconds idle_timeout_;
  std::set<Connection*> connections_;
  int unanswered_ = 0;
  bool stopping_ = false;
  std::exception_ptr failure_;
  net::io_context io_{1};  // after all that its coroutines use: they are destroyed with it
  tcp::acceptor listener_;
  std::optional<tcp::acceptor> control_;
};

Server::Impl::Impl(const ServerSettings& settings, Platform& platform, const PlatformStore& store)
    : platform_(platform),
      context_(make_context(settings)),
      idle_timeout_(settings.idle_timeout),
      listener_(io_, to_tcp(settings.listen)) {
  if (settings.control) {
    const auto endpoint = to_tcp(*settings.control);
    if (!endpoint.address().is_loopback()) throw std::runtime_error("--control must be a loopback address");
    control_.emplace(io_, endpoint);
    spawn(accept_control());
  }
  for (const auto& pending : store.unfinished()) {
    if (pending.due_ms) spawn(complete_at(pending.number, *pending.due_ms));
  }
  spawn(stop_on_signal());
  spawn(accept_clients());
}

void Server::Impl::run() {
  io_.run();
  if (failure_) std::rethrow_exception(failure_);
}

void Server::Impl::spawn(net::awaitable<void> task) {
  net::co_spawn(io_, std::move(task), [this](const std::exception_ptr& error) {
    if (error) fail(error);
  });
}

void Server::Impl::fail(const std::exception_ptr& error) {
  failure_ = error;
  io_.stop();
}

net::awaitable<void> Server::Impl::stop_on_signal() {
  net::signal_set signals(io_, SIGTERM, SIGINT);
  co_await signals.async_wait(net::use_awaitable);
  stopping_ = true;
  listener_.close();
  if (control_) control_->close();
  for (auto* connection : connections_) {
    if (!connection->busy) connection->tcp_stream().cancel();
  }
  net::steady_timer timer(io_);
  const auto latest = std::chrono::steady_clock::now() + kStopGrace;
  while (!connections_.empty() && std::chrono::steady_clock::now() < latest) {
    timer.expires_after(10ms);
    co_await timer.async_wait(net::use_awaitable);
  }
  io_.stop();  // what is still to come is in pending/ and goes on after the next start
}

net::awaitable<void> Server::Impl::accept_clients() {
  while (!stopping_) {
    error_code ec;
    auto socket = co_await listener_.async_accept(into(ec));
    if (!ec) {
      socket.set_option(tcp::no_delay(true), ec);
      spawn(serve_client(std::move(socket)));
    } else if (!stopping_) {  // out of descriptors: wait for some to come back
      net::steady_timer timer(io_, 100ms);
      co_await timer.async_wait(net::use_awaitable);
    }
  }
}

net::awaitable<void> Server::Impl::serve_client(tcp::socket socket) {
  Connection connection(std::move(socket), context_, connections_);
  error_code ec;
  connection.tcp_stream().expires_after(kHandshakeDeadline);
  co_await connection.stream.async_handshake(ssl::stream_base::server, into(ec));
  if (ec) {
    std::cerr << "handshake refused: " << ec.message() << '\n';
    connection.tcp_stream().socket().shutdown(tcp::socket::shutdown_send, ec);
    co_await drain(connection.tcp_stream());
    co_return;
  }
  connection.client = common_name(connection.stream);
  auto after = After::keep_alive;
  while (after == After::keep_alive && !stopping_) after = co_await serve_request(connection);
  if (after == After::nothing) co_return;
  connection.tcp_stream().expires_after(kCloseDeadline);  // a peer may never answer close_notify
  co_await connection.stream.async_shutdown(into(ec));
}

net::awaitable<After> Server::Impl::serve_request(Connection& connection) {
  Parser parser;
  parser.header_limit(kHeaderLimit);
  parser.body_limit(kBodyLimit);
  error_code ec;
  connection.busy = false;
  connection.tcp_stream().expires_after(idle_timeout_);
  co_await http::async_read_header(connection.stream, connection.buffer, parser, into(ec));
  connection.busy = true;
  if (ec && ec != http::error::body_limit) co_return co_await answer_bad_head(connection, parser, ec);

  connection.unanswered.emplace(unanswered_);
  const auto arrival = platform_.arrive(to_head(parser, connection.client, unanswered_));
  if (platform_.react_to_head(arrival)) {
    reset(connection.tcp_stream().socket());
    co_return After::nothing;
  }
  if (!ec) {
    connection.tcp_stream().expires_after(kBodyDeadline);
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
      http::response<http::empty_body> go_on(http::status::continue_, 11);
      co_await http::async_write(connection.stream, go_on, into(ec));
    }
    if (!ec) co_await http::async_read(connection.stream, connection.buffer, parser, into(ec));
  }
  if (ec) {
    const int status = ec == http::error::body_limit ? 413 : 0;
    co_return co_await carry_out(connection, parser, arrival.number,
                                 platform_.react_to_broken_body(arrival, status));
  }
  co_return co_await carry_out(connection, parser, arrival.number,
                               platform_.react(arrival, parser.get().body()));
}

net::awaitable<After> Server::Impl::answer_bad_head(Connection& connection, Parser& parser,
                                                    error_code error) {
  if (error == http::error::end_of_stream || error == http::error::partial_message) co_return After::close;
  if (error == http::error::header_limit) co_return co_await send(connection, parser, bad_head(431));
  if (error.category() == http::make_error_code(http::error::bad_target).category()) {
    co_return co_await send(connection, parser, bad_head(400));
  }
  co_return error == beast::error::timeout ? After::close : After::nothing;
}

net::awaitable<After> Server::Impl::carry_out(Connection& connection, const Parser& parser,
                                              std::int64_t number, Reaction reaction) {
  if (reaction.due_ms) spawn(complete_at(number, *reaction.due_ms));
  if (reaction.delay > 0ms) {
    net::steady_timer timer(io_, reaction.delay);
    co_await timer.async_wait(net::use_awaitable);
  }
  connection.unanswered.reset();  // before the answer, which the next request may follow at once
  if (!reaction.answer) {
    reset(connection.tcp_stream().socket());
    co_return After::nothing;
  }
  co_return co_await send(connection, parser, *std::move(reaction.answer));
}

net::awaitable<After> Server::Impl::send(Connection& connection, const Parser& parser, Answer answer) {
  auto response = to_response(answer, parser);
  if (stopping_) response.keep_alive(false);
  error_code ec;
  connection.tcp_stream().expires_after(kWriteDeadline);
  co_await http::async_write(connection.stream, response, into(ec));
  if (ec) co_return After::nothing;
  if (!parser.is_done()) co_await drain(connection.stream);
  co_return response.keep_alive() ? After::keep_alive : After::close;
}

net::awaitable<void> Server::Impl::complete_at(std::int64_t number, std::int64_t due_ms) {
  net::steady_timer timer(io_, milliseconds(due_ms - now_ms()));
  co_await timer.async_wait(net::use_awaitable);
  platform_.complete(number);
}

net::awaitable<void> Server::Impl::accept_control() {
  while (!stopping_) {
    error_code ec;
    auto socket = co_await control_->async_accept(into(ec));
    if (!ec) spawn(serve_control(std::move(socket)));
  }
}

/// One request a connection.
net::awaitable<void> Server::Impl::serve_control(tcp::socket socket) {
  beast::tcp_stream stream(std::move(socket));
  beast::flat_buffer buffer;
  Parser parser;
  parser.header_limit(kHeaderLimit);
  parser.body_limit(kControlBodyLimit);
  error_code ec;
  stream.expires_after(kHandshakeDeadline);
  co_await http::async_read(stream, buffer, parser, into(ec));
  if (ec) co_return;
  const auto& request = parser.get();
  auto answer = platform_.control(request.method_string(), request.target(), request.body());
  answer.close = true;
  auto response = to_response(answer, parser);
  co_await http::async_write(stream, response, into(ec));
  stream.socket().shutdown(tcp::socket::shutdown_send, ec);
}

Server::Server(const ServerSettings& settings, Platform& platform, const PlatformStore& store)
    : impl_(std::make_unique<Impl>(settings, platform, store)) {}

Server::~Server() = default;

std::string Server::listening_on() const {
  return impl_->listening_on();
}
std::string Server::control_on() const {
  return impl_->control_on();
}
void Server::run() {
  impl_->run();
}

}  // namespace platform_sim
