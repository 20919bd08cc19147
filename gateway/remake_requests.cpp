#include "gateway/remake_requests.h"

#include "gateway/stored_instant.h"

namespace gateway {
namespace {

constexpr const char* kTable = R"sql(
-- Units to make anew by a daemon that reads its configuration later than `since`.
CREATE TABLE remake_request (
    unit  INTEGER PRIMARY KEY,         -- 0: every unit
    since INTEGER NOT NULL
) STRICT;
)sql";

constexpr std::int64_t kEveryUnit = 0;  // in place of a unit's id

}  // namespace

void add_remake_requests(Database& database) {
  database.execute(kTable);
}

void request_remake(Database& database, const std::vector<CodeToDo>& codes, Instant now) {
  for (const CodeToDo& code : codes) {
    // By what it is and not by its row: a daemon that makes a unit again meanwhile gives it another one.
    database
        .prepare(
            "INSERT INTO remake_request (unit, since) SELECT wanted_code.unit, ?1 FROM missing_code "
            "JOIN wanted_code ON wanted_code.code = missing_code.id WHERE table_name = ?2 AND system = ?3 "
            "AND "
            "missing_code.code = ?4 AND is_code = ?5 ON CONFLICT (unit) DO UPDATE SET since = excluded.since")
        .with(to_milliseconds(now), code.table, code.system, code.code, std::int64_t{code.is_code})
        .run();
    if (!code.and_more) continue;
    database.prepare("INSERT OR REPLACE INTO remake_request (unit, since) VALUES (?, ?)")
        .with(kEveryUnit, to_milliseconds(now))
        .run();
  }
}

std::int64_t take_up_remake_requests(Database& database, Instant read_at, Instant now) {
  database
      .prepare(
          "INSERT OR IGNORE INTO remap (unit) SELECT id FROM unit WHERE "
          "id IN (SELECT unit FROM remake_request WHERE since < ?1 OR since > ?2) "
          "OR EXISTS (SELECT 1 FROM remake_request WHERE unit = ?3 AND (since < ?1 OR since > ?2))")
      .with(to_milliseconds(read_at), to_milliseconds(now), kEveryUnit)
      .run();
  const std::int64_t units = database.changes();
  database.prepare("DELETE FROM remake_request WHERE since < ?1 OR since > ?2")
      .with(to_milliseconds(read_at), to_milliseconds(now))
      .run();
  return units;
}

}  // namespace gateway
