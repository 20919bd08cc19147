// The table of decisions against an expectation written independently of it, over every input it can get.

#include "gateway/disposition.h"

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace std::chrono_literals;

const Milliseconds kResultPatience = DeliverySettings().result_patience;

struct Case {
  Operation operation;
  int status;
  bool outcome;
  bool asked;
};

Answer answer_of(int status, bool outcome = false) {
  Answer answer;
  answer.status = status;
  answer.operation_outcome = outcome;
  answer.outcome_has_error = outcome && status >= 400;
  answer.content_location = "/fhir/$result/1";
  return answer;
}

Verdict verdict(const Case& given) {
  return decide(given.operation, answer_of(given.status, given.outcome), given.asked).verdict;
}

/// The contract, sentence by sentence.
Verdict expected(const Case& given) {
  const int status = given.status;
  if (status == 200 || status == 201 || status == 204) return Verdict::delivered;
  if (status == 202) return Verdict::in_result;
  if (status == 401 || status == 403) return Verdict::pause_destination;
  const bool gone = status == 404 || status == 410;
  if (gone && given.asked) return Verdict::unknown;
  if (gone && given.operation == Operation::delete_unit) return Verdict::delivered;
  const bool busy = status == 408 || status == 429;
  const bool gateway_trouble = status == 502 || status == 503 || status == 504;
  if (given.asked && (busy || gateway_trouble)) return Verdict::in_result;
  if (busy || status >= 500) return Verdict::later;
  if (status >= 400 && given.outcome) return Verdict::rejected;
  return Verdict::pause_destination;
}

constexpr std::array kFailures{
    ExchangeFailure::name_not_resolved,
    ExchangeFailure::connection_refused,
    ExchangeFailure::connection_timeout,
    ExchangeFailure::network,
    ExchangeFailure::server_name_mismatch,
    ExchangeFailure::server_certificate_untrusted,
    ExchangeFailure::server_certificate_expired,
    ExchangeFailure::server_certificate_revoked,
    ExchangeFailure::revocation_list_unusable,
    ExchangeFailure::client_certificate_refused,
    ExchangeFailure::tls,
};

Answer failure_of(ExchangeFailure failure) {
  Answer answer;
  answer.failure = failure;
  answer.status = 200;  // must not count
  answer.retry_after = 5s;
  return answer;
}

}  // namespace

TEST_CASE("Every status, with and without OperationOutcome, has the verdict of the contract") {
  for (const auto operation : {Operation::register_unit, Operation::delete_unit}) {
    for (const bool outcome : {false, true}) {
      for (const bool asked : {false, true}) {
        for (int status = 100; status <= 599; ++status) {
          const Case given{operation, status, outcome, asked};
          CAPTURE(status, outcome, asked, operation == Operation::delete_unit);
          REQUIRE(verdict(given) == expected(given));
        }
      }
    }
  }
}

TEST_CASE("The verdicts that operators meet most") {
  constexpr auto put = Operation::register_unit;
  constexpr auto remove = Operation::delete_unit;
  CHECK(verdict({put, 201, false, false}) == Verdict::delivered);
  CHECK(verdict({put, 400, false, false}) == Verdict::pause_destination);  // a proxy's HTML
  CHECK(verdict({put, 400, true, false}) == Verdict::rejected);
  CHECK(verdict({put, 403, true, false}) == Verdict::pause_destination);
  CHECK(verdict({put, 404, false, false}) == Verdict::pause_destination);  // wrong base URL
  CHECK(verdict({remove, 404, false, false}) == Verdict::delivered);
  CHECK(verdict({remove, 410, true, false}) == Verdict::delivered);
  CHECK(verdict({remove, 404, false, true}) == Verdict::unknown);
  CHECK(verdict({put, 409, true, false}) == Verdict::rejected);
  CHECK(verdict({put, 412, true, false}) == Verdict::rejected);
  CHECK(verdict({put, 429, true, false}) == Verdict::later);
  CHECK(verdict({put, 301, false, false}) == Verdict::pause_destination);
  CHECK(verdict({put, 503, false, true}) == Verdict::in_result);
  CHECK(verdict({put, 500, true, true}) == Verdict::later);
  CHECK(verdict({put, 101, false, false}) == Verdict::pause_destination);
  CHECK(verdict({put, 206, false, false}) == Verdict::pause_destination);
}

TEST_CASE("A success whose OperationOutcome holds an error is a rejection") {
  const int status = GENERATE(200, 201, 204);
  const bool asked = GENERATE(false, true);
  Answer answer = answer_of(status, true);
  CHECK(decide(Operation::register_unit, answer, asked).verdict == Verdict::delivered);
  answer.outcome_has_error = true;
  CHECK(decide(Operation::register_unit, answer, asked).verdict == Verdict::rejected);
}

TEST_CASE("A deletion of what is not there is done, whatever the OperationOutcome calls it") {
  CHECK(decide(Operation::delete_unit, answer_of(404, true), false).verdict == Verdict::delivered);
}

TEST_CASE("A response Bundle is judged by its entry") {
  const auto of_entry = [](Operation operation, int status, bool outcome) {
    Answer answer = answer_of(200, outcome);
    answer.outcome_has_error = outcome;
    answer.entry_status = status;
    return decide(operation, answer, true).verdict;
  };
  CHECK(of_entry(Operation::register_unit, 201, false) == Verdict::delivered);
  CHECK(of_entry(Operation::register_unit, 422, true) == Verdict::rejected);
  CHECK(of_entry(Operation::register_unit, 500, true) == Verdict::later);
  CHECK(of_entry(Operation::register_unit, 200, true) == Verdict::rejected);
  CHECK(of_entry(Operation::register_unit, 503, false) == Verdict::later);   // the operation, not the asking
  CHECK(of_entry(Operation::delete_unit, 404, true) == Verdict::delivered);  // nor is the result gone
}

TEST_CASE("A 202 that does not say where to ask is sent again, a poll's 202 need not say it") {
  Answer answer = answer_of(202);
  answer.content_location.clear();
  CHECK(decide(Operation::register_unit, answer, false).verdict == Verdict::unknown);
  CHECK(decide(Operation::register_unit, answer, true).verdict == Verdict::in_result);
}

TEST_CASE("Every failure before the request was handed over blames the destination") {
  for (const auto failure : kFailures) {
    for (const bool asked : {false, true}) {
      CAPTURE(static_cast<int>(failure), asked);
      CHECK(decide(Operation::register_unit, failure_of(failure), asked) ==
            Decision{Verdict::pause_destination, std::nullopt, false, true});
    }
  }
}

TEST_CASE("A lost answer leaves the row unknown, a lost poll leaves it in result") {
  const Answer lost = failure_of(ExchangeFailure::lost);
  CHECK(decide(Operation::register_unit, lost, false) == Decision{Verdict::unknown, std::nullopt, false});
  CHECK(decide(Operation::delete_unit, lost, true) == Decision{Verdict::in_result, std::nullopt, false});
}

TEST_CASE("Retry-After counts where something is waited for, up to an hour") {
  const auto wait = [](int status, bool outcome, std::chrono::seconds retry_after) {
    Answer answer = answer_of(status, outcome);
    answer.retry_after = retry_after;
    return decide(Operation::register_unit, answer, false).wait;
  };
  CHECK(wait(503, false, 120s) == 120s);
  CHECK(wait(429, true, 0s) == 0s);
  CHECK(wait(202, false, 7s) == 7s);
  CHECK(wait(403, false, 60s) == 60s);
  CHECK(wait(503, false, 3600s) == 1h);
  CHECK(wait(503, false, 3601s) == 1h);
  CHECK(wait(503, false, std::chrono::seconds::max()) == 1h);
  CHECK_FALSE(wait(201, false, 60s));
  CHECK_FALSE(wait(422, true, 60s));
  CHECK_FALSE(decide(Operation::register_unit, answer_of(503), false).wait);
}

TEST_CASE("A result that does not come in its time is taken for lost, however it does not come") {
  const auto late = [](const Answer& answer, bool asked, Milliseconds waited) {
    return decide(Operation::register_unit, answer, asked, waited).verdict;
  };
  for (const Answer& answer : {answer_of(202), answer_of(503), failure_of(ExchangeFailure::lost)}) {
    CAPTURE(answer.status);
    CHECK(late(answer, true, kResultPatience - 1ms) == Verdict::in_result);
    CHECK(late(answer, true, kResultPatience) == Verdict::unknown);
  }
  CHECK(late(answer_of(202), false, kResultPatience) == Verdict::in_result);  // just promised
  CHECK(late(answer_of(200), true, kResultPatience) == Verdict::delivered);
}

TEST_CASE("Who answers the asking for a result with something else than a result does so in vain for ever") {
  const int status = GENERATE(206, 301, 307, 400, 401, 403, 405, 406, 415);
  const auto at = [&](Milliseconds waited) {
    return decide(Operation::register_unit, answer_of(status), true, waited).verdict;
  };
  CAPTURE(status);
  CHECK(at(kResultPatience - 1ms) == Verdict::pause_destination);
  CHECK(at(kResultPatience) == Verdict::unknown);
  // It is no sign of life.
  CHECK(decide(Operation::register_unit, answer_of(status), true, kResultPatience).pauses);
  Answer entry = answer_of(200);
  entry.entry_status = status;
  CHECK(decide(Operation::register_unit, entry, true, kResultPatience).verdict == Verdict::unknown);
  // Of the operation itself such an answer says nothing of a result.
  CHECK(decide(Operation::register_unit, answer_of(status), false, kResultPatience).verdict ==
        Verdict::pause_destination);
}

TEST_CASE("A network that is down is no reason to give a promised result up") {
  for (const auto failure : kFailures) {
    CAPTURE(static_cast<int>(failure));
    CHECK(decide(Operation::register_unit, failure_of(failure), true, kResultPatience).verdict ==
          Verdict::pause_destination);
  }
}

TEST_CASE("An overloaded destination is told from a unit that fails") {
  const auto overloaded = [](int status, bool asked = false) {
    return decide(Operation::register_unit, answer_of(status), asked).overloaded;
  };
  for (int status = 100; status <= 599; ++status) {
    CAPTURE(status);
    const bool expected_here = status == 429 || status == 502 || status == 503 || status == 504;
    CHECK(overloaded(status) == expected_here);
    CHECK(overloaded(status, true) == expected_here);
  }
}

TEST_CASE("A site says whose fault a status is, and nothing else changes") {
  DeliverySettings site;
  site.answers = {{422, AnswerMeaning::later}, {500, AnswerMeaning::unit}, {409, AnswerMeaning::destination}};
  const auto verdict_here = [&](Operation operation, int status, bool outcome, bool asked) {
    return decide(operation, answer_of(status, outcome), asked, {}, site).verdict;
  };
  for (const auto operation : {Operation::register_unit, Operation::delete_unit}) {
    for (const bool outcome : {false, true}) {
      for (const bool asked : {false, true}) {
        for (int status = 100; status <= 599; ++status) {
          CAPTURE(status, outcome, asked);
          const Verdict here = verdict_here(operation, status, outcome, asked);
          if (status == 422) {
            CHECK(here == Verdict::later);
          } else if (status == 500) {
            CHECK(here == Verdict::rejected);
          } else if (status == 409) {
            CHECK(here == Verdict::pause_destination);
          } else {
            CHECK(here == verdict({operation, status, outcome, asked}));
          }
        }
      }
    }
  }
}

TEST_CASE("What a site says of a status does not touch the asking for a result") {
  DeliverySettings site;
  for (const int status : {404, 408, 410, 429, 502, 503, 504})
    site.answers.push_back({status, AnswerMeaning::unit});
  for (const AnswerSettings& answer : site.answers) {
    CAPTURE(answer.status);
    const Verdict here = decide(Operation::register_unit, answer_of(answer.status), true, {}, site).verdict;
    CHECK(here == verdict({Operation::register_unit, answer.status, false, true}));
  }
  Answer entry = answer_of(200);
  entry.entry_status = 503;  // the operation itself
  CHECK(decide(Operation::register_unit, entry, true, {}, site).verdict == Verdict::rejected);
}

TEST_CASE(
    "A site that distrusts a 404 waits with its deletes until a FHIR server says that nothing is there") {
  DeliverySettings site;
  site.answers = {{404, AnswerMeaning::later}};
  CHECK(decide(Operation::delete_unit, answer_of(404, false), false, {}, site).verdict == Verdict::later);
  CHECK(decide(Operation::delete_unit, answer_of(404, true), false, {}, site).verdict == Verdict::delivered);
}

TEST_CASE("How long a promised result is waited for is the site's") {
  DeliverySettings site;
  site.result_patience = 5s;
  CHECK(decide(Operation::register_unit, answer_of(202), true, 4'999ms, site).verdict == Verdict::in_result);
  CHECK(decide(Operation::register_unit, answer_of(202), true, 5s, site).verdict == Verdict::unknown);
}

TEST_CASE("A destination too busy to tell a result is no less so because that was waited for too long") {
  Answer answer = answer_of(503);
  answer.retry_after = 5s;
  const Decision decision = decide(Operation::register_unit, answer, true, kResultPatience);
  CHECK(decision.verdict == Verdict::unknown);
  CHECK(decision.overloaded);
  CHECK(decision.wait == Milliseconds(5'000));
}
