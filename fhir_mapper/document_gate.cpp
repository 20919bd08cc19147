#include "fhir_mapper/document_gate.h"

namespace fhir_mapper {
namespace {

using ssmix2::Failure;
using ssmix2::FailureCode;
using ssmix2::SafeText;

/// An ADT message of another event under ADT-61 has no IAM rows: it would pass for a patient without
/// allergies.
std::optional<Failure> find_type_failure(const ssmix2::Message& message, const ssmix2::DataTypeInfo& type) {
  const auto msh = message.first("MSH");
  const std::string code = msh ? msh->field(9).component(1).text() : "";
  const std::string event = msh ? msh->field(9).component(2).text() : "";
  if (code == type.message_code && (type.event.empty() || event == type.event)) return std::nullopt;
  std::string expected(type.message_code);
  if (!type.event.empty()) expected.append("^").append(type.event);
  return Failure{
      FailureCode::hl7_wrong_message_type,
      {.segment = "MSH", .occurrence = 1, .field = 9},
      SafeText::vouched("a document under " + std::string(type.name) + " holds " + expected + " messages")};
}

}  // namespace

std::optional<Failure> find_gate_failure(const UnitDocument& document, const ssmix2::PatientId& patient) {
  const auto& key = document.name.key;
  if (key.patient != patient) {
    return Failure{FailureCode::patient_mismatch,
                   {},
                   SafeText::vouched("a " + std::string(info(key.type).name) +
                                     " document of another patient's folder was taken for this unit")};
  }
  if (auto failure = find_type_failure(*document.message, info(key.type))) return failure;
  const auto pids = document.message->all("PID");
  if (pids.size() > 1) {
    return Failure{FailureCode::patient_mismatch,
                   {.segment = "PID", .occurrence = 2},
                   "the message has more than one PID: nobody can tell whose its rows are"};
  }
  const auto pid = document.message->first("PID");
  if (!pid || !key.patient.same_patient(pid->field(3).component(1).text())) {
    return Failure{FailureCode::patient_mismatch,
                   {.segment = "PID", .occurrence = 1, .field = 3, .component = 1},
                   SafeText::vouched("in the " + std::string(info(key.type).name) + " document")};
  }
  return std::nullopt;
}

std::optional<Failure> find_missing_rows(const UnitDocument& document) {
  // Of an ADT-61 the IAM, of an ADT-00 the AL1 and of an OML-11 the OBX may be missing: no allergies, no
  // result.
  std::vector<std::string_view> needed;
  switch (document.name.key.type) {
    case ssmix2::DataType::PPR_01:
      needed = {"PRB"};
      break;
    case ssmix2::DataType::OML_11:
      needed = {"SPM", "OBR"};
      break;
    case ssmix2::DataType::OMP_01:
      needed = {"RXE"};
      break;
    default:
      break;
  }
  for (const std::string_view segment : needed) {
    if (document.message->first(segment)) continue;
    return Failure{FailureCode::map_missing_element,
                   {.segment = std::string(segment)},
                   SafeText::vouched("the " + std::string(info(document.name.key.type).name) +
                                     " document has none of these segments, and an empty one is no way to "
                                     "delete what stood in it")};
  }
  return std::nullopt;
}

void settle_gate(Account& account) {
  const auto settle = [&account](const ssmix2::Value& value) {
    account.settle({.value = value, .fate = Fate::ignored, .reason = "compared with the document's path"});
  };
  if (const auto msh = account.message().first("MSH")) {
    settle(msh->field(9).component(1));
    settle(msh->field(9).component(2));
  }
  if (const auto pid = account.message().first("PID")) settle(pid->field(3).component(1));
}

}  // namespace fhir_mapper
