#pragma once
// A report unit's documents to the resources of its Bundle, with the gates that no unit passes by accident:
// the right patient in every document, the right message in every document, a known insured identifier. Pure.

#include "fhir_mapper/account.h"
#include "fhir_mapper/explanation.h"
#include "fhir_mapper/insured_identifier.h"
#include "fhir_mapper/mapping.h"
#include "fhir_mapper/report_unit.h"
#include "fhir_mapper/row_mapper.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace fhir_mapper {

struct UnitDocument {
  ssmix2::DocumentName name;
  const ssmix2::Message* message = nullptr;  // must outlive the call
};

struct UnitInput {
  ReportUnit unit;
  /// All live documents. For AllergyIntolerance of a patient without any ADT-61: the ADT-00, for its AL1.
  std::vector<UnitDocument> documents;
  std::optional<UnitDocument> master;  // the live ADT-00
};

/// What differs between facilities, storages and destinations.
struct UnitSettings {
  std::string institution_number;
  std::string facility_name;
  std::string zone;          // "+09:00"
  std::string pack_version;  // "1.12.0"
  std::string untold;        // "all", "rules", "none"
  std::string today;         // "YYYYMMDD" in the facility's zone
  InsuredNumberForm insured_number = InsuredNumberForm::repetition;
  bool branch_required = false;
  bool newest_document_only = false;  // problem-list="newest"
  bool explain = false;               // costs as much time again
};

/// Points into the mapping it was made with. The resources are of `tree`, and stand nowhere in it yet.
struct MappedUnit {
  Tree tree;
  Node* patient = nullptr;
  std::vector<Node*> resources;    // at least one
  std::string insured_identifier;  // of the Bundle's patient
};

struct UnitOutcome {
  std::optional<MappedUnit> mapped;    // nothing and no holds: the unit is empty
  std::vector<ssmix2::Failure> holds;  // any: the unit must not be sent
  std::vector<ssmix2::Failure> warnings;
  std::vector<MissingCode> missing_codes;  // also where something else served instead
  std::size_t rows_left_out = 0;           // by a rule: deleted, suspected, ended long ago

  // Only when asked for (UnitSettings::explain):
  struct ExplainedResource {
    std::string type;
    std::vector<Explanation> elements;
    std::string row = {};  // "PRB[2]"
    ssmix2::DocumentName document = {};
  };
  std::vector<ExplainedResource> explanations;  // patient first
  struct DocumentAccount {
    ssmix2::DocumentName name;
    Account account;  // views into the document's message and the mapping
  };
  std::vector<DocumentAccount> accounts;        // of the master first, then of the other documents
  std::set<const RuleIdentity*> rules_applied;  // that gave a value, left a row out or decided by one
};

UnitOutcome map_unit(const UnitInput& input, const Mapping& mapping, const UnitSettings& settings);

/// The account of a live ADT-00, of which every unit of its patient has the Patient, also while a unit is
/// held or there is none: with `explain`, its one account, unless a gate keeps it; holds, and nothing mapped.
UnitOutcome map_patient_alone(const UnitDocument& master, const Mapping& mapping,
                              const UnitSettings& settings);

}  // namespace fhir_mapper
