#pragma once
// What the ledger knows of one report unit: its documents in all storages, and what stands in their way.
// Reading only. Storage thread only.

#include "fhir_mapper/report_unit.h"
#include "gateway/document_table.h"
#include "gateway/instant.h"
#include "gateway/sqlite.h"
#include "ssmix2/document_name.h"

#include <string>
#include <vector>

namespace gateway {

struct KnownDocument {
  DocumentRef ref;
  FileStat stat;
  ssmix2::DocumentName name;
  DocumentState state = DocumentState::settling;
  std::string failure;      // the id of why it failed
  std::string explanation;  // all that is to be said of it
  bool was_live = false;
  Instant since;
};

/// Documents of this type: the order's own where `type` is what the unit is made of and it is one order, else
/// all of the patient. In the order in which their folders were found.
std::vector<KnownDocument> known_documents(Database& database, const fhir_mapper::ReportUnit& unit,
                                           ssmix2::DataType type);

/// A folder that may hold documents of the unit, or the patient's ADT-00, cannot be listed: what the unit
/// consists of is not known.
bool has_unreadable_folder(Database& database, const fhir_mapper::ReportUnit& unit);

/// A folder of the unit is named and was not listed yet, because a sweep was interrupted.
bool has_unlisted_folder(Database& database, const fhir_mapper::ReportUnit& unit);

/// Another patient folder is the same number but for leading zeros.
bool has_twins(Database& database, const ssmix2::PatientId& patient);

/// Documents whose delete was first seen in that time, without those that were replaced at once: some writers
/// rename to 0 before they create the next 1. And the live documents that are left.
struct Deletes {
  std::int64_t documents = 0;
  std::int64_t live = 0;
};
Deletes deletes_between(Database& database, Instant from, Instant to);

}  // namespace gateway
