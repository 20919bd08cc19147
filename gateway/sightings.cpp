#include "gateway/sightings.h"

#include "gateway/file_system.h"
#include "gateway/schema.h"
#include "gateway/scope.h"

#include <algorithm>

namespace gateway {
namespace {

using std::chrono::days;

// A burst of events for one folder is one look.
constexpr Milliseconds kHintPause{5};
// Writers pause: a document that was taken half grows without a trace in its folder.
constexpr Milliseconds kYoung{60'000};
constexpr days kHot{7};
constexpr days kWarm{90};
constexpr Milliseconds kTransactionPoll{1'000};
constexpr std::size_t kFoldersOfBatch = 4'096;
constexpr std::size_t kFoldersOfSlice = 256;

std::string digits(std::chrono::sys_days day) {
  const std::chrono::year_month_day date(day);
  const int number =
      static_cast<int>(date.year()) * 10'000 +
      static_cast<int>(static_cast<unsigned>(date.month()) * 100 + static_cast<unsigned>(date.day()));
  return std::to_string(number);
}

FolderTier hot_tier(Instant at, const TimeZone& zone) {
  const auto today = std::chrono::floor<days>(at + zone.offset());
  return {.patients_since = at - kHot,
          .folders_since = at - kHot,
          .dates = {digits(today - days(1)), digits(today), digits(today + days(1))}};
}

}  // namespace

Sightings::Sightings(boost::asio::any_io_executor executor, const StorageSettings& storage,
                     const IntakeContext& context, FolderLook::OnSeen on_seen)
    : storage_(storage),
      context_(context),
      on_seen_(on_seen),
      look_(executor, storage, context, counts_, std::move(on_seen)),
      gates_(storage, context),
      wake_(executor) {}

void Sightings::stop() {
  stopping_ = true;
  look_.stop();
  wake_.ring();
  if (watch_) watch_->close();
}

/// What the file system can be trusted with, and whether the storage is known from before.
boost::asio::awaitable<void> Sightings::prepare() {
  auto ask = [root = storage_.root] { return FileSystem::of(root); };
  const auto file_system = co_await run_on(context_.work, std::move(ask));
  SafeText all_folders = "the root does not answer";
  if (file_system.has_value()) {
    look_.use(file_system->keeps_folder_times(storage_.trust_mtime), file_system->time_margin());
    all_folders = file_system->why_all_folders(storage_.trust_mtime);
  }
  // A watch that is in use stays: its watches outlive an outage or go with what they stood for.
  SafeText no_watch;
  if (!watch_) {
    watch_ = TreeWatch::open(wake_.executor(), storage_.root, storage_.watch,
                             file_system.has_value() ? &*file_system : nullptr, no_watch);
    if (watch_) look_.use(&*watch_);
    if (watch_) wake_.ring();  // run_watch() waits for it
  }
  const SafeText hints = watch_ ? SafeText("inotify") : no_watch;
  const SafeText listing = all_folders.empty() ? SafeText("changed folders only") : all_folders;
  if (!known_about_) {
    context_.log.write(Message::storage_in_use,
                       {{"id", storage_id()},
                        {"root", SafeText::vouched(storage_.root.string())},
                        {"file-system", file_system.has_value() ? file_system->name() : SafeText("unknown")},
                        {"hints", hints},
                        {"listing", listing}});
    known_about_ = true;
  }

  std::string scope = storage_.root.string() + " " + Scope(context_.configuration.settings, storage_).text();
  auto recall = [id = storage_.id, scope = std::move(scope), hints, listing](StateStore::Contents& state) {
    Transaction transaction(state.database);
    remember(state.database, "hints " + id, hints.str());
    remember(state.database, "listing " + id, listing.str());
    const bool same = remember(state.database, "scope " + id, scope);
    if (!same) {
      state.ledger.folders().forget_times(id);
      state.ledger.tally().set(id, kSwept, 0);
    }
    transaction.commit();
    return state.ledger.tally().get(id, kSwept) != 0;
  };
  known_ = co_await context_.store.run(std::move(recall));
  prepared_ = file_system.has_value();
}

// --- the sweeps ---

boost::asio::awaitable<void> Sightings::run_sweeps() {
  while (!stopping_) {
    const auto rings = wake_.rings();
    if (!prepared_) co_await prepare();
    co_await gates_.check_clock();
    if (!swept_) {
      if (known_) co_await sweep_hot();
      co_await sweep_all();
      if (swept_) co_await sweep_hot();  // sets the watches
    } else {
      const bool there = co_await sweep_hot();
      if (there && Clock::now() >= next_warm_) co_await sweep_warm();
      if (there) co_await sweep_cold_slice();
    }
    if (stopping_) break;
    const auto left = std::chrono::duration_cast<Milliseconds>(next_hot_ - Clock::now());
    co_await wake_.wait_for(std::max(left, Milliseconds(1)), rings);
  }
}

boost::asio::awaitable<void> Sightings::sweep_all() {
  const LookWay way{.stat_files = known_ ? LookRules::Stat::when_changed : LookRules::Stat::never,
                    .watch = LookWay::Watch::none};
  SweepCounts::Turn turn(counts_, SweepTier::all);
  const bool there = co_await look_at_upper(std::nullopt, way);
  if (!there) co_return;
  if (!known_) co_await note_load(0);
  co_await look_at_patients({}, way);
  if (stopping_) co_return;
  const bool believed = co_await judge();
  turn.done();
  counts_.note_full();
  if (believed) co_await note_swept();
}

/// False when the storage is away: then nothing slower is looked at either.
boost::asio::awaitable<bool> Sightings::sweep_hot() {
  next_hot_ = Clock::now() + storage_.sweep_interval;
  const LookWay way{.watch = LookWay::Watch::all, .young = kYoung};
  SweepCounts::Turn turn(counts_, SweepTier::hot);
  if (watch_) watch_->begin_round();
  const FolderTier tier = hot_tier(now(), context_.configuration.settings.facility.zone);
  const bool there = co_await look_at_upper(tier.folders_since, way);
  if (!there) co_return false;
  co_await look_at_patients(tier, way);
  if (stopping_) co_return false;
  const bool believed = co_await judge();
  turn.done();
  if (!watch_) co_return believed;
  watch_->end_round();
  auto count = [id = storage_.id, asked = watch_->asked(),
                refused = watch_->refused()](StateStore::Contents& state) {
    state.ledger.tally().set(id, kHotFolders, static_cast<std::int64_t>(asked));
    state.ledger.tally().set(id, kUnwatchedFolders, static_cast<std::int64_t>(refused));
  };
  co_await context_.store.run(std::move(count));
  co_return believed;
}

boost::asio::awaitable<void> Sightings::sweep_warm() {
  next_warm_ = Clock::now() + storage_.warm_interval;
  SweepCounts::Turn turn(counts_, SweepTier::warm);
  const LookWay way{};
  const bool there = co_await look_at_upper(std::nullopt, way);
  if (!there) co_return;
  co_await look_at_patients({.patient_folder_only = true}, way);
  co_await look_at_patients({.patients_since = now() - kWarm}, way);
  turn.done();
  if (!stopping_) co_await judge();
}

/// So many patients that all of them are done in cold-interval.
boost::asio::awaitable<void> Sightings::sweep_cold_slice() {
  const LookWay way{.trust_times = false, .stat_files = LookRules::Stat::always};
  const auto began = Clock::now();
  const double share = std::chrono::duration<double>(began - last_cold_) / storage_.cold_interval;
  auto count = [id = storage_.id](StateStore::Contents& state) {
    return std::pair(state.ledger.folders().count_patients(id),
                     FolderId{state.ledger.tally().get(id, kColdCursor)});
  };
  const auto [patients, kept] = co_await context_.store.run(std::move(count));
  FolderId cursor = kept;  // clang captures no structured binding
  auto wanted = static_cast<std::int64_t>(static_cast<double>(patients) * std::min(share, 1.0));
  if (wanted == 0) co_return;
  last_cold_ = began;
  SweepCounts::Turn turn(counts_, SweepTier::cold);
  while (wanted > 0 && !stopping_) {
    auto load = [id = storage_.id, cursor](StateStore::Contents& state) {
      return state.ledger.folders().patients(id, cursor, {}, kFoldersOfSlice);
    };
    KnownFolders::Batch batch = co_await context_.store.run(std::move(load));
    const bool round_ends = batch.patients == 0;
    cursor = batch.last;
    wanted = round_ends ? 0 : wanted - static_cast<std::int64_t>(batch.patients);
    if (round_ends) {
      const bool there = co_await look_at_upper(std::nullopt, way);
      if (!there) co_return;
      counts_.note_full();
    }
    if (!round_ends) co_await look_.look(std::move(batch.folders), way);
    auto keep = [id = storage_.id, cursor](StateStore::Contents& state) {
      state.ledger.tally().set(id, kColdCursor, cursor.value);
    };
    co_await context_.store.run(std::move(keep));
    co_await sweep_hot_when_due();
  }
  turn.done();
  if (!stopping_) co_await judge();
}

/// Root and both levels of digits. False when the storage is away.
boost::asio::awaitable<bool> Sightings::look_at_upper(std::optional<Instant> since, LookWay way) {
  auto load = [id = storage_.id, since](StateStore::Contents& state) {
    return state.ledger.folders().upper(id, since);
  };
  auto folders = co_await context_.store.run(std::move(load));
  // A hot sweep goes on into new patients at once; the others come to them in their order.
  if (!since) way.deepest_level = kPatientLevel - 1;
  const Looked looked = co_await look_.look(std::move(folders), way);
  auto ask = [id = storage_.id](StateStore::Contents& state) {
    return state.ledger.folders().upper(id, std::nullopt).size() > 1;
  };
  if (looked.root && looked.root != FolderListing::Outcome::listed) co_return co_await note_away(looked.root);
  const bool has_folders = co_await context_.store.run(std::move(ask));
  // An empty folder where a storage should be is a mount that did not come.
  if (!has_folders) co_return co_await note_away(std::nullopt);
  co_return true;
}

boost::asio::awaitable<bool> Sightings::note_away(std::optional<FolderListing::Outcome> root) {
  prepared_ = false;  // what comes back may be another file system
  SafeText reason = "the root is empty";
  if (root == FolderListing::Outcome::gone) reason = "the root is not there";
  if (root == FolderListing::Outcome::unreadable) reason = "the root cannot be read";
  co_await gates_.note_outage(std::move(reason));
  co_return false;
}

/// False when the storage must be at fault for what is missing.
boost::asio::awaitable<bool> Sightings::judge() {
  // Asked once more from the root on: what was away for a moment is not lost.
  auto load = [id = storage_.id](StateStore::Contents& state) {
    return state.ledger.places_of_losses(id, kFoldersOfBatch);
  };
  auto places = co_await context_.store.run(std::move(load));
  if (!places.empty()) {
    const LookWay way{.trust_times = false, .watch = LookWay::Watch::none};
    const Looked looked = co_await look_.look(std::move(places), way);
    if (stopping_) co_return false;
    if (looked.root != FolderListing::Outcome::listed) co_return co_await note_away(looked.root);
  }
  const bool believed = co_await gates_.judge_losses();
  if (!believed) prepared_ = false;
  on_seen_({});  // units of what vanished are due
  co_return believed;
}

boost::asio::awaitable<void> Sightings::look_at_patients(FolderTier tier, LookWay way) {
  const bool is_hot = tier.folders_since.has_value();
  FolderId cursor;
  std::int64_t done = 0;
  while (!stopping_) {
    auto load = [id = storage_.id, cursor, tier](StateStore::Contents& state) {
      return state.ledger.folders().patients(id, cursor, tier, kFoldersOfBatch);
    };
    KnownFolders::Batch batch = co_await context_.store.run(std::move(load));
    if (batch.patients == 0) co_return;
    cursor = batch.last;
    done += static_cast<std::int64_t>(batch.patients);
    co_await look_.look(std::move(batch.folders), way);
    if (!known_) co_await note_load(done);
    if (!is_hot) co_await sweep_hot_when_due();
  }
}

/// The first reading of a storage takes hours: `status` and the terminal tell how far it is.
boost::asio::awaitable<void> Sightings::note_load(std::int64_t patients_listed) {
  auto keep = [id = storage_.id, patients_listed](StateStore::Contents& state) {
    Tally& tally = state.ledger.tally();
    Transaction transaction(state.database);
    if (tally.get(id, kLoadBegan) == 0) tally.set(id, kLoadBegan, now().time_since_epoch().count());
    if (patients_listed == 0) tally.set(id, kLoadPatients, state.ledger.folders().count_patients(id));
    tally.set(id, kLoadPatientsListed, patients_listed);
    transaction.commit();
  };
  co_await context_.store.run(std::move(keep));
}

/// Long sweeps do not keep what is new waiting.
boost::asio::awaitable<void> Sightings::sweep_hot_when_due() {
  if (!stopping_ && known_ && Clock::now() >= next_hot_) co_await sweep_hot();
}

// --- hints ---

boost::asio::awaitable<void> Sightings::run_watch() {
  boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor);
  while (!stopping_) {
    const auto rings = wake_.rings();
    if (!watch_) {
      co_await wake_.wait_for(storage_.sweep_interval, rings);
      continue;
    }
    TreeWatch::Hints hints = co_await watch_->next();
    if (stopping_) co_return;
    if (hints.overflow) {
      context_.log.write(Message::hints_lost, {{"storage", storage_id()}});
      next_hot_ = {};
      wake_.ring();
    }
    std::move(hints.subtrees.begin(), hints.subtrees.end(), std::back_inserter(hints.folders));
    co_await look_at_paths(std::move(hints.folders),
                           {.trust_times = false, .stat_files = LookRules::Stat::always});
    pause.expires_after(kHintPause);
    co_await pause.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
}

/// What the writer put on record: the folders that it names, looked at before the position is kept.
boost::asio::awaitable<void> Sightings::run_transactions() {
  if (storage_.transactions.empty()) co_return;
  const std::string name = "transactions " + storage_.id;
  auto recall = [name](StateStore::Contents& state) { return recalled(state.database, name); };
  const auto stored = co_await context_.store.run(std::move(recall));
  const auto position = stored ? TransactionPosition::parse(*stored) : std::nullopt;
  const auto tail = std::make_shared<TransactionTail>(storage_.transactions, position);
  while (!stopping_) {
    const auto rings = wake_.rings();
    auto read = [tail] { return tail->read(); };
    TransactionBatch batch = co_await run_on(context_.work, std::move(read));
    if (stopping_) co_return;
    co_await look_at_paths({batch.folders.begin(), batch.folders.end()}, {});
    if (stopping_) co_return;
    co_await count_transactions(name, batch);
    if (!batch.more) co_await wake_.wait_for(kTransactionPoll, rings);
  }
}

boost::asio::awaitable<void> Sightings::count_transactions(std::string name, const TransactionBatch& batch) {
  if (!batch.position) co_return;
  auto keep = [id = storage_.id, name = std::move(name), position = batch.position->text(),
               hints = batch.folders.size(), batch_unplaced = batch.unplaced, malformed = batch.malformed,
               lost = batch.lost](StateStore::Contents& state) {
    Transaction transaction(state.database);
    if (remember(state.database, name, position)) return;
    Tally& tally = state.ledger.tally();
    tally.add(id, "transaction:hints", static_cast<std::int64_t>(hints));
    tally.add(id, "transaction:unplaced", static_cast<std::int64_t>(batch_unplaced));
    tally.add(id, "transaction:malformed", static_cast<std::int64_t>(malformed));
    tally.add(id, "transaction:files-lost", static_cast<std::int64_t>(lost));
    transaction.commit();
  };
  co_await context_.store.run(std::move(keep));
}

/// The deepest known folder of each path, and whatever is new from there on.
boost::asio::awaitable<void> Sightings::look_at_paths(std::vector<std::string> paths, LookWay way) {
  if (paths.empty()) co_return;
  auto load = [id = storage_.id, paths = std::move(paths)](StateStore::Contents& state) {
    std::map<FolderId, FolderToLookAt> folders;
    for (const std::string& path : paths) {
      FolderToLookAt folder = state.ledger.folders().nearest(id, path);
      folders.emplace(folder.id, std::move(folder));
    }
    return folders;
  };
  auto known = co_await context_.store.run(std::move(load));
  std::vector<FolderToLookAt> folders;
  for (auto& [id, folder] : known) folders.push_back(std::move(folder));
  co_await look_.look(std::move(folders), way);
}

boost::asio::awaitable<void> Sightings::look_again(std::vector<FolderToLookAt> folders) {
  co_await look_.look(std::move(folders), {.trust_times = false, .stat_files = LookRules::Stat::always});
}

boost::asio::awaitable<void> Sightings::note_swept() {
  if (swept_) co_return;
  swept_ = true;
  known_ = true;
  next_warm_ = Clock::now() + storage_.warm_interval;
  auto keep = [id = storage_.id](StateStore::Contents& state) {
    state.ledger.tally().set(id, kSwept, 1);
    state.ledger.end_loads();
    return state.ledger.tally().get(id, kDocuments);
  };
  const std::int64_t documents = co_await context_.store.run(std::move(keep));
  context_.log.write(Message::first_sweep_done,
                     {{"storage", storage_id()}, {"documents", SafeText(documents)}});
  on_seen_({});
}

}  // namespace gateway
