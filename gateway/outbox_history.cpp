#include "gateway/outbox_history.h"

#include "gateway/stored_instant.h"
#include "ssmix2/check.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace gateway {
namespace {

constexpr const char* kTables = R"sql(
-- What happened to rows of outbox, the newest of each.
CREATE TABLE history (
    unit        INTEGER NOT NULL,
    destination INTEGER NOT NULL,
    number      INTEGER NOT NULL,      -- counts up for each row of outbox
    time        INTEGER NOT NULL,
    event       INTEGER NOT NULL,      -- HistoryEvent
    operation   INTEGER NOT NULL,      -- Operation
    hash        BLOB,                  -- the first bytes of that of the snapshot it concerns
    status      INTEGER NOT NULL,      -- HTTP; 0: none
    reason      TEXT,
    PRIMARY KEY (unit, destination, number),
    FOREIGN KEY (unit, destination) REFERENCES outbox ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
)sql";

constexpr std::array<std::string_view, 12> kNames{"superseded", "stopped",     "delivered", "promised",
                                                  "postponed",  "answer-lost", "refused",   "held-by-person",
                                                  "released",   "retried",     "dropped",   "retracted"};

HashStart hash_start_at(const Statement& select, int column) {
  const std::string bytes = select.text(column);
  HashStart start{};
  KAKEHASHI_CHECK(bytes.size() == start.size());
  std::transform(bytes.begin(), bytes.end(), start.begin(),
                 [](char byte) { return static_cast<unsigned char>(byte); });
  return start;
}

}  // namespace

std::optional<HashStart> start_of(const std::optional<Sha256>& hash) {
  if (!hash) return std::nullopt;
  HashStart start{};
  std::copy_n(hash->begin(), start.size(), start.begin());
  return start;
}

std::string_view name_of(HistoryEvent event) {
  return kNames[static_cast<std::size_t>(event)];
}

void add_outbox_history(Database& database) {
  database.execute(kTables);
}

void note_history(Database& database, OutboxKey row, const HistoryEntry& entry) {
  const auto reason = entry.reason.empty() ? std::nullopt : std::optional(entry.reason);
  database
      .prepare(
          "INSERT INTO history (unit, destination, number, time, event, operation, hash, status, reason) "
          "SELECT ?1, ?2, COALESCE(MAX(number), 0) + 1, ?3, ?4, ?5, ?6, ?7, ?8 FROM history "
          "WHERE unit = ?1 AND destination = ?2")
      .with(row.unit.value, row.destination.value, to_milliseconds(entry.time),
            static_cast<std::int64_t>(entry.event), static_cast<std::int64_t>(entry.operation), entry.hash,
            std::int64_t{entry.status}, reason)
      .run();
  database
      .prepare(
          "DELETE FROM history WHERE unit = ?1 AND destination = ?2 AND number <= "
          "(SELECT MAX(number) FROM history WHERE unit = ?1 AND destination = ?2) - ?3")
      .with(row.unit.value, row.destination.value, kHistoryKept)
      .run();
}

std::vector<HistoryEntry> history_of(Database& database, OutboxKey row) {
  auto select = database.prepare(
      "SELECT time, event, operation, hash, status, reason FROM history "
      "WHERE unit = ? AND destination = ? ORDER BY number");
  select.with(row.unit.value, row.destination.value);
  std::vector<HistoryEntry> entries;
  while (select.step()) {
    HistoryEntry entry;
    entry.time = to_instant(select.integer(0));
    const auto event = select.integer(1);
    KAKEHASHI_CHECK(event >= 0 && event < static_cast<std::int64_t>(kNames.size()));
    entry.event = static_cast<HistoryEvent>(event);
    entry.operation = static_cast<Operation>(select.integer(2));
    if (!select.is_null(3)) entry.hash = hash_start_at(select, 3);
    entry.status = static_cast<int>(select.integer(4));
    entry.reason = select.text(5);
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace gateway
