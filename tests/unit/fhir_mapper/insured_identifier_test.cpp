#include "fhir_mapper/insured_identifier.h"

#include "tests/unit/fhir_mapper/support.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

using Form = InsuredNumberForm;

struct Options {
  Form form = Form::repetition;
  bool branch_required = false;
  bool public_payers = true;
  std::string today = "20260701";
};

ssmix2::Result<InsuredIdentifier> selected(const std::string& in1_segments, const Options& options = {}) {
  const auto message = message_of("MSH|^~\\&|H\nPID|1||1\n" + in1_segments);
  return select_insured_identifier(message, *shipped_mapping().table("insurance-plans"),
                                   {.form = options.form,
                                    .branch_required = options.branch_required,
                                    .public_payers = options.public_payers,
                                    .today = options.today});
}

/// IN1 of plan, insurer, IN1-10, IN1-11, valid from, valid until.
std::string in1(const std::string& plan, const std::string& insurer, const std::string& ten,
                const std::string& eleven = "", const std::string& from = "", const std::string& until = "") {
  return "IN1|1|" + plan + "^x^JHSD0001|" + insurer + "|||||||" + ten + "|" + eleven + "|" + from + "|" +
         until + "\n";
}

std::string value(const std::string& in1_segments, const Options& options = {}) {
  const auto identifier = selected(in1_segments, options);
  return identifier ? identifier->value : "held: " + to_text(identifier.error()).str();
}

TEST_CASE("the insurer number has 8 half-width digits, zeros before it") {
  CHECK(value(in1("06", "138057", "1~2~03")) == "00138057:1:2:03");
  CHECK(value(in1("06", "０６１３９９９９", "1~2~03")) == "06139999:1:2:03");
  CHECK(normalised_insurer_number(" 12345678 ") == "12345678");
  CHECK(normalised_insurer_number("123456789").empty());
  CHECK(normalised_insurer_number("1234567A").empty());
  CHECK(normalised_insurer_number("").empty());
  CHECK_THAT(value(in1("06", "A1", "1~2~03")),
             Catch::Contains("IN1-3 is no insurer number") && Catch::Contains("IN1[1]-3"));
}

TEST_CASE("symbol and number are of one width each: the guide's own examples come out as they stand") {
  CHECK(value(in1("06", "12345", "あいう~１８７~05")) == "00012345:あいう:１８７:05");
  CHECK(value(in1("06", "12345", "~１８７")) == "00012345::１８７:");
}

std::string written(const InsuredNumbers& numbers) {
  const auto text = insured_identifier_text(numbers);
  return text ? *text : "refused: " + text.error().detail.str();
}

// JP_Patient_eCS on the identifier of an insured person, sentence by sentence.

TEST_CASE("the identifier: the insurer's number has eight digits, filled up with zeros on the left") {
  CHECK(written({"12345", "あいう", "１８７", "05"}) == "00012345:あいう:１８７:05");
  CHECK(written({"０６１３９９９９", "1", "2"}) == "06139999:1:2:");
  CHECK_THAT(written({"", "1", "2"}), Catch::Contains("no insurer number"));
  CHECK_THAT(written({"061399991", "1", "2"}), Catch::Contains("no insurer number"));
  CHECK_THAT(written({"0613999A", "1", "2"}), Catch::Contains("no insurer number"));
}

TEST_CASE("the identifier: the symbol may be empty, and its colon stays; the number may not") {
  CHECK(written({"12345", "", "１８７", ""}) == "00012345::１８７:");
  CHECK_THAT(written({"12345", "あいう", "", "05"}), Catch::Contains("no insured number"));
  CHECK_THAT(written({"12345", "あいう", "　", "05"}), Catch::Contains("no insured number"));
}

TEST_CASE("the identifier: symbol and number are wholly half-width or wholly full-width, each for itself") {
  CHECK(written({"1", "12", "１８７"}) == "00000001:12:１８７:");
  CHECK(written({"1", "１2", "1８7"}) == "00000001:12:187:");
  CHECK(written({"1", "ＡＢ", "18a"}) == "00000001:ＡＢ:18a:");
}

TEST_CASE("the identifier: with a sign, kana or kanji all of the symbol or number is full-width") {
  CHECK(written({"1", "12-3", "4.5"}) == "00000001:１２－３:４．５:");
  CHECK(written({"1", "ｱｶﾞ12", "東1"}) == "00000001:アガ１２:東１:");
  CHECK(written({"1", "あ(1)", "１８７"}) == "00000001:あ（１）:１８７:");
}

TEST_CASE(
    "the identifier: no part has spaces, and : and ^ are full-width, for they part what is beside them") {
  CHECK(written({"1", " 1 2　", "3\t4 ", " 05"}) == "00000001:12:34:05");
  CHECK(written({"1", "a:b", "1^2"}) == "00000001:ａ：ｂ:１＾２:");
}

TEST_CASE("the identifier: the branch has two half-width digits or is empty, and is never made up") {
  CHECK(written({"1", "2", "3", ""}) == "00000001:2:3:");
  CHECK(written({"1", "2", "3", "　"}) == "00000001:2:3:");
  CHECK(written({"1", "2", "3", "00"}) == "00000001:2:3:00");
  CHECK(written({"1", "2", "3", "５"}) == "00000001:2:3:05");
  CHECK_THAT(written({"1", "2", "3", "005"}), Catch::Contains("branch number is not two digits"));
  CHECK_THAT(written({"1", "2", "3", "A"}), Catch::Contains("branch number is not two digits"));
}

TEST_CASE(
    "the identifier of public assistance: the payer's eight digits, nothing, the recipient's seven, "
    "nothing") {
  CHECK(*public_payer_identifier_text("12138888", "1234567") == "12138888::1234567:");
  CHECK(*public_payer_identifier_text("１２１３８８８８", "１２３ ４５６７") == "12138888::1234567:");
  for (const char* recipient : {"", "123456", "12345678", "12345AB"}) {
    INFO(recipient);
    CHECK(public_payer_identifier_text("12138888", recipient).has_error());
  }
  CHECK(public_payer_identifier_text("", "1234567").has_error());
}

TEST_CASE("letters and digits in two widths become half-width, with any other character full-width") {
  CHECK(normalised_insured_text("12AB") == "12AB");
  CHECK(normalised_insured_text("１２AB") == "12AB");
  CHECK(normalised_insured_text("１２ＡＢ") == "１２ＡＢ");
  CHECK(normalised_insured_text("12-34") == "１２－３４");
  CHECK(normalised_insured_text("東123") == "東１２３");
  CHECK(normalised_insured_text("ｱﾄﾞ1") == "アド１");
  CHECK(normalised_insured_text(" 1 2　3 ") == "123");
  CHECK(normalised_insured_text("").empty());
}

TEST_CASE("a branch has two half-width digits and stays empty where there is none") {
  CHECK(value(in1("06", "1", "1~2")) == "00000001:1:2:");
  CHECK(value(in1("06", "1", "1~2~")) == "00000001:1:2:");
  CHECK(value(in1("06", "1", "1~2~5")) == "00000001:1:2:05");
  CHECK(value(in1("06", "1", "1~2~０５")) == "00000001:1:2:05");
  CHECK(value(in1("06", "1", "1~2~00")) == "00000001:1:2:00");
  CHECK_THAT(value(in1("06", "1", "1~2~123")), Catch::Contains("the branch number is not two digits"));
  CHECK_THAT(value(in1("06", "1", "1~2~A")), Catch::Contains("the branch number is not two digits"));
}

TEST_CASE("a missing branch holds only where the site requires one") {
  CHECK_THAT(value(in1("06", "1", "1~2"), {.branch_required = true}),
             Catch::Contains("branch-required is set"));
  CHECK(value(in1("06", "1", "1~2~03"), {.branch_required = true}) == "00000001:1:2:03");
}

TEST_CASE("repetitions of IN1-10 are symbol, number and branch; a single one is the number") {
  CHECK(value(in1("39", "39130000", "12345678")) == "39130000::12345678:");
  CHECK(value(in1("06", "1", "~187~05")) == "00000001::187:05");
  CHECK_THAT(value(in1("06", "1", "12~~05")), Catch::Contains("there is no insured number"));
  CHECK_THAT(value(in1("06", "1", "", "999")), Catch::Contains("there is no insured number"));
}

TEST_CASE("IN1-11 is the number only where the rule says so and it has the shape of one") {
  const Options form{.form = Form::symbol_number};
  CHECK(value(in1("06", "1", "記号", "１８７"), form) == "00000001:記号:１８７:");
  CHECK(value(in1("06", "1", "12", "34A"), form) == "00000001:12:34A:");
  CHECK(value(in1("06", "1", "", "187"), form) == "00000001::187:");
  CHECK_THAT(value(in1("06", "1", "12", "架空商事株式会社"), form),
             Catch::Contains("there is no insured number"));
  CHECK_THAT(value(in1("06", "1", "12", "KAKUSHOJI"), form), Catch::Contains("there is no insured number"));
  CHECK(value(in1("06", "1", "12~34~05", "架空商事")) == "00000001:12:34:05");
}

TEST_CASE("a joined field is split at its separator and is a number without one") {
  const Options form{.form = Form::joined};
  CHECK(value(in1("06", "1", "あいう・１８７"), form) == "00000001:あいう:１８７:");
  CHECK(value(in1("06", "1", "12-34"), form) == "00000001:12:34:");
  CHECK(value(in1("06", "1", "１２－３４"), form) == "00000001:１２:３４:");
  CHECK(value(in1("06", "1", "12-3・45"), form) == "00000001:１２－３:45:");
  CHECK(value(in1("06", "1", "12345"), form) == "00000001::12345:");
}

TEST_CASE("characters that the identifier cannot hold keep it back") {
  CHECK_THAT(value(in1("06", "1", "a:b~2")), !Catch::Contains("a:b"));
  const auto circumflex = selected(in1("06", "1", "a\\S\\b~2"));
  CHECK((circumflex.has_error() || circumflex->value.find('^') == std::string::npos));
}

TEST_CASE("an insured number with a character that could not be read is none, another insurance counts") {
  CHECK_THAT(value(in1("06", "6139999", "東\uFFFD~34~05")), Catch::Contains("could not be read"));
  CHECK_THAT(value(in1("06", "6139999", "12~3\uFFFD~05")), Catch::Contains("could not be read"));
  CHECK_THAT(value(in1("06", "6139999", "12~34~0\uFFFD")), Catch::Contains("held"));
  CHECK_THAT(value(in1("06", "613\uFFFD999", "12~34~05")), Catch::Contains("held"));
  CHECK_THAT(value(in1("0\uFFFD", "6139999", "12~34~05")), Catch::Contains("held"));
  CHECK(value(in1("06", "6139999", "\uFFFD~1~05") + in1("06", "6139999", "12~34~05")) == "06139999:12:34:05");
}

TEST_CASE("only insurer plans count; accident, self-pay, other public and unknown plans never do") {
  for (const char* plan : {"C0", "01", "06", "31", "39", "67"}) {
    CHECK(value(in1(plan, "1", "1~2")) == "00000001:1:2:");
  }
  for (const char* plan : {"LI", "TI", "OE", "PE", "51", "10", "ZZ", ""}) {
    INFO(plan);
    CHECK_THAT(value(in1(plan, "1", "1~2")), Catch::Contains("IN1-2"));
  }
}

TEST_CASE("plan 12 is a public payer with a recipient number of 7 digits") {
  const auto identifier = selected(in1("12", "12345678", "１２３４５６７"));
  REQUIRE(identifier.has_value());
  CHECK(identifier->value == "12345678::1234567:");
  CHECK(identifier->scheme == InsuredIdentifier::Scheme::public_payer);
  CHECK(identifier->system() == "http://jpfhir.jp/fhir/clins/Idsystem/JP_PublicPayer_memberID");
  CHECK_THAT(value(in1("12", "12345678", "123456")), Catch::Contains("recipient number of 7 digits"));
  CHECK_THAT(value(in1("12", "12345678", "")), Catch::Contains("recipient number of 7 digits"));
}

TEST_CASE("before 1.10 profiles know no public payer") {
  const Options options{.public_payers = false};
  const std::string payer = in1("12", "12345678", "1234567", "", "20260501");
  const auto refused = selected(payer, options);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == ssmix2::FailureCode::patient_no_insurance);
  CHECK(to_text(refused.error().place).view() == "IN1[1]-2");
  CHECK(value(in1("06", "1", "1~2", "", "20250401") + payer, options) == "00000001:1:2:");
  CHECK_FALSE(has_public_payers("1.5.3"));
  CHECK_FALSE(has_public_payers("1.9.0"));
  CHECK(has_public_payers("1.10.0"));
  CHECK(has_public_payers("1.12.0"));
  CHECK(has_public_payers("2.0.0"));
}

TEST_CASE("an insurer's identifier has its own system") {
  CHECK(selected(in1("06", "1", "1~2"))->system() ==
        "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID");
}

TEST_CASE("of several the one valid today counts, then the newest, then the first written") {
  const std::string expired = in1("06", "1", "1~2", "", "20260601", "20260630");
  const std::string old_valid = in1("06", "2", "1~2", "", "20200401");
  const std::string new_valid = in1("06", "3", "1~2", "", "20250401", "20260701");
  const std::string same_day = in1("06", "4", "1~2", "", "20250401");
  const std::string future = in1("06", "5", "1~2", "", "20260702");
  CHECK(value(expired + old_valid) == "00000002:1:2:");
  CHECK(value(old_valid + new_valid) == "00000003:1:2:");
  CHECK(value(new_valid + old_valid) == "00000003:1:2:");
  CHECK(value(new_valid + same_day) == "00000003:1:2:");
  CHECK(value(same_day + new_valid) == "00000004:1:2:");
  CHECK(value(future + old_valid) == "00000002:1:2:");
  CHECK(value(in1("LI", "9", "1~2") + old_valid) == "00000002:1:2:");
}

using Validity = InsuredIdentifier::Validity;

Validity validity(const std::string& from, const std::string& until, const std::string& today = "20260701") {
  return selected(in1("06", "1", "1~2", "", from, until), {.today = today})->validity;
}

TEST_CASE("an expired only one is used and said to be expired") {
  CHECK(validity("20200401", "20260630") == Validity::expired);
  CHECK(validity("20200401", "20260701") == Validity::valid);
  CHECK(validity("", "") == Validity::valid);
}

TEST_CASE("an insurance whose end is known by month or year is valid to the last day of that") {
  CHECK(validity("", "202611", "20261101") == Validity::valid);
  CHECK(validity("", "202611", "20261130") == Validity::valid);
  CHECK(validity("", "202611", "20261201") == Validity::expired);
  CHECK(validity("", "2026", "20261231") == Validity::valid);
  CHECK(validity("", "2026", "20270101") == Validity::expired);
  CHECK(validity("202611", "", "20261101") == Validity::valid);
  CHECK(validity("202611", "", "20261031") == Validity::not_yet_valid);
}

TEST_CASE("one that is not valid yet counts behind one that was, and is not said to be expired") {
  const std::string future = in1("06", "1", "1~2", "", "20300401", "20310101");
  const std::string expired = in1("06", "2", "1~2", "", "20200401", "20210101");
  CHECK(value(future + expired) == "00000002:1:2:");
  CHECK(value(expired + future) == "00000002:1:2:");
  CHECK(selected(future + expired)->validity == Validity::expired);
  CHECK(selected(future)->validity == Validity::not_yet_valid);
}

TEST_CASE("a single value of IN1-10 that may be the symbol is not sent as the number") {
  CHECK_THAT(value(in1("06", "6139999", "あいう", "１８７")), Catch::Contains("no number by itself"));
  CHECK_THAT(value(in1("06", "6139999", "12", "187")), Catch::Contains("IN1-11 looks like a number"));
  CHECK_THAT(value(in1("06", "6139999", "あいう")),
             Catch::Contains("IN1[1]-10") && Catch::Contains("insured-number of this <storage>"));
  CHECK_THAT(value(in1("06", "6139999", "12-34")), Catch::Contains("no number by itself"));
  CHECK(value(in1("06", "6139999", "187", "架空商事株式会社")) == "06139999::187:");
  CHECK(value(in1("06", "6139999", "18A")) == "06139999::18A:");
  CHECK(value(in1("06", "6139999", "~あ１８７")) == "06139999::あ１８７:");
  CHECK(value(in1("06", "6139999", "あいう~１８７", "187")) == "06139999:あいう:１８７:");
  CHECK(value(in1("12", "12345678", "1234567", "187")) == "12345678::1234567:");
}

TEST_CASE("without any IN1 the patient has no identifier") {
  const auto none = selected("");
  REQUIRE(none.has_error());
  CHECK(none.error().code == ssmix2::FailureCode::patient_no_insurance);
  CHECK_THAT(to_text(none.error()).str(), Catch::Contains("has no IN1 segment"));
}

TEST_CASE("a reason for holding shows no number of the patient") {
  CHECK_THAT(value(in1("06", "1", "1234567~7654321~ABC")),
             !Catch::Contains("1234567") && !Catch::Contains("7654321"));
}

}  // namespace
}  // namespace fhir_mapper::test
