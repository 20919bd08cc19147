#include "gateway/disposition.h"

#include "ssmix2/check.h"

#include <algorithm>
#include <array>
#include <span>

namespace gateway {

namespace {

enum class Applies { always, to_delete, to_result };

struct StatusRule {
  int first;
  int last;
  Applies applies;
  Verdict plain;         // the body is no OperationOutcome
  Verdict with_outcome;  // it is one
};

constexpr Verdict kPause = Verdict::pause_destination;

// The first rule that fits decides; a status no rule names (1xx, 3xx, odd 2xx) is not what a FHIR server says
// to these requests, so something else answered: pause.
constexpr std::array kStatusRules{
    StatusRule{404, 404, Applies::to_result, Verdict::unknown, Verdict::unknown},
    StatusRule{410, 410, Applies::to_result, Verdict::unknown, Verdict::unknown},
    StatusRule{408, 408, Applies::to_result, Verdict::in_result, Verdict::in_result},
    StatusRule{429, 429, Applies::to_result, Verdict::in_result, Verdict::in_result},
    StatusRule{502, 504, Applies::to_result, Verdict::in_result, Verdict::in_result},
    StatusRule{404, 404, Applies::to_delete, Verdict::delivered, Verdict::delivered},
    StatusRule{410, 410, Applies::to_delete, Verdict::delivered, Verdict::delivered},
    StatusRule{200, 201, Applies::always, Verdict::delivered, Verdict::delivered},
    StatusRule{202, 202, Applies::always, Verdict::in_result, Verdict::in_result},
    StatusRule{204, 204, Applies::always, Verdict::delivered, Verdict::delivered},
    StatusRule{401, 401, Applies::always, kPause, kPause},  // who we are, not what we sent
    StatusRule{403, 403, Applies::always, kPause, kPause},
    StatusRule{408, 408, Applies::always, Verdict::later, Verdict::later},
    StatusRule{429, 429, Applies::always, Verdict::later, Verdict::later},
    // A proxy answers in HTML (no client certificate: 400; wrong base URL: 404). Only a FHIR server that
    // looked at the content says what is wrong with it in an OperationOutcome.
    StatusRule{400, 499, Applies::always, kPause, Verdict::rejected},
    StatusRule{500, 599, Applies::always, Verdict::later, Verdict::later},
};

bool fits(const StatusRule& rule, Operation operation, int status, bool asked_result) {
  if (status < rule.first || status > rule.last) return false;
  switch (rule.applies) {
    case Applies::always:
      return true;
    case Applies::to_delete:
      return operation == Operation::delete_unit;
    case Applies::to_result:
      return asked_result;
  }
  KAKEHASHI_CHECK(false);  // no enumerator has this value
  return false;
}

using Overrides = std::span<const AnswerSettings>;

Verdict verdict_of(AnswerMeaning meaning) {
  switch (meaning) {
    case AnswerMeaning::unit:
      return Verdict::rejected;
    case AnswerMeaning::destination:
      return kPause;
    case AnswerMeaning::later:
      return Verdict::later;
  }
  KAKEHASHI_CHECK(false);  // no enumerator has this value
  return kPause;
}

bool may_be_overridden(Applies applies, const Answer& answer) {
  switch (applies) {
    case Applies::always:
      return true;
    case Applies::to_delete:
      // A proxy's 404 and that of a FHIR server are the same number; only the latter says in an
      // OperationOutcome that nothing is there.
      return !answer.operation_outcome;
    case Applies::to_result:
      return false;
  }
  KAKEHASHI_CHECK(false);  // no enumerator has this value
  return false;
}

Verdict after_status(Operation operation, int status, const Answer& answer, bool asked_result,
                     Overrides overrides) {
  const auto rule = std::find_if(kStatusRules.begin(), kStatusRules.end(), [&](const StatusRule& candidate) {
    return fits(candidate, operation, status, asked_result);
  });
  const Applies applies = rule == kStatusRules.end() ? Applies::always : rule->applies;
  const auto override_of = [status](const AnswerSettings& candidate) { return candidate.status == status; };
  const auto own = std::find_if(overrides.begin(), overrides.end(), override_of);
  if (own != overrides.end() && may_be_overridden(applies, answer)) return verdict_of(own->means);
  if (rule == kStatusRules.end()) return kPause;
  const Verdict verdict = answer.operation_outcome ? rule->with_outcome : rule->plain;
  if (verdict == Verdict::delivered && status < 300 && answer.outcome_has_error) return Verdict::rejected;
  // Accepted, but without a place to ask for the result nobody would ever know what became of it.
  if (verdict == Verdict::in_result && !asked_result && answer.content_location.empty())
    return Verdict::unknown;
  return verdict;
}

Verdict after_answer(Operation operation, const Answer& answer, bool asked_result, Overrides overrides) {
  // The entry of a response Bundle holds the status with which the operation itself was answered.
  if (answer.status == 200 && answer.entry_status != 0) {
    return after_status(operation, answer.entry_status, answer, false, overrides);
  }
  return after_status(operation, answer.status, answer, asked_result, overrides);
}

Verdict after_failure(ExchangeFailure failure, bool asked_result) {
  switch (failure) {
    case ExchangeFailure::name_not_resolved:
    case ExchangeFailure::connection_refused:
    case ExchangeFailure::connection_timeout:
    case ExchangeFailure::network:
    case ExchangeFailure::server_name_mismatch:
    case ExchangeFailure::server_certificate_untrusted:
    case ExchangeFailure::server_certificate_expired:
    case ExchangeFailure::server_certificate_revoked:
    case ExchangeFailure::revocation_list_unusable:
    case ExchangeFailure::client_certificate_refused:
    case ExchangeFailure::tls:
      return kPause;
    case ExchangeFailure::lost:
      return asked_result ? Verdict::in_result : Verdict::unknown;
  }
  KAKEHASHI_CHECK(false);  // no enumerator has this value
  return kPause;
}

bool waits(Verdict verdict) {
  return verdict == Verdict::later || verdict == Verdict::in_result || verdict == Verdict::unknown ||
         verdict == kPause;
}

bool is_overload(int status) {
  return status == 429 || (status >= 502 && status <= 504);
}

}  // namespace

Decision decide(Operation operation, const Answer& answer, bool asked_result, Milliseconds waited,
                const DeliverySettings& settings) {
  Decision decision;
  decision.verdict = answer.failure ? after_failure(*answer.failure, asked_result)
                                    : after_answer(operation, answer, asked_result, settings.answers);
  // A network that is down tells nothing of the result; whoever answers something else than a result does.
  decision.pauses = decision.verdict == kPause;
  const bool no_result = decision.verdict == Verdict::in_result || (decision.pauses && !answer.failure);
  if (asked_result && no_result && waited >= settings.result_patience) decision.verdict = Verdict::unknown;
  if (answer.failure) return decision;
  // A result that was waited for too long is no sign of life either.
  const bool not_now = decision.verdict == Verdict::later || decision.verdict == Verdict::in_result ||
                       decision.verdict == Verdict::unknown;
  decision.overloaded = not_now && is_overload(answer.status);
  if (!answer.retry_after || !waits(decision.verdict)) return decision;
  constexpr std::chrono::seconds kLongest = std::chrono::hours(1);
  decision.wait = std::clamp(*answer.retry_after, std::chrono::seconds::zero(), kLongest);
  return decision;
}

}  // namespace gateway
