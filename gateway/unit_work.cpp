#include "gateway/unit_work.h"

#include "gateway/missing_codes.h"

#include <algorithm>

namespace gateway {
namespace {

constexpr int kUnitsAtOnce = 64;
// Fewer of them, because a change that comes meanwhile waits for the batch.
constexpr int kRemapsAtOnce = 16;
// `remap` is another process and rings no bell.
constexpr Milliseconds kLongestWait{5'000};
constexpr Milliseconds kUnconfirmedPoll{5'000};

bool is_empty(const BuiltUnit& built) {
  return std::any_of(built.snapshots.begin(), built.snapshots.end(),
                     [](const auto& entry) { return entry.second.kind == Snapshot::Kind::empty; });
}

}  // namespace

std::vector<DueUnit> next_units(Units& units, Instant now) {
  auto due = units.due_units(now, kUnitsAtOnce);
  return due.empty() ? units.units_to_remap(kRemapsAtOnce) : due;
}

UnitWork::UnitWork(boost::asio::any_io_executor executor, const IntakeContext& context,
                   std::function<bool()> may_build, std::function<void()> on_new_rows,
                   std::function<void(const DocumentRef&)> on_changed_document)
    : context_(context),
      may_build_(std::move(may_build)),
      on_new_rows_(std::move(on_new_rows)),
      on_changed_document_(std::move(on_changed_document)),
      bell_(executor) {
  for (const StorageSettings& storage : context.configuration.settings.storages) {
    plan_settings_.storages.emplace(storage.id, storage);
  }
}

void UnitWork::stop() {
  stopping_ = true;
  bell_.ring();
}

boost::asio::awaitable<bool> UnitWork::idle() {
  if (working_) co_return false;
  auto ask = [](StateStore::Contents& state) { return next_units(state.units, now()).empty(); };
  co_return co_await context_.store.run(std::move(ask));
}

boost::asio::awaitable<void> UnitWork::run() {
  while (!stopping_) {
    const auto rings = bell_.rings();
    while (!stopping_ && may_build_() && co_await work_off_batch()) {
    }
    auto ask = [](StateStore::Contents& state) { return state.units.next_due(); };
    const auto next = co_await context_.store.run(std::move(ask));
    Milliseconds wait = kLongestWait;
    if (next && may_build_()) wait = std::clamp(*next - now(), Milliseconds(1), kLongestWait);
    co_await bell_.wait_for(wait, rings);
  }
}

/// False when nothing was due.
boost::asio::awaitable<bool> UnitWork::work_off_batch() {
  working_ = true;
  Batch batch = co_await plan();
  auto planned = std::move(batch.planned);
  if (!planned.empty()) {
    auto build = [this, planned] {
      std::vector<BuiltUnit> built;
      for (const Planned& unit : planned)
        built.push_back(build_unit(unit.plan, context_.configuration, now()));
      return built;
    };
    auto built = co_await run_on(context_.work, std::move(build));
    co_await commit(std::move(planned), std::move(built));
  }
  working_ = false;
  counts_.last_batch = BuildingCounts::Clock::now();
  co_return batch.anything;
}

boost::asio::awaitable<UnitWork::Batch> UnitWork::plan() {
  auto make = [settings = plan_settings_](StateStore::Contents& state) {
    Batch batch;
    Transaction transaction(state.database);
    for (const DueUnit& due : next_units(state.units, now())) {
      batch.anything = true;
      auto made = plan_unit(state.database, due.id, settings, now());
      if (made && made->action == UnitPlan::Action::wait) {
        state.units.settle_due(due, made->due_again);
      } else if (made) {
        batch.planned.push_back({due, std::move(*made)});
      }
    }
    transaction.commit();
    return batch;
  };
  co_return co_await context_.store.run(std::move(make));
}

boost::asio::awaitable<void> UnitWork::commit(std::vector<Planned> planned, std::vector<BuiltUnit> built) {
  auto put = [planned = std::move(planned), built](StateStore::Contents& state) {
    Transaction transaction(state.database);
    for (std::size_t i = 0; i < built.size(); ++i) {
      const UnitPlan& plan = planned[i].plan;
      if (is_empty(built[i]) && plan.empty_from > now() && state.outbox.was_sent(plan.id)) {
        state.units.settle_due(planned[i].due, plan.empty_from);
        continue;
      }
      if (built[i].unconfirmed) {
        state.units.settle_due(planned[i].due, now() + kUnconfirmedPoll);
        continue;
      }
      if (built[i].changed.empty()) {
        state.outbox.put(plan.id, built[i], now(), planned[i].due.urgency);
        if (built[i].wanted_codes) MissingCodes(state.database).put(plan.id, *built[i].wanted_codes);
        state.units.settle_due(planned[i].due, plan.due_again);
        continue;
      }
      for (const DocumentRef& document : built[i].changed) state.ledger.reopen(document);
      state.units.settle_due(planned[i].due, now() + kSettlePoll);
    }
    transaction.commit();
  };
  co_await context_.store.run(std::move(put));
  counts_.built += static_cast<std::int64_t>(built.size());
  for (const BuiltUnit& unit : built) {
    log_built(unit);
    for (const DocumentRef& document : unit.changed) on_changed_document_(document);
  }
  on_new_rows_();
}

void UnitWork::log_built(const BuiltUnit& built) const {
  const SafeText unit = label(context_.salt, built.unit.key());
  const SafeText kind = SafeText::vouched(std::string(info(built.unit.kind).resource_type));
  for (const auto& [destination, snapshot] : built.snapshots) {
    if (!snapshot.is_stopped()) continue;
    const SafeText name = SafeText::vouched(destination);
    const SafeText reason = to_text(snapshot.reason);
    const SafeText reasons(snapshot.reasons);
    if (snapshot.kind == Snapshot::Kind::held) {
      context_.log.write(
          Message::unit_held,
          {{"unit", unit}, {"kind", kind}, {"destination", name}, {"reason", reason}, {"reasons", reasons}});
      continue;
    }
    const SafeText document =
        snapshot.blamed ? context_.document_label(*snapshot.blamed) : SafeText("unknown");
    context_.log.write(Message::unit_rejected, {{"unit", unit},
                                                {"kind", kind},
                                                {"destination", name},
                                                {"document", document},
                                                {"reason", reason},
                                                {"reasons", reasons}});
  }
  for (const ssmix2::Failure& warning : built.warnings) {
    context_.log.write(Message::unit_with_warning,
                       {{"unit", unit}, {"kind", kind}, {"reason", to_text(warning)}});
  }
}

}  // namespace gateway
