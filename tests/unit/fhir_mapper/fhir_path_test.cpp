#include "fhir_mapper/fhir_path.h"

#include "tests/unit/fhir_mapper/fhir_path_support.h"

#include <initializer_list>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

void all_hold(std::initializer_list<std::string_view> expressions) {
  for (const std::string_view expression : expressions) {
    INFO(expression);
    CHECK(on_patient(expression) == "holds");
  }
}

void all_fail(std::initializer_list<std::string_view> expressions) {
  for (const std::string_view expression : expressions) {
    INFO(expression);
    CHECK(on_patient(expression) == "fails");
  }
}

void all_give_nothing(std::initializer_list<std::string_view> expressions) {
  for (const std::string_view expression : expressions) {
    INFO(expression);
    CHECK(on_patient(expression) == "nothing");
  }
}

void none_can_be_evaluated(std::initializer_list<std::string_view> expressions) {
  for (const std::string_view expression : expressions) {
    INFO(expression);
    CHECK(on_patient(expression) == "unevaluable");
  }
}

TEST_CASE("a path goes through members and lists") {
  all_hold({"id = 'p1'", "name.family.count() = 2", "name.given.count() = 3", "name[1].given[1] = '二郎'",
            "Patient.name.exists()", "Resource.id = 'p1'", "$this.active", "name.first().given = '太郎'"});
  all_give_nothing({"photo", "name[2]", "name[0].nothing.at.all", "Observation.id", "id.more"});
  none_can_be_evaluated({"name.given"});  // three values are no truth
}

TEST_CASE("where() leads to the same however often an expression says it") {
  all_hold(
      {"identifier.where(system = 'urn:oid:1.2').exists() and "
       "identifier.where(system = 'urn:oid:1.2').count() = 1 and "
       "identifier.where(system = 'urn:oid:1.2').value = '0001234'",
       "name.where(family.exists()).count() = 2 and name.where(family.exists()).given.count() = 3",
       "name.where(use = 'old').empty() and name.where(use = 'old').count() = 0",
       // One within what becomes of another, and about something else than what the whole is about.
       "name.where(use = 'official').all(given = %context.identifier.where(value = '7').system or "
       "%context.name.where(use = 'official').family = '架橋') and "
       "name.where(use = 'official').family = '架橋' and identifier.where(value = '7').exists()",
       "name.where(use = 'official').exists() and identifier.where(value = '7').exists() and "
       "name.where(use = 'official').family = '架橋' and identifier.where(value = '7').system = "
       "'urn:oid:1.3'",
       "name.exists(extension.where(url = 'urn:kind').exists() and "
       "extension.where(url = 'urn:kind').value.ofType(code) = 'SYL')",
       "name.extension.where(url = 'urn:kind').count() = 2 and extension.where(url = 'urn:kind').empty()"});
}

TEST_CASE("paths that begin alike go on apart") {
  all_hold(
      {"name.extension.url = 'urn:kind' or name.extension.value.ofType(code) contains 'SYL'",
       "name.given contains '二郎' and name.family contains '架橋' and name.extension.value contains 'IDE'",
       "contained.ofType(Organization).name = '架橋病院' and contained.ofType(Organization).id = 'o1'"});
}

TEST_CASE("a member is a text when it is written as one, whatever else it could be") {
  all_hold({"identifier.exists(system = 'urn:oid:1.3')", "birthDate = '1960-02-29'",
            "extension.exists(value.ofType(Identifier).value = '1310000001')", "id = 'p1'"});
  all_fail({"id = 'p2'", "name.exists(use = 'old')", "identifier.all(system = 'urn:oid:1.3')", "active = 'x'",
            "gender = 'male'"});
  all_give_nothing({"photo.url = 'x'", "implicitRules = 'x'"});
  CHECK(on_observation("issued = '2026-04-01T00:30:00Z'") == "holds");
}

TEST_CASE("a choice is whichever of its members is there, of the type that its name says") {
  all_fail({"deceased", "deceased.ofType(boolean)"});
  all_hold({"deceased.exists()", "deceased is boolean", "extension.value is Identifier",
            "extension.value.ofType(Identifier).value = '1310000001'",
            "name.extension.value.ofType(code) contains 'IDE'"});
  all_give_nothing({"deceased.ofType(dateTime)", "deceased as dateTime"});
  CHECK(on_observation("value is Quantity and effective.ofType(dateTime).exists()") == "holds");
  CHECK(on_observation("valueQuantity.unit = 'mg/dL'") == "holds");
  CHECK(on_observation("component.value.ofType(integer) = 4") == "holds");
  // Encounter has reasonCode and no choice reason[x].
  CHECK(verdict_on(R"({"resourceType":"Encounter","reasonCode":[{"text":"x"}]})", "reason") == "nothing");
}

TEST_CASE("a resource is of the type that it says, and of what that is a kind of") {
  all_hold({"$this is Patient", "$this is FHIR.Patient", "is(DomainResource)", "$this is Resource",
            "contained.ofType(Organization).name = '架橋病院'", "contained.first() is Organization",
            "(contained.first() as Organization).exists()"});
  all_fail({"$this is Observation", "contained.first() is Patient"});
  CHECK(verdict_on(R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Composition"}}]})",
                   "entry.first().resource.is(Composition)") == "holds");
  CHECK(verdict_on(R"({"resourceType":"Bundle"})", "$this is DomainResource") == "fails");
}

TEST_CASE("what stands in a resource that the table of elements does not have is of no known type") {
  constexpr std::string_view kJson =
      R"({"resourceType":"Composition","status":"final","section":[{"title":"x"}]})";
  CHECK(verdict_on(kJson, "status = 'final' and section.title.exists() and $this is Composition") == "holds");
  CHECK(verdict_on(kJson, "status is code") == "unevaluable");
  CHECK(verdict_on(kJson, "descendants().ofType(uri).empty()") == "unevaluable");
}

TEST_CASE("a code is a kind of string, and neither is a String of the language") {
  all_hold({"name.use.first() is code", "name.use.first() is string", "'a' is String", "1 is Integer",
            "1.5 is System.Decimal", "true is Boolean", "@2026 is Date", "@2026-04-01T09:30 is DateTime"});
  all_fail({"name.use.first() is uri", "'a' is string", "1 is Decimal", "id is code"});
  all_give_nothing({"photo is Patient", "{} is String"});
  none_can_be_evaluated({"name is HumanName", "name as HumanName"});  // two names
  all_hold({"name.as(HumanName).count() = 2"});
}

TEST_CASE("the logic has three values") {
  all_hold({"true and true", "true or {}", "{} or true", "false implies {}", "{} implies true",
            "true xor false", "(false and {}) = false", "({} and false) = false", "{}.not().empty()",
            "false.not()", "'a' and 1"});
  all_fail(
      {"true and false", "false or false", "true xor true", "true implies false", "true.not()", "'a'.not()"});
  all_give_nothing({"true and {}", "{} and {}", "{} or false", "{} xor true", "true implies {}",
                    "{} implies {}", "{} implies false"});
  none_can_be_evaluated({"name and true", "name.not()"});
  all_hold({"true or name", "(false and name).not()"});  // what does not decide is not looked at
}

TEST_CASE("what is empty makes a comparison empty") {
  all_give_nothing({"photo = 'x'", "'x' = photo", "photo != 'x'", "{} < 1", "1 >= {}", "{} + 1",
                    "'a' + photo", "photo in name", "name contains photo"});
  all_hold({"{} ~ {}", "'a' & photo = 'a'", "photo & photo = ''", "'a' !~ photo", "({} | {}).empty()",
            "('a' in {}).not()", "({} contains 'a').not()"});
}

TEST_CASE("equal means the same number, text or structure in the same order") {
  all_hold({"1 = 1.0", "'a' = 'a'", "name.given = name.given", "name.first() = name.first()", "1 != 2",
            "(1 | 2) = (1 | 2)", "birthDate = '1960-02-29'", "active = true"});
  all_fail({"'a' = 'A'", "1 = '1'", "name.first() = name.last()", "(1 | 2) = (2 | 1)", "name = name.first()",
            "'a' != 'a'"});
  CHECK(on_observation("value.value = 7.2 and value.value.toString() = '7.20'") == "holds");
  CHECK(on_observation("component.code.coding = code.coding.first()") == "holds");
}

TEST_CASE("equivalent looks over case, blanks, order and digits that one side does not have") {
  all_hold({"'A  b' ~ 'a B'", "(1 | 2) ~ (2 | 1)", "1.26 ~ 1.3", "'a' !~ 'b'"});
  all_fail({"'a' ~ 'b'", "1.26 ~ 1.31", "(1 | 2) ~ 1", "'a' ~ {}"});
}

TEST_CASE("dates compare as exactly as both are written") {
  all_hold({"@2026-04-01 < @2026-04-02", "birthDate < @1960-03",
            "@2026-04-01T09:30:00+09:00 = @2026-04-01T00:30:00Z",
            "@2026-04-01T09:30:00.5 > @2026-04-01T09:30:00", "@T09:30 < @T10:00", "birthDate = @1960-02-29",
            "@2026-04-01T09:30:00 = @2026-04-01T09:30:00.000", "birthDate >= @1960-02-29", "@2026 ~ @2026",
            "@2026 !~ @2026-04"});
  all_fail({"@2026-04-01 > @2026-04-02", "@2026 = @2025-12"});
  all_give_nothing({"@2026 = @2026-04", "@2026-04 < @2026-04-01", "@2026-04-01T09:30 > @2026-04-01",
                    "@2026-04-01T09:30:00 < @2026-04-01T09:30:00Z", "birthDate <= @1960"});
  none_can_be_evaluated({"birthDate < 1", "birthDate < 'x'", "@T09:30 < @2026-04-01"});
}

TEST_CASE("a date is compared by what it means also with a text, and a text as it is written") {
  constexpr std::string_view kPatient =
      R"({"resourceType": "Patient", "birthDate": "1970-01-02", "gender": "male", "_language": {"id": "a"}})";
  for (const std::string_view expression :
       {"birthDate = '1970'", "birthDate.select($this = '1970')", "photo.url = 'a'"}) {
    INFO(expression);
    CHECK(verdict_on(kPatient, expression) == "nothing");
  }
  CHECK(verdict_on(kPatient, "birthDate.exists($this = '1970-01-02') and birthDate = '1970-01-02'") ==
        "holds");
  CHECK(verdict_on(kPatient, "gender = 'male' and gender.exists($this = 'male' and $this.endsWith('e'))") ==
        "holds");
  CHECK(verdict_on(kPatient,
                   "gender = 'mal' or gender.startsWith('al') or gender.endsWith('l') or language = 'ja'") ==
        "fails");
}

TEST_CASE("quantities compare in the same unit only") {
  CHECK(on_observation("referenceRange.first().low <= referenceRange.first().high") == "holds");
  CHECK(on_observation("value > 7 'mg/dL' and value = 7.2 'mg/dL'") == "holds");
  CHECK(on_observation("value > 7 'g/L'") == "unevaluable");
  CHECK(on_observation("value = 7.2 'g/L'") == "fails");
}

TEST_CASE("numbers are reckoned with exactly, or not at all") {
  all_hold({"1 + 2 * 3 = 7", "0.1 + 0.2 = 0.3", "7 div 2 = 3", "7 mod 2 = 1", "1 / 4 = 0.25", "-3 < -2",
            "-(1 + 1) = -2", "name.count() + name.count() = 4", "2 - 3 - 1 = -2", "1 / 3 = 0.33333333",
            "+1 = 1", "10 > 9"});
  all_give_nothing({"1 / 0", "1 div 0", "1 mod 0"});
  none_can_be_evaluated(
      {"999999999999999999 * 999999999999999999", "1 + 'a'", "-'a'", "'a' < 1", "'a' - 'b'"});
}

TEST_CASE("operators bind as the specification has it") {
  all_hold({"true or false and false", "1 + 1 = 2 and true", "false implies true and false",
            "1 | 2 is Integer = 1 | true", "'a' in 'a' | 'b'", "1 < 2 = true", "'a' & 'b' = 'ab'",
            "false and true implies false or false"});
}

TEST_CASE("lists are filtered, mapped and counted") {
  all_hold({"name.where(use = 'official').family = '架橋'", "name.select(given.count()) = (1 | 2)",
            "name.all(family.exists())", "name.exists(use = 'official')", "photo.empty()", "photo.all(false)",
            "name.where($index = 1).given.count() = 2", "name.given.last() = '二郎'",
            "name.given.tail().count() = 2", "name.given.skip(1).first() = 'タロウ'",
            "name.given.take(2).count() = 2", "name.given.take(0).empty()", "id.single() = 'p1'",
            "name.given.skip(9).empty()"});
  all_fail({"name.all(use = 'official')", "photo.exists()", "name.exists(use = 'old')", "name.empty()"});
  none_can_be_evaluated({"name.single()", "name.where(given)"});
}

TEST_CASE("lists are compared as sets") {
  all_hold({"(1 | 1 | 2).count() = 2", "name.given.isDistinct()", "(1).combine(1).isDistinct().not()",
            "(1).combine(1).distinct().count() = 1", "(1 | 2).subsetOf(1 | 2 | 3)", "(1 | 2).supersetOf(1)",
            "{}.subsetOf(1)", "(1 | 2).intersect(2 | 3) = 2", "(1 | 2).exclude(2) = 1",
            "(1).union(1 | 2).count() = 2", "2 in (1 | 2)", "(1 | 2) contains 2",
            "true.combine(true).allTrue()", "true.combine(false).anyFalse()", "{}.allTrue()",
            "{}.anyTrue().not()"});
  all_fail({"(1 | 4).subsetOf(1 | 2 | 3)", "3 in (1 | 2)", "true.combine(false).allTrue()",
            "true.combine(true).allFalse()"});
  none_can_be_evaluated({"name in name", "id.allTrue()"});
  // What other() stands in, not what it is called on.
  all_hold({"name.given.intersect(name[0].given) = '太郎'"});
}

TEST_CASE("what is below an element is found, once or as long as there is more") {
  all_hold({"children().count() = 12", "descendants().where($this = 'IDE').exists()",
            "name.first().children().count() = 5", "repeat(contained).count() = 1",
            "birthDate.children().count() = 1"});
  CHECK(verdict_on(R"({"resourceType":"Questionnaire","item":[{"linkId":"1","item":[{"linkId":"2"}]}]})",
                   "repeat(item).linkId.count() = 2") == "holds");
}

TEST_CASE("repeat ends when what it finds is known already") {
  all_hold({"'a'.repeat('b').count() = 1", "(1 | 2).repeat(3 - $this).count() = 2",
            "repeat(%resource.name).count() = 2"});
}

TEST_CASE("a primitive element has what JSON keeps beside it") {
  all_hold({"birthDate.extension('urn:time').value is dateTime", "birthDate.hasValue()", "gender.exists()",
            "gender.hasValue().not()", "gender.extension.value = 'unknown'", "gender is code"});
  all_give_nothing({"birthDate.extension('urn:other').value", "id.extension"});
}

TEST_CASE("texts are taken apart by characters") {
  all_hold({"'架橋病院'.length() = 4", "'架橋病院'.substring(2) = '病院'",
            "'架橋病院'.substring(1, 2) = '橋病'", "'架橋病院'.indexOf('病') = 2", "'abc'.indexOf('x') = -1",
            "'abc'.substring(1, 9) = 'bc'", "'abc'.startsWith('ab')", "'abc'.endsWith('bc')",
            "'abc'.contains('b')", "'aBc'.upper() = 'ABC'", "'aBc'.lower() = 'abc'",
            "'a-b-c'.replace('-', '') = 'abc'", "'ab'.replace('', '-') = '-a-b-'", "' a '.trim() = 'a'",
            "name.given.join('/') = '太郎/タロウ/二郎'", "''.length() = 0",
            "name.first().text.contains('　')"});
  all_give_nothing({"'abc'.substring(3)", "'abc'.substring(-1)", "photo.length()", "'abc'.startsWith(photo)",
                    "photo.upper()"});
  none_can_be_evaluated(
      {"1.length()", "name.given.upper()", "'abc'.substring('1')", "name.first().length()"});
}

TEST_CASE("matches finds a pattern anywhere, and a space is also an ideographic one") {
  all_hold({"'abc'.matches('b')", "'abc'.matches('^a.c$')", "'a\nb'.matches('^a.b$')",
            "'　'.matches('^\\\\s$')", "'x'.matches('^[^\\\\s^　]$')", "'abc'.matchesFull('a.c')",
            "'a1b2'.replaceMatches('([a-z])([0-9])', '$2$1') = '1a2b'", "'a/b'.matches('^a\\\\/b$')",
            "'[^'.matches('^[[][\\\\^]$')"});
  all_fail({"'abc'.matches('^b')", "'abc'.matchesFull('b')", "'　'.matches('^[^\\\\s]$')",
            "'　'.matches('\\\\S')"});
  all_give_nothing({"photo.matches('a')"});
}

TEST_CASE("values convert only where nothing is lost") {
  all_hold({"'12'.toInteger() = 12", "'1.50'.toDecimal() = 1.5", "1.toString() = '1'",
            "true.toString() = 'true'", "'true'.toBoolean()", "1.convertsToInteger()",
            "'x'.convertsToInteger().not()", "(1.5).toString() = '1.5'", "@2026-04.toString() = '2026-04'",
            "'2026-04'.toDate() = @2026-04", "true.toInteger() = 1", "'T'.toBoolean()",
            "birthDate.toString().length() = 10"});
  all_give_nothing(
      {"'1.5'.toInteger()", "'x'.toDecimal()", "photo.toString()", "'x'.toDate()", "'maybe'.toBoolean()"});
  none_can_be_evaluated({"name.toString()"});
}

TEST_CASE("an item that cannot be judged is not passed over because an earlier one decides") {
  constexpr std::string_view kJson =
      R"({"resourceType":"Patient","name":[{"text":"a"},{"given":["b","c"]}]})";
  CHECK(verdict_on(kJson, "name.where(text = 'a' or given.startsWith('x')).exists()") == "unevaluable");
  CHECK(verdict_on(kJson, "name.where(text = 'a' or given.startsWith('x')).first().exists()") ==
        "unevaluable");
  CHECK(verdict_on(kJson, "name.where(text = 'a' or given.exists()).first().text = 'a'") == "holds");
  CHECK(verdict_on(kJson, "name.exists(text = 'a' or given.startsWith('x'))") == "holds");
}

TEST_CASE("iif evaluates only the branch that counts") {
  all_hold({"iif(active, 'a', name.single()) = 'a'", "iif({}, 1, 2) = 2", "iif(false, 1).empty()",
            "photo.iif(empty(), true, false)", "name.trace('names').count() = 2"});
}

TEST_CASE("variables are the resource, its root, the focus and known addresses") {
  all_hold({"%resource.id = 'p1'", "%rootResource is Patient", "%context.active",
            "%ucum = 'http://unitsofmeasure.org'", "%`vs-x` = 'http://hl7.org/fhir/ValueSet/x'",
            "name.all(%resource.id = 'p1')", "%loinc.exists() and %sct.exists()",
            "name.where(%context.active).count() = 2"});
  const Tree tree = tree_of(R"({"resourceType":"Patient"})");
  CHECK(FhirPath::compile("%resource.empty()")->test(tree.root(), "", FhirPathWorld()) ==
        FhirPath::Verdict::holds);
}

TEST_CASE("elements are found with their types") {
  constexpr std::string_view kJson =
      R"({"resourceType":"Observation","valueString":"x","code":{"coding":[{"code":"a"},{"code":"b"}]}})";
  CHECK(found_in(kJson, "code.coding.code") == "code:\"a\" code:\"b\"");
  CHECK(found_in(kJson, "value") == "string:\"x\"");
  CHECK(found_in(kJson, "'text'").empty());
  CHECK(found_in(kJson, "1 + 'a'") == "unevaluable");
}

TEST_CASE("the type of the focus is what the caller says where it is no resource") {
  const Tree tree = tree_of(R"({"valueCode":"a","url":"urn:x"})");
  const FhirPath path = FhirPath::compile("value is code and url.exists()").value();
  CHECK(path.test(tree.root(), "Extension", FhirPathWorld()) == FhirPath::Verdict::holds);
  CHECK(path.test(tree.root(), "Patient", FhirPathWorld()) == FhirPath::Verdict::nothing);
  const FhirPath long_enough =
      FhirPath::compile("($this as dateTime).toString().length() >= 8 and hasValue()").value();
  const Tree date = tree_of(R"({"effectiveDateTime":"2026-04-01"})");
  CHECK(long_enough.test(*date.root().at(0), "dateTime", FhirPathWorld()) == FhirPath::Verdict::holds);
  CHECK(long_enough.test(*date.root().at(0), "string", FhirPathWorld()) == FhirPath::Verdict::nothing);
}

}  // namespace
}  // namespace fhir_mapper::test
