#include "gateway/intake.h"

#include "gateway/schema.h"

#include <algorithm>

namespace gateway {

Intake::Intake(boost::asio::any_io_executor executor, const Configuration& configuration, StateStore& store,
               boost::asio::thread_pool& work, const Log& log, std::function<void()> on_new_rows)
    : context_{configuration, store, work, log},
      unit_work_(
          executor, context_, [this] { return all_swept(); }, std::move(on_new_rows),
          [this](const DocumentRef& document) { acceptance_.see_again(document); }),
      acceptance_(executor, context_, [this] { unit_work_.wake(); }) {
  for (const StorageSettings& storage : configuration.settings.storages) {
    sightings_.emplace_back(executor, storage, context_, [this](const std::vector<Unsettled>& documents) {
      acceptance_.see(documents);
      unit_work_.wake();
    });
  }
}

boost::asio::awaitable<void> Intake::start(std::function<void(boost::asio::awaitable<void>)> spawn) {
  auto load = [](StateStore::Contents& state) {
    Transaction transaction(state.database);
    state.units.mark_open_units_due(now());
    transaction.commit();
    return std::pair(label_salt(state.database), state.ledger.unfinished());
  };
  auto [salt, unfinished] = co_await context_.store.run(std::move(load));
  context_.salt = std::move(salt);
  // A storage that was taken out of the settings leaves its documents in the ledger.
  std::erase_if(unfinished, [this](const Unsettled& document) {
    const auto& storages = context_.configuration.settings.storages;
    return std::none_of(storages.begin(), storages.end(), [&document](const StorageSettings& storage) {
      return storage.id == document.document.root;
    });
  });
  acceptance_.see(unfinished);
  for (Sightings& sightings : sightings_) {
    spawn(sightings.run_sweeps());
    spawn(sightings.run_hints());
  }
  spawn(acceptance_.run());
  spawn(unit_work_.run());
}

void Intake::stop() {
  for (Sightings& sightings : sightings_) sightings.stop();
  acceptance_.stop();
  unit_work_.stop();
}

bool Intake::all_swept() const {
  return std::all_of(sightings_.begin(), sightings_.end(),
                     [](const Sightings& each) { return each.swept(); });
}

bool Intake::finished() const {
  return all_swept() && acceptance_.idle();
}

boost::asio::awaitable<bool> Intake::idle() {
  co_return finished() && co_await unit_work_.idle();
}

}  // namespace gateway
