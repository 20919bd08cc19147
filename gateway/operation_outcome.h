#pragma once
// What the body of an answer says: is it an OperationOutcome, does it report an error, or is it a Bundle of
// answers. Pure; the body comes from the network and may be anything.

#include <string_view>

namespace gateway {

struct OutcomeReading {
  bool operation_outcome = false;  // the body, or the outcome of the worst entry of a response Bundle
  bool has_error = false;          // with an issue of severity error or fatal
  int entry_status = 0;            // worst entry.response.status of a batch or transaction response; 0: none
};

/// A body that is not JSON, nested too deeply or not FHIR reads as the default.
OutcomeReading read_outcome(std::string_view body);

}  // namespace gateway
