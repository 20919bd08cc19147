#include "gateway/sightings.h"

#include "gateway/unit_builder.h"
#include "ssmix2/data_type.h"

#include <algorithm>
#include <memory>
#include <tuple>

namespace gateway {
namespace {

// A burst of events for one folder is one look.
constexpr Milliseconds kHintPause{20};
constexpr Milliseconds kLongestTurn{60'000};
// root / 3 / 3 / patient
constexpr int kPatientLevel = 3;
// So many documents may go in one sweep before it counts as an outage, whatever their share.
constexpr std::int64_t kLostAlwaysBelieved = 20;

/// Directories of kinds that nothing is made of are not entered: most of a storage.
bool is_wanted(const Settings& settings, const std::string& directory) {
  const auto type = ssmix2::data_type_named(directory);
  if (!type) return true;  // a patient, a date, or a kind that nobody knows: its files get a reason each
  if (*type == ssmix2::DataType::ADT_00) return true;
  const auto kind = fhir_mapper::unit_kind_of(*type);
  return kind &&
         std::any_of(settings.destinations.begin(), settings.destinations.end(),
                     [&kind](const DestinationSettings& destination) { return takes(destination, *kind); });
}

/// Reading a folder and comparing it with the ledger is one step: an older reading compared after a newer one
/// would bring back what is gone.
class Turn {
 public:
  Turn(bool& taken, Wakeup& free) : taken_(taken), free_(free) { taken_ = true; }
  ~Turn() {
    taken_ = false;
    free_.ring();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  bool& taken_;
  Wakeup& free_;
};

}  // namespace

Sightings::Sightings(boost::asio::any_io_executor executor, const StorageSettings& storage,
                     const IntakeContext& context, OnSeen on_seen)
    : storage_(storage),
      context_(context),
      on_seen_(std::move(on_seen)),
      sweep_now_(executor),
      turn_free_(executor) {
  SafeText why;
  watch_ = TreeWatch::open(executor, storage.root, storage.watch, why);
  if (!watch_)
    context_.log.info("changes are found by sweeps only", {{"storage", storage_id()}, {"because", why}});
}

void Sightings::stop() {
  stopping_ = true;
  sweep_now_.ring();
  if (watch_) watch_->close();
}

boost::asio::awaitable<void> Sightings::wait_for_turn() {
  while (turn_taken_) co_await turn_free_.wait_for(kLongestTurn, turn_free_.rings());
}

// --- the sweep ---

boost::asio::awaitable<void> Sightings::run_sweeps() {
  while (!stopping_) {
    const auto rings = sweep_now_.rings();
    co_await sweep();
    if (stopping_) break;
    co_await sweep_now_.wait_for(storage_.sweep_interval, rings);
  }
}

boost::asio::awaitable<void> Sightings::sweep() {
  if (watch_) watch_->forget_refused();
  const auto seen = std::make_shared<Seen>();
  if (!co_await sweep_below("", 0, seen)) co_return;
  if (!seen->folders.contains("")) co_return note_outage("the root cannot be read");
  note_unreadable(seen->unreadable.size());
  co_await wait_for_turn();
  const Turn turn(turn_taken_, turn_free_);
  if (co_await observe_lost_folders(seen)) note_swept();
}

/// One patient after the other, so that hints and other storages get their turn and memory stays bounded.
/// False when stopped on the way.
boost::asio::awaitable<bool> Sightings::sweep_below(std::string folder, int level,
                                                    std::shared_ptr<Seen> seen) {
  if (stopping_) co_return false;
  std::vector<std::string> directories;
  {
    co_await wait_for_turn();
    const Turn turn(turn_taken_, turn_free_);
    const int levels = level == kPatientLevel ? kAllLevels : 0;
    auto listing = co_await list(folder, levels);
    for (const FolderListing& at : listing.folders) seen->folders.insert(at.folder);
    seen->unreadable.insert(seen->unreadable.end(), listing.unreadable.begin(), listing.unreadable.end());
    if (level < kPatientLevel && !listing.folders.empty()) directories = listing.folders.front().directories;
    co_await observe(std::move(listing.folders));
  }
  for (const std::string& name : directories) {
    // A named local: GCC 12 destroys the temporary of a ?: inside a co_await expression twice.
    std::string below = folder.empty() ? name : folder + "/" + name;
    const bool go_on = co_await sweep_below(std::move(below), level + 1, seen);
    if (!go_on) co_return false;
  }
  co_return true;
}

/// Folders that are known and were not seen. False when so much is gone that the storage must be at fault,
/// not the writer.
boost::asio::awaitable<bool> Sightings::observe_lost_folders(std::shared_ptr<const Seen> seen) {
  auto find_lost = [id = storage_.id, seen](StateStore::Contents& state) {
    const auto is_hidden = [&seen](const std::string& folder) {
      return std::any_of(
          seen->unreadable.begin(), seen->unreadable.end(),
          [&folder](const std::string& above) { return folder == above || folder.starts_with(above + "/"); });
    };
    std::vector<FolderListing> lost;
    std::int64_t documents = 0;
    for (const std::string& folder : state.ledger.known_folders(id)) {
      // What lies below a folder that could not be read is not known to be gone.
      if (seen->folders.contains(folder) || is_hidden(folder)) continue;
      lost.push_back({folder, {}});
      documents += state.ledger.live_documents_in(id, folder);
    }
    return std::tuple(std::move(lost), documents, state.ledger.live_documents(id));
  };
  auto [lost, documents, live] = co_await context_.store.run(std::move(find_lost));
  const double limit = static_cast<double>(live) * storage_.delete_limit_percent / 100.0;
  const bool all_gone = live > 0 && documents == live;
  if (all_gone || (documents > kLostAlwaysBelieved && static_cast<double>(documents) > limit)) {
    note_outage(SafeText(documents) + " of " + SafeText(live) + " live documents are gone");
    co_return false;
  }
  if (!lost.empty()) co_await observe(std::move(lost));
  co_return true;
}

// --- hints ---

boost::asio::awaitable<void> Sightings::run_hints() {
  boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor);
  while (!stopping_ && watch_) {
    const TreeWatch::Hints hints = co_await watch_->next();
    if (stopping_) co_return;
    if (hints.overflow) {
      context_.log.warning("more changes than the kernel keeps, sweeping", {{"storage", storage_id()}});
      sweep_now_.ring();
    }
    for (const std::string& folder : hints.subtrees) co_await look_at(folder, true);
    for (const std::string& folder : hints.folders) co_await look_at(folder, false);
    pause.expires_after(kHintPause);
    co_await pause.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
}

boost::asio::awaitable<void> Sightings::look_at(std::string folder, bool subtree) {
  co_await wait_for_turn();
  const Turn turn(turn_taken_, turn_free_);
  const int levels = subtree ? kAllLevels : 0;
  auto listing = co_await list(folder, levels);
  // An empty folder may be on its way out; whether it and its files are gone is for the sweep to say.
  std::erase_if(listing.folders, [](const FolderListing& at) { return at.files.empty(); });
  if (!listing.folders.empty()) co_await observe(std::move(listing.folders));
}

// --- both ---

boost::asio::awaitable<SubtreeListing> Sightings::list(std::string folder, int levels) {
  using Watched = std::vector<std::pair<int, std::string>>;
  const auto watched = std::make_shared<Watched>();
  auto read = [this, folder, levels, watched] {
    SubtreeRules rules;
    rules.levels = levels;
    rules.is_wanted = [this](const std::string& name) {
      return is_wanted(context_.configuration.settings, name);
    };
    rules.before_reading = [this, watched](const std::string& at) {
      if (watch_) watched->emplace_back(watch_->add(at), at);
    };
    return list_subtree(storage_.root, folder, rules);
  };
  auto listing = co_await run_on(context_.work, std::move(read));
  std::vector<std::string> early;
  for (const auto& [number, at] : *watched) {
    if (number < 0) {
      watch_->count_refused();
    } else if (watch_->know(number, at)) {
      early.push_back(at);
    }
  }
  // Something came there while its watch had no name yet: what was read may be older than that.
  for (const std::string& at : early) {
    auto again = co_await list(at, levels);
    std::move(again.folders.begin(), again.folders.end(), std::back_inserter(listing.folders));
  }
  co_return listing;
}

boost::asio::awaitable<void> Sightings::observe(std::vector<FolderListing> folders) {
  auto compare = [id = storage_.id, folders = std::move(folders)](StateStore::Contents& state) {
    Observed all;
    Transaction transaction(state.database);
    for (const FolderListing& folder : folders) {
      Observed observed = state.ledger.observe(id, folder, now());
      std::move(observed.to_settle.begin(), observed.to_settle.end(), std::back_inserter(all.to_settle));
      std::move(observed.refused.begin(), observed.refused.end(), std::back_inserter(all.refused));
      all.vanished += observed.vanished;
    }
    transaction.commit();
    return all;
  };
  const Observed observed = co_await context_.store.run(std::move(compare));
  for (const auto& [document, failure] : observed.refused) context_.log_refusal(document, failure);
  if (observed.vanished > 0) {
    context_.log.error("documents vanished without a delete",
                       {{"storage", storage_id()},
                        {"documents", SafeText(observed.vanished)},
                        {"consequence", "their units are held, nothing is deleted"}});
  }
  on_seen_(observed.to_settle);
}

// --- messages ---

void Sightings::note_swept() {
  if (outage_) context_.log.info("storage is back", {{"storage", storage_id()}});
  outage_ = false;
  if (swept_) return;
  swept_ = true;
  context_.log.info("first sweep done", {{"storage", storage_id()},
                                         {"watched-folders", SafeText(watch_ ? watch_->watched() : 0)},
                                         {"unwatched-folders", SafeText(watch_ ? watch_->refused() : 0)}});
  on_seen_({});
}

void Sightings::note_outage(const SafeText& reason) {
  if (!outage_) {
    context_.log.error(
        "storage outage",
        {{"storage", storage_id()},
         {"reason", reason},
         {"consequence", "nothing is taken for deleted; delivery goes on with what is known"},
         {"remedy", "check the mount of the storage's root; the gateway goes on by itself when it is back"}});
  }
  outage_ = true;
}

void Sightings::note_unreadable(std::size_t folders) const {
  if (folders == 0) return;
  context_.log.warning("folders could not be read",
                       {{"storage", storage_id()},
                        {"folders", SafeText(folders)},
                        {"remedy", "give the gateway's user permission to read them"}});
}

}  // namespace gateway
