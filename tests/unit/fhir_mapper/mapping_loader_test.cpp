#include "fhir_mapper/mapping_loader.h"

#include "tests/unit/fhir_mapper/support.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

const std::string kResource =
    R"(<resource id="c" type="Condition" document="PPR-01" row="PRB" instance="PRB-4.1">)";

ConfigErrors errors_of(std::string_view body, const std::vector<ConfigFile>& tables = {}) {
  const auto mapping = load_mapping(mapping_of(body), tables);
  return mapping ? ConfigErrors() : mapping.error();
}

/// `rules` stand in line 3 of a resource.
ConfigErrors errors_in_resource(const std::string& rules) {
  return errors_of(kResource + "\n" + rules + "\n</resource>");
}

void check_one(const ConfigErrors& errors, const std::string& place, const std::string& message) {
  for (const ConfigError& error : errors) UNSCOPED_INFO(error.place << " " << error.message);
  REQUIRE(errors.size() == 1);
  CHECK(errors.front().place == place);
  CHECK_THAT(errors.front().message, Catch::Contains(message));
}

void check_rule(const std::string& rule, const std::string& message) {
  INFO(rule);
  check_one(errors_in_resource(rule), "test.xml:3:2", message);
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

TEST_CASE("XML that is not well-formed is told with its place") {
  const auto mapping = load_mapping({{"a.xml", "<mapping>\n  <oops"}}, {});
  REQUIRE(mapping.has_error());
  REQUIRE(mapping.error().size() == 1);
  CHECK_THAT(mapping.error()[0].place, Catch::StartsWith("a.xml:2:"));
  CHECK_THAT(mapping.error()[0].message, Catch::Contains("not well-formed XML"));
}

TEST_CASE("the root must be a mapping of this version") {
  const auto other = load_mapping({{"a.xml", "<mapping xmlns=\"urn:other\"/>"}}, {});
  check_one(other.error(), "a.xml:1:2", "<mapping xmlns=\"urn:kakehashi:mapping:1\">");
  check_one(load_mapping({{"a.xml", "<rules xmlns=\"urn:kakehashi:mapping:1\"/>"}}, {}).error(), "a.xml:1:2",
            "the root element must be <mapping");
}

TEST_CASE("unknown elements and attributes are told with what may stand there") {
  check_one(errors_of("<rule/>"), "test.xml:2:2", "<resource> or <fragment> may stand here");
  check_rule("<vlaue/>", "<value>, <object>, <first> or <use> may stand here");
  check_rule("<value path=\"a\" constant=\"b\" form=\"x\"/>",
             "unknown attribute \"form\" of <value>; there are: path, from");
  check_rule("<object pth=\"a\" path=\"a\"/>",
             "unknown attribute \"pth\" of <object>; there are: path, each, when");
  check_rule("<first path=\"a\"/>", "unknown attribute \"path\" of <first>");
  check_rule("<leave-out when=\"PRB-1\" reason=\"r\" why=\"x\"/>",
             "unknown attribute \"why\" of <leave-out>");
  check_rule("<ended from=\"PRB-9\" by=\"x\"/>", "unknown attribute \"by\" of <ended>");
  check_rule("<value path=\"a\" constant=\"b\"><value path=\"c\" constant=\"d\"/></value>",
             "nothing may stand inside a <value>");
}

TEST_CASE("text between rules is no rule") {
  const auto errors = errors_in_resource(" PRB-3");
  REQUIRE(errors.size() == 1);
  CHECK_THAT(errors[0].message, Catch::Contains("only elements may stand here"));
}

TEST_CASE("a resource says what it needs") {
  const auto errors = errors_of("<resource/>");
  std::string all;
  for (const ConfigError& error : errors) {
    CHECK(error.place == "test.xml:2:2");
    all += error.message + "\n";
  }
  for (const char* name : {"id", "type", "row", "document", "instance"}) {
    CHECK_THAT(all, Catch::Contains("<resource> needs the attribute " + std::string(name)));
  }
  check_one(errors_of(R"(<resource id="c" type="C" document="PPR-99" row="PRB" instance="PRB-4"/>)"),
            "test.xml:2:2", "there is no data type \"PPR-99\"; they look like PPR-01");
  check_one(errors_of(R"(<resource id="c" type="C" document="PPR-01" row="prb" instance="PRB-4"/>)"),
            "test.xml:2:2", "must be the name of a segment, like PRB");
  check_one(errors_of(kResource + "</resource>\n" + kResource + "</resource>"), "test.xml:3:2",
            "there is a <resource> for Condition of PPR-01 already, in test.xml:2");
}

TEST_CASE("instance takes alternatives with sources on both sides of each bar") {
  const auto mapping = load_mapping(
      mapping_of(
          R"(<resource id="c" type="C" document="ADT-61" row="IAM" instance="IAM-7.1 | IAM-2.1 IAM-3.1"/>)"),
      {});
  REQUIRE(mapping.has_value());
  const auto& instance = (*mapping)->resources().front().instance;
  REQUIRE(instance.size() == 2);
  CHECK(instance[0].size() == 1);
  CHECK(instance[1].size() == 2);
  for (const char* wrong : {"|", "PRB-4 |", "| PRB-4", "PRB-4 | | PRB-3.1", " "}) {
    INFO(wrong);
    check_one(errors_of("<resource id=\"c\" type=\"C\" document=\"PPR-01\" row=\"PRB\" instance=\"" +
                        std::string(wrong) + "\"/>"),
              "test.xml:2:2", "needs sources on both sides of |");
  }
  check_one(errors_of(R"(<resource id="c" type="C" document="PPR-01" row="PRB" instance="PRB-4|PRB-3"/>)"),
            "test.xml:2:2", "which is not understood");
}

TEST_CASE("leave-out and ended need their attributes") {
  check_rule("<leave-out reason=\"r\"/>", "<leave-out> needs the attribute when");
  check_rule("<leave-out when=\"PRB-1\"/>", "<leave-out> needs the attribute reason");
  check_rule("<ended when=\"PRB-1\"/>", "<ended> needs the attribute from");
}

TEST_CASE("a value needs from or constant and only attributes that go together") {
  check_rule("<value path=\"a\"/>", "needs either from or constant");
  check_rule("<value path=\"a\" from=\"PRB-1\" constant=\"b\"/>", "needs either from or constant");
  check_rule("<value path=\"a\" from=\" \"/>", "from=\"\" names no source");
  check_rule("<value path=\"a\" constant=\"b\" otherwise=\"c\"/>", "otherwise goes with from");
  check_rule("<value path=\"a\" constant=\"b\" format=\"c{}\"/>", "format goes with from");
  check_rule("<value path=\"a\" from=\"PRB-1\" format=\"c\"/>", "needs {} where the value is to stand");
  check_rule("<value path=\"a\" from=\"PRB-1\" join=\"-\" matches=\"x\"/>", "matches does not go with join");
  check_rule("<value path=\"a\" from=\"PRB-1\" column=\"display\"/>", "column needs a table");
  check_rule("<value path=\"a\" from=\"PRB-1\" table-system=\"S\"/>", "table-system needs a table");
  check_rule("<value path=\"a\" from=\"PRB-1\" table=\"none\"/>",
             "there is no code table \"none\" (none.tsv");
  check_rule("<value path=\"a\" from=\"PRB-1\" as=\"number\"/>",
             "as=\"number\" must be one of: text, code, decimal");
  check_rule("<value path=\"a\" from=\"PRB-1\" if-missing=\"x\"/>", "must be one of: nothing, drop, hold");
  check_rule("<value path=\"a\" from=\"PRB-1\" matches=\"[\"/>", "\"[\" is no regular expression");
  check_rule("<value from=\"PRB-1\"/>", "<value> needs the attribute path");
}

TEST_CASE("column must be one of the table's") {
  check_one(errors_of(kResource + "<value path=\"a\" from=\"PRB-1\" table=\"t\" column=\"x\"/></resource>",
                      {table_of("t.tsv", "\ta\t\tb\n")}),
            "test.xml:2:83", "must be one of: code, display, system");
}

TEST_CASE("a path is names joined by dots") {
  for (const char* path : {".", "a.", ".a", "a..b", "a[", "a[0]", "[]", "a b", "a-b", "1a", "_"}) {
    check_rule("<value path=\"" + std::string(path) + "\" constant=\"b\"/>", "must be names joined by dots");
  }
  CHECK(errors_in_resource(
            "<value path=\"a.b[].c\" constant=\"x\"/><value path=\"_birthDate.x\" constant=\"y\"/>")
            .empty());
}

TEST_CASE("sources and variables are checked wherever they stand") {
  check_rule("<value path=\"a\" from=\"PRB\"/>", "the source \"PRB\" must begin with a segment and a field");
  check_rule("<value path=\"a\" from=\"$pateint-id\"/>",
             "there is no variable \"$pateint-id\"; there are: institution-number");
  check_rule("<value path=\"a\" from=\"@.1\"/>", "has a meaning only inside an <object> with each");
  check_rule("<value path=\"a\" constant=\"b\" when=\"@.1\"/>",
             "has a meaning only inside an <object> with each");
  check_rule("<object path=\"a\" each=\"$patient-id\"/>", "each takes one field, like PID-5");
  check_rule("<object path=\"a\" each=\"PRB-1 PRB-2\"/>", "each takes one field, like PID-5");
  CHECK(errors_in_resource("<object path=\"a[]\" each=\"PRB-3\" when=\"@.1\"><object path=\"b\"><value "
                           "path=\"c\" from=\"@.1\"/>"
                           "</object></object>")
            .empty());
}

TEST_CASE("a condition that is not understood is told with what may be written") {
  for (const char* when : {"", " ", "and", "PRB-1 and", "and PRB-1", "PRB-1 PRB-2",
                           "PRB-1 =", "not PRB-1 = A", "not", "PRB-1 = A B", "PRB-1 = A or PRB-2"}) {
    INFO(when);
    const auto errors =
        errors_in_resource("<value path=\"a\" constant=\"b\" when=\"" + std::string(when) + "\"/>");
    REQUIRE_FALSE(errors.empty());
    CHECK(errors[0].place == "test.xml:3:2");
    CHECK_THAT(errors[0].message, Catch::Contains("is not understood; write SOURCE, not SOURCE"));
  }
  check_rule("<value path=\"a\" constant=\"b\" when=\"PRB-1 == A\"/>",
             "\"==\" is no comparison; there are =, !=, ~, in and not-in");
  check_rule("<value path=\"a\" constant=\"b\" when=\"PRB-1 in none\"/>", "there is no code table \"none\"");
  check_rule("<value path=\"a\" constant=\"b\" when=\"PRB-1 ~ (\"/>", "is no regular expression");
  check_rule("<value path=\"a\" constant=\"b\" when=\"PR = A\"/>", "the source \"PR\"");
}

TEST_CASE("fragments are found, unique and never inside themselves") {
  check_rule("<use fragment=\"none\"/>", "there is no <fragment id=\"none\">");
  check_rule("<use/>", "<use> needs the attribute fragment");
  check_one(errors_of("<fragment/>"), "test.xml:2:2", "<fragment> needs the attribute id");
  check_one(errors_of("<fragment id=\"a\"/>\n<fragment id=\"a\"/>"), "test.xml:3:2",
            "there is a fragment \"a\" already");
  check_one(errors_of("<fragment id=\"a\"><use fragment=\"a\"/></fragment>"), "test.xml:2:19",
            "the fragment \"a\" uses itself");
  CHECK_THAT(errors_of("<fragment id=\"a\"><use fragment=\"b\"/></fragment><fragment id=\"b\"><use "
                       "fragment=\"a\"/></fragment>")
                 .at(0)
                 .message,
             Catch::Contains("uses itself"));
}

TEST_CASE("a mistake in a fragment counts once, however often and even if never it is used") {
  const std::string fragment = "<fragment id=\"f\">\n<value path=\"a\"/>\n</fragment>";
  check_one(errors_of(fragment), "test.xml:3:2", "needs either from or constant");
  check_one(errors_of(fragment + kResource +
                      "<use fragment=\"f\"/><object path=\"b\"><use fragment=\"f\"/></object></resource>"),
            "test.xml:3:2", "needs either from or constant");
}

TEST_CASE("one element cannot be a value here and an object there") {
  const std::string value = "<value path=\"code\" constant=\"x\"/>\n";
  const std::string object = "<object path=\"code\"><value path=\"text\" constant=\"y\"/></object>";
  check_one(errors_in_resource(value + object), "test.xml:4:2",
            "\"code\" is an object here and otherwise in test.xml:3");
  check_one(errors_in_resource(object + "\n" + value), "test.xml:4:2", "\"code\" is a value here");
  check_one(errors_in_resource(value + "<value path=\"code.text\" constant=\"y\"/>"), "test.xml:4:2",
            "\"code\" is an object here");
  check_one(errors_in_resource("<object path=\"a\"><value path=\"b.c\" constant=\"x\"/></object>\n"
                               "<first><value path=\"a.b\" constant=\"y\"/></first>"),
            "test.xml:4:9", "\"a.b\" is a value here");
  check_one(errors_of("<fragment id=\"f\"><value path=\"code.text\" constant=\"x\"/></fragment>\n" +
                      kResource + "\n" + value + "<use fragment=\"f\"/></resource>"),
            "test.xml:2:19", "\"code\" is an object here and otherwise in test.xml:4");
}

TEST_CASE("one element cannot be one here and several there") {
  check_one(errors_in_resource("<value path=\"a[]\" constant=\"x\"/>\n<value path=\"a\" constant=\"y\"/>"),
            "test.xml:4:2", "\"a\" is written without [] here");
  check_one(errors_in_resource("<value path=\"a.x\" constant=\"x\"/>\n<object path=\"a[]\"/>"),
            "test.xml:4:2", "\"a\" is written with [] here");
}

TEST_CASE("the same name in two places is no conflict") {
  CHECK(errors_in_resource(
            "<value path=\"a.code\" constant=\"x\"/><value path=\"b.code.text\" constant=\"y\"/>"
            "<first><value path=\"v\" constant=\"1\"/><value path=\"v\" constant=\"2\"/></first>")
            .empty());
}

TEST_CASE("all mistakes of all files are told at once") {
  auto files =
      mapping_of("<oops/>\n" + kResource + "\n<value path=\"a\"/>\n<use fragment=\"x\"/>\n</resource>");
  files.push_back({"second.xml", "<mapping"});
  const auto mapping = load_mapping(files, {{"t.tsv", "bad"}});
  REQUIRE(mapping.has_error());
  std::vector<std::string> places;
  for (const ConfigError& error : mapping.error()) places.push_back(error.place);
  CHECK_THAT(places, Catch::VectorContains(std::string("t.tsv:1")) &&
                         Catch::VectorContains(std::string("test.xml:2:2")) &&
                         Catch::VectorContains(std::string("test.xml:4:2")) &&
                         Catch::VectorContains(std::string("test.xml:5:2")));
  CHECK(places.size() == 5);
}

}  // namespace
}  // namespace fhir_mapper::test
