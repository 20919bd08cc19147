#include "fhir_mapper/unit_mapper.h"

#include "tests/unit/fhir_mapper/support.h"

#include <deque>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

using ssmix2::FailureCode;

std::string header(const std::string& type, const std::string& patient = "0001234") {
  return "MSH|^~\\&|H|S|G|R|20260401080000||" + type + "|1|P|2.5\nPID|0001||" + patient +
         "^^^^PI||架橋^太郎^^^^^L^I||19600229|M|||^^^^422-0000^JPN^H^架空町１\n";
}

const std::string kInsurance = "IN1|1|06^組合^JHSD0001|6139999|||||||12~34~05||20250401\n";

std::string problem(const std::string& instance, const std::string& action = "AD",
                    const std::string& name = "胃炎", const std::string& from_13 = "") {
  return "PRB|" + action + "|20260401|20054174^" + name + "^MDCDX2|" + instance +
         "|||20260301|||K297^^I10^O^外来時^JHSD0004|||" + from_13 + "\n";
}

/// A unit of one patient, its documents and settings.
class Unit {
 public:
  explicit Unit(UnitKind kind = UnitKind::condition) {
    input_.unit = {kind, ssmix2::PatientId("0001234"), "", ""};
    settings_ = settings();
  }

  Unit& add(const std::string& name, const std::string& text) {
    messages_.push_back(message_of(text));
    input_.documents.push_back({document_name(name), &messages_.back()});
    return *this;
  }
  Unit& problems(const std::string& at, const std::string& rows, const std::string& department = "01") {
    return add("0001234_-_PPR-01_999999999999999_" + at + "_" + department + "_1", header("PPR^ZD1") + rows);
  }
  Unit& master(const std::string& text = header("ADT^A08") + kInsurance,
               const std::string& folder = "0001234") {
    messages_.push_back(message_of(text));
    input_.master = UnitDocument{document_name(folder + "_-_ADT-00_999999999999999_20260401080000000_-_1"),
                                 &messages_.back()};
    return *this;
  }
  UnitSettings& settings_of() { return settings_; }
  UnitOutcome map() const { return map_unit(input_, shipped_mapping(), settings_); }

  /// "P1:胃炎 P2:…" or why not.
  std::string resources() const {
    const UnitOutcome outcome = map();
    if (!outcome.holds.empty()) return "held: " + to_text(outcome.holds.front()).str();
    if (!outcome.mapped) return "empty";
    std::string text;
    for (const Node* resource : outcome.mapped->resources) {
      const std::string id = std::string(*resource->find("identifier")->at(0)->find("value")->text());
      text += (text.empty() ? "" : " ") + id.substr(id.rfind('-') + 1) + ":" +
              std::string(*resource->find("code")->find("text")->text());
    }
    return text;
  }

 private:
  std::deque<ssmix2::Message> messages_;
  UnitInput input_;
  UnitSettings settings_;
};

void check_held(const Unit& unit, FailureCode code) {
  const UnitOutcome outcome = unit.map();
  CHECK_FALSE(outcome.mapped.has_value());
  REQUIRE(outcome.holds.size() == 1);
  CHECK(outcome.holds.front().code == code);
}

TEST_CASE("a character that could not be read is sent in a remark, and holds the unit in code or name") {
  const auto with = [](const std::string& rows) {
    Unit unit;
    unit.master().problems("20260401080000000", rows);
    return unit;
  };
  CHECK(with(problem("P1") + "NTE|1||再\uFFFD\n").resources() == "P1:胃炎");
  check_held(with(problem("P1", "AD", "\uFFFD型糖尿病")), FailureCode::map_bad_value);  // which disease it is
  check_held(with(problem("P\uFFFD")), FailureCode::map_bad_value);                     // which row it is
  check_held(with(problem("P1", "D\uFFFD")), FailureCode::map_bad_value);               // deleted or not
  check_held(with(problem("P1", "AD", "胃炎", "\uFFFD")), FailureCode::map_bad_value);  // suspected or not
}

TEST_CASE("a document of another patient holds the unit") {
  Unit unit;
  unit.master().add("0001234_-_PPR-01_9_20260401080000000_01_1",
                    header("PPR^ZD1", "0001235") + problem("P1"));
  check_held(unit, FailureCode::patient_mismatch);
}

TEST_CASE("a document without any patient holds the unit") {
  Unit unit;
  unit.master().add("0001234_-_PPR-01_9_20260401080000000_01_1", "MSH|^~\\&|H|||||| PPR^ZD1\nPRB|AD\n");
  CHECK_FALSE(unit.map().mapped.has_value());
  Unit second;
  second.master().add("0001234_-_PPR-01_9_20260401080000000_01_1",
                      "MSH|^~\\&|H||||||PPR^ZD1\n" + problem("P1"));
  check_held(second, FailureCode::patient_mismatch);
}

TEST_CASE("PID-3 may differ from the folder by leading zeros only") {
  Unit unit;
  unit.master(header("ADT^A08", "1234") + kInsurance)
      .add("0001234_-_PPR-01_9_20260401080000000_01_1", header("PPR^ZD1", "001234") + problem("P1"));
  CHECK(unit.resources() == "P1:胃炎");
}

TEST_CASE("a document or ADT-00 of another folder is never used, even if it is in order by itself") {
  Unit other_folder;
  other_folder.master().add("0001235_-_PPR-01_9_20260401080000000_01_1",
                            header("PPR^ZD1", "0001235") + problem("P1"));
  check_held(other_folder, FailureCode::patient_mismatch);
  Unit other_master;
  other_master.master(header("ADT^A08", "0001235") + kInsurance, "0001235")
      .problems("20260401080000000", problem("P1"));
  check_held(other_master, FailureCode::patient_mismatch);
}

TEST_CASE("a wrong patient in the ADT-00 holds the unit") {
  Unit unit;
  unit.master(header("ADT^A08", "0001235") + kInsurance).problems("20260401080000000", problem("P1"));
  check_held(unit, FailureCode::patient_mismatch);
}

TEST_CASE("a message with more than one PID holds the unit, also where both are the same patient") {
  for (const char* second : {"0001235", "0001234"}) {
    Unit unit;
    unit.master().problems(
        "20260401080000000",
        problem("P1") + "PID|0002||" + second + "^^^^PI||架橋^花子^^^^^L^I||19600229|F\n" + problem("P2"));
    check_held(unit, FailureCode::patient_mismatch);
  }
}

TEST_CASE("a patient without any name holds the unit") {
  std::string nameless = header("ADT^A08");
  const std::string name = "架橋^太郎^^^^^L^I";
  nameless.erase(nameless.find(name), name.size());
  Unit unit;
  unit.master(nameless + kInsurance).problems("20260401080000000", problem("P1"));
  CHECK_THAT(unit.resources(), Catch::Contains("held: map:missing-element") && Catch::Contains("PID[1]-5"));
}

TEST_CASE("a message of another kind than its path says holds the unit") {
  Unit unit;
  unit.master().add("0001234_-_PPR-01_9_20260401080000000_01_1", header("OUL^R22") + problem("P1"));
  check_held(unit, FailureCode::hl7_wrong_message_type);
}

TEST_CASE("without a live ADT-00 the unit is held") {
  Unit unit;
  unit.problems("20260401080000000", problem("P1"));
  check_held(unit, FailureCode::patient_no_master);
}

TEST_CASE("without a usable insurance the unit is held") {
  Unit unit;
  unit.master(header("ADT^A08")).problems("20260401080000000", problem("P1"));
  check_held(unit, FailureCode::patient_no_insurance);
}

TEST_CASE("an insurance of another time is used with a warning that says of which") {
  const auto [from, until, detail] = GENERATE(
      table<std::string, std::string, std::string>({{"20200401", "20210331", "IN1-13 is in the past"},
                                                    {"20300401", "20310331", "IN1-12 is in the future"}}));
  Unit unit;
  unit.master(header("ADT^A08") + "IN1|1|06^x^JHSD0001|6139999|||||||12~34~05||" + from + "|" + until + "\n")
      .problems("20260401080000000", problem("P1"));
  const UnitOutcome outcome = unit.map();
  REQUIRE(outcome.mapped.has_value());
  CHECK(outcome.mapped->insured_identifier == "06139999:12:34:05");
  REQUIRE(outcome.warnings.size() == 1);
  CHECK(outcome.warnings[0].code == FailureCode::patient_insurance_expired);
  CHECK(outcome.warnings[0].detail.view() == detail);
}

TEST_CASE("a prescription without a usable insurance is held, too") {
  Unit unit(UnitKind::medication_request);
  unit.master(header("ADT^A08"))
      .add("0001234_20260405_OMP-01_000000026000185_20260405110000000_01_1",
           header("RDE^O11") +
               "PV1|0001|O\nORC|NW|1||1|||||20260405103045|||607^医師\nRXE||^架空錠|1||TAB^錠^MR9P|||||1|TAB^"
               "錠\n"
               "TQ1|1||&１日１回&99LOC\n");
  check_held(unit, FailureCode::patient_no_insurance);
}

TEST_CASE("several problem lists are one, the newest instance of a problem wins") {
  Unit unit;
  unit.master()
      .problems("20260401080000000", problem("P1", "AD", "古い") + problem("P2", "AD", "胃炎"), "01")
      .problems("20260402080000000", problem("P1", "UP", "新しい") + problem("P3", "AD", "肺炎"), "02");
  CHECK(unit.resources() == "P1:新しい P3:肺炎 P2:胃炎");
}

TEST_CASE("of two lists the newer is the newer whatever their times are written with") {
  Unit unit;
  unit.master()
      .problems("20260402080000", problem("P1", "AD", "新しい"))
      .problems("20260401080000999", problem("P1", "AD", "古い"));
  CHECK(unit.resources() == "P1:新しい");
}

TEST_CASE("a problem deleted in the newer list does not come back from the older one") {
  Unit unit;
  unit.master()
      .problems("20260401080000000", problem("P1") + problem("P2"))
      .problems("20260402080000000", problem("P1", "DE"));
  CHECK(unit.resources() == "P2:胃炎");
}

TEST_CASE("a problem is the same with and without the spaces of a fixed width behind what identifies it") {
  Unit unit;
  unit.master()
      .problems("20260401080000000", problem("P1") + problem("P2"))
      .problems("20260402080000000", problem("P1  ", "DE"));
  CHECK(unit.resources() == "P2:胃炎");
}

TEST_CASE("a problem deleted in the older list is there again when the newer one has it") {
  Unit unit;
  unit.master()
      .problems("20260401080000000", problem("P1", "DE"))
      .problems("20260402080000000", problem("P1"));
  CHECK(unit.resources() == "P1:胃炎");
}

std::string missing_segment(const Unit& unit) {
  const auto holds = unit.map().holds;
  return holds.empty() ? unit.resources() : to_text(holds[0].place).str();
}

TEST_CASE("a document without the segments that its kind must have holds the unit, and deletes nothing") {
  Unit list;
  list.master().problems("20260401080000000", "");
  CHECK(missing_segment(list) == "PRB");
  list.problems("20260402080000000", problem("P1"), "02");
  CHECK(missing_segment(list) == "PRB");
  Unit report(UnitKind::observation);
  report.master().add("0001234_20260401_OML-11_1_20260401080000000_01_1", header("OUL^R22"));
  CHECK(missing_segment(report) == "SPM");
  Unit drugs(UnitKind::medication_request);
  drugs.master().add("0001234_20260401_OMP-01_1_20260401080000000_01_1", header("RDE^O11"));
  CHECK(missing_segment(drugs) == "RXE");
}

TEST_CASE("what may be missing is: no allergies, and a report without a result") {
  Unit allergies(UnitKind::allergy_intolerance);
  allergies.master().add("0001234_-_ADT-61_9_20260401080000000_-_1", header("ADT^A60"));
  CHECK(allergies.resources() == "empty");
  Unit report(UnitKind::observation);
  report.master().add("0001234_20260401_OML-11_1_20260401080000000_01_1",
                      header("OUL^R22") + "SPM|1|||023^血清^JC10\nOBR|1|1||E001\n");
  CHECK(report.resources() == "empty");
}

TEST_CASE("where the newest list is the whole one, older lists do not count") {
  Unit unit;
  unit.master().problems("20260401080000000", problem("P1")).problems("20260402080000000", problem("P2"));
  unit.settings_of().newest_document_only = true;
  CHECK(unit.resources() == "P2:胃炎");
}

TEST_CASE("suspected problems are left out: any PRB-13 that is not in the table, and a name that says so") {
  for (const char* suspected : {"1^疑いあり^JHSD0005", "1", "2", "^疑い"}) {
    INFO(suspected);
    Unit unit;
    unit.master().problems("20260401080000000", problem("P1", "AD", "胃炎", suspected) + problem("P2"));
    CHECK(unit.resources() == "P2:胃炎");
    CHECK(unit.map().rows_left_out == 1);
  }
  Unit confirmed;
  confirmed.master().problems("20260401080000000", problem("P1", "AD", "胃炎", "0"));
  CHECK(confirmed.resources() == "P1:胃炎");
  Unit named;
  named.master().problems("20260401080000000", problem("P1", "AD", "胃炎の疑い"));
  CHECK(named.resources() == "empty");
}

std::string ended_problem(const std::string& nine, const std::string& fourteen = "",
                          const std::string& fifteen = "") {
  return "PRB|AD|20260401|20054174^胃炎^MDCDX2|P1|||20150301||" + nine + "|^^^O^外来時^JHSD0004||||" +
         fourteen + "|" + fifteen + "|20150301\n";
}

std::string resources_with(const std::string& rows) {
  Unit unit;
  unit.master().problems("20260401080000000", rows);
  return unit.resources();
}

TEST_CASE("what ended more than five years ago is left out, to the day or as far as it is known") {
  CHECK(resources_with(ended_problem("20210630")) == "empty");
  CHECK(resources_with(ended_problem("20210701")) == "P1:胃炎");
  CHECK(resources_with(ended_problem("202106")) == "empty");
  CHECK(resources_with(ended_problem("202107")) == "P1:胃炎");
  CHECK(resources_with(ended_problem("2020")) == "empty");
  CHECK(resources_with(ended_problem("2021")) == "P1:胃炎");
  CHECK(resources_with(ended_problem("")) == "P1:胃炎");
}

TEST_CASE("the date of an outcome is an end only with an outcome that ends, and the latest end counts") {
  CHECK(resources_with(ended_problem("", "F^治癒^HL70241", "20160101")) == "empty");
  CHECK(resources_with(ended_problem("", "N^不変^HL70241", "20160101")) == "P1:胃炎");
  CHECK(resources_with(ended_problem("20160101", "F^治癒^HL70241", "20260101")) == "P1:胃炎");
  CHECK(resources_with(ended_problem("20260101", "F^治癒^HL70241", "20160101")) == "P1:胃炎");
}

TEST_CASE("an end date that is no date holds the list instead of being ignored") {
  CHECK_THAT(resources_with(ended_problem("00000000")),
             Catch::Contains("held") && Catch::Contains("PRB[1]-9"));
}

TEST_CASE("a unit whose rows are all left out is empty, whoever the patient is") {
  Unit unit;
  unit.problems("20260401080000000", problem("P1", "DE"));
  const UnitOutcome outcome = unit.map();
  CHECK_FALSE(outcome.mapped.has_value());
  CHECK(outcome.holds.empty());
  CHECK(outcome.rows_left_out == 1);
}

TEST_CASE("a row without an identity holds the unit") {
  CHECK_THAT(resources_with(problem("")), Catch::Contains("the row has nothing that identifies it"));
}

TEST_CASE("a repeated row counts once, two that differ under one identity hold the unit") {
  CHECK(resources_with(problem("P1") + problem("P1")) == "P1:胃炎");
  CHECK_THAT(resources_with(problem("P1") + problem("P1", "AD", "肺炎")),
             Catch::Contains("an earlier row has the same identity") && Catch::Contains("PRB[2]"));
}

TEST_CASE("of a problem added and deleted in one message the last row tells the state") {
  CHECK(resources_with(problem("P1", "AD") + problem("P1", "DE") + problem("P2")) == "P2:胃炎");
  CHECK(resources_with(problem("P1", "DE") + problem("P1", "AD") + problem("P2")) == "P1:胃炎 P2:胃炎");
}

TEST_CASE("a name that says suspected is left out with or without a particle, and with a side behind it") {
  CHECK(resources_with(problem("P1", "AD", "胃癌疑い")) == "empty");
  CHECK(resources_with(problem("P1", "AD", "胃癌の疑い（左）")) == "empty");
  CHECK(resources_with(problem("P1", "AD", "胃癌")) == "P1:胃癌");
}

TEST_CASE("a missing element holds with every place at once") {
  Unit unit;
  unit.master().problems("20260401080000000",
                         "PRB|AD|20260401|20054174^胃炎^MDCDX2|P1\nPRB|AD|20260401|2^肺炎^MDCDX2|P2\n");
  CHECK(unit.map().holds.size() == 4);
}

TEST_CASE("a kind of document without a mapping holds the unit") {
  Unit unit;
  unit.master().add("0001234_20260404_OML-11_1_20260404103059000_01_1", header("OUL^R22"));
  check_held(unit, FailureCode::map_no_rule);
}

TEST_CASE("every diagnosis carries the mark of the untold unless the site says otherwise") {
  const auto has_tag = [](const char* untold) {
    Unit unit;
    unit.master().problems("20260401080000000", problem("P1"));
    unit.settings_of().untold = untold;
    return unit.map().mapped->resources.front()->find("meta")->find("tag") != nullptr;
  };
  CHECK(has_tag("all"));
  CHECK(has_tag("rules"));
  CHECK_FALSE(has_tag("none"));
}

TEST_CASE("explanations come patient first, one for each resource, and only when asked for") {
  Unit unit;
  unit.master().problems("20260401080000000", problem("P1") + problem("P2"));
  CHECK(unit.map().explanations.empty());
  unit.settings_of().explain = true;
  const UnitOutcome outcome = unit.map();
  REQUIRE(outcome.explanations.size() == 3);
  CHECK(outcome.explanations[0].type == "Patient");
  CHECK(outcome.explanations[2].type == "Condition");
  CHECK_FALSE(outcome.explanations[2].elements.empty());
}

TEST_CASE("no hold or warning of a unit quotes its patient") {
  Unit unit;
  unit.master(header("ADT^A08", "0001235") + kInsurance).problems("20260401080000000", problem("P1"));
  for (const auto& hold : unit.map().holds) {
    CHECK_THAT(to_text(hold).str(),
               !Catch::Contains("1234") && !Catch::Contains("1235") && !Catch::Contains("架橋"));
  }
}

}  // namespace
}  // namespace fhir_mapper::test
