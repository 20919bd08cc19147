#include "gateway/schema.h"

#include "gateway/audit.h"
#include "gateway/digest.h"
#include "gateway/mapping_version.h"
#include "gateway/missing_codes.h"
#include "gateway/outbox_history.h"
#include "gateway/pack_warnings.h"
#include "gateway/remake_requests.h"
#include "gateway/returned_destination.h"
#include "gateway/timeliness.h"
#include "gateway/unit_years.h"
#include "gateway/waiting_bodies.h"

#include <set>

namespace gateway {
namespace {

constexpr std::int64_t kFirstReleased = 2;
constexpr std::int64_t kVersion = 7;

// Values and FHIR are TEXT in STRICT tables: a NUMERIC column would turn 7.0 into 7. Times are milliseconds
// since 1970.
// These are the tables of kFirstReleased: a new database begins with them and takes the same steps as one
// that is brought up to date.
constexpr const char* kTables = R"sql(
CREATE TABLE binding (
    name  TEXT PRIMARY KEY,            -- 'institution-number', 'destination <id>', 'salt'
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The folders of the storages as they were listed last. A root's parent is 0, its name the storage's id.
CREATE TABLE folder (
    id       INTEGER PRIMARY KEY,
    parent   INTEGER NOT NULL,
    name     TEXT NOT NULL,
    mtime_ns INTEGER NOT NULL DEFAULT -1, -- when it was listed; 0: list it whatever its time is; -1: never listed
    state    INTEGER NOT NULL DEFAULT 0,  -- KnownFolder::State
    UNIQUE (parent, name)
) STRICT;
-- SQLite takes this index, and document_open, only for queries that say `state <> 0` themselves.
CREATE INDEX folder_away ON folder (state) WHERE state <> 0;

-- Every file ever seen in a kind folder that is mapped, and every name that was not understood.
CREATE TABLE document (
    folder   INTEGER NOT NULL,
    name     TEXT NOT NULL,            -- what its folder does not say: "ORDER_TIME_DEPARTMENT_FLAG"; else "/NAME"
    flag     INTEGER NOT NULL,         -- of the name; 3: it was not understood
    state    INTEGER NOT NULL,         -- DocumentState
    was_live INTEGER NOT NULL,         -- flag 0 that was known as an accepted flag 1 before
    size     INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    since    INTEGER NOT NULL,         -- accepted; of the others first seen
    PRIMARY KEY (folder, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX document_open ON document (state, folder, name) WHERE state <> 0;
CREATE INDEX document_deleted ON document (since) WHERE was_live = 1;

-- Why documents failed or vanished.
CREATE TABLE refusal (
    folder      INTEGER NOT NULL,
    name        TEXT NOT NULL,
    failure     TEXT NOT NULL,         -- id of the reason
    explanation TEXT NOT NULL,         -- the whole sentence
    PRIMARY KEY (folder, name)
) STRICT, WITHOUT ROWID;

-- Folders with documents that were accepted lately: writers pause, so sizes and times are looked at again.
CREATE TABLE relook (
    due    INTEGER NOT NULL,
    folder INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    PRIMARY KEY (due, folder)
) STRICT, WITHOUT ROWID;

CREATE TABLE tally (
    storage TEXT NOT NULL,
    name    TEXT NOT NULL,
    count   INTEGER NOT NULL,
    PRIMARY KEY (storage, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE alarm (
    storage     TEXT NOT NULL,         -- '': all
    kind        TEXT NOT NULL,
    since       INTEGER NOT NULL,
    explanation TEXT NOT NULL,
    PRIMARY KEY (storage, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE patient (
    id        INTEGER PRIMARY KEY,
    number    TEXT NOT NULL UNIQUE,
    canonical TEXT NOT NULL,           -- without leading zeros
    identity  BLOB                     -- SHA-256 of the accepted ADT-00's demographics; NULL: none yet
) STRICT;
CREATE INDEX patient_canonical ON patient (canonical);

CREATE TABLE patient_folder (
    folder  INTEGER PRIMARY KEY,
    storage TEXT NOT NULL,
    path    TEXT NOT NULL,
    patient INTEGER NOT NULL REFERENCES patient (id),
    touched INTEGER NOT NULL DEFAULT 0  -- when something new was seen in it
) STRICT;
CREATE INDEX patient_folder_patient ON patient_folder (patient);

CREATE TABLE unit (
    id       INTEGER PRIMARY KEY,
    patient  INTEGER NOT NULL REFERENCES patient (id),
    kind     INTEGER NOT NULL,
    date     TEXT NOT NULL,
    order_no TEXT NOT NULL,
    year     INTEGER,                  -- of its Bundle-ID: given with the first committed snapshot, kept for ever
    due      INTEGER,                  -- look at it then; NULL: nothing to do
    marks    INTEGER NOT NULL DEFAULT 0,  -- counts how often it was marked due: a mark during a build is not lost
    UNIQUE (patient, kind, date, order_no)
) STRICT;
CREATE INDEX unit_due ON unit (due) WHERE due IS NOT NULL;

CREATE TABLE destination (
    number       INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    units        INTEGER NOT NULL DEFAULT 0,  -- its rows of outbox: there are too many to count them
    paused_since INTEGER,
    explanation  TEXT
) STRICT;

-- What each destination should have; without a row in delivery: what it has. Nearly every document makes such a
-- row, and it stays: what is needed only until it is delivered stands in delivery, so that a row keeps its size
-- and its page stays full.
CREATE TABLE outbox (
    unit          INTEGER NOT NULL REFERENCES unit (id),
    destination   INTEGER NOT NULL REFERENCES destination (number),
    operation     INTEGER NOT NULL,    -- Operation: 0 register, 1 delete
    content_hash  BLOB,                -- of the newest snapshot; NULL: a delete, or held before its first
    person        INTEGER,             -- PersonMark of the newest snapshot
    transmissions INTEGER NOT NULL,
    superseded    INTEGER NOT NULL,
    changed       INTEGER NOT NULL,    -- of a delivered row: when it was
    PRIMARY KEY (unit, destination)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER outbox_more AFTER INSERT ON outbox BEGIN
    UPDATE destination SET units = units + 1 WHERE number = NEW.destination;
END;
CREATE TRIGGER outbox_less AFTER DELETE ON outbox BEGIN
    UPDATE destination SET units = units - 1 WHERE number = OLD.destination;
END;

-- The rows of outbox that are not delivered.
CREATE TABLE delivery (
    unit            INTEGER NOT NULL,
    destination     INTEGER NOT NULL,
    state           INTEGER NOT NULL,  -- OutboxState
    snapshot_time   INTEGER NOT NULL,
    next_attempt    INTEGER,           -- NULL: none by itself
    attempts        INTEGER NOT NULL,
    accepted_hash   BLOB,              -- what the destination told us it has: NULL while a sending is unanswered
    accepted_person INTEGER,           -- of what it has or may have
    -- the last sending, written before the first byte leaves
    in_flight       INTEGER NOT NULL,
    sent_at         INTEGER NOT NULL,
    sent_operation  INTEGER NOT NULL,
    sent_hash       BLOB,
    sent_person     INTEGER,
    result_location TEXT,              -- a result is awaited, also while the row is held
    reason          TEXT,
    explanation     TEXT,
    answer          TEXT,              -- OperationOutcome of a rejection; may hold patient data
    PRIMARY KEY (unit, destination),
    FOREIGN KEY (unit, destination) REFERENCES outbox ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_due ON delivery (destination, next_attempt) WHERE next_attempt IS NOT NULL;

-- The newest snapshot itself, whose times and URLs are still open.
CREATE TABLE body (
    unit        INTEGER NOT NULL,
    destination INTEGER NOT NULL,
    template    TEXT NOT NULL,
    PRIMARY KEY (unit, destination),
    FOREIGN KEY (unit, destination) REFERENCES outbox ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
)sql";

std::optional<std::string> binding(Database& database, const std::string& name) {
  auto select = database.prepare("SELECT value FROM binding WHERE name = ?");
  if (!select.with(std::string_view(name)).step()) return std::nullopt;
  return select.text(0);
}

void bind_value(Database& database, const std::string& name, const std::string& value) {
  database.prepare("INSERT INTO binding (name, value) VALUES (?, ?)")
      .with(std::string_view(name), std::string_view(value))
      .run();
}

/// True when the destination takes other types than at the last start.
bool bind_types(Database& database, const DestinationSettings& destination) {
  std::string types;
  for (const std::string& type : destination.types) types.append(type).append(" ");
  return !remember(database, "types " + destination.id, types);
}

/// Nothing is made for a destination that is not in the settings, so that what changes meanwhile is due once
/// it comes back: its types are new again then. Where it delivered to stays bound.
void forget_types_of_absent(Database& database, const Settings& settings) {
  std::set<std::string> absent;
  {
    auto select = database.prepare("SELECT name FROM binding WHERE name >= 'types ' AND name < 'types!'");
    while (select.step()) absent.insert(select.text(0));
  }
  for (const DestinationSettings& destination : settings.destinations)
    absent.erase("types " + destination.id);
  for (const std::string& name : absent) {
    database.prepare("DELETE FROM binding WHERE name = ?").with(std::string_view(name)).run();
  }
}

/// What version 3 adds to 2.
void bring_to_3(Database& database) {
  add_missing_codes(database);
  add_remake_requests(database);
  add_mapping_versions(database);
}

/// What version 5 adds to 4.
void bring_to_5(Database& database) {
  add_late_requests_and_orders(database);
  add_outbox_history(database);
  add_audit(database);
  add_unit_years(database);
  add_waiting_bodies(database);
}

/// What version 7 adds to 6.
void bring_to_7(Database& database) {
  count_waiting_bodies_by_destination(database);
  add_result_patience(database);
}

}  // namespace

std::filesystem::path database_file(const Settings& settings) {
  return settings.state_directory / "kakehashi.db";
}

std::int64_t schema_version(Database& database) {
  auto select = database.prepare("PRAGMA user_version");
  const std::int64_t version = select.step() ? select.integer(0) : 0;
  if (version > kVersion) {
    throw DatabaseError(0, "the state database was written by a newer version of kakehashi (schema " +
                               std::to_string(version) + ", this one knows " + std::to_string(kVersion) +
                               "): install that version again, or restore a backup from before it");
  }
  if (version > 0 && version < kFirstReleased) {
    throw DatabaseError(
        0, "the state database was written by a version of kakehashi before its release (schema " +
               std::to_string(version) + ", this one needs " + std::to_string(kFirstReleased) +
               "): name another state directory, or move the files of this one away; everything is "
               "then read and sent anew");
  }
  return version;
}

void check_schema(Database& database) {
  const std::int64_t version = schema_version(database);
  if (version == kVersion) return;
  if (version == 0) throw DatabaseError(0, "the state is being made just now: ask again in a moment");
  throw DatabaseError(0, "the state database is that of an earlier version of kakehashi (schema " +
                             std::to_string(version) + ", this one needs " + std::to_string(kVersion) +
                             "): restart the gateway, which brings it up to date");
}

void prepare_schema(Database& database) {
  const std::int64_t version = schema_version(database);
  if (version == kVersion) return;
  Transaction transaction(database);
  if (version == 0) {
    database.execute(kTables);
    bind_value(database, "salt", random_hex(16));
  }
  if (version < 3) bring_to_3(database);
  if (version < 4) add_pack_warnings(database);
  if (version < 5) bring_to_5(database);
  if (version < 6) add_timeliness(database);
  if (version < 7) bring_to_7(database);
  database.execute("PRAGMA user_version = " + std::to_string(kVersion));
  transaction.commit();
}

namespace {

/// Names and values that a state is bound to.
std::vector<std::pair<std::string, std::string>> bindings_of(const Settings& settings) {
  std::vector<std::pair<std::string, std::string>> bindings{
      {"institution-number", settings.facility.institution_number}};
  for (const DestinationSettings& destination : settings.destinations) {
    bindings.emplace_back("destination " + destination.id, destination.url.text);
  }
  return bindings;
}

}  // namespace

SettingsErrors find_other_bindings(Database& database, const Settings& settings) {
  SettingsErrors errors;
  for (const auto& [name, value] : bindings_of(settings)) {
    const auto bound = binding(database, name);
    if (!bound || *bound == value) continue;
    errors.push_back(
        {settings.file.string(),
         "the state directory " + settings.state_directory.string() + " belongs to " + name + " \"" + *bound +
             "\", the settings say \"" + value +
             "\": what was delivered there does not count here. Give the destination a new id, or name "
             "another state directory"});
  }
  return errors;
}

boost::system::result<void, SettingsErrors> bind_state(Database& database, const Settings& settings) {
  bool grown = false;
  Transaction transaction(database);
  const SettingsErrors errors = find_other_bindings(database, settings);
  if (!errors.empty()) return errors;
  for (const auto& [name, value] : bindings_of(settings)) {
    if (binding(database, name)) continue;
    bind_value(database, name, value);
    grown = true;
  }
  forget_types_of_absent(database, settings);
  for (const DestinationSettings& destination : settings.destinations) {
    if (!binding(database, "types " + destination.id)) {
      hold_until_made_again(database, destination, now());
    }
    grown = bind_types(database, destination) || grown;
  }
  // What is known already is made for a new destination, too, for one that was away, and for a type that one
  // takes from now on.
  if (grown) {
    database.prepare("UPDATE unit SET due = ?, marks = marks + 1")
        .with(now().time_since_epoch().count())
        .run();
  }
  transaction.commit();
  return {};
}

std::string institution_number(Database& database) {
  return binding(database, "institution-number").value();
}

std::optional<std::string> recalled(Database& database, const std::string& name) {
  return binding(database, name);
}

bool remember(Database& database, const std::string& name, const std::string& value) {
  if (binding(database, name) == value) return true;
  database
      .prepare(
          "INSERT INTO binding (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2")
      .with(std::string_view(name), std::string_view(value))
      .run();
  return false;
}

std::string label_salt(Database& database) {
  return binding(database, "salt").value();
}

}  // namespace gateway
