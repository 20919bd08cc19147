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

SafeText reason_of_pause(const Answer& answer, bool overrun) {
  return overrun ? SafeText("one unit after the other: ") + answer.detail : answer.detail;
}

}  // namespace

Sender::Sender(boost::asio::any_io_executor executor, const DestinationSettings& settings, StateStore& store,
               Destination& destination, const Log& log)
    : settings_(settings),
      store_(store),
      destination_(destination),
      log_(log),
      wakeup_(executor),
      retries_(settings.delivery.retry().first, settings.delivery.retry().max, std::random_device{}()),
      results_(settings.delivery.result().first, settings.delivery.result().max, std::random_device{}()),
      pace_(settings.delivery, std::random_device{}()) {}

void Sender::wake() {
  wakeup_.ring();
}

void Sender::try_now() {
  pace_.try_now(Clock::now());
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
    const bool may = pace_.allows_another(requests_under_way_, Clock::now());
    const bool sent = may ? co_await deliver_next() : false;
    if (!sent && !stopping_) co_await wait_for_work(rings);
  }
}

boost::asio::awaitable<void> Sender::wait_for_work(unsigned long rings) {
  auto ask = [id = settings_.id](StateStore::Contents& state) { return state.outbox.next_attempt(id); };
  const auto next = co_await store_.run(std::move(ask));
  Milliseconds wait = kLongestWait;
  if (next) wait = std::min(wait, std::max(Milliseconds(1), *next - now()));
  // Whichever is later: the end of the pause or the time of the next row.
  const auto& pause = pace_.paused();
  if (pause)
    wait = std::max(wait, duration_cast<Milliseconds>(pause->until - Clock::now()) + Milliseconds(1));
  // Whoever has a request under way goes on by itself when that is done, and rings when there is room for
  // more.
  const auto then = pause ? std::max(Clock::now(), pause->until) : Clock::now();
  if (requests_under_way_ > 0 && !pace_.allows_another(requests_under_way_, then)) wait = kLongestWait;
  co_await wakeup_.wait_for(wait, rings);
}

boost::asio::awaitable<bool> Sender::deliver_next() {
  const CountRequest under_way(requests_under_way_);
  co_await follow_clock();
  auto take = [id = settings_.id, at = now()](StateStore::Contents& state) {
    return state.outbox.claim(id, at);
  };
  const std::optional<Claim> claim = co_await store_.write(std::move(take));
  if (!claim) co_return false;

  const auto sent = Clock::now();
  const Answer answer = co_await exchange(*claim);
  const auto answered = Clock::now();
  co_await follow_clock();
  const bool asked_result = claim->step == Claim::Step::ask_result;
  Decision decision = decide(claim->operation, answer, asked_result, claim->waited, settings_.delivery);
  const bool overrun = decision.overloaded && pace_.note_overload(claim->row.unit);
  // As a pause it uses up no attempt.
  if (overrun && decision.verdict == Verdict::later) decision.verdict = Verdict::pause_destination;
  const bool pauses = overrun || decision.pauses;
  // Before the row is free again, which else another worker would send at once. A lost answer is no sign of
  // life.
  if (pauses || (answer.failure && paused())) {
    pace_.pause(pauses ? reason_of_pause(answer, overrun) : pause_reason(), decision.wait, Clock::now());
  }
  const Instant next = now() + wait_after(decision, *claim);

  auto note = [claim = *claim, verdict = decision.verdict, answer, next,
               at = now()](StateStore::Contents& state) {
    return state.outbox.record(claim, verdict, answer, next, at);
  };
  const Recorded recorded = co_await store_.write(std::move(note));
  count(recorded, answered - sent);
  log_outcome(*claim, recorded.verdict, answer);
  const bool is_back = !pauses && !answer.failure && !decision.overloaded;
  co_await tell_of_pause(is_back ? note_answer() : 0);
  co_return true;
}

void Sender::count(const Recorded& recorded, Clock::duration time) {
  ++counts_.answers[static_cast<std::size_t>(recorded.verdict)];
  counts_.request_seconds.observe(std::chrono::duration<double>(time).count());
  counts_.last_end = Clock::now();
  const auto& accepted = recorded.accepted;
  if (!accepted) return;
  const auto histogram =
      counts_.acceptance_seconds.try_emplace(info(accepted->kind).resource_type, kAcceptanceBounds).first;
  histogram->second.observe(std::chrono::duration<double>(now() - accepted->seen).count());
}

/// Before a time in the database is compared with the clock: a wait goes on as long as it was meant.
boost::asio::awaitable<void> Sender::follow_clock() {
  const Milliseconds set = clock_watch_.look(now(), Clock::now());
  if (set == Milliseconds::zero()) co_return;
  log_.write(Message::clock_set, {{"destination", SafeText::vouched(settings_.id)},
                                  {"by-seconds", SafeText(duration_cast<std::chrono::seconds>(set).count())},
                                  {"consequence", "what waits to be sent again waits as long as before"},
                                  {"remedy", "look after the time service of this machine"}});
  // In one line with claims and outcomes, which carry the time at which they were asked for: none of them
  // sees the new clock beside the old times.
  auto shift = [id = settings_.id, set, at = now()](StateStore::Contents& state) {
    state.outbox.clock_was_set(id, set, at);
    return true;
  };
  co_await store_.write(std::move(shift));
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
  const bool pauses = decision.verdict == Verdict::pause_destination;
  if (pauses && !decision.overloaded) return Milliseconds(0);  // due as soon as the pause ends
  const bool promised = decision.verdict == Verdict::in_result;
  // "Retry-After: 0" is no leave to ask in a loop.
  const RetrySchedule schedule = promised ? settings_.delivery.result() : settings_.delivery.retry();
  if (decision.wait) return std::max(*decision.wait, schedule.first);
  // It was told "not now" itself, and the answer to another row may end the pause at any moment.
  if (pauses) return schedule.first;
  return (promised ? results_ : retries_).wait(claim.attempts + 1);
}

/// Of the pause that ends by it: how many tries failed.
int Sender::note_answer() {
  const bool held_back = pace_.holds_back();
  const auto ended = pace_.note_answer();
  if (held_back) wakeup_.ring();  // there is room for more now
  return ended ? ended->failed_tries : 0;
}

/// What is told follows from what is so now: while an outcome was being recorded another request may have
/// ended the pause that it began, or begun one.
boost::asio::awaitable<void> Sender::tell_of_pause(int failed_tries) {
  const auto reason = paused() ? std::optional(pause_reason()) : std::nullopt;
  if (reason == told_pause_ || (reason && stopping_)) co_return;
  told_pause_ = reason;
  const LogField destination{"destination", SafeText::vouched(settings_.id)};
  if (reason) {
    ++counts_.pauses;
    log_.write(Message::destination_paused, {destination, {"reason", *reason}});
  } else {
    log_.write(Message::destination_reachable, {destination, {"failed-tries", SafeText(failed_tries)}});
  }
  auto save = [id = settings_.id, reason](StateStore::Contents& state) {
    state.outbox.set_paused(id, reason ? std::optional(now()) : std::nullopt, reason.value_or(SafeText()));
  };
  co_await store_.run(std::move(save));
}

void Sender::log_outcome(const Claim& claim, Verdict verdict, const Answer& answer) const {
  const LogField unit{"unit", label(salt_, claim.unit)};
  const LogField destination{"destination", SafeText::vouched(settings_.id)};
  const LogField status{"status", SafeText(answer.status)};
  switch (verdict) {
    case Verdict::delivered:
      return log_.write(claim.step == Claim::Step::delete_unit ? Message::deleted : Message::delivered,
                        {unit, destination, status});
    case Verdict::in_result:
      return log_.write(Message::result_promised, {unit, destination, status});
    case Verdict::later:
    case Verdict::unknown:
      return log_.write(
          Message::sent_again,
          {unit, destination, status, {"attempt", SafeText(claim.attempts + 1)}, {"reason", answer.detail}});
    case Verdict::rejected:
      return log_.write(
          Message::rejected_by_destination,
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
