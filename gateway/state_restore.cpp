#include "gateway/state_restore.h"

#include "gateway/alarms.h"
#include "gateway/audit.h"
#include "gateway/outbox_history.h"
#include "gateway/outbox_row.h"
#include "gateway/queue_order.h"
#include "gateway/schema.h"
#include "gateway/state_begin.h"
#include "gateway/state_directory.h"
#include "gateway/state_files.h"
#include "gateway/unit_builder.h"
#include "gateway/unit_years.h"

#include <charconv>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gateway {
namespace {

constexpr const char* kRestored = "restored";

std::filesystem::path beside(const Settings& settings, std::string_view ending) {
  return database_file(settings).concat(ending);
}

/// Being made: worth nothing until it has its next name.
std::filesystem::path draft_file(const Settings& settings) {
  return beside(settings, ".restoring");
}
/// Whole: from now on this is the state, whatever lies at its place.
std::filesystem::path restored_file(const Settings& settings) {
  return beside(settings, ".restored");
}

void rename_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code error;
  std::filesystem::rename(from, to, error);
  if (error) throw DatabaseError::of_system(error.value(), "renaming " + from.string());
  sync_directory(to.parent_path());
}

void remove_draft(const Settings& settings);

/// A draft holds patients' data, and fills the disk: what fails leaves none.
class Draft {
 public:
  explicit Draft(const Settings& settings) : settings_(settings) {}
  ~Draft() { remove_draft(settings_); }  // what got its name is not there any more
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

 private:
  const Settings& settings_;
};

void remove_draft(const Settings& settings) {
  for (const std::string_view ending :
       {".restoring", ".restoring-wal", ".restoring-shm", ".restoring-journal"}) {
    ::unlink(beside(settings, ending).c_str());
  }
}

SettingsErrors copy_draft(const Settings& settings, const std::filesystem::path& file) {
  remove_draft(settings);
  std::error_code error;
  std::filesystem::copy_file(file, draft_file(settings), error);
  if (error)
    return {{file.string(), "the backup cannot be copied to the state directory: " + error.message()}};
  ::chmod(draft_file(settings).c_str(), 0600);
  return {};
}

/// Files that another user made could not be opened by the gateway.
SettingsErrors check_owner(const Settings& settings) {
  struct stat status {};
  if (::stat(settings.state_directory.c_str(), &status) != 0 || status.st_uid == ::geteuid()) return {};
  return {
      {settings.state_directory.string(),
       "the state directory belongs to another user, who could not read what is restored; run this as that "
       "user (runuser -u kakehashi -- kakehashi restore ...)"}};
}

/// Nothing where it is not there. What cannot be looked at may be there: a start with the old state would be
/// undone by the next.
std::optional<struct stat> status_of(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) == 0) return status;
  if (errno == ENOENT) return std::nullopt;
  throw DatabaseError::of_system(errno, "looking at " + file.string());
}

/// Years that the file beside the state knows win over those of the backup; without one the backup's take its
/// place.
std::int64_t settle_years(Database& database, const Settings& settings) {
  const auto present = unit_years_file(settings.state_directory);
  const auto old = std::filesystem::path(present).concat(".restoring");
  take_years_out(database, old);
  std::int64_t changed = UnitYears(database, old).believe_file();
  std::error_code error;
  if (std::filesystem::exists(present, error)) {
    changed = UnitYears(database, present).believe_file();
    ::unlink(old.c_str());
  } else {
    rename_file(old, present);
  }
  return changed;
}

// `held` until they are made again: nothing is sent that was not compared with the storages of today. What a
// person ordered stays ordered.
constexpr std::string_view kForgetAnswers = R"sql(
UPDATE delivery SET next_attempt = NULL, attempts = 0, accepted_hash = NULL,
    accepted_person = CASE WHEN accepted_person IS NULL THEN sent_person
        WHEN sent_person IS NULL OR sent_person = accepted_person THEN accepted_person ELSE 0 END,
    in_flight = 0, sent_at = ?1, sent_operation = 0, sent_hash = NULL, sent_person = NULL,
    result_location = NULL, late_until = NULL, late_operation = NULL, late_hash = NULL, late_person = NULL
)sql";
constexpr std::string_view kHold = R"sql(
UPDATE delivery SET state = ?1, reason = 'restored', explanation = ?2, answer = NULL, rules = NULL,
    first_time = ?3, last_time = ?3
WHERE by_person = ?4
)sql";
constexpr std::string_view kTakeBackAgain = R"sql(
UPDATE delivery SET state = ?1, next_attempt = ?2 WHERE by_person = ?3
)sql";
constexpr std::string_view kHoldDelivered = R"sql(
INSERT INTO delivery (unit, destination, state, snapshot_time, attempts, accepted_person, in_flight, sent_at,
    sent_operation, reason, explanation, urgency, by_person, first_time, last_time)
SELECT outbox.unit, outbox.destination, ?1, ?2, 0, CASE operation WHEN 0 THEN person END, 0, ?2,
    0, 'restored', ?3, 0, 0, ?2, ?2
FROM outbox JOIN unit ON unit.id = outbox.unit
WHERE unit.kind = ?4 AND outbox.destination = (SELECT number FROM destination WHERE id = ?5)
    AND NOT EXISTS (SELECT 1 FROM delivery
        WHERE delivery.unit = outbox.unit AND delivery.destination = outbox.destination)
)sql";
// What was given up by a person is compared with what comes, so that it stays given up.
constexpr const char* kForgetContents = R"sql(
CREATE TEMP TABLE dropped AS SELECT unit, destination FROM delivery WHERE by_person = 3;
UPDATE outbox SET content_hash = NULL WHERE (unit, destination) NOT IN dropped;
DELETE FROM body WHERE (unit, destination) NOT IN dropped;
DROP TABLE dropped;
-- Where nothing is made now, and so nothing held, a delete may be older than what stands there.
UPDATE outbox SET operation = 0 WHERE NOT EXISTS (SELECT 1 FROM delivery
    WHERE delivery.unit = outbox.unit AND delivery.destination = outbox.destination);
UPDATE destination SET paused_since = NULL, explanation = NULL;
-- Seen in another scope than today's, storages are listed whole before a unit is made.
DELETE FROM binding WHERE name LIKE 'scope %';
)sql";
constexpr const char* kNoteYearsGiven = R"sql(
UPDATE outbox SET transmissions = 1
WHERE transmissions = 0 AND unit IN (SELECT id FROM unit WHERE year IS NOT NULL)
)sql";

std::int64_t number_of(PersonHold order) {
  return static_cast<std::int64_t>(order);
}

/// Whether a destination answered 202, as far as the state still knows; a restored one has forgotten which.
Promises known_promises(Database& database) {
  if (promises_of_quiet_time(database) == Promises::perhaps) return Promises::perhaps;
  auto select = database.prepare(
      "SELECT 1 FROM delivery WHERE result_location IS NOT NULL UNION ALL "
      "SELECT 1 FROM history WHERE event = ? LIMIT 1");
  const bool known = select.with(static_cast<std::int64_t>(HistoryEvent::promised)).step();
  return known ? Promises::perhaps : Promises::none;
}

/// The state that is replaced may know of some that were made after the backup. When it cannot be asked,
/// nobody knows.
Promises promises_to_replaced(const Settings& settings) {
  try {
    Database replaced(database_file(settings), Database::Access::read_only);
    check_schema(replaced);
    return known_promises(replaced);
  } catch (const DatabaseError&) {
    return Promises::perhaps;
  }
}

void distrust_rows(Database& database, std::int64_t now, const std::string& why) {
  database.prepare(kForgetAnswers).with(now).run();
  database.prepare(kHold)
      .with(number_of(OutboxState::held), std::string_view(why), now, number_of(PersonHold::none))
      .run();
  database.prepare(kTakeBackAgain)
      .with(number_of(OutboxState::pending), now, number_of(PersonHold::retract))
      .run();
}

/// Of kinds that a destination takes: of others nothing will be made.
void hold_delivered(Database& database, const DestinationSettings& destination, std::int64_t now,
                    const std::string& why) {
  for (const auto& kind : fhir_mapper::unit_kinds()) {
    if (!takes(destination, kind.kind)) continue;
    database.prepare(kHoldDelivered)
        .with(number_of(OutboxState::held), now, std::string_view(why), static_cast<std::int64_t>(kind.kind),
              std::string_view(destination.id))
        .run();
  }
}

/// A unit that has a year was committed to be sent, maybe after the backup: once it is empty it is deleted.
void note_perhaps_sent(Database& database) {
  database.execute(kNoteYearsGiven);
  std::vector<UnitId> perhaps;
  {
    auto select =
        database.prepare("SELECT DISTINCT unit FROM outbox JOIN unit ON unit.id = unit WHERE year IS NULL");
    while (select.step()) perhaps.push_back({select.integer(0)});
  }
  Units units(database);
  for (const UnitId id : perhaps) {
    const auto unit = units.find(id);
    if (!unit || !unit->year) continue;
    database.prepare("UPDATE outbox SET transmissions = MAX(transmissions, 1) WHERE unit = ?")
        .with(id.value)
        .run();
  }
}

void note_restore(Database& database, Instant made, Instant now, const TimeZone& zone) {
  const auto of_backup = SafeText::vouched(to_fhir_instant(made, zone));
  Alarms(database).raise("", AlarmKind::restored,
                         "the state was restored from a backup of " + of_backup +
                             ": everything is read, made and sent again. What persons have ordered since "
                             "then (queue hold, retract, release; hold also what was dropped) is not known "
                             "any more: give it again, before the gateway is started. Then start it, and "
                             "kakehashi status --acknowledge",
                         now);
  note_audit(database,
             {now, std::int64_t{::getuid()}, user_name(::getuid()), "restore", of_backup.str(), {}, 0});
}

}  // namespace

void distrust_state(Database& database, const Settings& settings, Instant made, Promises of_replaced,
                    Instant now) {
  const std::int64_t time = now.time_since_epoch().count();
  const std::string why = "the state was restored: the unit is made again from the storage, then sent again";
  Transaction transaction(database);
  // Before they are forgotten.
  begin_quiet_time(database, now, of_replaced == Promises::perhaps ? of_replaced : known_promises(database));
  distrust_rows(database, time, why);
  for (const DestinationSettings& destination : settings.destinations) {
    hold_delivered(database, destination, time, why);
  }
  database.execute(kForgetContents);
  note_perhaps_sent(database);
  database.prepare("UPDATE unit SET due = ?, marks = marks + 1").with(time).run();
  remember(database, kRestored, std::to_string(time));
  note_end_in_order(database);
  note_restore(database, made, now, settings.facility.zone);
  transaction.commit();
}

std::optional<Instant> restored_at(Database& database) {
  const auto text = recalled(database, kRestored);
  std::int64_t time = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), time).ec != std::errc()) {
    return std::nullopt;
  }
  return Instant(Milliseconds(time));
}

bool is_restore_unfinished(const Settings& settings) {
  std::error_code error;  // who may not look is told so where the state is opened
  return std::filesystem::exists(restored_file(settings), error);
}

std::optional<std::filesystem::path> finish_restore(const Settings& settings) {
  const auto status = status_of(restored_file(settings));
  if (!status) return std::nullopt;
  // By the time of what takes its place: after a kill the rest of the files get the name of those before.
  const Instant made{std::chrono::seconds(status->st_mtim.tv_sec)};
  const auto aside = move_aside(database_file(settings), made, Aside::replaced);
  rename_file(restored_file(settings), database_file(settings));
  return aside;
}

boost::system::result<RestoreReport, SettingsErrors> restore_state(const Settings& settings,
                                                                   const std::filesystem::path& file,
                                                                   Instant now) {
  ::umask(0077);
  SettingsErrors errors = check_owner(settings);
  if (!errors.empty()) return errors;
  const auto lock = StateDirectoryLock::acquire(settings.state_directory);
  if (!lock.has_value()) return lock.error();
  finish_restore(settings);  // an earlier one that was killed
  const Draft draft(settings);
  errors = copy_draft(settings, file);
  if (!errors.empty()) return errors;
  const auto backup = look_at_backup(draft_file(settings), file, settings);
  if (!backup.has_value()) return backup.error();
  RestoreReport report{*backup, 0, {}};
  {
    Database database(draft_file(settings), Database::Access::read_write);
    prepare_schema(database);
    Transaction transaction(database);
    report.other_years = settle_years(database, settings);
    distrust_state(database, settings, backup->made, promises_to_replaced(settings), now);
    transaction.commit();
    database.checkpoint();
  }
  // Its log was emptied with its last connection, and does not go with it.
  if (std::filesystem::exists(beside(settings, ".restoring-wal"))) {
    throw DatabaseError(0, "the restored state could not be written whole; the state is as it was");
  }
  sync_file(draft_file(settings));
  rename_file(draft_file(settings), restored_file(settings));
  report.aside = finish_restore(settings);
  return report;
}

}  // namespace gateway
