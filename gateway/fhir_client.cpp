#include "gateway/fhir_client.h"

#include "gateway/exchange_failure.h"
#include "gateway/fhir_connection.h"
#include "gateway/fhir_target.h"
#include "gateway/name_lookup.h"
#include "gateway/operation_outcome.h"
#include "gateway/retry_after.h"
#include "ssmix2/check.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http.hpp>

namespace gateway {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Request = http::request<http::string_body>;
using Parser = http::response_parser<http::string_body>;

constexpr std::size_t kKeptBodyMax = 64 * 1024;
constexpr std::uint64_t kReadBodyMax = 1024 * 1024;
constexpr std::uint32_t kHeaderMax = 16 * 1024;
// Firewalls forget idle connections without a word; a request on such a one is lost at its deadline.
constexpr Clock::duration kIdleMax = std::chrono::seconds(60);
// After a failed write the reason, if the server gave one, is here already or on its way.
constexpr Milliseconds kReasonWait{2000};

/// The libraries' own codes for a deadline and for a closed connection, as Asio has them.
error_code normalized(const error_code& error) {
  if (error == beast::error::timeout) return asio::error::timed_out;
  if (error == http::error::end_of_stream) return asio::error::eof;
  return error;
}

Answer failed(Phase phase, const error_code& error, const TlsState& tls, const Peer& peer) {
  Answer answer;
  answer.failure = classify(phase, error, tls);
  answer.detail = describe(*answer.failure, error, tls, peer);
  return answer;
}

Answer to_answer(http::response<http::string_body> response, const Peer& peer) {
  Answer answer;
  answer.status = static_cast<int>(response.result_int());
  const OutcomeReading reading = read_outcome(response.body());
  answer.operation_outcome = reading.operation_outcome;
  answer.outcome_has_error = reading.has_error;
  answer.entry_status = reading.entry_status;
  answer.retry_after = parse_retry_after(response[http::field::retry_after], now());
  answer.content_location = std::string(response[http::field::content_location]);
  answer.body = std::move(response.body());
  if (answer.body.size() > kKeptBodyMax) answer.body.resize(kKeptBodyMax);
  // Never the server's own reason phrase: whatever it is, it is not ours to vouch for.
  const auto known = http::int_to_status(static_cast<unsigned>(answer.status));
  const auto phrase = known == http::status::unknown ? beast::string_view() : http::obsolete_reason(known);
  answer.detail = describe_status(answer, std::string(phrase), peer);
  return answer;
}

SafeText place_elsewhere(const Peer& peer) {
  return SafeText::vouched(peer.host_port +
                           " named a Content-Location that is not a place on itself, which is not followed: "
                           "tell the server's operator");
}

}  // namespace

class FhirClient::Pool {
 public:
  Pool(asio::any_io_executor executor, const DestinationSettings& settings, TlsIdentity identity)
      : executor_(std::move(executor)),
        url_(settings.url),
        peer_(settings),
        connections_max_(std::max(settings.delivery.connections, 1)),
        source_(settings.delivery.source_address),
        identity_(std::move(identity)),
        slot_freed_(executor_, Clock::time_point::max()) {
    KAKEHASHI_CHECK(identity_.context != nullptr);
  }

  const DestinationUrl& url() const { return url_; }
  std::shared_ptr<const Request> request(http::verb verb, std::string target, std::string body) const;
  Answer refuse_location() const;
  void forget_place_elsewhere(Answer& answer) const;
  void close();
  void give_up();
  void use(TlsIdentity identity);

  static asio::awaitable<Answer> exchange(std::shared_ptr<Pool> self, std::shared_ptr<const Request> request);

 private:
  using ConnectionPtr = std::shared_ptr<FhirConnection>;

  /// One of `connections`, from before an exchange until after it.
  class Slot {
   public:
    explicit Slot(std::shared_ptr<Pool> pool) : pool_(std::move(pool)) { ++pool_->in_use_; }
    ~Slot() {
      --pool_->in_use_;
      pool_->slot_freed_.cancel_one();
    }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

   private:
    std::shared_ptr<Pool> pool_;
  };

  struct Attempt {
    Answer answer;
    bool stale = false;  // closed before any byte of an answer
  };

  static asio::awaitable<void> wait_for_slot(std::shared_ptr<Pool> self);
  static asio::awaitable<std::optional<Answer>> connect(std::shared_ptr<Pool> self, ConnectionPtr connection);
  static asio::awaitable<error_code> connect_to(std::shared_ptr<Pool> self, ConnectionPtr connection,
                                                HostAddresses addresses);
  static asio::awaitable<Attempt> attempt(std::shared_ptr<Pool> self, ConnectionPtr connection,
                                          std::shared_ptr<const Request> request);
  ConnectionPtr take_idle();
  void keep(ConnectionPtr connection);
  void note_under_way(const ConnectionPtr& connection);

  asio::any_io_executor executor_;
  DestinationUrl url_;
  Peer peer_;
  int connections_max_;
  std::string source_;
  TlsIdentity identity_;
  asio::steady_timer slot_freed_;  // never expires; cancelled once for each freed slot
  int in_use_ = 0;
  bool closed_ = false;
  bool given_up_ = false;            // nothing begins any more
  std::vector<ConnectionPtr> idle_;  // the last is the one used last
  std::vector<std::weak_ptr<FhirConnection>> under_way_;
};

std::shared_ptr<const Request> FhirClient::Pool::request(http::verb verb, std::string target,
                                                         std::string body) const {
  const bool default_port = url_.port == "443";
  auto request = std::make_shared<Request>(verb, std::move(target), 11);
  request->set(http::field::host,
               default_port ? peer_.host_port.substr(0, peer_.host_port.size() - 4) : peer_.host_port);
  request->set(http::field::user_agent, "kakehashi/" KAKEHASHI_VERSION);
  request->set(http::field::accept, "application/fhir+json");
  request->set(http::field::accept_encoding, "identity");
  if (verb == http::verb::put) request->set(http::field::content_type, "application/fhir+json");
  request->body() = std::move(body);
  request->prepare_payload();
  return request;
}

Answer FhirClient::Pool::refuse_location() const {
  Answer answer;
  answer.failure = ExchangeFailure::lost;  // what was promised there is never told
  answer.detail = place_elsewhere(peer_);
  return answer;
}

/// A place that is not followed is as if none had been named.
void FhirClient::Pool::forget_place_elsewhere(Answer& answer) const {
  if (answer.content_location.empty() || result_target(url_, answer.content_location)) return;
  answer.content_location.clear();
  if (answer.status == 202) answer.detail = place_elsewhere(peer_);
}

void FhirClient::Pool::close() {
  closed_ = true;
  idle_.clear();
}

void FhirClient::Pool::give_up() {
  close();
  given_up_ = true;
  for (const auto& connection : under_way_) {
    if (const auto used = connection.lock()) beast::get_lowest_layer(used->stream).cancel();
  }
}

void FhirClient::Pool::use(TlsIdentity identity) {
  identity_ = std::move(identity);
  idle_.clear();  // the server knows the old certificate of these, and was judged by the old authorities
}

FhirClient::Pool::ConnectionPtr FhirClient::Pool::take_idle() {
  std::erase_if(idle_, [](const ConnectionPtr& idle) {
    return Clock::now() - idle->idle_since > kIdleMax || !idle->is_silent();
  });
  if (idle_.empty()) return nullptr;
  auto connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

void FhirClient::Pool::keep(ConnectionPtr connection) {
  // Dropped without async_shutdown, which waits for the peer's close_notify: the answer was length-delimited.
  if (closed_ || connection->context != identity_.context) return;
  beast::get_lowest_layer(connection->stream).expires_never();
  connection->idle_since = Clock::now();
  idle_.push_back(std::move(connection));
}

void FhirClient::Pool::note_under_way(const ConnectionPtr& connection) {
  std::erase_if(under_way_, [](const auto& other) { return other.expired(); });
  under_way_.push_back(connection);
}

asio::awaitable<void> FhirClient::Pool::wait_for_slot(std::shared_ptr<Pool> self) {
  while (self->in_use_ >= self->connections_max_) {
    error_code cancelled;
    co_await self->slot_freed_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
}

/// One address after the other, each with its share of the time: the first may be one that the network
/// swallows.
asio::awaitable<error_code> FhirClient::Pool::connect_to(std::shared_ptr<Pool> self, ConnectionPtr connection,
                                                         HostAddresses addresses) {
  auto& tcp_stream = beast::get_lowest_layer(connection->stream);
  const auto source = self->source_.empty() ? asio::ip::address() : asio::ip::make_address(self->source_);
  if (!self->source_.empty()) {
    std::erase_if(addresses, [&](const tcp::endpoint& to) { return to.address().is_v6() != source.is_v6(); });
  }
  error_code error = asio::error::address_family_not_supported;  // of `source`, if none is left
  for (const tcp::endpoint& address : addresses) {
    if (self->given_up_) co_return error_code(asio::error::operation_aborted);
    tcp_stream.close();  // of the address before
    tcp_stream.socket().open(address.protocol(), error);
    if (!error && !self->source_.empty()) tcp_stream.socket().bind({source, 0}, error);
    if (error) continue;
    tcp_stream.expires_after(self->peer_.timeout / addresses.size());
    co_await tcp_stream.async_connect(address, asio::redirect_error(asio::use_awaitable, error));
    if (!error) break;
  }
  error_code ignored;  // only slower without it
  if (!error) tcp_stream.socket().set_option(tcp::no_delay(true), ignored);
  co_return normalized(error);
}

asio::awaitable<std::optional<Answer>> FhirClient::Pool::connect(std::shared_ptr<Pool> self,
                                                                 ConnectionPtr connection) {
  const Peer& peer = self->peer_;
  const auto addresses = co_await look_up(self->executor_, self->url_.host, self->url_.port, peer.timeout);
  if (!addresses) co_return failed(Phase::resolve, addresses.error(), TlsState{}, peer);

  error_code error = co_await connect_to(self, connection, *addresses);
  if (error) co_return failed(Phase::connect, error, TlsState{}, peer);
  error = connection->demand_server_name(peer.server_name);
  if (error) co_return failed(Phase::handshake, error, TlsState{}, peer);
  beast::get_lowest_layer(connection->stream).expires_after(peer.timeout);
  co_await connection->stream.async_handshake(asio::ssl::stream_base::client,
                                              asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failed(Phase::handshake, normalized(error), connection->tls(), peer);
  co_return std::nullopt;
}

asio::awaitable<FhirClient::Pool::Attempt> FhirClient::Pool::attempt(std::shared_ptr<Pool> self,
                                                                     ConnectionPtr connection,
                                                                     std::shared_ptr<const Request> request) {
  const Peer& peer = self->peer_;
  auto& tcp_stream = beast::get_lowest_layer(connection->stream);
  error_code write_error;
  tcp_stream.expires_after(peer.timeout);
  co_await http::async_write(connection->stream, *request,
                             asio::redirect_error(asio::use_awaitable, write_error));

  // Read even if the write failed: a server that refuses our certificate or a long body answers, then resets.
  tcp_stream.expires_after(write_error ? std::min(peer.timeout, kReasonWait) : peer.timeout);
  error_code read_error;
  std::optional<Parser> parser;
  bool heard = false;
  do {
    parser.emplace();
    parser->header_limit(kHeaderMax);
    parser->body_limit(kReadBodyMax);
    co_await http::async_read(connection->stream, connection->buffer, *parser,
                              asio::redirect_error(asio::use_awaitable, read_error));
    heard = heard || parser->got_some();
    // By its number: Beast knows no name of 103.
  } while (!read_error && parser->get().result_int() / 100 == 1 && parser->get().result_int() != 101);

  Attempt attempt;
  // A server may echo the whole Bundle. Its status is known then, and is not thrown away for the body's
  // length.
  if (!read_error || read_error == http::error::body_limit) {
    const bool reusable =
        !read_error && !write_error && parser->get().keep_alive() && connection->buffer.size() == 0;
    attempt.answer = to_answer(parser->release(), peer);
    self->forget_place_elsewhere(attempt.answer);
    if (reusable) self->keep(std::move(connection));
    co_return attempt;
  }
  const TlsState tls = connection->tls();
  const error_code read_reason = normalized(read_error);
  const bool refused = classify(Phase::exchange, read_reason, tls) != ExchangeFailure::lost;
  const error_code reason = write_error && !refused ? normalized(write_error) : read_reason;
  attempt.answer = failed(Phase::exchange, reason, tls, peer);
  attempt.stale = !heard && !refused && is_closed_by_peer(reason);
  co_return attempt;
}

asio::awaitable<Answer> FhirClient::Pool::exchange(std::shared_ptr<Pool> self,
                                                   std::shared_ptr<const Request> request) {
  co_await wait_for_slot(self);
  const Slot slot(self);
  if (self->given_up_)
    co_return failed(Phase::connect, asio::error::operation_aborted, TlsState{}, self->peer_);
  bool repeated = false;
  if (auto reused = self->take_idle()) {
    self->note_under_way(reused);
    Attempt first = co_await attempt(self, std::move(reused), request);
    // Servers close idle connections; every request here is idempotent. Once, and on a fresh connection.
    if (!first.stale) co_return std::move(first.answer);
    repeated = request->method() != http::verb::get;
  }
  auto fresh = std::make_shared<FhirConnection>(self->executor_, self->identity_.context);
  self->note_under_way(fresh);
  auto not_connected = co_await connect(self, fresh);
  Attempt last;
  if (not_connected) last.answer = std::move(*not_connected);
  if (!not_connected) last = co_await attempt(self, std::move(fresh), request);
  last.answer.repeated = repeated;
  co_return std::move(last.answer);
}

FhirClient::FhirClient(asio::any_io_executor executor, const DestinationSettings& settings,
                       TlsIdentity identity)
    : pool_(std::make_shared<Pool>(std::move(executor), settings, std::move(identity))) {}

FhirClient::~FhirClient() {
  close();
}

void FhirClient::close() {
  pool_->close();
}

void FhirClient::give_up() {
  pool_->give_up();
}

void FhirClient::use(TlsIdentity identity) {
  pool_->use(std::move(identity));
}

asio::awaitable<Answer> FhirClient::submit(Submission submission) {
  const bool is_delete = submission.operation == Operation::delete_unit;
  auto request =
      pool_->request(is_delete ? http::verb::delete_ : http::verb::put,
                     bundle_target(pool_->url(), submission.bundle_id), std::move(submission.body));
  return Pool::exchange(pool_, std::move(request));
}

asio::awaitable<Answer> FhirClient::ask_result(std::string content_location) {
  auto target = result_target(pool_->url(), content_location);
  if (!target) co_return pool_->refuse_location();
  auto request = pool_->request(http::verb::get, std::move(*target), {});
  auto pool = pool_;
  co_return co_await Pool::exchange(std::move(pool), std::move(request));
}

}  // namespace gateway
