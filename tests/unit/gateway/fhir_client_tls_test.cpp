// Why a connection does not come about: every reason blames the destination or our certificate, never a row.

#include "tests/unit/gateway/fhir_client_run.h"
#include "tests/unit/gateway/tls_server.h"

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;
namespace asio = boost::asio;

TlsServer::Script answers_ok() {
  return [](TlsServer::Session& session) {
    session.read_request();
    session.send(response("200 OK"));
    session.wait_for_close();
  };
}

TlsIdentity identity_without_certificate() {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  context->load_verify_file(certificates().file("ca.crt").string());
  return {std::move(context), Instant::min(), Instant::max()};
}

DestinationSettings settings_with(const TlsServer& server, const std::string& client) {
  DestinationSettings settings = destination_settings(server.port());
  settings.tls.certificate = certificates().file((client + ".crt").c_str());
  settings.tls.key = certificates().file((client + ".key").c_str());
  return settings;
}

/// A port nobody listens on: it was ours a moment ago.
std::string closed_port(asio::io_context& io) {
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  return std::to_string(acceptor.local_endpoint().port());
}

}  // namespace

TEST_CASE("A good certificate is accepted under TLS 1.2 and 1.3") {
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  TlsServer server({.tls_version = version}, {answers_ok()});
  ClientRun run(destination_settings(server.port()));
  CHECK(run.put().status == 200);
}

TEST_CASE("A client certificate the server refuses is never a lost request") {
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  const auto client = GENERATE(as<std::string>{}, "client-expired", "client-other-ca");
  // A long body: the server has closed, and our write fails, before its alert is read.
  const std::size_t body_size = GENERATE(std::size_t{2}, std::size_t{8} * 1024 * 1024);
  TlsServer server({.tls_version = version}, {answers_ok()});
  const DestinationSettings settings = settings_with(server, client);
  ClientRun run(settings);
  const Answer answer = run.put(std::string(body_size, ' '));
  CAPTURE(version, client, body_size, answer.detail.str());
  CHECK(answer.failure == ExchangeFailure::client_certificate_refused);
  CHECK_THAT(answer.detail.str(),
             Catch::StartsWith("127.0.0.1:" + server.port() + " refused our client certificate (alert ") &&
                 Catch::Contains("check " + settings.tls.certificate.string()));
  CHECK(server.requests().empty());
}

TEST_CASE("A missing client certificate is told as such under TLS 1.2 and 1.3") {
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  TlsServer server({.tls_version = version}, {answers_ok()});
  ClientRun run(destination_settings(server.port()), identity_without_certificate());
  const Answer answer = run.put();
  CAPTURE(version, answer.detail.str());
  CHECK(answer.failure == ExchangeFailure::client_certificate_refused);
}

TEST_CASE("A server without a common cipher is not taken for one that refuses our certificate") {
  TlsServer server({.tls_version = TLS1_2_VERSION, .tls_1_2_ciphers = "AES128-SHA256"}, {answers_ok()});
  ClientRun run(destination_settings(server.port()));
  const Answer answer = run.put();
  CAPTURE(answer.detail.str());
  CHECK(answer.failure == ExchangeFailure::tls);
}

TEST_CASE("A server's certificate for another name is refused") {
  TlsServer server({.certificate = "server-wrong-name"}, {answers_ok()});
  ClientRun run(destination_settings(server.port()));
  const Answer answer = run.put();
  CHECK(answer.failure == ExchangeFailure::server_name_mismatch);
  CHECK_THAT(answer.detail.str(), Catch::Contains("is not for platform.example"));
  CHECK(server.requests().empty());
}

TEST_CASE("The name that is checked is the one of the settings, or else the url's host") {
  TlsServer server({.certificate = "server-wrong-name"}, {answers_ok()});
  DestinationSettings settings = destination_settings(server.port());
  settings.tls.server_name = "elsewhere.example";
  CHECK(ClientRun(settings).put().status == 200);

  TlsServer named({}, {answers_ok(), answers_ok()});
  settings = destination_settings(named.port());
  settings.tls.server_name.clear();
  CHECK(ClientRun(settings).put().status == 200);
  CHECK(named.server_name_asked().empty());  // RFC 6066: no address in SNI
  settings.url.host = "localhost";
  CHECK(ClientRun(settings).put().status == 200);
  CHECK(named.server_name_asked() == "localhost");
}

TEST_CASE("A server's certificate from an unknown CA is refused") {
  TlsServer server({}, {answers_ok()});
  DestinationSettings settings = destination_settings(server.port());
  settings.tls.ca = certificates().file("other-ca.crt");
  ClientRun run(settings);
  const Answer answer = run.put();
  CHECK(answer.failure == ExchangeFailure::server_certificate_untrusted);
  CHECK_THAT(answer.detail.str(), Catch::Contains(settings.tls.ca.string()));
  CHECK(server.requests().empty());
}

TEST_CASE("A server's expired certificate is refused") {
  TlsServer server({.certificate = "server-expired"}, {answers_ok()});
  ClientRun run(destination_settings(server.port()));
  const Answer answer = run.put();
  CHECK(answer.failure == ExchangeFailure::server_certificate_expired);
  CHECK(server.requests().empty());
}

TEST_CASE("A server's certificate that its CA revoked is refused, and others are not") {
  TlsServer server({.certificate = "server-revoked"}, {answers_ok(), answers_ok()});
  DestinationSettings settings = destination_settings(server.port());
  settings.tls.crl = certificates().file("ca.crl");
  const Answer answer = ClientRun(settings).put();
  CHECK(answer.failure == ExchangeFailure::server_certificate_revoked);
  CHECK_THAT(answer.detail.str(), Catch::Contains("was revoked, says " + settings.tls.crl.string()));
  CHECK(server.requests().empty());

  TlsServer good({}, {answers_ok()});
  settings = destination_settings(good.port());
  settings.tls.crl = certificates().file("ca.crl");
  CHECK(ClientRun(settings).put().status == 200);
}

TEST_CASE("A list that is out of date or of another CA proves nothing, and is named") {
  const auto list = GENERATE(as<std::string>{}, "outdated.crl", "other-ca.crl");
  TlsServer server({}, {answers_ok()});
  DestinationSettings settings = destination_settings(server.port());
  settings.tls.crl = certificates().file(list.c_str());
  const Answer answer = ClientRun(settings).put();
  CHECK(answer.failure == ExchangeFailure::revocation_list_unusable);
  CHECK_THAT(answer.detail.str(), Catch::Contains("cannot be told from " + settings.tls.crl.string()));
  CHECK(server.requests().empty());
}

TEST_CASE("A new identity is used from the next connection on, and idle connections of the old are dropped") {
  TlsServer server({}, {answers_ok(), answers_ok(), answers_ok()});
  ClientRun run(destination_settings(server.port()));
  CHECK(run.put().status == 200);
  auto other = destination_settings(server.port());
  other.tls.certificate = certificates().file("client-other-ca.crt");
  other.tls.key = certificates().file("client-other-ca.key");
  run.client().use(identity_of(other));
  CHECK(run.put().failure == ExchangeFailure::client_certificate_refused);
  CHECK(server.connections() == 2);
  run.client().use(identity_of(destination_settings(server.port())));
  CHECK(run.put().status == 200);
  CHECK(server.connections() == 3);
}

TEST_CASE("A connection that was under way when the identity changed is not kept") {
  ClientRun* running = nullptr;
  TlsServer server({}, {[&](TlsServer::Session& session) {
                          session.read_request();
                          auto change = [&] {
                            running->client().use(identity_of(destination_settings(server.port())));
                          };
                          asio::post(running->io(), std::move(change));
                          std::this_thread::sleep_for(std::chrono::milliseconds(100));
                          session.send(response("200 OK"));
                          session.wait_for_close();
                        },
                        answers_ok()});
  ClientRun run(destination_settings(server.port()));
  running = &run;
  CHECK(run.put().status == 200);
  CHECK(run.put().status == 200);
  CHECK(server.connections() == 2);
}

TEST_CASE("Connections come from the address of the settings") {
  TlsServer server({}, {answers_ok()});
  DestinationSettings settings = destination_settings(server.port());
  settings.delivery.source_address = "127.0.0.2";
  CHECK(ClientRun(settings).put().status == 200);
  CHECK(server.client_address() == "127.0.0.2");

  settings.delivery.source_address = "192.0.2.1";  // not ours, RFC 5737
  Answer answer = ClientRun(settings).put();
  CHECK(answer.failure == ExchangeFailure::network);
  CHECK_THAT(answer.detail.str(), Catch::Contains("connecting from 192.0.2.1 to 127.0.0.1"));
  CHECK_THAT(answer.detail.str(), Catch::Contains("check source-address"));
  settings.delivery.source_address = "::1";  // the destination has no such address
  answer = ClientRun(settings).put();
  CHECK(answer.failure == ExchangeFailure::network);
}

TEST_CASE("A host of several addresses is asked at the next one when the first does not answer") {
  // "localhost" is ::1 and 127.0.0.1, and only the latter listens.
  TlsServer server({}, {answers_ok()});
  DestinationSettings settings = destination_settings(server.port());
  settings.url.host = "localhost";
  CHECK(ClientRun(settings).put().status == 200);
}

TEST_CASE("A destination may have an IPv6 address") {
  boost::system::error_code missing;
  asio::io_context io;
  asio::ip::tcp::acceptor probe(io);
  probe.open(asio::ip::tcp::v6(), missing);
  if (!missing) probe.bind({asio::ip::address_v6::loopback(), 0}, missing);
  if (missing) {
    WARN("this machine has no ::1");
    return;
  }
  TlsServer server({.address = "::1"}, {answers_ok()});
  DestinationSettings settings = destination_settings(server.port());
  settings.url = {"https://[::1]:" + server.port() + "/fhir", "::1", server.port(), "/fhir"};
  settings.tls.server_name.clear();
  CHECK(ClientRun(settings).put().status == 200);
  CHECK(server.requests().at(0)["Host"] == "[::1]:" + server.port());
}

TEST_CASE("A closed port is a refused connection") {
  asio::io_context io;
  ClientRun run(destination_settings(closed_port(io)));
  const Answer answer = run.put();
  CHECK(answer.failure == ExchangeFailure::connection_refused);
  CHECK_THAT(answer.detail.str(), Catch::Contains(" refused the connection: check "));
}

TEST_CASE("A name nobody knows is told as such") {
  DestinationSettings settings = destination_settings("443");
  settings.url = {"https://platform.invalid", "platform.invalid", "443", ""};
  ClientRun run(settings);
  const Answer answer = run.put();
  CHECK(answer.failure == ExchangeFailure::name_not_resolved);
  CHECK_THAT(answer.detail.str(), Catch::StartsWith("the name in platform.invalid:443 cannot be resolved"));
}

TEST_CASE("A port that accepts and says nothing ends at the deadline, with nothing handed over") {
  asio::io_context io;
  const asio::ip::tcp::acceptor silent(io, {asio::ip::address_v4::loopback(), 0});
  DestinationSettings settings = destination_settings(std::to_string(silent.local_endpoint().port()));
  settings.delivery.timeout = Milliseconds(300);
  ClientRun run(settings);
  CHECK(run.put().failure == ExchangeFailure::connection_timeout);
}

TEST_CASE("A port that does not speak TLS is a TLS failure") {
  asio::io_context io;
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
  ClientRun run(destination_settings(std::to_string(acceptor.local_endpoint().port())));
  std::thread plain([&] {
    auto socket = acceptor.accept();
    const std::string page = "HTTP/1.1 400 Bad Request\r\n\r\n";
    socket.send(asio::buffer(page));
    std::array<char, 4096> ignored;
    boost::system::error_code error;
    while (!error) socket.read_some(asio::buffer(ignored), error);
  });
  const Answer answer = run.put();
  plain.join();
  CHECK(answer.failure == ExchangeFailure::tls);
}
