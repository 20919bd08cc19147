// The FHIR exchange over a real TLS connection: what is sent, what an answer becomes, how connections are
// kept.

#include "gateway/fhir_client.h"

#include "tests/unit/gateway/fhir_client_run.h"
#include "tests/unit/gateway/tls_server.h"

#include <latch>

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;
using Session = TlsServer::Session;

TlsServer::Script answers(std::string text) {
  return [text = std::move(text)](Session& session) {
    session.read_request();
    session.send(text);
    session.wait_for_close();
  };
}

const std::string kOutcome =
    R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid"}]})";

}  // namespace

TEST_CASE("The target names the Bundle by its percent-encoded identifier") {
  const DestinationUrl url{"https://platform.example/fhir", "platform.example", "443", "/fhir"};
  CHECK(bundle_target(url, kBundleId) ==
        "/fhir/"
        "Bundle?identifier=http%3A%2F%2Fjpfhir.jp%2Ffhir%2Fclins%2Fbundle-identifier%7C1319999999%5E2026%"
        "5EC0123");
}

TEST_CASE("A registration is a conditional update") {
  TlsServer server({}, {answers(response("201 Created"))});
  ClientRun run(destination_settings(server.port()));
  const Answer answer = run.put(R"({"resourceType":"Bundle"})");
  CHECK_FALSE(answer.failure);
  CHECK(answer.status == 201);
  CHECK(answer.detail.str() == "127.0.0.1:" + server.port() + " answered 201 Created");
  REQUIRE(server.requests().size() == 1);
  const auto request = server.requests().front();
  CHECK(request.method_string() == "PUT");
  CHECK(request.target() == bundle_target(destination_settings(server.port()).url, kBundleId));
  CHECK(request["Content-Type"] == "application/fhir+json");
  CHECK(request["Accept"] == "application/fhir+json");
  CHECK(request["Accept-Encoding"] == "identity");
  CHECK(request["Host"] == "127.0.0.1:" + server.port());
  CHECK(request["User-Agent"].starts_with("kakehashi/"));
  CHECK(request.body() == R"({"resourceType":"Bundle"})");
  CHECK(server.server_name_asked() == "platform.example");
}

TEST_CASE("A deletion is a conditional delete without a body") {
  TlsServer server({}, {answers("HTTP/1.1 204 No Content\r\n\r\n")});
  ClientRun run(destination_settings(server.port()));
  CHECK(run.remove().status == 204);
  REQUIRE(server.requests().size() == 1);
  CHECK(server.requests().front().method_string() == "DELETE");
  CHECK(server.requests().front().body().empty());
}

TEST_CASE("A connection is kept and used again") {
  const auto twice = [](Session& session) {
    for (int i = 0; i < 2; ++i) {
      session.read_request();
      session.send(response("200 OK"));
    }
    session.wait_for_close();
  };
  TlsServer server({}, {twice});
  ClientRun run(destination_settings(server.port()));
  CHECK(run.put().status == 200);
  CHECK(run.put().status == 200);
  CHECK(server.connections() == 1);
}

TEST_CASE("A connection the server announces to close is not used again") {
  const auto once = answers(response("200 OK", "Connection: close\r\n"));
  TlsServer server({}, {once, once});
  ClientRun run(destination_settings(server.port()));
  CHECK(run.put().status == 200);
  CHECK(run.put().status == 200);
  CHECK(server.connections() == 2);
}

TEST_CASE(
    "Bytes behind an answer make its connection unusable, so that they are not taken for the next one") {
  const std::string rejection = response("422 Unprocessable Entity", "", kOutcome);
  TlsServer server({}, {answers(response("200 OK") + rejection), answers(response("200 OK"))});
  ClientRun run(destination_settings(server.port()));
  CHECK(run.put().status == 200);
  CHECK(run.put().status == 200);
  CHECK(server.connections() == 2);
}

TEST_CASE("Exchanges beyond the allowed connections wait for a free one") {
  const auto three = [](Session& session) {
    for (int i = 0; i < 3; ++i) {
      session.read_request();
      session.send(response("200 OK"));
    }
    session.wait_for_close();
  };
  TlsServer server({}, {three});
  DestinationSettings settings = destination_settings(server.port());
  settings.delivery.connections = 1;
  ClientRun run(settings);
  int delivered = 0;
  const auto count = [&](const std::exception_ptr&, const Answer& answer) {
    delivered += answer.status == 200;
  };
  for (int i = 0; i < 3; ++i) {
    boost::asio::co_spawn(run.io(), run.client().submit({Operation::register_unit, kBundleId, "{}"}), count);
  }
  run.io().run();
  CHECK(delivered == 3);
  CHECK(server.connections() == 1);
}

TEST_CASE("close() closes the idle connections and lets none become idle") {
  const auto ok = answers(response("200 OK"));
  TlsServer server({}, {ok, ok, ok});
  ClientRun run(destination_settings(server.port()));
  CHECK(run.put().status == 200);
  run.client().close();
  CHECK(run.put().status == 200);
  CHECK(server.connections() == 2);
  CHECK(run.put().status == 200);
  CHECK(server.connections() == 3);
}

TEST_CASE("A kept connection the server has closed since is replaced by a fresh one") {
  const auto closing = GENERATE(0, 1, 2);
  std::latch answered(1);  // a reset would take an answer along that is still under way
  const auto closes = [closing, &answered](Session& session) {
    session.read_request();
    session.send(response("200 OK"));
    answered.wait();
    if (closing == 1) session.cut();
    if (closing == 2) session.reset();
  };
  TlsServer server({}, {closes, answers(response("201 Created"))});
  ClientRun run(destination_settings(server.port()));
  const Answer first = run.put("1");
  answered.count_down();
  REQUIRE(first.status == 200);
  const Answer second = run.put("2");
  CHECK_FALSE(second.failure);
  CHECK(second.status == 201);
  CHECK(server.connections() == 2);
}

TEST_CASE("A kept connection that the server is seen to have closed takes no request") {
  std::latch closed(1);
  const auto closes = [&closed](Session& session) {
    session.read_request();
    session.send(response("200 OK"));
    session.cut();
    closed.count_down();
  };
  TlsServer server({}, {closes, answers(response("201 Created"))});
  ClientRun run(destination_settings(server.port()));
  REQUIRE(run.put("1").status == 200);
  closed.wait();
  const Answer second = run.put("2");
  CHECK(second.status == 201);
  CHECK_FALSE(second.repeated);  // nothing went out that could come late
}

TEST_CASE("A request that broke a kept connection may have arrived, and its answer says so") {
  const auto breaks_at_second = [](Session& session) {
    session.read_request();
    session.send(response("200 OK"));
    session.read_request();
    session.reset();
  };
  const auto comes_back = GENERATE(true, false);
  TlsServer server({}, {breaks_at_second, comes_back ? answers(response("200 OK")) : [](Session&) {}});
  ClientRun run(destination_settings(server.port()));
  REQUIRE_FALSE(run.put("1").repeated);
  const Answer second = run.put("2");
  CHECK(second.failure.has_value() == !comes_back);
  CHECK(second.repeated);
}

TEST_CASE("A kept connection that closes at a request is retried once only") {
  const auto closes_at_second = [](Session& session) {
    session.read_request();
    session.send(response("200 OK"));
    session.read_request();
  };
  const auto closes = [](Session& session) { session.read_request(); };
  TlsServer server({}, {closes_at_second, closes, answers(response("200 OK"))});
  ClientRun run(destination_settings(server.port()));
  REQUIRE(run.put("1").status == 200);
  CHECK(run.put("2").failure == ExchangeFailure::lost);
  CHECK(server.connections() == 2);
}

TEST_CASE("A kept connection that closes within an answer is not retried") {
  const auto cuts_second = [](Session& session) {
    session.read_request();
    session.send(response("200 OK"));
    session.read_request();
    session.send("HTTP/1.1 2");
    session.cut();
  };
  TlsServer server({}, {cuts_second, answers(response("200 OK"))});
  ClientRun run(destination_settings(server.port()));
  REQUIRE(run.put("1").status == 200);
  CHECK(run.put("2").failure == ExchangeFailure::lost);
  CHECK(server.connections() == 1);
}

TEST_CASE("A request without a whole answer is lost and is not retried on its own") {
  const auto way = GENERATE(0, 1, 2, 3, 4, 5);
  const auto leaves = [way](Session& session) {
    session.read_request();
    if (way == 1) session.cut();
    if (way == 2) session.reset();
    if (way == 3) session.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"resourceType\":");
    if (way == 4) session.send("HTTP/1.1 200 OK\r\nX: " + std::string(32 * 1024, 'x') + "\r\n\r\n");
    if (way == 5) session.send("SSH-2.0-OpenSSH_9.2\r\n");
  };
  TlsServer server({}, {leaves, answers(response("200 OK"))});
  ClientRun run(destination_settings(server.port()));
  const Answer answer = run.put();
  CAPTURE(way, answer.status, answer.detail.str());
  CHECK(answer.failure == ExchangeFailure::lost);
  CHECK(server.connections() == 1);
  CHECK_THAT(answer.detail.str(), Catch::Contains("127.0.0.1:" + server.port() + " gave no whole answer"));
  CHECK_THAT(answer.detail.str(), !Catch::Contains("identifier"));
}

TEST_CASE("An answer that ends with its connection is whole only with close_notify") {
  const bool truncated = GENERATE(false, true);
  const auto ends = [truncated](Session& session) {
    session.read_request();
    session.send("HTTP/1.1 200 OK\r\n\r\n" + kOutcome);
    if (truncated) session.cut();
  };
  TlsServer server({}, {ends});
  ClientRun run(destination_settings(server.port()));
  const Answer answer = run.put();
  if (truncated) {
    CHECK(answer.failure == ExchangeFailure::lost);
  } else {
    CHECK_FALSE(answer.failure);
    CHECK(answer.body == kOutcome);
  }
}

TEST_CASE("A server that never answers loses the request at the deadline") {
  const auto silent = [](Session& session) {
    session.read_request();
    session.wait_for_close();
  };
  TlsServer server({}, {silent});
  DestinationSettings settings = destination_settings(server.port());
  settings.delivery.timeout = Milliseconds(300);
  ClientRun run(settings);
  const auto started = std::chrono::steady_clock::now();
  CHECK(run.put().failure == ExchangeFailure::lost);
  CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(5));
}

TEST_CASE("Interim answers are passed over") {
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
  TlsServer server({}, {answers(interim + response("201 Created"))});
  ClientRun run(destination_settings(server.port()));
  CHECK(run.put().status == 201);
}

TEST_CASE("An HTML page is kept for the operator and is no OperationOutcome") {
  const std::string page = "<html><body>This is not what it seems</body></html>";
  TlsServer server({}, {answers(response("400 Bad Request", "Content-Type: text/html\r\n", page))});
  ClientRun run(destination_settings(server.port()));
  const Answer answer = run.put();
  CHECK_FALSE(answer.failure);
  CHECK(answer.status == 400);
  CHECK_FALSE(answer.operation_outcome);
  CHECK(answer.body == page);
  CHECK_THAT(answer.detail.str(), Catch::Contains("answered 400 Bad Request without an OperationOutcome"));
}

TEST_CASE("A page that says that our certificate was not accepted is told as what it says") {
  // nginx, word by word.
  const auto page =
      GENERATE(as<std::string>{}, "<html>\r\n<head><title>400 The SSL certificate error</title></head>",
               "<html><head><title>400 No required SSL certificate was sent</title></head>");
  TlsServer server({}, {answers(response("400 Bad Request", "Content-Type: text/html\r\n", page))});
  const DestinationSettings settings = destination_settings(server.port());
  const Answer answer = ClientRun(settings).put();
  CHECK(answer.status == 400);
  CHECK_THAT(answer.detail.str(), Catch::Contains("our client certificate was not accepted: check " +
                                                  settings.tls.certificate.string()));
}

TEST_CASE("An OperationOutcome is recognised by its content") {
  TlsServer server({}, {answers(response("422 Whatever", "Content-Type: text/plain\r\n", kOutcome))});
  ClientRun run(destination_settings(server.port()));
  const Answer answer = run.put();
  CHECK(answer.status == 422);
  CHECK(answer.operation_outcome);
  CHECK(answer.outcome_has_error);
  CHECK(answer.body == kOutcome);
  CHECK_THAT(answer.detail.str(), !Catch::Contains("Whatever"));
}

TEST_CASE("Retry-After is read") {
  TlsServer server({}, {answers(response("503 Service Unavailable", "Retry-After: 120\r\n"))});
  ClientRun run(destination_settings(server.port()));
  const Answer answer = run.put();
  CHECK(answer.status == 503);
  CHECK(answer.retry_after == std::chrono::seconds(120));
}

TEST_CASE("A long body is judged whole and kept cut") {
  const std::string body = kOutcome.substr(0, kOutcome.size() - 1) + std::string(200'000, ' ') + "}";
  TlsServer server({}, {answers(response("400 Bad Request", "", body))});
  ClientRun run(destination_settings(server.port()));
  const Answer answer = run.put();
  CHECK(answer.operation_outcome);
  CHECK(answer.body.size() == 64 * 1024);
}

TEST_CASE("A body beyond 1 MiB, as of a server that echoes the Bundle, does not hide the status") {
  const bool chunked = GENERATE(false, true);
  const std::string echo(3 * 1024 * 1024, ' ');
  const std::string text = chunked
                               ? "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n300000\r\n" + echo
                               : response("201 Created", "", echo);
  TlsServer server({}, {answers(text), answers(response("200 OK"))});
  ClientRun run(destination_settings(server.port()));
  const Answer answer = run.put();
  CHECK_FALSE(answer.failure);
  CHECK(answer.status == 201);
  CHECK(answer.body.size() <= 64 * 1024);
  CHECK(run.put().status == 200);
  CHECK(server.connections() == 2);
}

TEST_CASE("A result is asked for where the 202 said") {
  const auto location =
      GENERATE(as<std::string>{}, "https://127.0.0.1:PORT/fhir/$result/7?x=1", "$result/7?x=1",
               "/fhir/$result/7?x=1", "//127.0.0.1:PORT/fhir/$result/7?x=1");
  std::string place = location;
  const auto accepts = [&](TlsServer::Session& session) {
    session.read_request();
    session.send(response("202 Accepted", "Content-Location: " + place + "\r\n"));
    session.read_request();
    session.send(response("200 OK", "", kOutcome));
    session.wait_for_close();
  };
  TlsServer server({}, {accepts});
  if (place.find("PORT") != std::string::npos) place.replace(place.find("PORT"), 4, server.port());
  ClientRun run(destination_settings(server.port()));
  const Answer accepted = run.put();
  CHECK(accepted.status == 202);
  CHECK(accepted.content_location == place);
  const Answer result = run.ask_result(place);
  CHECK(result.status == 200);
  CHECK(result.outcome_has_error);
  REQUIRE(server.requests().size() == 2);
  CHECK(server.requests()[1].method_string() == "GET");
  CHECK(server.requests()[1].target() == "/fhir/$result/7?x=1");
}

TEST_CASE("A result is never asked for anywhere else") {
  const auto location =
      GENERATE(as<std::string>{}, "https://elsewhere.example:PORT/fhir/1", "https://127.0.0.1/fhir/1",
               "https://127.0.0.1:1/fhir/1", "http://127.0.0.1:PORT/fhir/1", "//elsewhere.example/fhir/1",
               "file:///etc/passwd", "https://127.0.0.1:PORT@elsewhere.example/1", "/a b", "");
  std::string place = location;
  const auto promises = [&](TlsServer::Session& session) {
    session.read_request();
    session.send(response("202 Accepted", "Content-Location: " + place + "\r\n"));
    session.wait_for_close();
  };
  TlsServer server({}, {promises});
  if (place.find("PORT") != std::string::npos) place.replace(place.find("PORT"), 4, server.port());
  ClientRun run(destination_settings(server.port()));
  const Answer answer = run.ask_result(place);
  CHECK(answer.failure == ExchangeFailure::lost);
  CHECK_THAT(answer.detail.str(), Catch::Contains("Content-Location"));
  CHECK(server.connections() == 0);

  const Answer accepted = run.put();
  CHECK(accepted.status == 202);
  CHECK(accepted.content_location.empty());
  if (!location.empty()) CHECK_THAT(accepted.detail.str(), Catch::Contains("Content-Location"));
}
