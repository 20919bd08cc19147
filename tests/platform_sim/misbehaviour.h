#pragma once
// What the simulator does wrong on request: the SPEC grammar and the choice of a fault for one request.
//
//   SPEC  = fault *(":" key "=" value)
//   fault = delay:ms=N | status:code=N[:retry-after=N][:operation-outcome=yes] | reset-before-body
//         | reset-after-body | lose-answer | late-store:ms=N | accept:ms=N|never[:elsewhere=yes] | html400
//         | refuse-other-identifier | outcome422[:echo=yes]
//   keys of every fault: times=N  after=N  operation=register|delete|result  match=SUBSTRING of the Bundle-ID
//                        share=PERCENT of the requests it is for, at random  seed=N, for another such series

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace platform_sim {

enum class Operation { register_bundle, delete_bundle, result, unknown };

std::string_view name_of(Operation operation);

enum class FaultKind {
  delay,                    // the answer is held back, what was sent takes effect at once
  status,                   // this status and no effect
  reset_before_body,        // connection reset after the header
  reset_after_body,         // read whole, no effect, connection reset
  lose_answer,              // takes effect, then connection reset
  late_store,               // connection reset at once, takes effect later
  accept,                   // 202, takes effect and has its result later, or never
  html400,                  // a proxy's page for a missing certificate
  refuse_other_identifier,  // 422 for a known Bundle-ID under another insured identifier
  outcome422,               // 422 with an OperationOutcome, which may quote the whole body
};

struct Fault {
  FaultKind kind = FaultKind::delay;
  std::string name;                             // as in the grammar
  std::optional<std::chrono::milliseconds> ms;  // not there = never
  int code = 503;
  std::optional<int> retry_after_s;
  bool operation_outcome = false;
  bool echo = false;
  bool elsewhere = false;  // accept: the place of the result is on another host
};

struct Spec {
  std::string text;
  Fault fault;
  std::optional<Operation> operation;  // not there = every operation for which the fault has a meaning
  std::string match;
  std::uint64_t after = 0;
  std::optional<std::uint64_t> times;
  std::optional<int> share_percent;  // not there = all
  std::mt19937 chance;               // seeded by the whole text: two specs do not hit the same requests
  std::uint64_t seen = 0;
  std::uint64_t used = 0;
};

/// Throws std::invalid_argument with a sentence.
Spec parse_spec(std::string_view text);

/// One SPEC a line; empty lines are skipped. Throws std::invalid_argument.
std::vector<Spec> parse_specs(std::string_view lines);

/// All delays that apply together, and the first other fault that applies.
struct Decision {
  std::chrono::milliseconds delay = {};
  std::optional<Fault> fault;
  std::vector<std::string> specs;  // the texts of those that apply
};

class Misbehaviour {
 public:
  void replace(std::vector<Spec> specs) { specs_ = std::move(specs); }

  /// Called once a request, when its header is there (some faults come before the body).
  Decision decide(Operation operation, std::string_view bundle_id);

  /// The text of the SPEC that refuses. Called only for a PUT of a known Bundle-ID under another insured
  /// identifier, so that `times` and `after` count those.
  std::optional<std::string> refuses_other_identifier(std::string_view bundle_id);

 private:
  std::vector<Spec> specs_;
};

}  // namespace platform_sim
