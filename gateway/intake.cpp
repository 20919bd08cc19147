#include "gateway/intake.h"

#include <algorithm>

#include "gateway/digest.h"
#include "gateway/document_reader.h"
#include "gateway/schema.h"
#include "ssmix2/data_type.h"

namespace gateway {
namespace {

using ssmix2::DataType;
using ssmix2::Failure;
using ssmix2::FailureCode;

constexpr std::size_t kLooksAtOnce = 256;
constexpr int kUnitsAtOnce = 64;
constexpr Milliseconds kLongestWait{60'000};
// A burst of events for one folder is one look.
constexpr Milliseconds kHintPause{20};
// So many documents may go in one sweep before it counts as an outage, whatever their share.
constexpr std::int64_t kLostAlwaysBelieved = 20;

/// Directories of kinds that nothing is made of are not entered: most of a storage.
bool is_wanted(const Settings& settings, const std::string& directory) {
    const auto type = ssmix2::data_type_named(directory);
    if (!type) return true;  // a patient, a date, or a kind that nobody knows: its files get a reason each
    if (*type == DataType::ADT_00) return true;
    const auto kind = fhir_mapper::unit_kind_of(*type);
    return kind && std::any_of(settings.destinations.begin(), settings.destinations.end(),
                               [&kind](const DestinationSettings& destination) { return takes(destination, *kind); });
}

/// Whether what is wrong may be that the writer is not done.
bool may_heal(FailureCode code) {
    return code == FailureCode::file_empty || code == FailureCode::hl7_no_msh ||
           code == FailureCode::text_truncated_character || code == FailureCode::file_unreadable ||
           code == FailureCode::file_changed_while_read;
}

SafeText id_of(const StorageSettings& storage) { return SafeText::vouched(storage.id); }

/// Reading a folder and comparing it with the ledger is one step: an older reading compared after a newer one would
/// bring back what is gone.
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

boost::asio::awaitable<void> wait_until_free(bool& taken, Wakeup& free) {
    while (taken) co_await free.wait_for(kLongestWait, free.rings());
}

std::map<std::string, Milliseconds> settle_times(const Settings& settings) {
    std::map<std::string, Milliseconds> times;
    for (const StorageSettings& storage : settings.storages) times[storage.id] = storage.settle;
    return times;
}

}  // namespace

struct Intake::Look {
    Unsettled document;
    std::optional<FileStat> changed;  // another state than the one that was to be confirmed
    std::optional<Failure> failure;
    bool unterminated = false;
    std::string identity;
};

Intake::Intake(boost::asio::any_io_executor executor, const Configuration& configuration, StateStore& store,
               boost::asio::thread_pool& work, const Log& log, std::function<void()> on_new_rows)
    : configuration_(configuration),
      store_(store),
      work_(work),
      log_(log),
      on_new_rows_(std::move(on_new_rows)),
      settler_(settle_times(configuration.settings)),
      settling_bell_(executor),
      building_bell_(executor) {
    for (const StorageSettings& settings : configuration.settings.storages) {
        plan_settings_.storages.emplace(settings.id, settings);
        SafeText why;
        auto watch = TreeWatch::open(executor, settings.root, settings.watch, why);
        if (!watch) log_.info("changes are found by sweeps only", {{"storage", id_of(settings)}, {"because", why}});
        storages_.emplace(settings.id, Storage{settings, std::move(watch), Wakeup(executor), Wakeup(executor)});
    }
}

boost::asio::awaitable<void> Intake::prepare() {
    auto load = [](StateStore::Contents& state) {
        Transaction transaction(state.database);
        state.ledger.mark_held_units_due(now());
        transaction.commit();
        return std::pair(label_salt(state.database), state.ledger.unfinished());
    };
    auto [salt, unfinished] = co_await store_.run(std::move(load));
    salt_ = std::move(salt);
    for (const Unsettled& document : unfinished) settler_.see(document, Settler::Clock::now());
}

void Intake::stop() {
    stopping_ = true;
    for (auto& [id, storage] : storages_) {
        storage.sweep_now.ring();
        if (storage.watch) storage.watch->close();
    }
    settling_bell_.ring();
    building_bell_.ring();
}

bool Intake::all_swept() const {
    return std::all_of(storages_.begin(), storages_.end(), [](const auto& entry) { return entry.second.swept; });
}

boost::asio::awaitable<bool> Intake::idle() {
    if (!all_swept() || !settler_.empty() || under_way_ > 0) co_return false;
    auto ask = [](StateStore::Contents& state) { return state.ledger.due_units(now(), 1).empty(); };
    co_return co_await store_.run(std::move(ask));
}

// --- sightings ---

boost::asio::awaitable<void> Intake::run_sweeps(std::string id) {
    Storage& storage = storages_.at(id);
    while (!stopping_) {
        const auto rings = storage.sweep_now.rings();
        co_await sweep(storage);
        if (stopping_) break;
        co_await storage.sweep_now.wait_for(storage.settings.sweep_interval, rings);
    }
}

boost::asio::awaitable<SubtreeListing> Intake::list(Storage& storage, std::string folder, bool subtree) {
    struct Watched {
        int watch;
        std::string folder;
    };
    auto watched = std::make_shared<std::vector<Watched>>();
    const TreeWatch* watch = storage.watch ? &*storage.watch : nullptr;
    auto read = [this, root = storage.settings.root, folder, subtree, watch, watched] {
        SubtreeRules rules;
        rules.is_wanted = [this, subtree](const std::string& name) {
            return subtree && is_wanted(configuration_.settings, name);
        };
        rules.before_reading = [watch, watched](const std::string& at) {
            if (watch != nullptr) watched->push_back({watch->add(at), at});
        };
        return list_subtree(root, folder, rules);
    };
    auto listing = co_await run_on(work_, std::move(read));
    if (!storage.watch) co_return listing;
    std::vector<std::string> early;
    for (const auto& [number, at] : *watched) {
        if (number < 0) {
            storage.watch->count_refused();
        } else if (storage.watch->know(number, at)) {
            early.push_back(at);
        }
    }
    // Something came there while its watch had no name yet: what was read may be older than that.
    for (const std::string& at : early) {
        auto again = co_await list(storage, at, subtree);
        std::move(again.folders.begin(), again.folders.end(), std::back_inserter(listing.folders));
    }
    co_return listing;
}

boost::asio::awaitable<void> Intake::sweep(Storage& storage) {
    co_await wait_until_free(storage.turn_taken, storage.turn_free);
    std::optional<Turn> turn(std::in_place, storage.turn_taken, storage.turn_free);
    auto top = co_await list(storage, "", false);
    const bool readable = !top.folders.empty();
    auto read_top = [root = storage.settings.root] { return list_directory(root); };
    const auto entries = co_await run_on(work_, std::move(read_top));
    if (!readable || !entries.has_value()) co_return note_outage(storage, "the root cannot be read");

    std::set<std::string> listed;
    std::vector<std::string> unreadable;
    co_await observe(storage, std::move(top.folders));
    for (const std::string& directory : entries->directories) {
        if (stopping_) co_return;
        // Between two patients' folders hints get their turn.
        turn.reset();
        co_await wait_until_free(storage.turn_taken, storage.turn_free);
        turn.emplace(storage.turn_taken, storage.turn_free);
        auto listing = co_await list(storage, directory, true);
        note_listing_problems(storage, listing);
        for (const FolderListing& folder : listing.folders) listed.insert(folder.folder);
        unreadable.insert(unreadable.end(), listing.unreadable.begin(), listing.unreadable.end());
        co_await observe(storage, std::move(listing.folders));
    }
    listed.insert("");
    // What lies below a folder that could not be read is not known to be gone.
    auto known = [id = storage.settings.id](StateStore::Contents& state) { return state.ledger.known_folders(id); };
    for (const std::string& folder : co_await store_.run(std::move(known))) {
        const bool hidden = std::any_of(unreadable.begin(), unreadable.end(), [&folder](const std::string& above) {
            return folder == above || folder.starts_with(above + "/");
        });
        if (hidden) listed.insert(folder);
    }
    if (!co_await observe_lost_folders(storage, std::move(listed))) co_return;
    if (storage.outage) log_.info("storage is back", {{"storage", id_of(storage.settings)}});
    storage.outage = false;
    if (!storage.swept) {
        log_.info("first sweep done", {{"storage", id_of(storage.settings)},
                                       {"watched-folders", SafeText(storage.watch ? storage.watch->watched() : 0)},
                                       {"unwatched-folders", SafeText(storage.watch ? storage.watch->refused() : 0)}});
        storage.swept = true;
        building_bell_.ring();
    }
}

boost::asio::awaitable<void> Intake::observe(Storage& storage, std::vector<FolderListing> folders) {
    auto compare = [id = storage.settings.id, folders = std::move(folders)](StateStore::Contents& state) {
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
    const Observed observed = co_await store_.run(std::move(compare));
    for (const auto& [document, failure] : observed.refused) log_refusal(document, failure);
    for (const Unsettled& document : observed.to_settle) settler_.see(document, Settler::Clock::now());
    if (observed.vanished > 0) {
        log_.error("documents vanished without a delete", {{"storage", id_of(storage.settings)},
                                                           {"documents", SafeText(observed.vanished)},
                                                           {"consequence", "their units are held, nothing is deleted"}});
    }
    settling_bell_.ring();
    building_bell_.ring();
}

/// False when so much is gone that the storage, not the writer, must be at fault.
boost::asio::awaitable<bool> Intake::observe_lost_folders(Storage& storage, std::set<std::string> listed) {
    auto find_lost = [id = storage.settings.id, listed = std::move(listed)](StateStore::Contents& state) {
        std::vector<FolderListing> lost;
        std::int64_t documents = 0;
        for (const std::string& folder : state.ledger.known_folders(id)) {
            if (listed.contains(folder)) continue;
            lost.push_back({folder, {}});
            documents += state.ledger.live_documents_in(id, folder);
        }
        return std::tuple(std::move(lost), documents, state.ledger.live_documents());
    };
    auto [lost, documents, live] = co_await store_.run(std::move(find_lost));
    const double limit = static_cast<double>(live) * storage.settings.delete_limit_percent / 100.0;
    const bool all_gone = live > 0 && documents == live;
    if (all_gone || (documents > kLostAlwaysBelieved && static_cast<double>(documents) > limit)) {
        note_outage(storage, SafeText(documents) + " of " + SafeText(live) + " live documents are gone");
        co_return false;
    }
    if (!lost.empty()) co_await observe(storage, std::move(lost));
    co_return true;
}

void Intake::note_outage(Storage& storage, const SafeText& reason) {
    if (!storage.outage) {
        log_.error("storage outage",
                   {{"storage", id_of(storage.settings)},
                    {"reason", reason},
                    {"consequence", "nothing is taken for deleted; delivery goes on with what is known"},
                    {"remedy", "check the mount of the storage's root; the gateway goes on by itself when it is back"}});
    }
    storage.outage = true;
}

void Intake::note_listing_problems(const Storage& storage, const SubtreeListing& listing) const {
    if (listing.unreadable.empty()) return;
    log_.warning("folders could not be read", {{"storage", id_of(storage.settings)},
                                               {"folders", SafeText(listing.unreadable.size())},
                                               {"remedy", "give the gateway's user permission to read them"}});
}

boost::asio::awaitable<void> Intake::run_hints(std::string id) {
    Storage& storage = storages_.at(id);
    boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor);
    while (!stopping_ && storage.watch) {
        const TreeWatch::Hints hints = co_await storage.watch->next();
        if (stopping_) co_return;
        if (hints.overflow) {
            log_.warning("more changes than the kernel keeps, sweeping", {{"storage", id_of(storage.settings)}});
            storage.sweep_now.ring();
        }
        for (const std::string& folder : hints.subtrees) co_await look_at(storage, folder, true);
        for (const std::string& folder : hints.folders) co_await look_at(storage, folder, false);
        pause.expires_after(kHintPause);
        co_await pause.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
}

boost::asio::awaitable<void> Intake::look_at(Storage& storage, std::string folder, bool subtree) {
    co_await wait_until_free(storage.turn_taken, storage.turn_free);
    const Turn turn(storage.turn_taken, storage.turn_free);
    auto listing = co_await list(storage, folder, subtree);
    // An empty folder may be on its way out; whether it and its files are gone is for the sweep to say.
    std::erase_if(listing.folders, [](const FolderListing& at) { return at.files.empty(); });
    if (!listing.folders.empty()) co_await observe(storage, std::move(listing.folders));
}

// --- settling ---

boost::asio::awaitable<void> Intake::run_settling() {
    while (!stopping_) {
        const auto rings = settling_bell_.rings();
        co_await settle_due();
        Milliseconds wait = kLongestWait;
        if (const auto next = settler_.next_look()) {
            const auto until = std::chrono::duration_cast<Milliseconds>(*next - Settler::Clock::now());
            wait = std::clamp(until + Milliseconds(1), Milliseconds(1), kLongestWait);
        }
        co_await settling_bell_.wait_for(wait, rings);
    }
}

boost::asio::awaitable<void> Intake::settle_due() {
    const auto due = settler_.due(Settler::Clock::now(), kLooksAtOnce);
    if (due.empty()) co_return;
    auto look_again = [this, due] {
        std::vector<Look> looks;
        for (const Unsettled& document : due) {
            Look seen{document, {}, {}, false, {}};
            const auto& root = plan_settings_.storages.at(document.document.root).root;
            auto loaded = load_document(root / document.document.relative_path());
            if (!loaded.has_value()) {
                seen.failure = loaded.error();
            } else if (loaded->stat != document.stat) {
                seen.changed = loaded->stat;
            } else {
                seen.unterminated = loaded->unterminated;
                seen.identity = identity_of(loaded->message);
            }
            looks.push_back(std::move(seen));
        }
        return looks;
    };
    ++under_way_;
    auto looks = co_await run_on(work_, std::move(look_again));

    const auto at = Settler::Clock::now();
    std::vector<Look> decided;
    for (Look& look : looks) {
        const DocumentRef& document = look.document.document;
        if (!settler_.is_current(look.document)) continue;
        const bool vanished = look.failure && look.failure->code == FailureCode::file_vanished;
        const bool unfinished = look.unterminated || (look.failure && may_heal(look.failure->code));
        if (look.changed) {
            settler_.see({document, *look.changed}, at);
        } else if (vanished) {
            settler_.forget(document);  // renamed or gone: the folder's listing tells
        } else if (!unfinished || settler_.postpone(document, at)) {
            settler_.forget(document);
            decided.push_back(std::move(look));
        }
    }
    auto commit = [decided](StateStore::Contents& state) {
        Transaction transaction(state.database);
        for (const Look& look : decided) {
            if (look.failure) {
                state.ledger.refuse(look.document.document, *look.failure, now());
            } else {
                state.ledger.accept(look.document.document, look.document.stat, look.identity, now());
            }
        }
        transaction.commit();
    };
    if (!decided.empty()) co_await store_.run(std::move(commit));
    --under_way_;
    for (const Look& look : decided) {
        if (look.failure) log_refusal(look.document.document, *look.failure);
    }
    building_bell_.ring();
}

// --- building ---

boost::asio::awaitable<void> Intake::run_building() {
    while (!stopping_) {
        const auto rings = building_bell_.rings();
        // Not before every storage was seen whole: a list made of half its documents would have a hole.
        if (all_swept()) co_await build_due();
        auto ask = [](StateStore::Contents& state) { return state.ledger.next_due(); };
        const auto next = co_await store_.run(std::move(ask));
        Milliseconds wait = kLongestWait;
        if (next && all_swept()) wait = std::clamp(*next - now(), Milliseconds(1), kLongestWait);
        co_await building_bell_.wait_for(wait, rings);
    }
}

boost::asio::awaitable<void> Intake::build_due() {
    using Planned = std::pair<Ledger::DueUnit, UnitPlan>;
    while (!stopping_) {
        auto plan = [settings = plan_settings_](StateStore::Contents& state) {
            std::vector<Planned> planned;
            Transaction transaction(state.database);
            for (const Ledger::DueUnit& unit : state.ledger.due_units(now(), kUnitsAtOnce)) {
                auto made = plan_unit(state.database, unit.key, settings, now());
                if (made && made->action == UnitPlan::Action::wait) {
                    state.ledger.settle_due(unit, made->due_again);
                } else if (made) {
                    planned.emplace_back(unit, std::move(*made));
                }
            }
            transaction.commit();
            return planned;
        };
        ++under_way_;
        auto planned = co_await store_.run(std::move(plan));
        if (planned.empty()) {
            --under_way_;
            co_return;
        }
        auto build = [this, planned] {
            std::vector<BuiltUnit> built;
            for (const auto& [due, made] : planned) built.push_back(build_unit(made, configuration_, now()));
            return built;
        };
        const auto built = co_await run_on(work_, std::move(build));
        auto commit = [planned, built](StateStore::Contents& state) {
            Transaction transaction(state.database);
            for (std::size_t i = 0; i < built.size(); ++i) {
                for (const DocumentRef& document : built[i].changed) state.ledger.reopen(document, now());
                if (built[i].changed.empty()) state.outbox.put(built[i], now());
                state.ledger.settle_due(planned[i].first, planned[i].second.due_again);
            }
            transaction.commit();
        };
        co_await store_.run(std::move(commit));
        --under_way_;
        for (const BuiltUnit& unit : built) {
            log_built(unit);
            // An impossible state: the next look gives the real one, and the settling begins from there.
            for (const DocumentRef& document : unit.changed) settler_.see({document, FileStat{}}, Settler::Clock::now());
        }
        settling_bell_.ring();
        on_new_rows_();
    }
}

// --- messages ---

void Intake::log_refusal(const DocumentRef& document, const Failure& failure) const {
    log_.warning("document refused",
                 {{"document", label(salt_, document.root + "/" + document.relative_path())},
                  {"storage", SafeText::vouched(document.root)},
                  {"reason", to_text(failure)}});
}

void Intake::log_built(const BuiltUnit& built) const {
    const SafeText unit = label(salt_, built.unit.key());
    const SafeText kind = SafeText::vouched(std::string(info(built.unit.kind).resource_type));
    for (const auto& [destination, snapshot] : built.snapshots) {
        if (snapshot.kind != Snapshot::Kind::held) continue;
        log_.warning("unit held", {{"unit", unit},
                                   {"kind", kind},
                                   {"destination", SafeText::vouched(destination)},
                                   {"reason", to_text(snapshot.reason)},
                                   {"reasons", SafeText(snapshot.reasons)}});
    }
    for (const Failure& warning : built.warnings) {
        log_.info("value left out", {{"unit", unit}, {"kind", kind}, {"reason", to_text(warning)}});
    }
}

}  // namespace gateway
