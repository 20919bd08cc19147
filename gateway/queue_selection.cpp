#include "gateway/queue_selection.h"

#include "gateway/json_member.h"
#include "gateway/unit_names.h"

#include <algorithm>
#include <array>
#include <set>

namespace gateway {
namespace {

// Where to begin: with the rows of a few units, with those that are not delivered, or with all of them. The
// words CROSS JOIN keep SQLite from another order.
constexpr const char* kOfUnits =
    "json_each(?6) AS asked CROSS JOIN outbox ON outbox.unit = asked.value "
    "LEFT JOIN delivery ON delivery.unit = outbox.unit AND delivery.destination = outbox.destination ";
constexpr const char* kUndelivered =
    "delivery CROSS JOIN outbox ON outbox.unit = delivery.unit AND outbox.destination = "
    "delivery.destination ";
constexpr const char* kAll =
    "outbox LEFT JOIN delivery ON delivery.unit = outbox.unit AND delivery.destination = outbox.destination ";

constexpr const char* kConditions =
    "JOIN unit ON unit.id = outbox.unit "
    "WHERE COALESCE(delivery.state, 5) IN (SELECT value FROM json_each(?1)) "
    "AND (?2 IS NULL OR outbox.destination IN (SELECT number FROM destination WHERE id IN "
    "(SELECT value FROM json_each(?2)))) "
    "AND (?3 >> unit.kind) & 1 "
    "AND (?4 IS NULL OR delivery.reason IN (SELECT value FROM json_each(?4))) "
    "AND (?5 IS NULL OR ";
static_assert(static_cast<int>(OutboxState::delivered) == 5);

std::string json_array(const std::set<std::string>& texts) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartArray();
  for (const std::string& text : texts) write_text(writer, text);
  writer.EndArray();
  return {buffer.GetString(), buffer.GetSize()};
}

template <typename Numbers>
std::string json_numbers(const Numbers& numbers) {
  std::string json = "[";
  for (const std::int64_t number : numbers)
    json.append(json.size() > 1 ? "," : "").append(std::to_string(number));
  return json.append("]");
}

std::optional<std::string> unless_none(const std::set<std::string>& texts) {
  return texts.empty() ? std::nullopt : std::optional(json_array(texts));
}

std::string states_of(const QueueFilter& filter) {
  std::vector<std::int64_t> numbers;
  for (std::int64_t number = 0; number <= number_of(OutboxState::delivered); ++number) {
    if (filter.means(outbox_state_of(number))) numbers.push_back(number);
  }
  return json_numbers(numbers);
}

std::int64_t kinds_of(const QueueFilter& filter) {
  std::int64_t bits = 0;
  for (const fhir_mapper::UnitKind kind : filter.kinds) bits |= std::int64_t{1} << static_cast<int>(kind);
  return filter.kinds.empty() ? ~std::int64_t{0} : bits;
}

std::set<std::int64_t> units_of_patient(Database& database, const ssmix2::PatientId& patient) {
  auto select =
      database.prepare("SELECT id FROM unit WHERE patient IN (SELECT id FROM patient WHERE canonical = ?)");
  select.with(std::string_view(patient.canonical()));
  std::set<std::int64_t> units;
  while (select.step()) units.insert(select.integer(0));
  return units;
}

/// Nothing: the filter names none. Of those it names, what there is not goes to `unknown`.
std::optional<std::set<std::int64_t>> units_of(Database& database, const QueueFilter& filter,
                                               std::vector<std::string>& unknown) {
  std::optional<std::set<std::int64_t>> units;
  if (filter.patient) units = units_of_patient(database, *filter.patient);
  if (filter.units.empty()) return units;
  const std::set<std::string> names(filter.units.begin(), filter.units.end());
  const auto found = find_units(database, names);
  std::set<std::int64_t> named;
  for (const std::string& name : names) {
    const auto unit = found.find(name);
    if (unit == found.end()) {
      unknown.push_back(name);
    } else if (!units || units->contains(unit->second.value)) {
      named.insert(unit->second.value);
    }
  }
  return named;
}

}  // namespace

QueueSelection select_rows(Database& database, const QueueFilter& filter, Instant now) {
  QueueSelection selection;
  const auto units = units_of(database, filter, selection.unknown);
  const char* from = units ? kOfUnits : filter.means(OutboxState::delivered) ? kAll : kUndelivered;
  auto select =
      database.prepare(std::string("SELECT outbox.unit, outbox.destination FROM ") + from + kConditions +
                       kSinceColumn + " <= ?5) ORDER BY outbox.unit, outbox.destination");
  select.bind(1, std::string_view(states_of(filter)))
      .bind(2, unless_none(filter.destinations))
      .bind(3, kinds_of(filter))
      .bind(4, unless_none(filter.reasons));
  if (filter.older_than) select.bind(5, (now - *filter.older_than).time_since_epoch().count());
  if (units) select.bind(6, std::string_view(json_numbers(*units)));
  while (select.step()) selection.rows.push_back({{select.integer(0)}, {select.integer(1)}});
  return selection;
}

}  // namespace gateway
