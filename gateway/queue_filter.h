#pragma once
// Which rows of the outbox a person means, by `kakehashi queue`. A value; any thread.

#include "fhir_mapper/report_unit.h"
#include "gateway/instant.h"
#include "gateway/outbox_state.h"
#include "ssmix2/patient_id.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

/// What is given must hold all together; of one kind any will do.
struct QueueFilter {
  std::set<OutboxState> states = {};
  std::set<std::string> destinations = {};
  std::set<fhir_mapper::UnitKind> kinds = {};
  std::set<std::string> reasons = {};             // their ids
  std::optional<Milliseconds> older_than = {};    // the newest snapshot, or what holds the row
  std::optional<ssmix2::PatientId> patient = {};  // with those that differ by leading zeros only
  std::vector<std::string> units = {};            // Bundle-IDs, or hashes as the log prints them
  bool all = false;                               // also what is delivered

  /// Somebody who gives an order without any of it has forgotten it.
  bool names_something() const;

  /// What is delivered is nearly everything there is: it is meant only when it is asked for by its state,
  /// by name, by its patient or by --ALL.
  bool means(OutboxState state) const;
};

/// As on the command line, for the audit. May hold a patient number.
std::string to_text(const QueueFilter& filter);

/// The reverse of name_of().
std::optional<OutboxState> outbox_state_named(std::string_view name);
/// By its FHIR resource type.
std::optional<fhir_mapper::UnitKind> unit_kind_named(std::string_view resource_type);

}  // namespace gateway
