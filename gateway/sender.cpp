#include "gateway/sender.h"

#include "gateway/digest.h"
#include "gateway/schema.h"

namespace gateway {
namespace {

using std::chrono::duration_cast;

// Workers look at the database now and then even if nobody rings: a row's time may come while the clock is
// set.
constexpr Milliseconds kLongestWait{60'000};

struct CountRequest {
  explicit CountRequest(int& counter) : counter_(counter) { ++counter_; }
  ~CountRequest() { --counter_; }
  CountRequest(const CountRequest&) = delete;
  CountRequest& operator=(const CountRequest&) = delete;
  int& counter_;
};

}  // namespace

Sender::Sender(boost::asio::any_io_executor executor, const DestinationSettings& settings, StateStore& store,
               Destination& destination, const Log& log)
    : settings_(settings),
      store_(store),
      destination_(destination),
      log_(log),
      wakeup_(executor),
      backoff_(settings.delivery.retry_first, settings.delivery.retry_max, std::random_device{}()) {}

void Sender::wake() {
  wakeup_.ring();
}

void Sender::stop() {
  stopping_ = true;
  wakeup_.ring();
}

boost::asio::awaitable<void> Sender::run_worker() {
  if (salt_.empty()) {
    auto read_salt = [](StateStore::Contents& state) { return label_salt(state.database); };
    salt_ = co_await store_.run(std::move(read_salt));
  }
  while (!stopping_) {
    const auto rings = wakeup_.rings();
    // While the destination is paused, one request at a time finds out whether it is back.
    const bool waiting = paused_until_ && (Clock::now() < *paused_until_ || requests_under_way_ > 0);
    const bool sent = waiting ? false : co_await deliver_next();
    if (!sent && !stopping_) co_await wait_for_work(rings);
  }
}

boost::asio::awaitable<void> Sender::wait_for_work(unsigned long rings) {
  auto ask = [id = settings_.id](StateStore::Contents& state) { return state.outbox.next_attempt(id); };
  const auto next = co_await store_.run(std::move(ask));
  Milliseconds wait = kLongestWait;
  if (next) wait = std::min(wait, std::max(Milliseconds(1), *next - now()));
  if (paused_until_) {
    const auto until = duration_cast<Milliseconds>(*paused_until_ - Clock::now()) + Milliseconds(1);
    // Whichever is later: the end of the pause or the time of the next row.
    wait = std::max({wait, until, requests_under_way_ > 0 ? Milliseconds(100) : Milliseconds(1)});
  }
  co_await wakeup_.wait_for(wait, rings);
}

boost::asio::awaitable<bool> Sender::deliver_next() {
  const CountRequest under_way(requests_under_way_);
  co_await follow_clock();
  auto take = [id = settings_.id](StateStore::Contents& state) { return state.outbox.claim(id, now()); };
  const std::optional<Claim> claim = co_await store_.run(std::move(take));
  if (!claim) co_return false;

  const Answer answer = co_await exchange(*claim);
  co_await follow_clock();
  const bool asked_result = claim->step == Claim::Step::ask_result;
  const Decision decision = decide(claim->operation, answer, asked_result, claim->waited);
  const Instant next = now() + wait_after(decision, *claim);

  auto note = [claim = *claim, verdict = decision.verdict, answer, next](StateStore::Contents& state) {
    state.outbox.record(claim, verdict, answer, next, now());
  };
  co_await store_.run(std::move(note));
  log_outcome(*claim, decision, answer);
  if (decision.verdict == Verdict::pause_destination) {
    co_await note_pause(answer, decision.wait);
  } else if (!answer.failure) {
    co_await note_reachable();
  }
  co_return true;
}

/// Before a time in the database is compared with the clock: a wait goes on as long as it was meant.
boost::asio::awaitable<void> Sender::follow_clock() {
  const Milliseconds set = clock_watch_.look(now(), Clock::now());
  if (set == Milliseconds::zero()) co_return;
  log_.error("the clock was set", {{"destination", SafeText::vouched(settings_.id)},
                                   {"by-seconds", SafeText(duration_cast<std::chrono::seconds>(set).count())},
                                   {"consequence", "what waits to be sent again waits as long as before"},
                                   {"remedy", "look after the time service of this machine"}});
  auto shift = [id = settings_.id, set](StateStore::Contents& state) {
    Transaction transaction(state.database);
    state.outbox.clock_was_set(id, set, now());
    transaction.commit();
  };
  co_await store_.run(std::move(shift));
}

boost::asio::awaitable<Answer> Sender::exchange(const Claim& claim) {
  if (claim.step == Claim::Step::ask_result)
    co_return co_await destination_.ask_result(claim.result_location);
  Submission submission;
  submission.operation = claim.operation;
  submission.bundle_id = claim.bundle_id;
  submission.body = claim.body;
  co_return co_await destination_.submit(std::move(submission));
}

Milliseconds Sender::wait_after(const Decision& decision, const Claim& claim) {
  if (decision.wait) return *decision.wait;
  if (decision.verdict == Verdict::pause_destination)
    return Milliseconds(0);  // due as soon as the pause ends
  return backoff_.wait(claim.attempts + 1);
}

boost::asio::awaitable<void> Sender::note_reachable() {
  if (!paused_until_) co_return;
  log_.info("destination reachable again",
            {{"destination", SafeText::vouched(settings_.id)}, {"failed-tries", SafeText(pauses_)}});
  paused_until_.reset();
  pauses_ = 0;
  pause_reason_ = {};
  auto clear = [id = settings_.id](StateStore::Contents& state) {
    state.outbox.set_paused(id, std::nullopt, {});
  };
  co_await store_.run(std::move(clear));
  wakeup_.ring();
}

boost::asio::awaitable<void> Sender::note_pause(const Answer& answer, std::optional<Milliseconds> wait) {
  ++pauses_;
  paused_until_ = Clock::now() + wait.value_or(backoff_.wait(pauses_));
  const bool news = !(pause_reason_ == answer.detail);
  pause_reason_ = answer.detail;
  if (!news) co_return;
  log_.error("destination paused",
             {{"destination", SafeText::vouched(settings_.id)}, {"reason", answer.detail}});
  auto save = [id = settings_.id, reason = answer.detail](StateStore::Contents& state) {
    state.outbox.set_paused(id, now(), reason);
  };
  co_await store_.run(std::move(save));
}

void Sender::log_outcome(const Claim& claim, const Decision& decision, const Answer& answer) const {
  const LogField unit{"unit", label(salt_, claim.unit)};
  const LogField destination{"destination", SafeText::vouched(settings_.id)};
  const LogField status{"status", SafeText(answer.status)};
  switch (decision.verdict) {
    case Verdict::delivered:
      return log_.debug(claim.step == Claim::Step::delete_unit ? SafeText("deleted") : SafeText("delivered"),
                        {unit, destination, status});
    case Verdict::in_result:
      return log_.debug("result promised", {unit, destination, status});
    case Verdict::later:
    case Verdict::unknown:
      return log_.warning(
          "will be sent again",
          {unit, destination, status, {"attempt", SafeText(claim.attempts + 1)}, {"reason", answer.detail}});
    case Verdict::rejected:
      return log_.error(
          "rejected by the destination",
          {unit,
           destination,
           status,
           {"reason", answer.detail},
           {"remedy", "see the OperationOutcome kept with the row, correct the mapping or the source"}});
    case Verdict::pause_destination:
      return;
  }
}

}  // namespace gateway
