#include "tests/platform_sim/platform.h"

#include "tests/platform_sim/content_hash.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

#include <boost/url.hpp>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace platform_sim {
namespace {

constexpr std::string_view kBase = "/fhir";
constexpr std::string_view kFhirJson = "application/fhir+json";
constexpr std::size_t kMaxBundleIdBytes = 80;  // institution(10)^year^id(36) is 52

Answer operation_outcome(int status, std::string_view code, std::string_view diagnostics) {
  rapidjson::StringBuffer json;
  rapidjson::Writer<rapidjson::StringBuffer> writer(json);
  const auto member = [&writer](const char* name, std::string_view value) {
    writer.Key(name);
    writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  writer.StartObject();
  member("resourceType", "OperationOutcome");
  writer.Key("issue");
  writer.StartArray();
  writer.StartObject();
  member("severity", "error");
  member("code", code);
  member("diagnostics", diagnostics);
  writer.EndObject();
  writer.EndArray();
  writer.EndObject();
  return {.status = status, .content_type = std::string(kFhirJson), .body = json.GetString()};
}

Answer html(int status, std::string_view sentence) {
  return {.status = status,
          .content_type = "text/html",
          .body = "<html><body><h1>" + std::string(sentence) + "</h1></body></html>\n"};
}

Answer plain(int status, std::string text) {
  return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::move(text)};
}

bool is_fhir_json(std::string_view content_type) {
  const auto type = content_type.substr(0, content_type.find_first_of("; "));
  return std::equal(type.begin(), type.end(), kFhirJson.begin(), kFhirJson.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

/// `?identifier=system|value`, and nothing else: a condition that is not understood must not be left out.
void read_condition(const boost::urls::url_view& url, Arrival& arrival) {
  const auto parameters = url.params();
  if (parameters.size() != 1 || (*parameters.begin()).key != "identifier") {
    arrival.refusal = operation_outcome(400, "invalid", "exactly one parameter is expected: identifier");
    return;
  }
  const std::string value((*parameters.begin()).value);
  const auto bar = value.find('|');
  if (bar == std::string::npos || bar == 0 || bar + 1 == value.size() ||
      value.size() - bar - 1 > kMaxBundleIdBytes) {
    arrival.refusal = operation_outcome(400, "invalid", "identifier is not system|value");
    return;
  }
  arrival.identifier_system = value.substr(0, bar);
  arrival.bundle_id = value.substr(bar + 1);
}

void classify(Arrival& arrival) {
  const auto& head = arrival.head;
  // Strict: a raw | or ^ is no URL, and servers refuse it before they look at anything.
  const auto url = boost::urls::parse_origin_form(head.target);
  if (!url) {
    arrival.refusal = html(400, "Bad Request");
    return;
  }
  const std::string_view path(url->encoded_path().data(), url->encoded_path().size());
  const auto rest = path.starts_with(kBase) ? path.substr(kBase.size()) : std::string_view{};
  constexpr std::string_view kResult = "/result/";
  if (rest == "/Bundle") {
    if (head.method == "PUT") arrival.operation = Operation::register_bundle;
    if (head.method == "DELETE") arrival.operation = Operation::delete_bundle;
    if (arrival.operation == Operation::unknown) {
      arrival.refusal = html(405, "Method Not Allowed");
    } else {
      read_condition(*url, arrival);
    }
  } else if (rest.starts_with(kResult) && head.method == "GET") {
    arrival.operation = Operation::result;
    const auto number = rest.substr(kResult.size());
    std::from_chars(number.data(), number.data() + number.size(), arrival.asked_for);
  } else {
    arrival.refusal = html(404, "Not Found");  // a wrong base address: no FHIR server answers there
  }
}

RequestLine to_line(const Arrival& arrival) {
  RequestLine line;
  line.number = arrival.number;
  line.operation = arrival.operation;
  line.bundle_id = arrival.bundle_id;
  line.client = arrival.head.client;
  line.at_once = arrival.head.at_once;
  line.specs = arrival.decision.specs;
  return line;
}

}  // namespace

/// A body that came whole, and what is known of it.
struct Platform::Submission {
  std::string_view body;
  std::optional<BundleFacts> facts;
  std::string why_no_facts;
  RequestLine line;
};

Arrival Platform::arrive(Head head) {
  Arrival arrival;
  arrival.number = store_.take_number();
  arrival.head = std::move(head);
  classify(arrival);
  if (arrival.operation == Operation::result) {
    // So that match= finds the polls of a Bundle-ID.
    if (const auto pending = store_.pending(arrival.asked_for)) arrival.bundle_id = pending->bundle_id;
  }
  arrival.decision = misbehaviour_.decide(arrival.operation, arrival.bundle_id);
  return arrival;
}

std::optional<Reaction> Platform::react_to_head(const Arrival& arrival) {
  const auto& fault = arrival.decision.fault;
  if (!fault || fault->kind != FaultKind::reset_before_body) return std::nullopt;
  auto line = to_line(arrival);
  line.note = fault->name;
  store_.log(line);
  return Reaction{};
}

Reaction Platform::react_to_broken_body(const Arrival& arrival, int status) {
  auto line = to_line(arrival);
  line.status = status;
  line.note = status == 0 ? "body incomplete" : "body too large";
  store_.log(line);
  Reaction reaction;
  if (status != 0) {
    reaction.answer = operation_outcome(status, "too-long", "the body is larger than 10 MB");
    reaction.answer->close = true;
  }
  return reaction;
}

Reaction Platform::react(const Arrival& arrival, std::string_view body) {
  Submission submission{body, std::nullopt, {}, to_line(arrival)};
  if (!body.empty()) store_.keep_body(arrival.number, body);
  if (arrival.operation == Operation::register_bundle) {
    submission.facts = read_bundle(body, submission.why_no_facts);
    submission.line.content_hash = content_hash(body);
  }
  if (submission.facts) {
    submission.line.resources = submission.facts->resources;
    submission.line.insured_identifier = submission.facts->insured_identifier;
  }
  auto reaction = react_to_fault(arrival, submission);
  reaction.delay = arrival.decision.delay;
  submission.line.status = reaction.answer ? reaction.answer->status : 0;
  store_.log(submission.line);
  return reaction;
}

Reaction Platform::react_to_fault(const Arrival& arrival, Submission& submission) {
  Reaction reaction;
  const auto& fault = arrival.decision.fault;
  if (fault) submission.line.note = fault->name;
  // What happens whatever was sent.
  if (fault && fault->kind == FaultKind::reset_after_body) return reaction;
  if (fault && fault->kind == FaultKind::status) {
    reaction.answer = fault->operation_outcome ? operation_outcome(fault->code, "transient", "on request")
                                               : plain(fault->code, "on request\n");
    reaction.answer->retry_after_s = fault->retry_after_s;
    return reaction;
  }
  if (fault && fault->kind == FaultKind::html400) {
    reaction.answer = html(400, "Bad Request: no required client certificate was sent");
    reaction.answer->close = true;
    return reaction;
  }
  if (fault && fault->kind == FaultKind::outcome422) {
    reaction.answer = operation_outcome(
        422, "business-rule",
        fault->echo ? submission.body : std::string_view("the Bundle breaks a rule of the platform"));
    return reaction;
  }

  // What needs something that can be stored.
  if (auto refusal = refuse(arrival, submission)) {
    reaction.answer = std::move(refusal);
  } else if (arrival.operation == Operation::result) {
    reaction.answer = result_of(arrival);
  } else if (fault && fault->kind == FaultKind::late_store) {
    reaction.due_ms = postpone(arrival, *fault);
  } else if (fault && fault->kind == FaultKind::accept) {
    const auto due_ms = postpone(arrival, *fault);
    if (fault->ms) reaction.due_ms = due_ms;
    reaction.answer = Answer{.status = 202};
    const std::string host = fault->elsewhere ? "elsewhere.example" : arrival.head.host;
    reaction.answer->content_location =
        "https://" + host + std::string(kBase) + "/result/" + std::to_string(arrival.number);
  } else {
    reaction.answer = take_effect(arrival, submission);
    if (fault && fault->kind == FaultKind::lose_answer) reaction.answer.reset();
  }
  return reaction;
}

std::optional<Answer> Platform::refuse(const Arrival& arrival, Submission& submission) {
  if (arrival.refusal) return arrival.refusal;
  if (arrival.operation == Operation::delete_bundle && !store_.bundle(arrival.bundle_id)) {
    return operation_outcome(404, "not-found", "no Bundle has this identifier");
  }
  if (arrival.operation != Operation::register_bundle) return std::nullopt;

  if (!is_fhir_json(arrival.head.content_type)) {
    return operation_outcome(415, "not-supported", "Content-Type is not application/fhir+json");
  }
  const auto& facts = submission.facts;
  if (!facts) return operation_outcome(400, "invalid", submission.why_no_facts);
  if (facts->identifier_value != arrival.bundle_id || facts->identifier_system != arrival.identifier_system) {
    return operation_outcome(400, "invalid", "Bundle.identifier is not the identifier of the query");
  }
  if (const auto held = store_.bundle(arrival.bundle_id)) {
    std::string why;
    const auto old = read_bundle(*held, why);
    const bool other = old && old->insured_identifier != facts->insured_identifier;
    const auto spec = other ? misbehaviour_.refuses_other_identifier(arrival.bundle_id) : std::nullopt;
    if (spec) {
      submission.line.specs.push_back(*spec);
      return operation_outcome(422, "conflict", "registered under another insured identifier");
    }
  }
  return std::nullopt;
}

Answer Platform::take_effect(const Arrival& arrival, Submission& submission) {
  submission.line.stored = true;
  if (arrival.operation == Operation::delete_bundle) {
    store_.remove(arrival.bundle_id, arrival.number);
    return Answer{.status = 204};
  }
  const bool stood = store_.put(arrival.bundle_id, arrival.number, submission.body);
  return Answer{.status = stood ? 200 : 201};
}

std::int64_t Platform::postpone(const Arrival& arrival, const Fault& fault) {
  Pending pending;
  pending.number = arrival.number;
  pending.operation = arrival.operation;
  pending.bundle_id = arrival.bundle_id;
  if (fault.ms) pending.due_ms = now_ms() + fault.ms->count();
  pending.has_result = fault.kind == FaultKind::accept;
  store_.keep(pending);
  return pending.due_ms.value_or(0);
}

void Platform::complete(std::int64_t number) {
  auto pending = store_.pending(number);
  if (!pending) return;
  if (pending->operation == Operation::delete_bundle) {
    pending->result_status = store_.remove(pending->bundle_id, number) ? 204 : 404;
  } else {
    pending->result_status = store_.put(pending->bundle_id, number, store_.body(number)) ? 200 : 201;
  }
  store_.keep(*pending);
}

Answer Platform::result_of(const Arrival& arrival) const {
  const auto pending = store_.pending(arrival.asked_for);
  if (!pending || !pending->has_result) return operation_outcome(404, "not-found", "no such result");
  if (pending->result_status == 0) return Answer{.status = 202};
  // FHIR R4 asynchronous pattern: the status of the operation itself is inside a batch response.
  return {.status = 200,
          .content_type = std::string(kFhirJson),
          .body = R"({"resourceType":"Bundle","type":"batch-response","entry":[{"response":{"status":")" +
                  std::to_string(pending->result_status) + R"("}}]})"};
}

Answer Platform::control(std::string_view method, std::string_view target, std::string_view body) {
  if (method == "POST" && target == "/misbehave") {
    try {
      misbehaviour_.replace(parse_specs(body));
    } catch (const std::invalid_argument& error) {
      return plain(400, std::string(error.what()) + "\n");
    }
    return Answer{.status = 204};
  }
  if (method == "POST" && target == "/misbehave/clear") {
    misbehaviour_.replace({});
    return Answer{.status = 204};
  }
  if (method == "GET" && target == "/requests/count") {
    return plain(200, std::to_string(store_.request_count()) + "\n");
  }
  return plain(404, "POST /misbehave, POST /misbehave/clear or GET /requests/count\n");
}

Answer bad_head(int status) {
  auto answer = html(status, status == 431 ? "Request Header Fields Too Large" : "Bad Request");
  answer.close = true;
  return answer;
}

}  // namespace platform_sim
