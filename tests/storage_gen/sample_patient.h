#pragma once
// Who a patient is. Depends on the seed and the patient id alone, so that a single document written later
// names the same person as the tree did.

#include "tests/storage_gen/calendar.h"
#include "tests/storage_gen/records.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace storage_gen {

enum class InsuranceChoice { repetition, split, joined, public_assistance, none, mixed };

struct PatientWishes {
  std::uint64_t seed = 1;
  InsuranceChoice insurance = InsuranceChoice::repetition;
  bool cp932_extensions = false;
  Moment today;
};

Patient sample_patient(std::string_view id, const PatientWishes& wishes);

/// The form this patient gets; `mixed` goes by the id.
InsuranceForm insurance_form(std::string_view id, InsuranceChoice choice);

}  // namespace storage_gen
