#pragma once
// What an answer means for a row of the outbox and for its destination: one table, no other file decides.

#include "gateway/destination.h"
#include "gateway/instant.h"
#include "gateway/settings.h"

#include <chrono>
#include <optional>

namespace gateway {

enum class Verdict {
  delivered,  // 200, 201, 204; a delete answered 404 or 410
  in_result,  // 202: accepted, result to be asked for; after a result request: ask again
  later,      // 408, 429, 5xx: this row again, after backoff or Retry-After
  unknown,    // no answer, or its result cannot be asked for: the newest snapshot again, same Bundle-ID
  rejected,   // a 4xx with an OperationOutcome, or a 2xx whose OperationOutcome holds an error
  pause_destination,  // everything that is not about this row: TLS, DNS, refused, 401/403, 3xx, 4xx without
                      // OperationOutcome
};

struct Decision {
  Verdict verdict = Verdict::pause_destination;
  std::optional<Milliseconds> wait;  // from Retry-After, at most 1 h; nothing: our own backoff
  /// 429, 502, 503, 504: the unit goes later, and most likely any other one would have been told the same. (A
  /// 500 may be about this unit alone: several of them in a row must not keep the others waiting.)
  bool overloaded = false;
  /// The answer blames the destination: so with pause_destination, and when it came instead of a result that
  /// was waited for too long, which it ends.
  bool pauses = false;

  friend bool operator==(const Decision&, const Decision&) = default;
};

/// `asked_result`: the answer is to a result request, where 200 carries the outcome and 202 means not ready
/// yet (it need not repeat the Content-Location: the row keeps the one it has). There 408, 429, 502, 503, 504
/// and a lost answer concern the asking only, because the operation may still be worked on, and 404 and 410
/// mean that its outcome will never be known. Every other 5xx says that the operation failed: `later`.
///
/// `waited`: for a result request, since the operation was sent. A result that does not come within
/// `result_patience` is taken for lost: else it would keep every newer snapshot of its unit waiting. So is
/// one in whose place an answer comes that blames the destination (a 403, a redirect, a proxy's page): else
/// one place that never answers otherwise would pause the destination for ever.
///
/// `settings.answers`: what a site knows better. They count for the operation itself, not for the asking, and
/// take nothing from an OperationOutcome that says that what was to be deleted is not there.
Decision decide(Operation operation, const Answer& answer, bool asked_result, Milliseconds waited = {},
                const DeliverySettings& settings = {});

}  // namespace gateway
