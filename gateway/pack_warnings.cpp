#include "gateway/pack_warnings.h"

namespace gateway {
namespace {

// Counted as they come and go: where a pack warns of a common item, too many units have one to count them.
constexpr const char* kTables = R"sql(
CREATE TABLE pack_warning (
    id          INTEGER PRIMARY KEY,
    destination INTEGER NOT NULL,
    rule        TEXT NOT NULL,
    units       INTEGER NOT NULL DEFAULT 0,  -- its rows of warned_unit
    UNIQUE (destination, rule)
) STRICT;

CREATE TABLE warned_unit (
    unit        INTEGER NOT NULL,
    destination INTEGER NOT NULL,
    warning     INTEGER NOT NULL,            -- pack_warning.id
    PRIMARY KEY (unit, destination, warning),
    FOREIGN KEY (unit, destination) REFERENCES outbox ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TRIGGER warned_unit_more AFTER INSERT ON warned_unit BEGIN
    UPDATE pack_warning SET units = units + 1 WHERE id = NEW.warning;
END;
CREATE TRIGGER warned_unit_less AFTER DELETE ON warned_unit BEGIN
    UPDATE pack_warning SET units = units - 1 WHERE id = OLD.warning;
END;
)sql";

std::int64_t warning_id(Database& database, DestinationNumber destination, const std::string& rule) {
  auto known = database.prepare("SELECT id FROM pack_warning WHERE destination = ? AND rule = ?");
  if (known.with(destination.value, rule).step()) return known.integer(0);
  database.prepare("INSERT INTO pack_warning (destination, rule) VALUES (?, ?)")
      .with(destination.value, rule)
      .run();
  return database.last_row_id();
}

}  // namespace

void add_pack_warnings(Database& database) {
  database.execute(kTables);
}

void put_pack_warnings(Database& database, OutboxKey row, const std::set<std::string>& rules) {
  database.prepare("DELETE FROM warned_unit WHERE unit = ? AND destination = ?")
      .with(row.unit.value, row.destination.value)
      .run();
  for (const std::string& rule : rules) {
    database.prepare("INSERT INTO warned_unit (unit, destination, warning) VALUES (?, ?, ?)")
        .with(row.unit.value, row.destination.value, warning_id(database, row.destination, rule))
        .run();
  }
}

std::map<std::string, std::int64_t> count_pack_warnings(Database& database, const std::string& destination) {
  std::map<std::string, std::int64_t> counts;
  auto select = database.prepare(
      "SELECT rule, units FROM pack_warning WHERE units > 0 AND destination = "
      "(SELECT number FROM destination WHERE id = ?)");
  select.with(destination);
  while (select.step()) counts[select.text(0)] = select.integer(1);
  return counts;
}

}  // namespace gateway
