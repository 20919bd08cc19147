#include "fhir_mapper/mapping_case.h"

#include "fhir_mapper/case_document.h"
#include "tests/unit/fhir_mapper/support.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

ConfigFile file_of(const std::string& body, ConfigOrigin origin = ConfigOrigin::shipped) {
  return {"a.case.xml", "<cases xmlns=\"urn:kakehashi:mapping-case:1\">\n" + body + "\n</cases>\n", origin};
}

const std::string kProblem = "<document type=\"PPR-01\">PRB|AD|20260401|1^胃炎^MDCDX2|P1</document>";
const std::string kExpect = "<expect><count path=\"Condition\" is=\"1\"/></expect>";

std::string case_of(const std::string& inside, const std::string& name = "a case") {
  return "<case name=\"" + name + "\">" + inside + "</case>";
}

/// "place: message" lines; empty when there are none.
std::string mistakes(const std::vector<ConfigFile>& files) {
  const auto cases = parse_cases(files);
  std::string text;
  if (cases.has_value()) return text;
  for (const ConfigError& error : cases.error()) text += error.place + ": " + error.message + "\n";
  return text;
}

MappingCase parsed(const std::string& inside) {
  auto cases = parse_cases({file_of(case_of(inside))});
  if (!cases.has_value()) throw std::runtime_error(mistakes({file_of(case_of(inside))}));
  return std::move(cases->front());
}

/// The names of the segments, in order.
std::string segments(const CaseDocument& document) {
  std::string names;
  for (std::size_t i = 0; i < document.message.size(); ++i) {
    names.append(names.empty() ? "" : " ").append(document.message.segment(i).name());
  }
  return names;
}

std::string document(const std::string& type, const std::string& text, const std::string& more = "") {
  return "<document type=\"" + type + "\" " + more + ">" + text + "</document>";
}

TEST_CASE("a case shows only what it is about: the usual segments stand where they belong") {
  CHECK(segments(parsed(kProblem + kExpect).documents.front()) == "MSH PID PV1 PRB");
  CHECK(segments(parsed(document("OML-11", "OBX|1") + kExpect).documents.front()) ==
        "MSH PID PV1 SPM ORC OBR OBX");
  CHECK(segments(parsed(document("OML-11", "SPM|1\nOBX|1") + kExpect).documents.front()) ==
        "MSH PID PV1 SPM ORC OBR OBX");
  CHECK(segments(parsed(document("OMP-01", "RXE|") + kExpect).documents.front()) ==
        "MSH PID PV1 ORC RXE TQ1 RXR");
  CHECK(segments(parsed(document("OMP-01", "RXE|\nRXR|") + kExpect).documents.front()) ==
        "MSH PID PV1 ORC RXE TQ1 RXR");
  CHECK(segments(parsed(document("ADT-61", "IAM|1") + kExpect).documents.front()) == "MSH EVN PID IAM");
  CHECK(segments(*parsed(document("ADT-00", "AL1|1") + kExpect).master) == "MSH EVN PID PV1 AL1 IN1");
}

TEST_CASE("usual segments that a case does without are not filled in") {
  CHECK(segments(parsed(document("OML-11", "OBX|1", "without=\"SPM PV1\"") + kExpect).documents.front()) ==
        "MSH PID ORC OBR OBX");
}

TEST_CASE("a document that begins with MSH is taken as it is") {
  CHECK(segments(parsed(document("PPR-01", "\n  MSH|^~\\|H\n\n  PRB|AD\n") + kExpect).documents.front()) ==
        "MSH PRB");
}

TEST_CASE("the patient of the usual PID is that of the document's name") {
  const auto one =
      parsed(document("PPR-01", "PRB|AD", "name=\"0009999_-_PPR-01_9_20260401080000000_01_1\"") + kExpect);
  CHECK(one.documents.front().message.first("PID")->field(3).component(1).text() == "0009999");
  CHECK(one.documents.front().name.key.patient.reveal() == "0009999");
}

TEST_CASE("documents of one case follow each other in time, as they are written") {
  const auto one = parsed(kProblem + kProblem + kExpect);
  REQUIRE(one.documents.size() == 2);
  CHECK(one.documents[0].name.occurred_at < one.documents[1].name.occurred_at);
}

TEST_CASE("an ADT-00 alone is about its AL1, else about the patient, with a diagnosis filled in") {
  const auto allergy = parsed(document("ADT-00", "AL1|1") + kExpect);
  CHECK(allergy.unit == UnitKind::allergy_intolerance);
  CHECK(allergy.documents.empty());
  const auto patient = parsed(document("ADT-00", "IN1|1") + kExpect);
  CHECK(patient.unit == UnitKind::condition);
  CHECK(segments(patient.documents.front()) == "MSH PID PV1 PRB");
}

TEST_CASE("indentation, empty lines and line ends of any kind are not of the document") {
  CHECK(segments_of("\n  PRB|AD| x \r\n\tZPR|\n\n") == std::vector<std::string>{"PRB|AD| x ", "ZPR|"});
}

TEST_CASE("settings of a case are those that matter to it; the others are of no site") {
  const auto one = parsed(
      "<settings untold=\"none\" today=\"20300102\" insured-number=\"joined\" branch-required=\"yes\" "
      "problem-list=\"newest\" institution-number=\"1311111111\" pack=\"1.5.3\"/>" +
      kProblem + kExpect);
  CHECK(one.settings.untold == "none");
  CHECK(one.settings.today == "20300102");
  CHECK(one.settings.insured_number == InsuredNumberForm::joined);
  CHECK(one.settings.branch_required);
  CHECK(one.settings.newest_document_only);
  CHECK(one.settings.institution_number == "1311111111");
  CHECK(one.settings.pack_version == "1.5.3");
  CHECK(parsed(kProblem + kExpect).settings.untold == "all");
}

TEST_CASE("a case of the site stands for the shipped one of the same name, wherever it is read") {
  const auto shipped = file_of(case_of(kProblem + kExpect));
  const auto site =
      file_of(case_of(kProblem + "<expect><left-out rows=\"1\"/></expect>"), ConfigOrigin::site);
  for (const auto& files : {std::vector{shipped, site}, std::vector{site, shipped}}) {
    const auto cases = parse_cases(files);
    REQUIRE(cases.has_value());
    REQUIRE(cases->size() == 1);
    CHECK(cases->front().expectations.front().kind == Expectation::Kind::left_out);
  }
}

TEST_CASE("two cases of one name in one mapping are a mistake") {
  CHECK(mistakes({file_of(case_of(kProblem + kExpect) + "\n" + case_of(kProblem + kExpect))}) ==
        "a.case.xml:3:2: there is a case \"a case\" already, in a.case.xml:2\n");
}

TEST_CASE("every mistake is told with its line and column") {
  const auto told = [](const std::string& inside) { return mistakes({file_of(case_of(inside))}); };
  CHECK_THAT(mistakes({{"b.case.xml", "<cases>", ConfigOrigin::site}}), Catch::StartsWith("b.case.xml:1:"));
  CHECK_THAT(mistakes({{"b.case.xml", "<cases/>", ConfigOrigin::site}}),
             Catch::Contains("must be <cases xmlns=\"urn:kakehashi:mapping-case:1\">"));
  CHECK_THAT(mistakes({file_of("<cas/>")}), Catch::Contains("a.case.xml:2:2: unknown element <cas>"));
  CHECK_THAT(mistakes({file_of("<case>" + kProblem + kExpect + "</case>")}),
             Catch::Contains("<case> needs name"));
  CHECK_THAT(told(kExpect), Catch::Contains("a case needs a <document>"));
  CHECK_THAT(told(kProblem), Catch::Contains("it could not fail"));
  CHECK_THAT(told(kProblem + "<expect/>"), Catch::Contains("it could not fail"));
  CHECK_THAT(told(kProblem + kExpect + "<note/>"), Catch::Contains("unknown element <note>"));
  CHECK_THAT(told("text" + kProblem + kExpect), Catch::Contains("no text"));
}

TEST_CASE("what is wrong with a document is told at its place") {
  const auto told = [](const std::string& inside) { return mistakes({file_of(case_of(inside + kExpect))}); };
  CHECK_THAT(told("<document>PRB|</document>"), Catch::Contains("<document> needs type"));
  CHECK_THAT(told(document("PPR-1", "PRB|")), Catch::Contains("nothing is made of documents \"PPR-1\""));
  CHECK_THAT(told(document("OMG-01", "OBR|")), Catch::Contains("nothing is made of documents \"OMG-01\""));
  CHECK_THAT(told(document("PPR-01", "PRB|", "nam=\"x\"")), Catch::Contains("unknown attribute \"nam\""));
  CHECK_THAT(told(document("PPR-01", "PRB|", "name=\"x\"")),
             Catch::Contains("is no file name of a document"));
  CHECK_THAT(told(document("PPR-01", "PRB|", "name=\"0001234_-_ADT-61_9_20260401080000000_01_1\"")),
             Catch::Contains("of this type"));
  CHECK_THAT(told(document("PPR-01", "<b/>PRB|")), Catch::Contains("no element may stand inside <document>"));
  CHECK_THAT(told(kProblem + document("ADT-61", "IAM|")), Catch::Contains("all of one kind"));
  CHECK_THAT(told(document("ADT-00", "") + document("ADT-00", "")), Catch::Contains("a case has one ADT-00"));
}

TEST_CASE("what is wrong with a setting or an expectation is told at its place") {
  const auto told = [](const std::string& expect, const std::string& more = "") {
    return mistakes({file_of(case_of(more + kProblem + "<expect>" + expect + "</expect>"))});
  };
  CHECK_THAT(told("<absent path=\"Patient.x\"/>", "<settings untold=\"no\"/>"),
             Catch::Contains("untold=\"no\" must be one of: all, rules, none"));
  CHECK_THAT(told("<absent path=\"Patient.x\"/>", "<settings today=\"2026-07-01\"/>"),
             Catch::Contains("must be 8 digits"));
  CHECK_THAT(told("<elemnt/>"), Catch::Contains("unknown element <elemnt>"));
  CHECK_THAT(told("<element path=\"a..b\" is=\"x\"/>"), Catch::Contains("is no name of an element"));
  CHECK_THAT(told("<element path=\"Condition\"/>"), Catch::Contains("<element> needs is"));
  CHECK_THAT(told("<element path=\"Condition\" is=\"x\" in=\"y\"/>"),
             Catch::Contains("unknown attribute \"in\""));
  CHECK_THAT(told("<count path=\"Condition\" is=\"two\"/>"), Catch::Contains("must be a whole number"));
  CHECK_THAT(told("<json path=\"Condition\"/>"), Catch::Contains("needs the JSON inside"));
  CHECK_THAT(told("<held failure=\"map:missing\"/>"), Catch::Contains("there is no failure \"map:missing\""));
  CHECK_THAT(told("<held failure=\"map:no-code\">x</held>"), Catch::Contains("no text"));
  CHECK_THAT(told("<missing-code table=\"gender\"/>"), Catch::Contains("<missing-code> needs code"));
}

}  // namespace
}  // namespace fhir_mapper::test
