#include "gateway/mapping_version.h"

#include "gateway/outbox_state.h"
#include "gateway/unit_builder.h"

namespace gateway {
namespace {

// made_with counts rows of outbox that have a snapshot: there are too many to look at each when a person
// asks.
constexpr const char* kTables = R"sql(
-- What snapshots were made with. 0 stands for what was made before versions were kept.
CREATE TABLE mapping_version (
    id          INTEGER PRIMARY KEY,
    fingerprint BLOB NOT NULL UNIQUE,  -- SHA-256 of rules
    first_used  INTEGER NOT NULL,
    rules       BLOB NOT NULL          -- the files, and what of the settings decides: to_bytes(EffectiveRules)
) STRICT;

CREATE TABLE made_with (
    destination INTEGER NOT NULL,
    mapping     INTEGER NOT NULL,
    kind        INTEGER NOT NULL,      -- of the units
    units       INTEGER NOT NULL,
    PRIMARY KEY (destination, mapping, kind)
) STRICT, WITHOUT ROWID;

-- Report units to be made again because a person asked for it, after everything that is due.
CREATE TABLE remap (
    unit INTEGER PRIMARY KEY REFERENCES unit (id)
) STRICT;

ALTER TABLE destination ADD COLUMN mapping INTEGER NOT NULL DEFAULT 0; -- what its snapshots are made with now
ALTER TABLE outbox ADD COLUMN mapping INTEGER NOT NULL DEFAULT 0;      -- what the newest snapshot was made with
ALTER TABLE delivery ADD COLUMN urgency INTEGER NOT NULL DEFAULT 0;    -- Urgency
DROP INDEX delivery_due;
CREATE INDEX delivery_due ON delivery (destination, urgency, next_attempt) WHERE next_attempt IS NOT NULL;

INSERT INTO made_with (destination, mapping, kind, units)
    SELECT outbox.destination, 0, unit.kind, COUNT(*) FROM outbox JOIN unit ON unit.id = outbox.unit
    WHERE outbox.content_hash IS NOT NULL GROUP BY outbox.destination, unit.kind;

CREATE TRIGGER made_with_insert AFTER INSERT ON outbox WHEN NEW.content_hash IS NOT NULL BEGIN
    INSERT INTO made_with (destination, mapping, kind, units)
        VALUES (NEW.destination, NEW.mapping, (SELECT kind FROM unit WHERE id = NEW.unit), 1)
        ON CONFLICT (destination, mapping, kind) DO UPDATE SET units = units + 1;
END;
CREATE TRIGGER made_with_delete AFTER DELETE ON outbox WHEN OLD.content_hash IS NOT NULL BEGIN
    UPDATE made_with SET units = units - 1 WHERE destination = OLD.destination AND mapping = OLD.mapping
        AND kind = (SELECT kind FROM unit WHERE id = OLD.unit);
END;
CREATE TRIGGER made_with_less AFTER UPDATE OF mapping, content_hash ON outbox
    WHEN OLD.content_hash IS NOT NULL AND (NEW.content_hash IS NULL OR NEW.mapping <> OLD.mapping) BEGIN
    UPDATE made_with SET units = units - 1 WHERE destination = OLD.destination AND mapping = OLD.mapping
        AND kind = (SELECT kind FROM unit WHERE id = OLD.unit);
END;
CREATE TRIGGER made_with_more AFTER UPDATE OF mapping, content_hash ON outbox
    WHEN NEW.content_hash IS NOT NULL AND (OLD.content_hash IS NULL OR NEW.mapping <> OLD.mapping) BEGIN
    INSERT INTO made_with (destination, mapping, kind, units)
        VALUES (NEW.destination, NEW.mapping, (SELECT kind FROM unit WHERE id = NEW.unit), 1)
        ON CONFLICT (destination, mapping, kind) DO UPDATE SET units = units + 1;
END;
)sql";

MappingVersionId keep_version(Database& database, const std::string& rules, Instant now) {
  const Sha256 fingerprint = fingerprint_of(rules);
  if (const auto known = find_version(database, fingerprint)) return *known;
  const std::span<const unsigned char> bytes(reinterpret_cast<const unsigned char*>(rules.data()),
                                             rules.size());
  database.prepare("INSERT INTO mapping_version (fingerprint, first_used, rules) VALUES (?, ?, ?)")
      .with(fingerprint, now.time_since_epoch().count(), bytes)
      .run();
  return {database.last_row_id()};
}

}  // namespace

void add_mapping_versions(Database& database) {
  database.execute(kTables);
}

void use_rules(Database& database, const Configuration& configuration, Instant now) {
  Transaction transaction(database);
  for (const DestinationSettings& destination : configuration.settings.destinations) {
    const auto version = keep_version(database, to_bytes(effective_rules(configuration, destination)), now);
    database
        .prepare(
            "INSERT INTO destination (id, mapping) VALUES (?1, ?2) "
            "ON CONFLICT (id) DO UPDATE SET mapping = excluded.mapping")
        .with(destination.id, version.value)
        .run();
  }
  database.execute("DELETE FROM made_with WHERE units = 0");
  database.execute(
      "DELETE FROM mapping_version WHERE id NOT IN (SELECT mapping FROM made_with) "
      "AND id NOT IN (SELECT mapping FROM destination)");
  transaction.commit();
}

MappingVersionId rules_in_use(Database& database, const std::string& destination) {
  auto select = database.prepare("SELECT mapping FROM destination WHERE id = ?");
  return select.with(destination).step() ? MappingVersionId{select.integer(0)} : kNoMappingVersion;
}

std::optional<MappingVersionId> find_version(Database& database, const Sha256& fingerprint) {
  auto select = database.prepare("SELECT id FROM mapping_version WHERE fingerprint = ?");
  if (!select.with(fingerprint).step()) return std::nullopt;
  return MappingVersionId{select.integer(0)};
}

std::optional<EffectiveRules> kept_rules(Database& database, MappingVersionId version) {
  auto select = database.prepare("SELECT rules FROM mapping_version WHERE id = ?");
  if (!select.with(version.value).step()) return std::nullopt;
  return rules_of(select.text(0));
}

std::int64_t count_made_with_older_rules(Database& database, const DestinationSettings& destination,
                                         MappingVersionId current) {
  std::int64_t count = 0;
  for (const auto& kind : fhir_mapper::unit_kinds()) {
    if (!takes(destination, kind.kind)) continue;
    const auto number = static_cast<std::int64_t>(kind.kind);
    auto all = database.prepare(
        "SELECT SUM(units) FROM made_with WHERE kind = ? AND mapping <> ? AND destination = "
        "(SELECT number FROM destination WHERE id = ?)");
    const bool some = all.with(number, current.value, destination.id).step() && all.integer(0) > 0;
    if (!some) continue;
    count += all.integer(0);
    auto held = database.prepare(
        "SELECT COUNT(*) FROM delivery CROSS JOIN outbox USING (unit, destination) "
        "CROSS JOIN unit ON unit.id = outbox.unit WHERE delivery.state = ? AND outbox.content_hash IS NOT "
        "NULL AND unit.kind = ? AND outbox.mapping <> ? AND destination = "
        "(SELECT number FROM destination WHERE id = ?)");
    held.with(number_of(OutboxState::held), number, current.value, destination.id);
    if (held.step()) count -= held.integer(0);
  }
  return count;
}

}  // namespace gateway
