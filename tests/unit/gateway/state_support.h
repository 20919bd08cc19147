#pragma once
// A state database in memory with its ledger and outbox, and snapshots as short as a test needs them.

#include "gateway/outbox.h"
#include "gateway/schema.h"
#include "gateway/state_store.h"

#include <cstdint>
#include <string>

namespace gateway::test {

/// `seconds` after 2026-04-01T00:00:00Z.
Instant at(std::int64_t seconds);

fhir_mapper::ReportUnit condition_unit(const std::string& patient = "0001234");

/// The text stands for the whole body and for its hash; what is rendered of it is the text itself.
Snapshot content(const std::string& text, const std::string& insured_identifier = "person-1");
Snapshot nothing_left();
/// Content that breaks the profile.
Snapshot unfit(const std::string& text);
Snapshot held(ssmix2::FailureCode reason = ssmix2::FailureCode::patient_no_insurance);

BuiltUnit built(const fhir_mapper::ReportUnit& unit, const Snapshot& snapshot, int year = 2026);

constexpr const char* kInstitution = "1319999999";
std::string bundle_of(const fhir_mapper::ReportUnit& unit, int year = 2026);

constexpr const char* kPlatform = "platform";

/// StateStore::Contents of an empty database in memory, with its tables, bound to kInstitution.
std::unique_ptr<StateStore::Contents> empty_state();

/// Takes the snapshot as the building loop does: the unit is known to the ledger, one transaction.
void put(StateStore::Contents& state, const BuiltUnit& unit, Instant now);

/// The unit with that ReportUnit::key(); there must be one.
UnitId unit_named(StateStore::Contents& state, const std::string& key);

/// The state's name of the unit's only row, which is the database's only one without a key; "none" when there
/// is no row.
std::string state_of_row(StateStore::Contents& state, const std::string& unit_key = "");

/// The first column of the first row as text; "none" when there is no row.
std::string value_of(Database& database, const std::string& sql);

}  // namespace gateway::test
