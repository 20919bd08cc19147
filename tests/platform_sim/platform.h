#pragma once
// What the platform answers, without the network: classify, misbehave, check, store.

#include "tests/platform_sim/bundle_facts.h"
#include "tests/platform_sim/misbehaviour.h"
#include "tests/platform_sim/platform_store.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace platform_sim {

struct Head {
  std::string method;
  std::string target;
  std::string host;
  std::string content_type;
  std::string client;  // common name of its certificate
  int at_once = 1;     // requests that have no answer yet, this one among them
};

struct Answer {
  int status = 0;
  std::string content_type = {};
  std::string body = {};
  std::string content_location = {};
  std::optional<int> retry_after_s = {};
  bool close = false;
};

/// A request whose header is there.
struct Arrival {
  std::int64_t number = 0;
  Head head;
  Operation operation = Operation::unknown;
  std::string identifier_system;
  std::string bundle_id;
  std::int64_t asked_for = 0;     // a result: the number of the accepted request
  std::optional<Answer> refusal;  // wrong address or query
  Decision decision;
};

/// What the connection has to do.
struct Reaction {
  std::chrono::milliseconds delay = {};
  std::optional<Answer> answer;        // not there: reset the connection
  std::optional<std::int64_t> due_ms;  // call complete(number) then
};

class Platform {
 public:
  Platform(PlatformStore& store, Misbehaviour& misbehaviour) : store_(store), misbehaviour_(misbehaviour) {}

  Arrival arrive(Head head);
  /// A reset if the fault wants one before the body.
  std::optional<Reaction> react_to_head(const Arrival& arrival);
  Reaction react(const Arrival& arrival, std::string_view body);
  /// The body did not come whole: too large (413), or 0 for a connection that broke.
  Reaction react_to_broken_body(const Arrival& arrival, int status);
  /// An operation that was to take effect later does so now.
  void complete(std::int64_t number);

  /// The control endpoint.
  Answer control(std::string_view method, std::string_view target, std::string_view body);

 private:
  struct Submission;

  Reaction react_to_fault(const Arrival& arrival, Submission& submission);
  std::optional<Answer> refuse(const Arrival& arrival, Submission& submission);
  Answer take_effect(const Arrival& arrival, Submission& submission);
  std::int64_t postpone(const Arrival& arrival, const Fault& fault);
  Answer result_of(const Arrival& arrival) const;

  PlatformStore& store_;
  Misbehaviour& misbehaviour_;
};

/// For a header that cannot be read: 400 or 431.
Answer bad_head(int status);

}  // namespace platform_sim
