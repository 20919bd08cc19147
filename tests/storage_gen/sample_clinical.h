#pragma once
// What a patient of the tree has: problems, allergies, results, drugs.

#include "tests/storage_gen/calendar.h"
#include "tests/storage_gen/random.h"
#include "tests/storage_gen/records.h"

#include <span>
#include <string_view>
#include <vector>

namespace storage_gen {

/// One to six. `order_base` begins the instance ids (PRB-4), which stay the same from version to version.
std::vector<Problem> sample_problems(Random& random, Moment today, std::uint64_t order_base);

/// One to four, in the form of IAM rows.
std::vector<Allergy> sample_allergies(Random& random, Moment today, std::string_view patient_id);

/// The first row is an NM row of a shared item without a value: it is there for the marker.
std::vector<LabRow> sample_lab_rows(Random& random);

std::vector<DrugRow> sample_drug_rows(Random& random);

/// Whether the gateway has to send the row.
bool is_reported(const Problem& problem, Moment today);
bool is_reported(const Allergy& allergy);
bool is_reported(const LabRow& row);

/// Numbers with a fixed count of decimals: 720 with two is 7.20.
std::string decimal_text(std::uint64_t value, unsigned decimals);

}  // namespace storage_gen
