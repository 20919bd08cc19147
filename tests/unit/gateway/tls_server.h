#pragma once
// A TLS server for one test: it demands client certificates and plays a script to each connection in turn.

#include "tests/unit/gateway/certificates.h"

#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <openssl/ssl.h>

namespace gateway::test {

class TlsServer {
 public:
  using Request = boost::beast::http::request<boost::beast::http::string_body>;
  using Stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;

  struct Options {
    std::string certificate = "server";  // the stem of a file of Certificates
    int tls_version = TLS1_3_VERSION;
    std::string tls_1_2_ciphers = {};  // empty: the library's own
    std::string address = "127.0.0.1";
  };

  /// A connection after its handshake. At the script's end it is closed with close_notify.
  class Session {
   public:
    Session(TlsServer& server, Stream& stream) : server_(server), stream_(stream) {}
    void read_request();
    void send(std::string_view bytes);
    void wait_for_close();
    void cut();    // TCP FIN without close_notify
    void reset();  // TCP RST

   private:
    TlsServer& server_;
    Stream& stream_;
    boost::beast::flat_buffer buffer_;
  };
  using Script = std::function<void(Session&)>;

  /// The n-th connection gets the n-th script; further ones are closed at once.
  TlsServer(const Options& options, std::vector<Script> scripts);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  std::string port() const { return std::to_string(port_); }
  int connections() const;
  std::vector<Request> requests() const;
  std::string server_name_asked() const;  // SNI of the last connection
  std::string client_address() const;     // of the last connection

 private:
  void serve();
  void serve(boost::asio::ip::tcp::socket socket, std::size_t number);

  boost::asio::io_context io_;
  boost::asio::ssl::context context_{boost::asio::ssl::context::tls_server};
  std::vector<Script> scripts_;
  boost::asio::ip::tcp::acceptor acceptor_;
  unsigned short port_;
  mutable std::mutex seen_;
  int connections_ = 0;
  std::vector<Request> requests_;
  std::string server_name_asked_;
  std::string client_address_;
  std::thread thread_;
};

/// "HTTP/1.1 {status_line}", `headers` (each ending in CRLF), Content-Length and `body`.
std::string response(const std::string& status_line, const std::string& headers = "",
                     const std::string& body = "");

}  // namespace gateway::test
