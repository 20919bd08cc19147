#include "tests/unit/gateway/state_support.h"

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
  snapshot.content_hash = "hash of " + text;
  snapshot.body_template = text;
  snapshot.insured_identifier = insured_identifier;
  return snapshot;
}

Snapshot nothing_left() {
  Snapshot snapshot;
  snapshot.kind = Snapshot::Kind::empty;
  return snapshot;
}

Snapshot held(ssmix2::FailureCode reason) {
  Snapshot snapshot;
  snapshot.kind = Snapshot::Kind::held;
  snapshot.reason = ssmix2::Failure(reason);
  snapshot.reasons = 1;
  return snapshot;
}

BuiltUnit built(const fhir_mapper::ReportUnit& unit, const Snapshot& snapshot, const std::string& bundle_id) {
  BuiltUnit result;
  result.unit = unit;
  result.bundle_id = bundle_id;
  result.snapshots[kPlatform] = snapshot;
  return result;
}

std::unique_ptr<StateStore::Contents> empty_state() {
  auto state = std::make_unique<StateStore::Contents>(":memory:", *TimeZone::named("Asia/Tokyo"));
  prepare_schema(state->database);
  return state;
}

void put(StateStore::Contents& state, const BuiltUnit& unit, Instant now) {
  Transaction transaction(state.database);
  state.ledger.mark_due(unit.unit, now);
  state.outbox.put(unit, now);
  transaction.commit();
}

std::string value_of(Database& database, const std::string& sql) {
  auto select = database.prepare(sql);
  return select.step() ? select.text(0) : "none";
}

}  // namespace gateway::test
