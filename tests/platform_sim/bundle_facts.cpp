#include "tests/platform_sim/bundle_facts.h"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

namespace platform_sim {
namespace {

using Value = rapidjson::Value;

const Value* member(const Value& object, const char* name) {
  if (!object.IsObject()) return nullptr;
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

std::string_view text(const Value& object, const char* name) {
  const auto* value = member(object, name);
  if (value == nullptr || !value->IsString()) return {};
  return {value->GetString(), value->GetStringLength()};
}

/// Insurance and public payer; the name of the system is the only mark they share.
std::string insured_identifier(const Value& patient) {
  const auto* identifiers = member(patient, "identifier");
  if (identifiers == nullptr || !identifiers->IsArray()) return {};
  for (const auto& identifier : identifiers->GetArray()) {
    if (text(identifier, "system").ends_with("_memberID")) return std::string(text(identifier, "value"));
  }
  return {};
}

void read_entries(const Value& bundle, BundleFacts& facts) {
  const auto* entries = member(bundle, "entry");
  if (entries == nullptr || !entries->IsArray()) return;
  for (const auto& entry : entries->GetArray()) {
    const auto* resource = member(entry, "resource");
    if (resource == nullptr) continue;
    const auto type = text(*resource, "resourceType");
    ++facts.resources[std::string(type)];
    if (type == "Patient" && facts.insured_identifier.empty()) {
      facts.insured_identifier = insured_identifier(*resource);
    }
  }
}

}  // namespace

std::optional<BundleFacts> read_bundle(std::string_view body, std::string& why) {
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::Document document;
  document.Parse<kFlags>(body.data(), body.size());
  if (document.HasParseError()) {
    why = "not JSON at byte " + std::to_string(document.GetErrorOffset()) + ": " +
          rapidjson::GetParseError_En(document.GetParseError());
    return std::nullopt;
  }
  if (text(document, "resourceType") != "Bundle") {
    why = "resourceType is not Bundle";
    return std::nullopt;
  }
  BundleFacts facts;
  if (const auto* identifier = member(document, "identifier")) {
    facts.identifier_system = text(*identifier, "system");
    facts.identifier_value = text(*identifier, "value");
  }
  read_entries(document, facts);
  return facts;
}

}  // namespace platform_sim
