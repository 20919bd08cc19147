#include "gateway/scope.h"

#include "tests/unit/gateway/settings_text.h"

#include <string>

#include <catch2/catch.hpp>

namespace {

using gateway::Scope;
using ssmix2::DataType;
using namespace gateway::test;

constexpr Scope::Date kToday{std::chrono::year(2026), std::chrono::month(4), std::chrono::day(1)};
const std::string kJpCore = kUrl + R"( profile="jp-core")";

/// The scope of a storage with `scope` in <scope>, sent to by `types` of <send>.
Scope scope_of(const std::string& scope, const std::string& types) {
  std::string text = with(kLeast, kStorage + "/>", kStorage + "><scope " + scope + "/></storage>");
  text = with(text, kUrl, kJpCore);
  text = with(text, "</destination>", "<send types=\"" + types + "\"/></destination>");
  const gateway::Settings settings = loaded(text);
  return Scope(settings, settings.storages[0]);
}

const std::string kAll = "AllergyIntolerance Condition Observation MedicationRequest";

bool wants_date(const Scope& scope, const std::string& date) {
  return scope.wants_folder(4, "0001234", date, kToday);
}
bool wants_kind(const Scope& scope, const std::string& date, const std::string& kind) {
  return scope.wants_folder(5, date, kind, kToday);
}

}  // namespace

TEST_CASE("Without a scope the types that some destination takes are wanted, and ADT-00 always") {
  const Scope all = scope_of("", kAll);
  for (const auto type :
       {DataType::ADT_00, DataType::ADT_61, DataType::PPR_01, DataType::OML_11, DataType::OMP_01}) {
    CHECK(all.wants_type(type));
  }
  CHECK_FALSE(all.wants_type(DataType::OMP_11));
  const Scope one = scope_of("", "Condition");
  CHECK(one.wants_type(DataType::ADT_00));
  CHECK(one.wants_type(DataType::PPR_01));
  CHECK_FALSE(one.wants_type(DataType::ADT_61));
  CHECK_FALSE(one.wants_type(DataType::OML_11));
}

TEST_CASE("Types of a scope narrow what destinations take, and never widen it") {
  const Scope scope = scope_of(R"(types="PPR-01 OMP-01")", "Condition Observation");
  CHECK(scope.wants_type(DataType::ADT_00));
  CHECK(scope.wants_type(DataType::PPR_01));
  CHECK_FALSE(scope.wants_type(DataType::OML_11));
  CHECK_FALSE(scope.wants_type(DataType::OMP_01));
}

TEST_CASE("What every destination together takes is wanted") {
  const std::string second = R"(<destination id="region" profile="jp-core" url="https://region.example/">
    <tls ca="a" certificate="b" key="c"/><send types="MedicationRequest"/></destination></gateway>)";
  const gateway::Settings settings = loaded(with(kLeast, "</gateway>", second));
  const Scope scope(settings, settings.storages[0]);
  CHECK(scope.wants_type(DataType::OMP_01));
  CHECK(scope.wants_type(DataType::ADT_61));
}

TEST_CASE("A kind folder is entered when its type is wanted, or when nobody knows it") {
  const Scope scope = scope_of("", "Condition Observation");
  CHECK(wants_kind(scope, "-", "ADT-00"));
  CHECK(wants_kind(scope, "-", "PPR-01"));
  CHECK(wants_kind(scope, "20260331", "OML-11"));
  CHECK_FALSE(wants_kind(scope, "-", "ADT-61"));         // known, and nobody takes it
  CHECK_FALSE(wants_kind(scope, "20260331", "OMP-11"));  // known, and nothing is made of it
  CHECK(wants_kind(scope, "20260331", "OML-12"));        // seen in the field
  CHECK(wants_kind(scope, "20260331", "oml-11"));
  CHECK(wants_kind(scope, "20260331", ""));
}

TEST_CASE("Above the dates and below the kinds every folder is entered") {
  const Scope scope = scope_of(R"(lab-lookback="1d")", "Observation");
  for (const int level : {0, 1, 2, 3, 6, 7}) {
    CHECK(scope.wants_folder(level, "", "20000101", kToday));
    CHECK(scope.wants_folder(level, "20000101", "OMP-11", kToday));
  }
}

TEST_CASE("A lookback ends with the day it names: that day is read, the one before is not") {
  const Scope scope = scope_of(R"(lab-lookback="31d")", "Observation");
  CHECK(wants_date(scope, "20260301"));
  CHECK_FALSE(wants_date(scope, "20260228"));
  CHECK(wants_kind(scope, "20260301", "OML-11"));
  CHECK_FALSE(wants_kind(scope, "20260228", "OML-11"));
  CHECK(wants_date(scope, "20270101"));  // orders for a later day
  const Scope year = scope_of(R"(lab-lookback="1y")", "Observation");
  CHECK(wants_date(year, "20250331"));
  CHECK_FALSE(wants_date(year, "20250330"));
  // Over the end of a year, where text that is not padded would compare wrongly.
  constexpr Scope::Date kJanuary{std::chrono::year(2026), std::chrono::month(1), std::chrono::day(2)};
  CHECK(scope.wants_folder(4, "", "20251202", kJanuary));
  CHECK_FALSE(scope.wants_folder(4, "", "20251201", kJanuary));
}

TEST_CASE("A date folder is entered as long as one of the types looks back so far") {
  const Scope both = scope_of(R"(lab-lookback="1y" prescription-lookback="30d")", kAll);
  CHECK(wants_date(both, "20250901"));
  CHECK(wants_kind(both, "20250901", "OML-11"));
  CHECK_FALSE(wants_kind(both, "20250901", "OMP-01"));
  CHECK(wants_kind(both, "20250901", "OML-12"));
  CHECK(wants_kind(both, "20250901", "PPR-01"));  // misplaced, but not hidden
  CHECK_FALSE(wants_date(both, "20200101"));
  const Scope one = scope_of(R"(prescription-lookback="30d")", kAll);
  CHECK(wants_date(one, "20000101"));
  CHECK_FALSE(wants_kind(one, "20000101", "OMP-01"));
  // A lookback of what is not read keeps nothing open and shuts nothing.
  const Scope labs = scope_of(R"(types="ADT-61 OML-11" lab-lookback="30d" prescription-lookback="9y")", kAll);
  CHECK_FALSE(wants_date(labs, "20250901"));
}

TEST_CASE("Without a type that has dates no date folder is entered, and the one without date always") {
  const Scope scope = scope_of(R"(types="ADT-61 PPR-01")", kAll);
  CHECK_FALSE(wants_date(scope, "20260401"));
  CHECK(wants_date(scope, "-"));
}

TEST_CASE("What is no date of the calendar has no age, so that its files are told") {
  const Scope scope = scope_of(R"(lab-lookback="1d")", "Observation");
  for (const auto* name :
       {"-", "", "2000", "200001011", "2000010x", "20000230", "20001301", "00000000", "backup", "２０００"}) {
    CAPTURE(name);
    CHECK(wants_date(scope, name));
    CHECK(wants_kind(scope, name, "OML-11"));
  }
  CHECK_FALSE(wants_date(scope, "20000229"));
}

TEST_CASE("A path is wanted when every folder of it is") {
  const Scope scope = scope_of(R"(lab-lookback="30d")", "Observation Condition");
  CHECK(scope.wants_path("", kToday));
  CHECK(scope.wants_path("000/123/0001234", kToday));
  CHECK(scope.wants_path("000/123/0001234/-/PPR-01", kToday));
  CHECK(scope.wants_path("000/123/0001234/20260401/OML-11", kToday));
  CHECK(scope.wants_path("000/123/0001234/20260401/OML-12/deep/20000101", kToday));
  CHECK_FALSE(scope.wants_path("000/123/0001234/20260401/OMP-11", kToday));
  CHECK_FALSE(scope.wants_path("000/123/0001234/20200401/OML-11", kToday));
  CHECK_FALSE(scope.wants_path("000/123/0001234/20200401/OML-12", kToday));  // below what is not entered
  CHECK(scope.wants_path("20200401/OMP-11/ADT-12", kToday));
  const Scope prescriptions = scope_of(R"(prescription-lookback="30d")", kAll);
  CHECK(prescriptions.wants_path("000/123/0001234/20200401/OML-11", kToday));
  CHECK_FALSE(prescriptions.wants_path("000/123/0001234/20200401/OMP-01", kToday));
}

TEST_CASE("The text of a scope differs when what is read differs, and only then") {
  CHECK(scope_of("", kAll).text() == "types=ADT-61,PPR-01,OMP-01,OML-11");
  CHECK(scope_of(R"(types="PPR-01 ADT-61 OML-11" lab-lookback="1y")", kAll).text() ==
        "types=ADT-61,PPR-01,OML-11 lab-lookback=366d");
  CHECK(scope_of(R"(types="OML-11 PPR-01 ADT-61" lab-lookback="366d" prescription-lookback="5d")", kAll)
            .text() == "types=ADT-61,PPR-01,OML-11 lab-lookback=366d");
  CHECK(scope_of(R"(lab-lookback="2d" prescription-lookback="5d")", "Observation MedicationRequest").text() ==
        "types=OMP-01,OML-11 prescription-lookback=5d lab-lookback=2d");
  CHECK(scope_of(R"(types="PPR-01")", "Observation").text() == "types=");
}
