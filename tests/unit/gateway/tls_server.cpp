#include "tests/unit/gateway/tls_server.h"

#include <array>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <sys/socket.h>

namespace gateway::test {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

void TlsServer::Session::read_request() {
  http::request_parser<http::string_body> parser;
  parser.body_limit(64 * 1024 * 1024);
  http::read(stream_, buffer_, parser);
  const std::lock_guard lock(server_.seen_);
  server_.requests_.push_back(parser.release());
}

void TlsServer::Session::send(std::string_view bytes) {
  asio::write(stream_, asio::buffer(bytes));
}

void TlsServer::Session::wait_for_close() {
  std::array<char, 4096> ignored;
  boost::system::error_code error;
  while (!error) stream_.read_some(asio::buffer(ignored), error);
}

void TlsServer::Session::cut() {
  stream_.next_layer().close();
}

void TlsServer::Session::reset() {
  stream_.next_layer().set_option(asio::socket_base::linger(true, 0));
  stream_.next_layer().close();
}

TlsServer::TlsServer(const Options& options, std::vector<Script> scripts)
    : scripts_(std::move(scripts)),
      acceptor_(io_, tcp::endpoint(asio::ip::make_address(options.address), 0)),
      port_(acceptor_.local_endpoint().port()) {
  SSL_CTX_set_min_proto_version(context_.native_handle(), options.tls_version);
  SSL_CTX_set_max_proto_version(context_.native_handle(), options.tls_version);
  if (!options.tls_1_2_ciphers.empty()) {
    SSL_CTX_set_cipher_list(context_.native_handle(), options.tls_1_2_ciphers.c_str());
  }
  context_.use_certificate_chain_file(certificates().file((options.certificate + ".crt").c_str()).string());
  context_.use_private_key_file(certificates().file((options.certificate + ".key").c_str()).string(),
                                asio::ssl::context::pem);
  context_.load_verify_file(certificates().file("ca.crt").string());
  context_.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
  thread_ = std::thread([this] { serve(); });
}

TlsServer::~TlsServer() {
  ::shutdown(acceptor_.native_handle(), SHUT_RDWR);  // wakes the blocked accept, which close() does not
  thread_.join();
}

void TlsServer::serve() {
  for (std::size_t number = 0;; ++number) {
    boost::system::error_code stopped;
    tcp::socket socket = acceptor_.accept(stopped);
    if (stopped) return;
    try {
      serve(std::move(socket), number);
    } catch (const boost::system::system_error&) {
      // The client left, or its certificate was refused: what the client makes of it is the test.
    }
  }
}

void TlsServer::serve(tcp::socket socket, std::size_t number) {
  {
    const std::lock_guard lock(seen_);
    ++connections_;
    client_address_ = socket.remote_endpoint().address().to_string();
  }
  Stream stream(std::move(socket), context_);
  stream.handshake(asio::ssl::stream_base::server);
  if (const char* name = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name)) {
    const std::lock_guard lock(seen_);
    server_name_asked_ = name;
  }
  if (number >= scripts_.size()) return;
  Session session(*this, stream);
  scripts_[number](session);
  if (!stream.next_layer().is_open()) return;
  // Non-blocking, so that our close_notify is sent and the client's is not waited for.
  boost::system::error_code ignored;
  stream.next_layer().non_blocking(true, ignored);
  stream.shutdown(ignored);
}

int TlsServer::connections() const {
  const std::lock_guard lock(seen_);
  return connections_;
}

std::vector<TlsServer::Request> TlsServer::requests() const {
  const std::lock_guard lock(seen_);
  return requests_;
}

std::string TlsServer::server_name_asked() const {
  const std::lock_guard lock(seen_);
  return server_name_asked_;
}

std::string TlsServer::client_address() const {
  const std::lock_guard lock(seen_);
  return client_address_;
}

std::string response(const std::string& status_line, const std::string& headers, const std::string& body) {
  return "HTTP/1.1 " + status_line + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

}  // namespace gateway::test
