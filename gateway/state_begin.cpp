#include "gateway/state_begin.h"

#include "gateway/alarms.h"
#include "gateway/mapping_version.h"
#include "gateway/schema.h"
#include "gateway/state_directory.h"
#include "gateway/state_files.h"
#include "gateway/unit_years.h"

namespace gateway {
namespace {

constexpr const char* kBegun = "begun";
constexpr const char* kRunning = "running";

std::filesystem::path years_file(const Settings& settings) {
  return settings.state_directory / "unit-years";
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
            ". Give again what persons had ordered (queue hold, retract): it is not known any "
            "more. Then: kakehashi status --acknowledge",
        now());
    log.error("the state database is made anew",
              {{"consequence", "everything is read and sent again, under the same Bundle-IDs"}});
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
      return log.warning("years of Bundle-IDs taken over from unit-years",
                         {{"reason", "the database is an older one, or new"}});
    case UnitYears::Merged::rebuilt:
      log.error("unit-years was missing or damaged, and is written anew from the database");
      return;
  }
}

/// What is sent already is not made again by itself: that is for a person to decide.
void log_older_rules(Database& database, const Settings& settings, const Log& log) {
  for (const DestinationSettings& destination : settings.destinations) {
    const std::int64_t units =
        count_made_with_older_rules(database, destination, rules_in_use(database, destination.id));
    if (units == 0) continue;
    log.info("made with older rules", {{"destination", SafeText::vouched(destination.id)},
                                       {"units", SafeText(units)},
                                       {"remedy", "kakehashi remap --dry-run shows what would change"}});
  }
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
  if (was_running) log.warning("the last stop was none in order: the state database is checked");
  return {was_running};
}

void resume_state(StateStore::Contents& contents, const Configuration& configuration, const Log& log) {
  for (const DestinationSettings& destination : configuration.settings.destinations) {
    contents.outbox.set_late_window(destination.id, destination.delivery.late_window());
  }
  use_rules(contents.database, configuration, now());
  log_older_rules(contents.database, configuration.settings, log);
  const auto lost = contents.outbox.recover(now());
  if (lost > 0) log.warning("answers lost at the last stop, sending again", {{"units", SafeText(lost)}});
}

void note_end_in_order(Database& database) {
  remember(database, kRunning, "no");
}

void leave_aside(const Settings& settings, const Log& log) {
  const auto aside = move_aside(database_file(settings), now());
  log.error(
      "the state database is damaged or gone",
      {{"moved-to", aside ? SafeText::vouched(aside->filename().string()) : SafeText("nothing was left")}});
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
    log.error("the state's disk fails, waiting for its cure",
              {{"error", SafeText::vouched(error->what())},
               {"consequence", "nothing is read or sent until then, and nothing is lost"},
               {"remedy", remedy}});
  } else {
    log.info("the state's disk works again");
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
