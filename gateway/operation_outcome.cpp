#include "gateway/operation_outcome.h"

#include <charconv>
#include <utility>

#include <rapidjson/document.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace gateway {

namespace {

using rapidjson::Value;

constexpr int kDepthMax = 64;  // an OperationOutcome with extensions needs about 8
constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;

/// Stops the parser at kDepthMax, so that a body of nothing but '[' cannot take memory out of proportion.
struct DepthBound : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, DepthBound> {
  bool StartObject() { return ++depth <= kDepthMax; }
  bool StartArray() { return ++depth <= kDepthMax; }
  bool EndObject(rapidjson::SizeType) { return leave(); }
  bool EndArray(rapidjson::SizeType) { return leave(); }
  bool leave() {
    --depth;
    return true;
  }
  int depth = 0;
};

bool is_bounded_json(std::string_view body) {
  rapidjson::MemoryStream stream(body.data(), body.size());
  DepthBound bound;
  rapidjson::Reader reader;
  return !reader.Parse<kFlags>(stream, bound).IsError();
}

std::string_view text_of(const Value& object, const char* name) {
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd() || !member->value.IsString()) return {};
  return {member->value.GetString(), member->value.GetStringLength()};
}

/// The member if it is of `type`, else nullptr.
const Value* member_of(const Value& object, const char* name, rapidjson::Type type) {
  const auto member = object.FindMember(name);
  return member != object.MemberEnd() && member->value.GetType() == type ? &member->value : nullptr;
}

OutcomeReading read_operation_outcome(const Value& resource) {
  OutcomeReading reading;
  if (text_of(resource, "resourceType") != "OperationOutcome") return reading;
  reading.operation_outcome = true;
  const Value* issues = member_of(resource, "issue", rapidjson::kArrayType);
  if (issues == nullptr) return reading;
  for (const Value& issue : issues->GetArray()) {
    if (!issue.IsObject()) continue;
    const std::string_view severity = text_of(issue, "severity");
    if (severity == "error" || severity == "fatal") reading.has_error = true;
  }
  return reading;
}

/// "404 Not Found" and "404" are both what FHIR allows here.
int status_of(const Value& response) {
  const std::string_view text = text_of(response, "status").substr(0, 3);
  int status = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
  return error == std::errc{} && end - text.data() == 3 && status >= 100 ? status : 0;
}

/// Orders the entries of a Bundle: every refusal before every success, then by status.
std::pair<bool, int> badness(const OutcomeReading& reading) {
  return {reading.has_error || reading.entry_status >= 400, reading.entry_status};
}

// A 200 with a response Bundle says only that the Bundle was worked through: each entry has its own status.
OutcomeReading read_response_bundle(const Value& bundle) {
  OutcomeReading worst;
  const std::string_view type = text_of(bundle, "type");
  if (type != "batch-response" && type != "transaction-response") return worst;
  const Value* entries = member_of(bundle, "entry", rapidjson::kArrayType);
  if (entries == nullptr) return worst;
  for (const Value& entry : entries->GetArray()) {
    const Value* response = entry.IsObject() ? member_of(entry, "response", rapidjson::kObjectType) : nullptr;
    if (response == nullptr) continue;
    const Value* outcome = member_of(*response, "outcome", rapidjson::kObjectType);
    OutcomeReading reading = outcome != nullptr ? read_operation_outcome(*outcome) : OutcomeReading{};
    reading.entry_status = status_of(*response);
    if (badness(reading) > badness(worst)) worst = reading;
  }
  return worst;
}

}  // namespace

OutcomeReading read_outcome(std::string_view body) {
  if (!is_bounded_json(body)) return {};
  rapidjson::Document document;
  document.Parse<kFlags>(body.data(), body.size());
  if (document.HasParseError() || !document.IsObject()) return {};
  if (text_of(document, "resourceType") == "Bundle") return read_response_bundle(document);
  return read_operation_outcome(document);
}

}  // namespace gateway
