#include "gateway/state_begin.h"

#include "gateway/alarms.h"
#include "gateway/mapping_version.h"
#include "gateway/quiet_time.h"
#include "gateway/schema.h"
#include "gateway/state_directory.h"
#include "gateway/state_files.h"
#include "gateway/state_restore.h"
#include "gateway/unit_years.h"

#include <algorithm>

namespace gateway {
namespace {

constexpr const char* kBegun = "begun";
constexpr const char* kRunning = "running";
constexpr const char* kToldOfRestore = "told of restore";

std::filesystem::path years_file(const Settings& settings) {
  return unit_years_file(settings.state_directory);
}

/// When the first request leaves, for a log line.
SafeText first_request(Database& database, const Settings& settings) {
  const Instant start = now();
  const Instant until = quiet_until(database, settings, start).value_or(start);
  return SafeText::vouched(to_fhir_instant(std::max(start, until), settings.facility.zone));
}

/// In one transaction with the note that it was looked for: a kill in between does not hide it.
void note_lost_state(Database& database, const Settings& settings, const Log& log) {
  if (recalled(database, kBegun)) return;
  Transaction transaction(database);
  const bool aside = was_moved_aside(database_file(settings));
  const auto documents = database.prepare("SELECT 1 FROM document LIMIT 1").step();
  if (!documents && (aside || has_unit_years(years_file(settings)))) {
    const SafeText what =
        aside ? SafeText("what is left of it lies beside it as kakehashi.db.damaged-*: look at the disk")
              : SafeText("its file was deleted: see who did that");
    Alarms(database).raise(
        "", AlarmKind::rebuilt,
        "the state was lost and is made anew from the storages; " + what +
            ". Nothing is sent at first, because what was sent before may still be carried out (kakehashi "
            "status tells for how long). Give again what persons had ordered (queue hold, retract): it is "
            "not known any more. Then: kakehashi status --acknowledge",
        now());
    // Nobody knows what was promised to a state that is gone.
    begin_quiet_time(database, now(), Promises::perhaps);
    log.write(Message::database_made_anew,
              {{"consequence", "everything is read and sent again, under the same Bundle-IDs"},
               {"sends-from", first_request(database, settings)}});
  }
  remember(database, kBegun, std::to_string(now().time_since_epoch().count()));
  transaction.commit();
}

void take_up_years(StateStore::Contents& contents, const Settings& settings, const Log& log) {
  Transaction transaction(contents.database);
  const auto merged = contents.keep_years_in(years_file(settings));
  if (merged == UnitYears::Merged::rebuilt) {
    Alarms(contents.database)
        .raise("", AlarmKind::years,
               "unit-years was missing or damaged, and is written anew from the database: do not restore an "
               "older "
               "one of them without the other. Seen: kakehashi status --acknowledge",
               now());
  }
  transaction.commit();
  switch (merged) {
    case UnitYears::Merged::nothing_new:
    case UnitYears::Merged::first:
      return;
    case UnitYears::Merged::imported:
      return log.write(Message::years_taken_over, {{"reason", "the database is an older one, or new"}});
    case UnitYears::Merged::rebuilt:
      log.write(Message::years_written_anew);
      return;
  }
}

/// What is sent already is not made again by itself: that is for a person to decide.
void log_older_rules(Database& database, const Settings& settings, const Log& log) {
  for (const DestinationSettings& destination : settings.destinations) {
    const std::int64_t units =
        count_made_with_older_rules(database, destination, rules_in_use(database, destination.id));
    if (units == 0) continue;
    log.write(Message::made_with_older_rules,
              {{"destination", SafeText::vouched(destination.id)},
               {"units", SafeText(units)},
               {"remedy", "kakehashi remap --dry-run shows what would change"}});
  }
}

void tell_of_restore(Database& database, const Settings& settings, const Log& log) {
  const auto restored = restored_at(database);
  if (!restored) return;
  const std::string told = std::to_string(restored->time_since_epoch().count());
  if (remember(database, kToldOfRestore, told)) return;
  log.write(Message::state_restored, {{"sends-from", first_request(database, settings)}});
}

}  // namespace

StateBegin begin_state(StateStore::Contents& contents, const Settings& settings, const Log& log) {
  Database& database = contents.database;
  prepare_schema(database);
  sync_directory(settings.state_directory);
  note_lost_state(database, settings, log);
  take_up_years(contents, settings, log);
  Alarms alarms(database);
  for (const AlarmKind kind : {AlarmKind::disk, AlarmKind::space, AlarmKind::backlog}) alarms.clear("", kind);
  const bool was_running = recalled(database, kRunning) == "yes";
  remember(database, kRunning, "yes");
  if (was_running) log.write(Message::stop_without_order);
  return {was_running};
}

void resume_state(StateStore::Contents& contents, const Configuration& configuration, const Log& log) {
  for (const DestinationSettings& destination : configuration.settings.destinations) {
    contents.outbox.set_late_windows(
        destination.id, {destination.delivery.late_window(), destination.delivery.result_patience});
  }
  use_rules(contents.database, configuration, now());
  log_older_rules(contents.database, configuration.settings, log);
  const auto lost = contents.outbox.recover(now());
  if (lost > 0) log.write(Message::answers_lost, {{"units", SafeText(lost)}});
  tell_of_restore(contents.database, configuration.settings, log);
  // What was sent before, and of which the state knows nothing, must not come after what is sent now.
  if (const auto until = quiet_until(contents.database, configuration.settings, now())) {
    contents.outbox.stay_quiet_until(*until);
  }
}

void note_end_in_order(Database& database) {
  remember(database, kRunning, "no");
}

void leave_aside(const Settings& settings, const Log& log) {
  const auto aside = move_aside(database_file(settings), now());
  log.write(Message::database_left_aside, {{"moved-to", aside ? SafeText::vouched(aside->filename().string())
                                                              : SafeText("nothing was left")}});
}

void note_disk(Database& database, const DatabaseError* error, const Log& log) {
  SafeText remedy =
      "free space on the disk that holds the state directory, or see the kernel's log for what is wrong with "
      "it";
  if (error != nullptr && error->unreadable()) {
    remedy =
        "see the kernel's log for what is wrong with the disk that holds kakehashi.db; if it is this file "
        "alone that cannot be read, it is moved aside within minutes and made anew";
  }
  if (error != nullptr) {
    log.write(Message::disk_fails,
              {{"error", SafeText::vouched(error->what())},
               {"consequence", "nothing is read or sent until then, and nothing is lost"},
               {"remedy", remedy}});
  } else {
    log.write(Message::disk_works);
  }
  try {
    Alarms alarms(database);
    if (error != nullptr) {
      alarms.raise("", AlarmKind::disk, SafeText::vouched(error->what()) + ": " + remedy, now());
    } else {
      alarms.clear("", AlarmKind::disk);
    }
  } catch (const DatabaseError&) {
    // The very disk: `status` looks at it itself.
  }
}

}  // namespace gateway
