#include "gateway/audit.h"

namespace gateway {
namespace {

constexpr const char* kTables = R"sql(
-- What persons changed by hand.
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY,
    time    INTEGER NOT NULL,
    uid     INTEGER NOT NULL,
    user    TEXT NOT NULL,
    command TEXT NOT NULL,
    target  TEXT NOT NULL,             -- may hold a patient number
    why     TEXT NOT NULL,
    rows    INTEGER NOT NULL           -- that were changed
) STRICT;
)sql";

std::vector<AuditEntry> read(Statement& select) {
  std::vector<AuditEntry> entries;
  while (select.step()) {
    entries.push_back({Instant(Milliseconds(select.integer(0))), select.integer(1), select.text(2),
                       select.text(3), select.text(4), select.text(5), select.integer(6)});
  }
  return entries;
}

}  // namespace

void add_audit(Database& database) {
  database.execute(kTables);
}

void note_audit(Database& database, const AuditEntry& entry) {
  database
      .prepare("INSERT INTO audit (time, uid, user, command, target, why, rows) VALUES (?, ?, ?, ?, ?, ?, ?)")
      .with(entry.time.time_since_epoch().count(), entry.uid, entry.user, entry.command, entry.target,
            entry.why, entry.rows)
      .run();
}

std::vector<AuditEntry> last_audits(Database& database, int limit) {
  auto select = database.prepare(
      "SELECT time, uid, user, command, target, why, rows FROM audit ORDER BY id DESC LIMIT ?");
  return read(select.with(std::int64_t{limit}));
}

std::vector<AuditEntry> audits_about(Database& database, const std::set<Instant>& times,
                                     std::string_view name) {
  std::string json = "[";
  for (const Instant time : times) {
    json.append(json.size() > 1 ? "," : "").append(std::to_string(time.time_since_epoch().count()));
  }
  auto select = database.prepare(
      "SELECT time, uid, user, command, target, why, rows FROM audit "
      "WHERE time IN (SELECT value FROM json_each(?1)) OR (?2 <> '' AND instr(target, ?2) > 0) ORDER BY id");
  return read(select.with(std::string_view(json.append("]")), name));
}

}  // namespace gateway
