#pragma once
// What running a mapping's cases tells: for a person, for a program, and as warnings of `check`.

#include "fhir_mapper/case_run.h"
#include "gateway/mapping_cases.h"

#include <string>
#include <vector>

namespace gateway {

using CaseResults = std::vector<fhir_mapper::CaseResult>;

CaseResults run_cases(const MappingCases& cases, const fhir_mapper::Mapping& mapping);
bool all_passed(const CaseResults& results);

/// What each case would send, a Bundle a line; nothing for one that is held or empty. Its time and URLs are
/// made up, as the patients are.
std::string bundles_of(const MappingCases& cases, const fhir_mapper::Mapping& mapping);

/// The differences of every case that failed, and last "52 cases, 51 passed".
std::string to_text(const CaseResults& results);
std::string to_json(const CaseResults& results);

/// Cases that fail and rules that no case touches, a line each; the places of rules behind their number.
std::vector<std::string> case_warnings(const CaseResults& results, const fhir_mapper::Mapping& mapping);

}  // namespace gateway
