#pragma once
// `--row key=value,key=value`: one row of a document as a person types it. `\,` is a comma inside a value.

#include "tests/storage_gen/records.h"

#include <string>
#include <string_view>
#include <vector>

namespace storage_gen {

// All throw UsageError for an unknown key or a missing one.
Problem parse_problem(std::string_view spec);
Allergy parse_allergy(std::string_view spec);
LabRow parse_lab_row(std::string_view spec);
DrugRow parse_drug_row(std::string_view spec);

/// The keys of every type of row, for --help.
std::string row_help();

}  // namespace storage_gen
