#pragma once
// Where snapshots go, seen from the sender: submit an operation, ask for a result. The wire behind it is one
// adapter (fhir_client); the platform's own interface, which is not public, becomes another.
// Called from the I/O thread only.

#include "ssmix2/safe_text.h"

#include <chrono>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

namespace gateway {

using ssmix2::SafeText;

enum class Operation { register_unit, delete_unit };

/// Why an exchange did not end in a response. All but `lost` happened before the request was handed over to
/// whoever could carry it out.
enum class ExchangeFailure {
  name_not_resolved,
  connection_refused,
  connection_timeout,
  network,                       // no route, reset while connecting …
  server_name_mismatch,          // the certificate is for another host
  server_certificate_untrusted,  // unknown CA, self-signed
  server_certificate_expired,
  server_certificate_revoked,
  revocation_list_unusable,    // out of date, or of another CA: nobody can tell what is revoked
  client_certificate_refused,  // the server's TLS alert about ours; under TLS 1.3 seen only while reading
  tls,                         // every other TLS failure
  lost,                        // the request may have been received; no answer came
};

/// What came back, whatever it was.
struct Answer {
  std::optional<ExchangeFailure> failure;  // set: below only `detail` and `repeated` count
  int status = 0;
  bool operation_outcome = false;  // the body is a FHIR OperationOutcome
  bool outcome_has_error = false;  // with an issue of severity error or fatal
  int entry_status = 0;            // the body is a response Bundle: the worst entry's status; 0: it is not
  std::string body;                // at most 64 KiB, kept for the operator; may hold patient data
  std::optional<std::chrono::seconds> retry_after;
  std::string content_location;  // to be asked for the result; empty: none, or none that is asked
  /// The same request went out before, on a connection that then broke: it may yet be carried out, whatever
  /// became of this one.
  bool repeated = false;
  SafeText detail;  // one clear sentence for the log: what, where, what to do
};

struct Submission {
  Operation operation = Operation::register_unit;
  std::string bundle_id;
  std::string body;  // empty for delete_unit
};

class Destination {
 public:
  virtual ~Destination() = default;
  /// Never throws for what the network or the server does: that is an Answer.
  virtual boost::asio::awaitable<Answer> submit(Submission submission) = 0;
  virtual boost::asio::awaitable<Answer> ask_result(std::string content_location) = 0;
};

}  // namespace gateway
