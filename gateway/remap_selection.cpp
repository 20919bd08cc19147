#include "gateway/remap_selection.h"

#include "gateway/outbox_state.h"
#include "gateway/unit_builder.h"

#include <charconv>
#include <thread>

namespace gateway {
namespace {

// The gateway beside us waits five seconds for its turn and then gives up: each turn of ours is a few
// milliseconds, and between two of them there is time for one of its own.
constexpr int kRowsAtOnce = 5'000;
constexpr Milliseconds kBetweenTurns{50};

constexpr const char* kSelect =
    "SELECT outbox.unit, outbox.destination, outbox.mapping FROM outbox JOIN unit ON unit.id = outbox.unit "
    "WHERE outbox.unit > ?1 AND outbox.destination = (SELECT number FROM destination WHERE id = ?2) "
    "AND outbox.content_hash IS NOT NULL AND (?3 IS NULL OR outbox.mapping <> ?3) "
    "AND (?4 >> unit.kind) & 1 AND outbox.changed >= ?5 "
    "AND (?6 IS NULL OR unit.patient IN (SELECT id FROM patient WHERE canonical = ?6)) "
    "AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.unit = outbox.unit "
    "AND delivery.destination = outbox.destination AND delivery.state = ?7) "
    "ORDER BY outbox.unit LIMIT ?8";

/// Nothing for what is no whole number of that many digits.
std::optional<unsigned> parse_digits(std::string_view text, std::size_t digits) {
  unsigned number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
  return whole && text.size() == digits ? std::optional(number) : std::nullopt;
}

}  // namespace

std::optional<Instant> first_instant_of(std::string_view date, const TimeZone& zone) {
  using namespace std::chrono;
  if (date.size() != 10 || date[4] != '-' || date[7] != '-') return std::nullopt;
  const auto y = parse_digits(date.substr(0, 4), 4);
  const auto m = parse_digits(date.substr(5, 2), 2);
  const auto d = parse_digits(date.substr(8, 2), 2);
  if (!y || !m || !d) return std::nullopt;
  const year_month_day day{year(static_cast<int>(*y)), month(*m), std::chrono::day(*d)};
  if (!day.ok()) return std::nullopt;
  return sys_days(day) - zone.offset();
}

RemapSelection::RemapSelection(Database& database, const Configuration& configuration,
                               const DestinationSettings& destination, const RemapFilter& filter)
    : database_(database), destination_(destination), filter_(filter) {
  for (const auto& kind : fhir_mapper::unit_kinds()) {
    const bool asked = filter.kinds.empty() || filter.kinds.contains(kind.kind);
    if (asked && takes(destination, kind.kind)) kinds_ |= std::int64_t{1} << static_cast<int>(kind.kind);
  }
  if (filter.all) return;
  const auto fingerprint = fingerprint_of(to_bytes(effective_rules(configuration, destination)));
  // Rules that nothing was made with yet: then everything is older.
  current_ = find_version(database, fingerprint).value_or(MappingVersionId{-1});
}

std::vector<RemapRow> RemapSelection::next(int limit) {
  const auto current = current_ ? std::optional(current_->value) : std::nullopt;
  const auto patient = filter_.patient ? std::optional(filter_.patient->canonical()) : std::nullopt;
  const std::int64_t since = filter_.since ? filter_.since->time_since_epoch().count() : 0;
  auto select = database_.prepare(kSelect);
  select.with(last_.value, destination_.id, current, kinds_, since, patient, number_of(OutboxState::held),
              std::int64_t{limit});
  std::vector<RemapRow> rows;
  while (select.step()) rows.push_back({{{select.integer(0)}, {select.integer(1)}}, {select.integer(2)}});
  if (!rows.empty()) last_ = rows.back().key.unit;
  return rows;
}

std::int64_t mark_for_remap(Database& database, const Configuration& configuration,
                            const RemapFilter& filter) {
  std::set<UnitId> marked;  // by several destinations, perhaps
  for (const DestinationSettings& destination : configuration.settings.destinations) {
    RemapSelection selection(database, configuration, destination, filter);
    for (auto rows = selection.next(kRowsAtOnce); !rows.empty(); rows = selection.next(kRowsAtOnce)) {
      Transaction transaction(database);
      for (const RemapRow& row : rows) {
        database.prepare("INSERT OR IGNORE INTO remap (unit) VALUES (?)").with(row.key.unit.value).run();
        marked.insert(row.key.unit);
      }
      transaction.commit();
      std::this_thread::sleep_for(kBetweenTurns);
    }
  }
  return static_cast<std::int64_t>(marked.size());
}

}  // namespace gateway
