#include "fhir_mapper/unit_spelling.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

std::string unit(std::string_view text) {
  return unit_spelling(text).value_or("nothing");
}

TEST_CASE("a unit's width, letter case and ligatures do not matter") {
  for (const char* text :
       {"mg/dL", "mg/dl", "ｍｇ／ｄＬ", "MG/DL", "㎎/dl", " mg / dL ", "㎎／㎗", "mg⁄dL"}) {
    INFO(text);
    CHECK(unit(text) == "mg/dL");
  }
  CHECK(unit("IU/ｌ") == "iu/L");
  CHECK(unit("mEq/L") == "meq/L");
  CHECK(unit("nﾓﾙ/l") == "nmol/L");
  CHECK(unit("ｆｌ") == "fL");
  CHECK(unit("％") == "%");
  CHECK(unit("‰") == "permil");
  CHECK(unit("℃") == "cel");
  CHECK(unit("mmHg") == "mm(hg)");
}

TEST_CASE("both micro signs are u, and so is a written-out one") {
  CHECK(unit("\u03BCg/dL") == "ug/dL");
  CHECK(unit("\u00B5g/dL") == "ug/dL");
  CHECK(unit("㎍/㎖") == "ug/mL");
  CHECK(unit("MCG/ML") == "ug/mL");
  CHECK(unit("μIU/mL") == "uiu/mL");
  CHECK(unit("μU/mL") == "uu/mL");
}

TEST_CASE("powers of ten are .10*n, as a factor and as a number in figures or in Japanese") {
  for (const char* text : {"×10^3/μL", "x10*3/uL", "X10＾3/μl", "10³/μL", "*10^3/μl", ".10*3/uL", "x10 3/ul",
                           "× 10^3 /μL", "1000/μL", "千/μl", "10*3/mm*3"}) {
    INFO(text);
    CHECK(unit(text) == ".10*3/uL");
  }
  CHECK(unit("×10⁴/μL") == ".10*4/uL");
  CHECK(unit("万/μL") == ".10*4/uL");
  CHECK(unit("×百/μl") == ".10*2/uL");
  CHECK(unit("百万/μl") == ".10*6/uL");
  CHECK(unit("X10000/MCL") == ".10*4/uL");
  CHECK(unit("×10^4個/ml") == ".10*4/mL");
  CHECK(unit("10^3CFU/ml") == ".10*3(cfu)/mL");
  CHECK(unit("×10^2") == ".10*2");
}

TEST_CASE("counted things stand without a name above the line") {
  for (const char* text : {"/μL", "/mm3", "1/mm3", "個/μL", "／mm^3"}) {
    INFO(text);
    CHECK(unit(text) == "/uL");
  }
  CHECK(unit("個/HPF") == "/(hpf)");
  CHECK(unit("/ＨＰＦ") == "/(hpf)");
  CHECK(unit("/1mL") == "/mL");
  CHECK(unit("/3μl") == "/3uL");
  CHECK(unit("個") == "pcs");
}

TEST_CASE("what is measured per creatinine, per body surface and per hour is joined as ISO+ does") {
  for (const char* text :
       {"mg/gCr", "mg/g・CRE", "mg/g･Cr", "mg/g.Cre", "mg/g Cr", "mg/g-Cr.", "mg/g(creat)"}) {
    INFO(text);
    CHECK(unit(text) == "mg/g(creat)");
  }
  CHECK(unit("ml/min/1.73m^2") == "mL/min(bsa)");
  CHECK(unit("ml/分/1.73㎡") == "mL/min(bsa)");
  CHECK(unit("ng/mL/hr") == "ng/(mL.hr)");
  CHECK(unit("mOsm/kg・H2O") == "mosm/kg_h2o");
  CHECK(unit("g/日") == "g/d");
  CHECK(unit("mm/h") == "mm/hr");
}

TEST_CASE("names of ratios and counts have one spelling") {
  CHECK(unit("C.O.I") == "COI");
  CHECK(unit("S/Co") == "S/CO");
  CHECK(unit("Log IU/mL") == "logiu/mL");
  CHECK(unit("Logｺﾋﾟｰ/ml") == "logcopies/mL");
  CHECK(unit("コピー/mL") == "copies/mL");
}

TEST_CASE("a unit that is cut off, has a remark or two meanings is not guessed at") {
  for (const char* text :
       {"",          " ",        "ng/m",      "μ/ml",    "μ",        "x10^3/μ",      "×10^3/",
        "/",         "//",       "mg/",       "mg//dL",  "IU/L/37℃", "MEQ/ML",       "Meq/mL",
        "MU/mL",     "MIU/mL",   "MMOL/L",    "mm/l",    "HPF",      "個/HFP",       "lU/L",
        "10x4/μl",   "10 3/uL",  "x31.2",     "10^0/uL", "10^12/uL", "倍",           "度",
        "定性",      "0.5mg/dL", "mg/dL以下", "mgdL",    "mg.dL",    "ng/10^7cells", "m\uFFFD/dL",
        "g/mL/hr/d", "()",       "/()",       "x",       "."}) {
    INFO(text);
    CHECK(unit(text) == "nothing");
  }
}

TEST_CASE("a unit's spelling is a unit of that spelling, for every two parts and power") {
  for (const char* power : {"", "×10^2", "百万", "10³"}) {
    for (const char* above :
         {"", "g", "mcg", "IU", "AU", "mAU", "CFU", "個", "Logコピー", "CH50", "mEq", "%", "C.O.I"}) {
      for (const char* below :
           {"", "/dl", "/3μl", "/HPF", "/gCr", "/kgH2O", "/日", "/ml/h", "/min/1.73㎡", "/mmol・CRE"}) {
        const auto once = unit_spelling(std::string(power) + above + below);
        if (!once) continue;
        INFO(*once);
        CHECK(unit_spelling(*once) == once);
      }
    }
  }
}

}  // namespace
}  // namespace fhir_mapper::test
