#include "gateway/storage_gates.h"

#include "gateway/alarms.h"
#include "gateway/deletes_release.h"

#include <algorithm>

namespace gateway {
namespace {

constexpr Milliseconds kBackwards{60'000};  // a clock that is set back by less is being kept right
// So many documents may go in one sweep before it counts as an outage, whatever their share.
constexpr std::int64_t kLostAlwaysBelieved = 20;

struct LossVerdict {
  Ledger::Losses losses;
  bool never_listed = false;
  bool outage = false;
  std::size_t vanished = 0;
};

}  // namespace

/// The log told of them when they were seen first; `status` tells for as long as it lasts.
boost::asio::awaitable<void> StorageGates::note_unreadable() {
  auto note = [id = storage_.id](StateStore::Contents& state) {
    Alarms alarms(state.database);
    const std::size_t folders = state.ledger.unreadable_folders(id);
    if (folders == 0) {
      alarms.clear(id, AlarmKind::unreadable);
    } else {
      alarms.raise(id, AlarmKind::unreadable,
                   SafeText(folders) + " folders cannot be listed; the units of their patients are held",
                   now());
    }
  };
  co_await context_.store.run(std::move(note));
}

boost::asio::awaitable<bool> StorageGates::judge_losses() {
  co_await note_unreadable();
  auto decide = [id = storage_.id, percent = storage_.delete_limit_percent](StateStore::Contents& state) {
    const std::int64_t live = state.ledger.tally().get(id, kLiveDocuments);
    const auto limit =
        std::max(kLostAlwaysBelieved, static_cast<std::int64_t>(static_cast<double>(live) * percent / 100.0));
    // Judged and confirmed in one go: what another look finds missing meanwhile is judged the next time.
    Transaction transaction(state.database);
    LossVerdict verdict;
    verdict.never_listed = state.ledger.forget_never_listed(id) > 0;
    const std::int64_t believed = std::max(limit, missing_released(state.database, id));
    verdict.losses = state.ledger.losses(id, live < believed ? live : believed + 1);
    const bool all_gone = live > 0 && verdict.losses.documents >= live;
    verdict.outage = all_gone || verdict.losses.documents > believed;
    if (!verdict.outage && verdict.losses.any) verdict.vanished = state.ledger.confirm_losses(id, now());
    if (!verdict.outage) end_missing_release(state.database, id);
    transaction.commit();
    return verdict;
  };
  const LossVerdict verdict = co_await context_.store.run(std::move(decide));
  if (verdict.outage) {
    co_await note_outage(SafeText(verdict.losses.documents) + " of " + SafeText(verdict.losses.live) +
                         " live documents are gone");
    co_return false;
  }
  co_await end_outage();
  if (verdict.vanished > 0) {
    context_.log.write(Message::documents_vanished,
                       {{"storage", storage_id()},
                        {"documents", SafeText(verdict.vanished)},
                        {"consequence", "their units are held, nothing is deleted"}});
  }
  // What went before it was listed was perhaps away with its mount: the storage was not seen whole.
  co_return !verdict.never_listed;
}

boost::asio::awaitable<void> StorageGates::check_clock() {
  auto check = [longest = storage_.delete_settle](StateStore::Contents& state) {
    const Instant at = now();
    const Instant last{Milliseconds(state.ledger.tally().get("", kClock))};
    Alarms alarms(state.database);
    Transaction transaction(state.database);
    const bool backwards = at + kBackwards < last;
    if (backwards) {
      state.ledger.forget_future(at);
      state.units.mark_open_units_due(at);
      alarms.raise("", AlarmKind::clock, "this machine's clock went back; deletes wait anew", at);
    } else {
      for (const Alarm& alarm : alarms.all()) {
        if (alarm.kind == AlarmKind::clock && alarm.since + longest < at) alarms.clear("", AlarmKind::clock);
      }
    }
    state.ledger.tally().set("", kClock, at.time_since_epoch().count());
    transaction.commit();
    return backwards;
  };
  const bool backwards = co_await context_.store.run(std::move(check));
  if (!backwards) co_return;
  context_.log.write(Message::clock_backwards, {{"consequence", "deletes wait anew"},
                                                {"remedy", "look after the time service of this machine"}});
}

boost::asio::awaitable<void> StorageGates::note_outage(SafeText reason) {
  auto raise = [id = storage_.id, reason](StateStore::Contents& state) {
    return Alarms(state.database).raise(id, AlarmKind::outage, reason, now());
  };
  const bool is_news = co_await context_.store.run(std::move(raise));
  if (!is_news) co_return;
  context_.log.write(
      Message::storage_outage,
      {{"storage", storage_id()},
       {"reason", reason},
       {"consequence", "nothing is taken for deleted; delivery goes on with what is known"},
       {"remedy", "check the mount of the storage's root; the gateway goes on by itself when it is back"}});
}

boost::asio::awaitable<void> StorageGates::end_outage() {
  auto clear = [id = storage_.id](StateStore::Contents& state) {
    return Alarms(state.database).clear(id, AlarmKind::outage);
  };
  const bool was_raised = co_await context_.store.run(std::move(clear));
  if (was_raised) context_.log.write(Message::storage_back, {{"storage", storage_id()}});
}

}  // namespace gateway
