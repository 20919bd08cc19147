#pragma once
// Codes that no table knows, in a state in memory.

#include "gateway/missing_codes.h"
#include "tests/unit/gateway/state_support.h"

#include <string>
#include <vector>

namespace gateway::test {

inline WantedCode wanted(const std::string& table, const std::string& code, bool holds = false,
                         const std::string& rules = "common.xml:24") {
  return {table, "HL70069", code, rules, holds, "main/000/123/0001234/-/PPR-01/x"};
}

/// As the building loop does it, in one transaction.
inline UnitId want(StateStore::Contents& state, const std::string& patient,
                   const std::vector<WantedCode>& codes) {
  Transaction transaction(state.database);
  const UnitId unit = state.units.mark_due(condition_unit(patient), at(0));
  MissingCodes(state.database).put(unit, codes);
  transaction.commit();
  return unit;
}

/// "0000100", "0000101", …
inline std::string patient_number(int index) {
  return "0000" + std::to_string(100 + index);
}

}  // namespace gateway::test
