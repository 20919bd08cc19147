#include "gateway/state_opening.h"

#include "gateway/read_failure.h"
#include "gateway/schema.h"
#include "gateway/start_report.h"
#include "gateway/state_files.h"
#include "gateway/state_place.h"
#include "gateway/state_restore.h"

#include <algorithm>

#include <sys/stat.h>

namespace gateway {
namespace {

constexpr Milliseconds kFirstWait{200};
constexpr Milliseconds kLongestWait{10'000};
// A large database that is brought to a new schema, or whose write-ahead log is read, takes its time.
constexpr Milliseconds kOpeningTime{600'000};

Milliseconds longer(Milliseconds wait) {
  return std::min(2 * wait, kLongestWait);
}

}  // namespace

StateOpening::StateOpening(const Configuration& configuration, const ServiceManager& service, const Log& log,
                           Wait wait)
    : configuration_(configuration),
      settings_(configuration.settings),
      service_(service),
      log_(log),
      wait_(std::move(wait)) {}

std::optional<OpenState> StateOpening::open(bool begins_anew, std::optional<StateDirectoryLock> kept) {
  ::umask(0077);
  const SettingsErrors misplaced = check_state_place(settings_);
  if (!misplaced.empty()) {
    log_errors(log_, Message::state_misplaced, misplaced);
    return std::nullopt;
  }
  for (const PlaceWarning& warning : find_place_warnings(settings_)) {
    log_.write(Message::kept_badly, {{"place", SafeText::vouched(warning.file.string())},
                                     {"warning", SafeText::vouched(warning.message)}});
  }
  auto locked = kept ? std::move(kept) : lock();
  if (!locked) return std::nullopt;
  service_.extend_start(kOpeningTime);
  service_.allow_silence(kOpeningTime);
  StateBegin begin;
  int tries = 0;
  for (Milliseconds wait = kFirstWait;; wait = longer(wait)) {
    try {
      if (begins_anew) leave_aside(settings_, log_);
      begins_anew = false;
      finish_restore(settings_);
      auto contents = judging_reads(database_file(settings_), ++tries, [&] { return open_database(begin); });
      if (!contents) return std::nullopt;
      return OpenState{std::move(*locked), std::move(contents), begin};
    } catch (const DatabaseError& error) {
      // SQLite has no complaint: the tables are another version's, and another start changes nothing.
      if (error.code() == 0) {
        log_.write(Message::state_of_other_version, {{"error", SafeText::vouched(error.what())}});
        return std::nullopt;
      }
      if (error.damaged() || !error.may_pass() || !wait_) throw;
      if (wait == kFirstWait) {
        log_.write(Message::database_waits_for_disk, {{"error", SafeText::vouched(error.what())}});
      }
    }
    if (!wait_for(wait)) return std::nullopt;
  }
}

std::optional<StateDirectoryLock> StateOpening::lock() {
  const auto& directory = settings_.state_directory;
  for (Milliseconds wait = kFirstWait;; wait = longer(wait)) {
    auto locked = StateDirectoryLock::acquire(directory);
    if (locked.has_value()) return std::move(*locked);
    if (wait == kFirstWait) log_errors(log_, Message::state_directory_unusable, locked.error());
    const auto space = disk_space(directory);
    const bool may_pass = space && (space->read_only || space->free_bytes == 0 || !space->has_free_files);
    if (!may_pass || !wait_ || !wait_for(wait)) return std::nullopt;
  }
}

std::unique_ptr<StateStore::Contents> StateOpening::open_database(StateBegin& begin) {
  auto contents = std::make_unique<StateStore::Contents>(database_file(settings_), settings_.facility.zone);
  try {
    begin = begin_state(*contents, settings_, log_);
    const auto bound = bind_state(contents->database, settings_);
    if (!bound.has_value()) {
      log_errors(log_, Message::state_of_others, bound.error());
      return nullptr;
    }
    resume_state(*contents, configuration_, log_);
  } catch (const DatabaseError& error) {
    if (error.damaged() || error.unreadable()) contents->database.leave_as_it_is();
    throw;
  }
  return contents;
}

bool StateOpening::wait_for(Milliseconds time) {
  service_.extend_start(time + kOpeningTime);
  service_.allow_silence(time + kOpeningTime);
  service_.status("waiting for the disk of the state directory");
  return wait_(time);
}

}  // namespace gateway
