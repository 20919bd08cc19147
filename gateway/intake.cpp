#include "gateway/intake.h"

#include "gateway/alarms.h"
#include "gateway/remake_requests.h"
#include "gateway/schema.h"

#include <algorithm>
#include <set>

namespace gateway {

Intake::Intake(boost::asio::any_io_executor executor, const Configuration& configuration, StateStore& store,
               boost::asio::thread_pool& work, const Log& log, std::function<void()> on_new_rows,
               std::function<bool()> may_read)
    : context_{configuration, store, work, log, std::move(may_read)},
      unit_work_(
          executor, context_, [this] { return all_known() && context_.may_read(); }, std::move(on_new_rows),
          [this](const DocumentRef& document) { acceptance_.see_again(document); }),
      acceptance_(executor, context_, [this] { unit_work_.wake(); }),
      second_looks_(executor, context_,
                    [this](const std::string& storage, std::vector<FolderToLookAt> folders) {
                      return look_again(storage, std::move(folders));
                    }) {
  for (const StorageSettings& storage : configuration.settings.storages) {
    sightings_.emplace_back(executor, storage, context_, [this](const std::vector<Unsettled>& documents) {
      acceptance_.see(documents);
      unit_work_.wake();
    });
  }
}

boost::asio::awaitable<void> Intake::start(std::function<void(boost::asio::awaitable<void>)> spawn) {
  std::set<std::string> storages;
  for (const StorageSettings& storage : context_.configuration.settings.storages) storages.insert(storage.id);
  auto load = [storages = std::move(storages),
               read_at = context_.configuration.read_at](StateStore::Contents& state) {
    Transaction transaction(state.database);
    Alarms(state.database).drop_all_but(storages);
    state.units.mark_open_units_due(now());
    const std::int64_t requested = take_up_remake_requests(state.database, read_at, now());
    state.ledger.reopen_refused();
    transaction.commit();
    return std::pair(label_salt(state.database), requested);
  };
  const auto [salt, requested] = co_await context_.store.run(std::move(load));
  context_.salt = salt;
  if (requested > 0) context_.log.write(Message::made_for_new_codes, {{"units", SafeText(requested)}});
  for (Sightings& sightings : sightings_) {
    spawn(sightings.run_sweeps());
    spawn(sightings.run_watch());
    spawn(sightings.run_transactions());
  }
  spawn(second_looks_.run());
  spawn(acceptance_.run());
  spawn(unit_work_.run());
}

void Intake::stop() {
  for (Sightings& sightings : sightings_) sightings.stop();
  second_looks_.stop();
  acceptance_.stop();
  unit_work_.stop();
}

bool Intake::all_known() const {
  return std::all_of(sightings_.begin(), sightings_.end(),
                     [](const Sightings& each) { return each.known(); });
}

bool Intake::all_swept() const {
  return std::all_of(sightings_.begin(), sightings_.end(),
                     [](const Sightings& each) { return each.swept(); });
}

bool Intake::finished() const {
  return all_swept() && acceptance_.idle();
}

/// Of a storage that was taken out of the settings nothing is looked at.
boost::asio::awaitable<void> Intake::look_again(std::string storage, std::vector<FolderToLookAt> folders) {
  for (Sightings& sightings : sightings_) {
    if (sightings.storage_name() == storage) co_await sightings.look_again(std::move(folders));
  }
}

boost::asio::awaitable<bool> Intake::idle() {
  co_return finished() && co_await unit_work_.idle();
}

}  // namespace gateway
