#include "gateway/validation_run.h"

#include "fhir_mapper/fhir_element.h"
#include "gateway/issue_sentence.h"
#include "gateway/json_line.h"
#include "gateway/json_texts.h"

#include <ostream>

namespace gateway {
namespace {

using fhir_mapper::IssueSeverity;
using fhir_mapper::JsonMistake;
using fhir_mapper::Node;
using fhir_mapper::ProfileDemand;
using fhir_mapper::ProfileIssue;

constexpr std::string_view kClinsBundle = "http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_CLINS";

std::string_view text_of(const Node* node) {
  return node == nullptr ? std::string_view() : node->text().value_or(std::string_view());
}

bool claims_clins_bundle(const Node& bundle) {
  const Node* const meta = bundle.find("meta");
  const Node* const profiles = meta == nullptr ? nullptr : meta->find("profile");
  if (profiles == nullptr) return false;
  for (const Node& profile : *profiles) {
    const std::string_view url = text_of(&profile);
    if (url.substr(0, url.find('|')) == kClinsBundle) return true;
  }
  return false;
}

/// Prescriptions, with the patient, and nothing else.
bool has_prescriptions_alone(const Node& bundle) {
  const Node* const entries = bundle.find("entry");
  if (entries == nullptr) return false;
  bool any = false;
  for (const Node& entry : *entries) {
    const Node* const resource = entry.find("resource");
    const std::string_view type = resource == nullptr ? "" : text_of(resource->find("resourceType"));
    if (type != "MedicationRequest" && type != "Patient") return false;
    any = any || type == "MedicationRequest";
  }
  return any;
}

/// A prescription by itself is nothing that CLINS takes: `map` prints it as a plain collection, whose
/// resources keep what they claim. Everything else is looked at as it would be submitted.
ProfileDemand demand_on(const Node& root) {
  const bool is_plain = text_of(root.find("resourceType")) == "Bundle" && has_prescriptions_alone(root) &&
                        !claims_clins_bundle(root);
  return is_plain ? ProfileDemand::as_claimed : ProfileDemand::clins_submission;
}

ProfileIssue json_issue(std::string rule, std::string location, std::string_view en) {
  ProfileIssue issue;
  issue.rule = std::move(rule);
  issue.location = std::move(location);
  issue.en = en;
  issue.ja = issue.en;
  return issue;
}

const char* rule_of(JsonMistake mistake) {
  switch (mistake) {
    case JsonMistake::not_utf8:
      return "encoding";
    case JsonMistake::no_object:
      return "clins";  // a text, but none of anything that is submitted
    case JsonMistake::too_large:
    case JsonMistake::malformed:
    case JsonMistake::unpaired_surrogate:
    case JsonMistake::too_deep:
      return "json";
  }
  return "json";
}

std::string text_of(const fhir_mapper::JsonPlace& place) {
  return std::to_string(place.line) + ":" + std::to_string(place.column);
}

std::string counted(std::size_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

void ValidationRun::add(const std::string& name, std::istream& stream) {
  JsonTexts texts(stream, fhir_mapper::JsonLimits{}.bytes);
  while (const auto text = texts.next()) check({name, text->line}, text->bytes);
}

void ValidationRun::check(const Text& text, std::string_view json) {
  ++texts_;
  const auto document = fhir_mapper::read_json(json);
  if (!document.has_value()) {
    const auto& error = document.error();
    return print(text, json_issue(rule_of(error.mistake), "$", to_text(error.mistake)), text_of(error.place));
  }
  const Node& root = document->tree.root();
  const std::string type(text_of(root.find("resourceType")));
  remark(text, *document, type);
  if (type.empty())
    return print(text, json_issue("clins", "$", "a resource names its type, and this does not"), {});
  for (const ProfileIssue& issue : check_profiles(root, *pack_, demand_on(root))) print(text, issue, {});
}

void ValidationRun::remark(const Text& text, const fhir_mapper::JsonDocument& document,
                           const std::string& type) {
  // Anything may stand in resourceType, and a location holds no values.
  const std::string root = fhir_mapper::is_resource_type(type) ? type : "$";
  if (document.has_byte_order_mark) {
    print(text, json_issue("json-duplicate", root, "the text begins with a byte order mark"), "1:1");
  }
  for (const auto& repeated : document.repeated) {
    print(
        text,
        json_issue("json-duplicate", root + repeated.object, "a name occurs twice, and the last one counts"),
        text_of(repeated.place));
  }
}

void ValidationRun::print(const Text& text, const ProfileIssue& issue, const std::string& place) {
  ++(issue.severity == IssueSeverity::error ? errors_ : warnings_);
  const IssueSentence plain = sentence_of(issue, *pack_);
  JsonLine line;
  line.text("file", text.file);
  if (text.line != 0) line.number("line", text.line);
  line.text("severity", issue.severity == IssueSeverity::error ? "error" : "warning")
      .text("rule", issue.rule)
      .text("location", issue.location);
  if (!place.empty()) line.text("place", place);
  if (!issue.profile.empty()) line.text("profile", issue.profile);
  line.text("en", quoting_ ? issue.en : plain.en).text("ja", quoting_ ? issue.ja : plain.ja);
  results_ << line.str();
}

std::string ValidationRun::summary() const {
  return counted(texts_, "text") + " by " + pack_->id() + ": " + counted(errors_, "error") + ", " +
         counted(warnings_, "warning");
}

}  // namespace gateway
