#include "fhir_mapper/mapping_loader.h"

#include "tests/unit/fhir_mapper/rule_run.h"

#include <algorithm>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

const std::string kResource =
    R"(<resource id="c" type="Condition" document="PPR-01" row="PRB" instance="PRB-4.1">)";

ConfigErrors errors_of(const std::vector<ConfigFile>& files, const std::vector<ConfigFile>& tables = {}) {
  const auto mapping = load_mapping(files, tables);
  return mapping ? ConfigErrors() : mapping.error();
}
ConfigErrors errors_of(std::string_view body) {
  return errors_of(mapping_of(body));
}

void check_one(const ConfigErrors& errors, const std::string& place, const std::string& message) {
  for (const ConfigError& error : errors) UNSCOPED_INFO(error.place << " " << error.message);
  REQUIRE(errors.size() == 1);
  CHECK(errors.front().place == place);
  CHECK_THAT(errors.front().message, Catch::Contains(message));
}

std::vector<std::string> places_of(const ConfigErrors& errors) {
  std::vector<std::string> places;
  for (const ConfigError& error : errors) places.push_back(error.place);
  std::sort(places.begin(), places.end());
  return places;
}

TEST_CASE("the shipped mapping loads and has a rule for every kind of unit and for the patient") {
  const auto mapping = load_mapping(shipped_mappings(), shipped_tables());
  if (mapping.has_error()) {
    for (const ConfigError& error : mapping.error()) UNSCOPED_INFO(error.place << " " << error.message);
  }
  REQUIRE(mapping.has_value());
  for (const UnitKindInfo& kind : unit_kinds())
    CHECK((*mapping)->find(kind.resource_type, kind.document) != nullptr);
  CHECK((*mapping)->find("AllergyIntolerance", ssmix2::DataType::ADT_00) != nullptr);
  CHECK((*mapping)->find("Patient", ssmix2::DataType::ADT_00) != nullptr);
  CHECK((*mapping)->table("insurance-plans") != nullptr);
  CHECK((*mapping)->find("Condition", ssmix2::DataType::ADT_00) == nullptr);
  CHECK((*mapping)->table("none") == nullptr);
}

TEST_CASE("every rule is listed once with address, place and kind, those of templates however often used") {
  const auto mapping = load_mapping(
      mapping_of("<template id=\"t\"><value path=\"text\" constant=\"x\"/></template>\n" +
                 resource_of("<leave-out when=\"PRB-1 = DE\" reason=\"r\"/><ended id=\"end\" from=\"PRB-9\"/>"
                             "<ignore from=\"PRB-8\" reason=\"r\"/>\n"
                             "<first><object path=\"code\"><use template=\"t\"/></object></first>\n"
                             "<object id=\"kind\" path=\"category[]\"><use template=\"t\"/></object>\n")),
      {});
  for (const ConfigError& error : mapping ? ConfigErrors() : mapping.error()) {
    UNSCOPED_INFO(error.place << " " << error.message);
  }
  REQUIRE(mapping.has_value());
  std::vector<std::string> rules;
  for (const RuleIdentity& rule : (*mapping)->rules()) rules.push_back(rule.text());
  CHECK(rules == std::vector<std::string>{"c (test.xml:3)", "c/leave-out (test.xml:4)", "c/end (test.xml:4)",
                                          "c/ignore (test.xml:4)", "c/first (test.xml:5)",
                                          "c/code (test.xml:5)", "t/text (test.xml:2)", "c/kind (test.xml:6)",
                                          "c/subject.reference (test.xml:7)"});
  CHECK((*mapping)->rules()[2].kind == RuleIdentity::Kind::ended);
  CHECK((*mapping)->rules()[6].kind == RuleIdentity::Kind::value);
  CHECK((*mapping)->rules()[6].whose == ConfigOrigin::shipped);
}

TEST_CASE("instance takes alternatives with sources on both sides of each bar") {
  const auto mapping =
      load_mapping(mapping_of(R"(<resource id="a" type="AllergyIntolerance" document="ADT-61" row="IAM"
                                  instance="IAM-7.1 | IAM-2.1 IAM-3.1">
                                 <value path="patient.reference" constant="#p"/></resource>)"),
                   {});
  REQUIRE(mapping.has_value());
  const auto& instance = (*mapping)->resources().front().instance;
  REQUIRE(instance.size() == 2);
  CHECK(instance[0].size() == 1);
  CHECK(instance[1].size() == 2);
  for (const char* wrong : {"|", "PRB-4 |", "| PRB-4", "PRB-4 | | PRB-3.1", " "}) {
    INFO(wrong);
    check_one(errors_of("<resource id=\"c\" type=\"Condition\" document=\"PPR-01\" row=\"PRB\" instance=\"" +
                        std::string(wrong) + "\"/>"),
              "test.xml:2:2", "needs sources on both sides of |");
  }
  check_one(
      errors_of(R"(<resource id="c" type="Condition" document="PPR-01" row="PRB" instance="PRB-4|PRB-3"/>)"),
      "test.xml:2:2", "which is not understood");
}

TEST_CASE("a resource tells everything that it needs at once") {
  const ConfigErrors errors = errors_of("<resource/>");
  std::string all;
  for (const ConfigError& error : errors) {
    CHECK(error.place == "test.xml:2:2");
    all += error.message + "\n";
  }
  for (const char* name : {"id", "type", "row", "document"}) {
    CHECK_THAT(all, Catch::Contains("<resource> needs the attribute " + std::string(name)));
  }
}

TEST_CASE("a path is names of elements joined by dots") {
  for (const char* path : {".", "code.", ".code", "code..text"}) {
    INFO(path);
    check_one(
        errors_of(kResource + "\n<value path=\"" + std::string(path) + "\" constant=\"b\"/></resource>"),
        "test.xml:3:2", "names of elements with dots between them");
  }
  for (const char* path : {"code[", "code[0]", "[]", "co de", "co-de", "1code", "_", "_code"}) {
    INFO(path);
    CHECK(places_of(errors_of(kResource + "\n<value path=\"" + std::string(path) +
                              "\" constant=\"b\"/></resource>")) == std::vector<std::string>{"test.xml:3:2"});
  }
}

TEST_CASE("a condition that is not understood is told with what may be written") {
  for (const char* when : {"", " ", "and", "PRB-1 and", "and PRB-1", "PRB-1 PRB-2", "PRB-1 =",
                           "not PRB-1 = A", "not", "or", "PRB-1 or", "or PRB-1", "PRB-1 or and PRB-2"}) {
    INFO(when);
    const auto errors =
        errors_of(kResource + "\n<leave-out reason=\"r\" when=\"" + std::string(when) + "\"/></resource>");
    REQUIRE_FALSE(errors.empty());
    CHECK(errors[0].place == "test.xml:3:2");
    const std::string expected =
        *when == '\0' ? "needs the attribute when" : "is not understood; write SOURCE";
    CHECK_THAT(errors[0].message, Catch::Contains(expected));
  }
}

TEST_CASE("a mistake in a template counts once, however often it is used, and makes no other") {
  const std::string used =
      "<template id=\"t\" parameters=\"\">\n<value path=\"txt\" constant=\"x\"/>\n</template>" + kResource +
      "<value path=\"subject.reference\" constant=\"#p\"/><object path=\"code\">"
      "<use template=\"t\"/></object><object path=\"severity\"><use template=\"t\"/>"
      "</object></resource>\n";
  check_one(errors_of(used), "test.xml:3:2", "did you mean text?");
  const std::string url =
      "<template id=\"t\">\n<object path=\"extension[]\"><value path=\"ulr\" constant=\"x\"/>"
      "</object></template>";
  const std::string second =
      R"(<resource id="a" type="AllergyIntolerance" document="ADT-61" row="IAM" instance="IAM-7">)"
      R"(<value path="patient.reference" constant="#p"/><use template="t"/></resource>)";
  check_one(errors_of(url + kResource + "<value path=\"subject.reference\" constant=\"#p\"/>" +
                      "<use template=\"t\"/></resource>" + second),
            "test.xml:3:29", "did you mean url?");
}

TEST_CASE("of a template that nothing uses names are judged, and not what depends on where it stands") {
  CHECK(errors_of("<template id=\"t\"><value path=\"txt\" constant=\"x\"/></template>").empty());
  check_one(errors_of("<template id=\"t\"><object path=\"a\"><valu path=\"txt\"/></object></template>"),
            "test.xml:2:36", "unknown element <valu>; did you mean value?");
  check_one(errors_of("<template id=\"t\"><value pth=\"txt\" constant=\"x\"/></template>"), "test.xml:2:19",
            "unknown attribute \"pth\" of <value>; there are: id, path");
}

TEST_CASE("one element is one or several wherever it stands, and the same name elsewhere is no conflict") {
  check_one(errors_of(resource_of("<value path=\"code.coding.code\" constant=\"x\"/>")), "test.xml:3:2",
            "CodeableConcept.coding repeats: write coding[]");
  check_one(errors_of(resource_of("<value path=\"code[].text\" constant=\"x\"/>")), "test.xml:3:2",
            "Condition.code does not repeat: write it without []");
  CHECK(errors_of(resource_of("<value path=\"code.text\" constant=\"x\"/><value path=\"severity.text\" "
                              "constant=\"y\"/><first><value path=\"onsetString\" from=\"PRB-4\"/>"
                              "<value path=\"onsetString\" constant=\"2\"/></first>"
                              "<value path=\"_recordedDate.id\" constant=\"3\"/>"))
            .empty());
}

TEST_CASE("all mistakes of all files are told at once") {
  auto files =
      mapping_of("<oops/>\n" + resource_of("<value path=\"onsetString\"/>\n<use template=\"x\"/>\n"));
  files.push_back({"second.xml", "<mapping"});
  files.push_back({"third.xml", "<mapping xmlns=\"urn:kakehashi:mapping:1\">\ntext</mapping>"});
  files.push_back({"site/change.xml",
                   "<overlay xmlns=\"urn:kakehashi:mapping:1\">\n <remove rule=\"c/onset\" reason=\"r\"/>\n"
                   "<add to=\"c\"><value path=\"code.txt\" constant=\"x\"/></add></overlay>",
                   ConfigOrigin::site});
  const ConfigErrors errors = errors_of(files, {{"t.tsv", "bad"}, table_of("u.tsv", "\t\t\tx\n")});
  for (const ConfigError& error : errors) UNSCOPED_INFO(error.place << " " << error.message);
  CHECK(places_of(errors) == std::vector<std::string>{"second.xml:1:8", "site/change.xml:2:3",
                                                      "site/change.xml:3:14", "t.tsv:1", "test.xml:2:2",
                                                      "test.xml:4:2", "test.xml:5:2", "third.xml:2:1",
                                                      "u.tsv:2:2"});
}

TEST_CASE("of very many mistakes the first are told, and how many more there are") {
  std::string rules;
  for (int i = 0; i < 600; ++i) rules += "<oops/>\n";
  const ConfigErrors errors = errors_of(resource_of(rules));
  REQUIRE(errors.size() == 501);
  CHECK(errors[499].place == "test.xml:502:2");
  CHECK_THAT(errors[500].message, Catch::Contains("and 100 more mistakes"));
}

TEST_CASE("a file of half a million elements, or as deep, is refused and not a crash") {
  std::string deep;
  for (int i = 0; i < 500'000; ++i) deep += "<object>";
  for (int i = 0; i < 500'000; ++i) deep += "</object>";
  const ConfigErrors errors = errors_of(resource_of(deep));
  REQUIRE_FALSE(errors.empty());
  CHECK_THAT(errors.front().message, Catch::Contains("elements stand more than 50 deep"));
  std::string many;
  for (int i = 0; i < 500'000; ++i) many += "<object/>";
  CHECK(errors_of(resource_of(many)).size() == 501);
}

}  // namespace
}  // namespace fhir_mapper::test
