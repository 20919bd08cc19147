#include "tests/unit/gateway/state_support.h"

#include "gateway/digest.h"

#include <stdexcept>

namespace gateway::test {

Instant at(std::int64_t seconds) {
  using namespace std::chrono;
  return sys_days(year(2026) / April / 1) + Milliseconds(1'000 * seconds);
}

fhir_mapper::ReportUnit condition_unit(const std::string& patient) {
  return {fhir_mapper::UnitKind::condition, ssmix2::PatientId(patient), "", ""};
}

Snapshot content(const std::string& text, const std::string& insured_identifier) {
  Snapshot snapshot;
  snapshot.kind = Snapshot::Kind::content;
  snapshot.content_hash = sha256(text);
  snapshot.body_template = text;
  snapshot.insured_identifier = insured_identifier;
  return snapshot;
}

Snapshot nothing_left() {
  Snapshot snapshot;
  snapshot.kind = Snapshot::Kind::empty;
  return snapshot;
}

Snapshot unfit(const std::string& text) {
  Snapshot snapshot = content(text);
  snapshot.kind = Snapshot::Kind::rejected;
  snapshot.reason = ssmix2::Failure(ssmix2::FailureCode::profile_broken);
  snapshot.reasons = 1;
  return snapshot;
}

Snapshot held(ssmix2::FailureCode reason) {
  Snapshot snapshot;
  snapshot.kind = Snapshot::Kind::held;
  snapshot.reason = ssmix2::Failure(reason);
  snapshot.reasons = 1;
  return snapshot;
}

BuiltUnit built(const fhir_mapper::ReportUnit& unit, const Snapshot& snapshot, int year) {
  BuiltUnit result;
  result.unit = unit;
  result.year = year;
  result.snapshots[kPlatform] = snapshot;
  return result;
}

std::string bundle_of(const fhir_mapper::ReportUnit& unit, int year) {
  return bundle_id(kInstitution, year, info(unit.kind).letter, unit.key());
}

std::unique_ptr<StateStore::Contents> empty_state() {
  auto state = std::make_unique<StateStore::Contents>(":memory:", *TimeZone::named("Asia/Tokyo"));
  prepare_schema(state->database);
  state->database.prepare("INSERT INTO binding (name, value) VALUES ('institution-number', ?)")
      .with(kInstitution)
      .run();
  return state;
}

void put(StateStore::Contents& state, const BuiltUnit& unit, Instant now) {
  Transaction transaction(state.database);
  state.outbox.put(state.units.mark_due(unit.unit, now), unit, now);
  transaction.commit();
}

UnitId unit_named(StateStore::Contents& state, const std::string& key) {
  auto select = state.database.prepare("SELECT id FROM unit");
  while (select.step()) {
    const UnitId id{select.integer(0)};
    if (state.units.find(id)->unit.key() == key) return id;
  }
  throw std::out_of_range(key);
}

std::string state_of_row(StateStore::Contents& state, const std::string& unit_key) {
  auto select = state.database.prepare(
      "SELECT COALESCE(state, ?) FROM outbox LEFT JOIN delivery USING (unit, destination) "
      "WHERE unit = COALESCE(?, unit)");
  select.bind(1, number_of(OutboxState::delivered));
  if (!unit_key.empty()) select.bind(2, unit_named(state, unit_key).value);
  return select.step() ? std::string(name_of(outbox_state_of(select.integer(0)))) : "none";
}

std::string value_of(Database& database, const std::string& sql) {
  auto select = database.prepare(sql);
  return select.step() ? select.text(0) : "none";
}

}  // namespace gateway::test
