#pragma once
// From files to outbox rows: sightings (sweep and hints), settling, building. Three coroutines on the I/O thread share
// this object; blocking work goes to the work pool, the ledger to the storage thread.

#include <map>
#include <set>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "gateway/configuration.h"
#include "gateway/log.h"
#include "gateway/settler.h"
#include "gateway/state_store.h"
#include "gateway/tree_watch.h"
#include "gateway/unit_builder.h"
#include "gateway/wakeup.h"

namespace gateway {

class Intake {
   public:
    /// `on_new_rows` is called when the outbox may have work.
    Intake(boost::asio::any_io_executor executor, const Configuration& configuration, StateStore& store,
           boost::asio::thread_pool& work, const Log& log, std::function<void()> on_new_rows);

    /// Loads what was unfinished at the last stop and sets the watches up. Before any of the loops.
    boost::asio::awaitable<void> prepare();

    // Each runs until stop().
    boost::asio::awaitable<void> run_sweeps(std::string storage);
    boost::asio::awaitable<void> run_hints(std::string storage);
    boost::asio::awaitable<void> run_settling();
    boost::asio::awaitable<void> run_building();
    void stop();

    /// Every storage was swept once, nothing settles, no unit is due.
    boost::asio::awaitable<bool> idle();
    /// The same of what this object knows alone, after the loops have ended.
    bool finished() const { return all_swept() && settler_.empty(); }

   private:
    struct Storage {
        StorageSettings settings;
        std::optional<TreeWatch> watch;
        Wakeup sweep_now;
        Wakeup turn_free;
        bool turn_taken = false;  // somebody reads folders of this storage and compares them
        bool swept = false;    // completely, at least once
        bool outage = false;
    };
    struct Look;  // what a second look found

    boost::asio::awaitable<void> sweep(Storage& storage);
    boost::asio::awaitable<void> look_at(Storage& storage, std::string folder, bool subtree);
    boost::asio::awaitable<void> observe(Storage& storage, std::vector<FolderListing> folders);
    boost::asio::awaitable<bool> observe_lost_folders(Storage& storage, std::set<std::string> listed);
    boost::asio::awaitable<void> settle_due();
    boost::asio::awaitable<void> build_due();
    boost::asio::awaitable<SubtreeListing> list(Storage& storage, std::string folder, bool subtree);
    void note_outage(Storage& storage, const SafeText& reason);
    void note_listing_problems(const Storage& storage, const SubtreeListing& listing) const;
    void log_refusal(const DocumentRef& document, const ssmix2::Failure& failure) const;
    void log_built(const BuiltUnit& built) const;
    bool all_swept() const;

    const Configuration& configuration_;
    StateStore& store_;
    boost::asio::thread_pool& work_;
    const Log& log_;
    std::function<void()> on_new_rows_;
    std::map<std::string, Storage> storages_;  // nodes are stable: coroutines keep references
    Settler settler_;
    Wakeup settling_bell_;
    Wakeup building_bell_;
    PlanSettings plan_settings_;
    std::string salt_;
    bool stopping_ = false;
    int under_way_ = 0;  // looks and builds that left the I/O thread
};

}  // namespace gateway
