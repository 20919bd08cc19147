// What no trace tells and a unit's accounts have all the same: gate, insured identifier, variables.
#include "fhir_mapper/unit_mapper.h"
#include "ssmix2/value_place.h"
#include "tests/unit/fhir_mapper/support.h"

#include <map>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

std::string header(const std::string& type) {
  return "MSH|^~\\&|H|S|G|R|20260401080000||" + type +
         "|1|P|2.5\nPID|0001||0001234^^^^PI||架橋^太郎^^^^^L^I||19600229|M|||^^^^422-0000^JPN^H^架空町１\n";
}

std::string insurance(const std::string& plan, const std::string& insurer, const std::string& number) {
  return "IN1|1|" + plan + "^x^JHSD0001|" + insurer + "|||||||" + number + "||20250401|20991231\n";
}

/// "PID[1]-3.1" -> "mapped identifier[0].value"
using Fates = std::map<std::string, std::string>;

Fates fates_of(const UnitOutcome::DocumentAccount& of) {
  Fates fates;
  for (const AccountedValue& each : of.account.values()) {
    std::string& fate = fates[to_text(ssmix2::place_of(of.account.message(), each.value)).str()];
    fate = std::string(name_of(each.fate));
    if (!each.element.empty()) fate.append(" ").append(each.element);
    if (!each.reason.empty()) fate.append(": ").append(each.reason);
  }
  return fates;
}

/// A patient with a list of problems; accounts are asked for.
class Accounts {
 public:
  explicit Accounts(const std::string& insurances, const std::string& problems = "")
      : patient_(message_of(header("ADT^A08") + insurances)),
        problems_(message_of(header("PPR^ZD1") + problems)) {
    input_.unit = {UnitKind::condition, ssmix2::PatientId("0001234"), "", ""};
    input_.master =
        UnitDocument{document_name("0001234_-_ADT-00_999999999999999_20260401080000000_-_1"), &patient_};
    input_.documents = {
        {document_name("0001234_-_PPR-01_999999999999999_20260401080000000_01_1"), &problems_}};
    settings_ = settings();
    settings_.explain = true;
  }

  UnitSettings& settings_of() { return settings_; }
  UnitOutcome map() const { return map_unit(input_, shipped_mapping(), settings_); }
  Fates of_document() const { return fates_of(map().accounts.at(1)); }
  Fates of_patient() const {
    return fates_of(map_patient_alone(*input_.master, shipped_mapping(), settings_).accounts.at(0));
  }

 private:
  ssmix2::Message patient_;
  ssmix2::Message problems_;
  UnitInput input_;
  UnitSettings settings_;
};

const std::string kProblem = "PRB|AD|20260401|20054174^胃炎^MDCDX2|P1|||20260301|||K297^^I10^O\n";
constexpr const char* kByGate = "ignored: compared with the document's path";
constexpr const char* kByChoice = "ignored: the insured identifier is chosen by it";

TEST_CASE("what the gate compares is accounted for in every document") {
  const Accounts accounts(insurance("06", "6139999", "12~34~05"), kProblem);
  for (const auto& fates : {accounts.of_document(), accounts.of_patient()}) {
    CHECK(fates.at("MSH[1]-9.1") == kByGate);
    CHECK(fates.at("MSH[1]-9.2") == kByGate);
  }
  CHECK(accounts.of_document().at("PID[1]-3.1") == kByGate);
}

TEST_CASE("the patient number and the parts of the insured identifier are mapped where these stand") {
  const Fates fates = Accounts(insurance("06", "6139999", "12~34~05")).of_patient();
  CHECK(fates.at("PID[1]-3.1") == "mapped identifier[0].value");
  CHECK(fates.at("IN1[1]-3") == "mapped identifier[1].value");
  for (const char* part : {"IN1[1]-10[1]", "IN1[1]-10[2]", "IN1[1]-10[3]"}) {
    CHECK(fates.at(part) == "mapped identifier[1].value");
  }
  for (const char* asked : {"IN1[1]-2.1", "IN1[1]-12", "IN1[1]-13"}) CHECK(fates.at(asked) == kByChoice);
  CHECK(fates.at("IN1[1]-2.2") == "ignored: of the insurance the insured identifier alone is sent");
}

TEST_CASE("of an insurance that another one is preferred to nothing is mapped") {
  const Fates fates =
      Accounts(insurance("06", "6139999", "12~34~05") + insurance("06", "6138888", "56~78~05")).of_patient();
  CHECK(fates.at("IN1[1]-10[2]") == "mapped identifier[1].value");
  CHECK(fates.at("IN1[2]-10[2]") == kByChoice);
  CHECK(fates.at("IN1[2]-3") == kByChoice);
}

TEST_CASE("IN1-11 is part of the account where the storage writes the number there") {
  Accounts accounts("IN1|1|06^x^JHSD0001|6139999|||||||12|34\n");
  CHECK_THAT(accounts.of_patient().at("IN1[1]-11"), Catch::StartsWith("ignored: the employer; "));
  accounts.settings_of().insured_number = InsuredNumberForm::symbol_number;
  CHECK(accounts.of_patient().at("IN1[1]-11") == "mapped identifier[1].value");
}

TEST_CASE(
    "the value that no insured identifier can be made of is malformed, and the patient is accounted for") {
  const Fates fates = Accounts(insurance("06", "x", "12~34~05")).of_patient();
  CHECK(fates.at("IN1[1]-3") == "malformed: no insured identifier can be made of it");
  CHECK(fates.at("IN1[1]-2.1") == kByChoice);
  CHECK(fates.at("PID[1]-7") == "mapped birthDate");
}

TEST_CASE("a held unit has the accounts of its documents") {
  const Accounts accounts("", kProblem);
  CHECK_FALSE(accounts.map().holds.empty());
  CHECK(accounts.of_document().at("PRB[1]-3.2") == "mapped code.coding[0].display");
}

TEST_CASE("what names a row is mapped where its name stands") {
  const Accounts accounts(insurance("06", "6139999", "12~34~05"), kProblem);
  CHECK(accounts.of_document().at("PRB[1]-4") == "mapped identifier[0].value");
}

TEST_CASE("the values of a row that nothing readable identifies are malformed") {
  const Accounts accounts(insurance("06", "6139999", "12~34~05"), "PRB|AD|20260401|20054174^胃炎^MDCDX2|\n");
  CHECK(accounts.of_document().at("PRB[1]-3.2") == "malformed: nothing readable identifies the row");
}

TEST_CASE("an ADT-00 of another patient has no account") {
  const auto other =
      message_of("MSH|^~\\&|H|S|G|R|20260401080000||ADT^A08|1|P|2.5\nPID|0001||0001235^^^^PI\n");
  UnitSettings explained = settings();
  explained.explain = true;
  const UnitDocument master{document_name("0001234_-_ADT-00_999999999999999_20260401080000000_-_1"), &other};
  const UnitOutcome outcome = map_patient_alone(master, shipped_mapping(), explained);
  CHECK(outcome.accounts.empty());
  CHECK(outcome.holds.front().code == ssmix2::FailureCode::patient_mismatch);
}

}  // namespace
}  // namespace fhir_mapper::test
