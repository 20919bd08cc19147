#include "gateway/schema.h"

#include "gateway/digest.h"

namespace gateway {
namespace {

constexpr std::int64_t kVersion = 1;

// Values and FHIR are TEXT in STRICT tables: a NUMERIC column would turn 7.0 into 7. Times are milliseconds
// since 1970.
constexpr const char* kTables = R"sql(
CREATE TABLE binding (
    name  TEXT PRIMARY KEY,            -- 'institution-number', 'destination <id>', 'salt'
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Every file ever seen in a kind folder that is mapped, and every name that could not be read.
CREATE TABLE document (
    id          INTEGER PRIMARY KEY,
    root        TEXT NOT NULL,         -- storage id
    folder      TEXT NOT NULL,         -- kind folder below the root
    name        TEXT NOT NULL,
    patient     TEXT NOT NULL,         -- '' when the path was not understood, as the next five
    canonical   TEXT NOT NULL,         -- patient without leading zeros
    date        TEXT NOT NULL,
    type        TEXT NOT NULL,
    order_no    TEXT NOT NULL,
    occurred_at TEXT NOT NULL,
    department  TEXT NOT NULL,
    flag        INTEGER NOT NULL,
    was_live    INTEGER NOT NULL DEFAULT 0,  -- flag 0 that we knew as an accepted flag 1 before
    size        INTEGER NOT NULL,
    mtime_ns    INTEGER NOT NULL,
    inode       INTEGER NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('settling', 'accepted', 'failed', 'vanished')),
    failure     TEXT NOT NULL DEFAULT '',    -- id of the reason
    explanation TEXT NOT NULL DEFAULT '',    -- the whole sentence
    first_seen  INTEGER NOT NULL,
    changed     INTEGER NOT NULL,
    UNIQUE (root, folder, name)
) STRICT;
CREATE INDEX document_patient ON document (patient, type);
CREATE INDEX document_canonical ON document (canonical, patient);
CREATE INDEX document_problem ON document (state) WHERE state <> 'accepted';
CREATE INDEX document_deleted ON document (first_seen) WHERE flag = 0 AND was_live = 1;

-- What a change of demographics is measured against.
CREATE TABLE patient (
    patient  TEXT PRIMARY KEY,
    identity TEXT NOT NULL             -- hash of name, birth date, gender and insurance of the accepted ADT-00
) STRICT, WITHOUT ROWID;

CREATE TABLE unit (
    key       TEXT PRIMARY KEY,        -- ReportUnit::key()
    kind      INTEGER NOT NULL,
    patient   TEXT NOT NULL,
    date      TEXT NOT NULL,
    order_no  TEXT NOT NULL,
    bundle_id TEXT,                    -- given with the first committed snapshot, kept for ever
    due       INTEGER,                 -- look at it then; NULL: nothing to do
    marks     INTEGER NOT NULL DEFAULT 0  -- counts how often it was marked due: a mark during a build is not lost
) STRICT, WITHOUT ROWID;
CREATE INDEX unit_due ON unit (due) WHERE due IS NOT NULL;
CREATE INDEX unit_patient ON unit (patient);

CREATE TABLE outbox (
    id                  INTEGER PRIMARY KEY,
    destination         TEXT NOT NULL,
    unit                TEXT NOT NULL REFERENCES unit (key),
    bundle_id           TEXT NOT NULL,
    operation           TEXT NOT NULL CHECK (operation IN ('register', 'delete')),
    state               TEXT NOT NULL CHECK (state IN ('pending', 'in-result', 'unknown', 'held', 'rejected', 'delivered')),
    -- the newest snapshot; empty while a unit was held before its first one
    content_hash        TEXT NOT NULL DEFAULT '',
    template            TEXT NOT NULL DEFAULT '',
    snapshot_time       INTEGER NOT NULL DEFAULT 0,
    insured_identifier  TEXT NOT NULL DEFAULT '',
    superseded          INTEGER NOT NULL DEFAULT 0,
    -- the last sending, written before the first byte leaves
    in_flight           INTEGER NOT NULL DEFAULT 0,
    transmissions       INTEGER NOT NULL DEFAULT 0,
    sent_at             INTEGER NOT NULL DEFAULT 0,
    sent_operation      TEXT NOT NULL DEFAULT '',
    sent_hash           TEXT NOT NULL DEFAULT '',
    sent_identifier     TEXT NOT NULL DEFAULT '',
    result_location     TEXT NOT NULL DEFAULT '',  -- not empty: a result is awaited, also while the row is held
    -- what the destination has: only what it told us, so empty while a sending is unanswered
    accepted_hash       TEXT NOT NULL DEFAULT '',
    accepted_identifier TEXT NOT NULL DEFAULT '',  -- of what it has or may have
    accepted_at         INTEGER,
    attempts            INTEGER NOT NULL DEFAULT 0,
    next_attempt        INTEGER NOT NULL DEFAULT 0,
    reason              TEXT NOT NULL DEFAULT '',
    explanation         TEXT NOT NULL DEFAULT '',
    answer              TEXT NOT NULL DEFAULT '',  -- OperationOutcome of a rejection; may hold patient data
    first_time          INTEGER NOT NULL,
    last_time           INTEGER NOT NULL,
    UNIQUE (destination, unit)
) STRICT;
CREATE INDEX outbox_due ON outbox (destination, next_attempt) WHERE state IN ('pending', 'in-result', 'unknown');
CREATE INDEX outbox_state ON outbox (state);
CREATE INDEX outbox_unit ON outbox (unit);

CREATE TABLE destination (
    id           TEXT PRIMARY KEY,
    paused_since INTEGER,
    explanation  TEXT NOT NULL DEFAULT ''
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
  const std::string name = "types " + destination.id;
  if (binding(database, name) == types) return false;
  database
      .prepare(
          "INSERT INTO binding (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2")
      .with(std::string_view(name), std::string_view(types))
      .run();
  return true;
}

}  // namespace

std::filesystem::path database_file(const Settings& settings) {
  return settings.state_directory / "kakehashi.db";
}

void prepare_schema(Database& database) {
  std::int64_t version = 0;
  {
    auto select = database.prepare("PRAGMA user_version");
    if (select.step()) version = select.integer(0);
  }
  if (version == kVersion) return;
  if (version > kVersion) {
    throw DatabaseError(0, "the state database was written by a newer version of kakehashi (schema " +
                               std::to_string(version) + ", this one knows " + std::to_string(kVersion) +
                               "): install that version again, or name another state directory");
  }
  Transaction transaction(database);
  database.execute(kTables);
  bind_value(database, "salt", random_hex(16));
  database.execute("PRAGMA user_version = " + std::to_string(kVersion));
  transaction.commit();
}

boost::system::result<void, SettingsErrors> bind_state(Database& database, const Settings& settings) {
  std::vector<std::pair<std::string, std::string>> bindings{
      {"institution-number", settings.facility.institution_number}};
  for (const DestinationSettings& destination : settings.destinations) {
    bindings.emplace_back("destination " + destination.id, destination.url.text);
  }
  SettingsErrors errors;
  bool grown = false;
  Transaction transaction(database);
  for (const auto& [name, value] : bindings) {
    const auto bound = binding(database, name);
    if (!bound) {
      bind_value(database, name, value);
      grown = true;
    } else if (*bound != value) {
      errors.push_back(
          {settings.file.string(),
           "the state directory " + settings.state_directory.string() + " belongs to " + name + " \"" +
               *bound + "\", the settings say \"" + value +
               "\": what was delivered there does not count here. Give the destination a new id, or name "
               "another state directory"});
    }
  }
  if (!errors.empty()) return errors;
  for (const DestinationSettings& destination : settings.destinations) {
    grown = bind_types(database, destination) || grown;
  }
  // What is known already is made for a new destination, too, and for a type that one takes from now on.
  if (grown) {
    database.prepare("UPDATE unit SET due = ?, marks = marks + 1")
        .with(now().time_since_epoch().count())
        .run();
  }
  transaction.commit();
  return {};
}

std::string label_salt(Database& database) {
  return binding(database, "salt").value();
}

}  // namespace gateway
