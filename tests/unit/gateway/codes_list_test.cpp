#include "gateway/codes_list.h"

#include "gateway/digest.h"

#include <sstream>

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

namespace {

using namespace gateway;

constexpr const char* kSalt = "0123456789abcdef";

CodeToDo code(const std::string& table, const std::string& text, std::int64_t units = 1,
              std::int64_t held = 0) {
  CodeToDo code;
  code.table = table;
  code.system = "HL70069";
  code.code = text;
  code.rules = {"common.xml:24", "common.xml:28"};
  code.units = units;
  code.held = held;
  code.document = "main/000/000/0000000017/-/PPR-01/0000000017_-_PPR-01_1_20260401_85_1";
  return code;
}

std::string tsv(std::vector<CodeToDo> codes, CodesList::Reader reader = CodesList::Reader::anybody) {
  std::ostringstream out;
  CodesList(std::move(codes), kSalt, reader).write_tsv(out);
  return out.str();
}

std::string hash_of(const std::string& text) {
  return label(kSalt, text).str();
}

}  // namespace

TEST_CASE("The list is a table to fill in, with a line that says to which table its rows belong") {
  CHECK(tsv({code("departments", "85", 12, 3), code("gender", "X")}) ==
        "from_system\tfrom_code\tto_system\tto_code\tto_display\tnote\n"
        "# table: departments\n"
        "HL70069\t85\t\t\t\ttodo: departments; 12 units; 3 held for it; e.g. document " +
            hash_of(code("", "").document) +
            "; by common.xml:24 common.xml:28\n"
            "# table: gender\n"
            "HL70069\tX\t\t\t\ttodo: gender; 1 unit; e.g. document " +
            hash_of(code("", "").document) + "; by common.xml:24 common.xml:28\n");
  CHECK(tsv({}) == "from_system\tfrom_code\tto_system\tto_code\tto_display\tnote\n");
}

TEST_CASE("Codes that hold units come first, then those that most units want, and tables stay together") {
  const CodesList list({code("a", "A1", 900), code("b", "B1", 5, 1), code("b", "B2", 7, 2),
                        code("b", "B3", 50), code("a", "A2", 1000), code("c", "C1", 2000)},
                       kSalt, CodesList::Reader::anybody);
  std::string order;
  for (const CodeToDo& each : list.codes()) order += each.code + " ";
  CHECK(order == "B2 B1 C1 A2 A1 B3 ");
}

TEST_CASE("What is shaped like a code has a digit and no word, or is a single letter") {
  for (const auto* text :
       {"85", "A1", "F", "3D046000001906202", "C50.9", "2171014F1020", "HbA1c", "99_X-1"}) {
    CAPTURE(text);
    CHECK(is_shaped_like_code(text));
  }
  for (const auto* text : {"", "TANAKA", "ABE", "OH", "KAKEHASHI1950", "架橋", "ﾀﾛｳ1", "A 1", "1^2", "a@b1",
                           "hash:0123456789ab", "123456789012345678901234567890123"}) {
    CAPTURE(text);
    CHECK_FALSE(is_shaped_like_code(text));
  }
}

TEST_CASE("What may be of a person stands in the list as a hash, unless it is read at the hospital") {
  CodeToDo number = code("departments", "0312345678");
  number.is_anybodys = false;
  CodeToDo by_system = code("departments", "85");
  by_system.system = "架橋太郎";
  CodeToDo by_number = code("departments", "85");
  by_number.system = "090-1234-5678";
  for (const CodeToDo& each :
       {code("departments", "KAKEHASHI"), code("departments", "架橋"), number, by_system, by_number}) {
    CAPTURE(each.code);
    const std::string text = tsv({each});
    const CodesList list({each}, kSalt, CodesList::Reader::anybody);
    for (const std::string& safe : {text, list.json()}) {
      for (const auto* secret : {"KAKEHASHI", "架橋", "0312345678", "0000000017", "090-1234-5678"}) {
        CHECK(safe.find(secret) == std::string::npos);
      }
    }
    CHECK_THAT(text, Catch::Contains("hash:") && Catch::Contains("codes todo --local"));
    const std::string at_site = tsv({each}, CodesList::Reader::site);
    CHECK_THAT(at_site, Catch::Contains("\n" + each.system + "\t" + each.code + "\t") &&
                            Catch::Contains(each.document) && !Catch::Contains("--local"));
  }
}

TEST_CASE("A code is found by what either reader is shown") {
  const std::vector<CodeToDo> codes{code("departments", "架橋"), code("gender", "85")};
  CHECK(find_code(codes, "departments", "HL70069", "架橋", kSalt) == &codes[0]);
  CHECK(find_code(codes, "departments", "HL70069", "hash:" + hash_of("架橋"), kSalt) == &codes[0]);
  CHECK(find_code(codes, "gender", "HL70069", "85", kSalt) == &codes[1]);
  CHECK(find_code(codes, "departments", "HL70069", "85", kSalt) == nullptr);
  CHECK(find_code(codes, "gender", "HL70001", "85", kSalt) == nullptr);
  CHECK(find_code(codes, "departments", "HL70069", "hash:000000000000", kSalt) == nullptr);
}

TEST_CASE("As JSON the list says the same") {
  CodeToDo one = code("departments", "85", 12, 3);
  one.and_more = true;
  rapidjson::Document json;
  json.Parse(CodesList({one}, kSalt, CodesList::Reader::anybody).json().c_str());
  REQUIRE_FALSE(json.HasParseError());
  const auto& only = json["codes"].GetArray()[0];
  CHECK(std::string(only["table"].GetString()) == "departments");
  CHECK(std::string(only["from_system"].GetString()) == "HL70069");
  CHECK(std::string(only["from_code"].GetString()) == "85");
  CHECK(only["units"].GetInt64() == 12);
  CHECK(only["held"].GetInt64() == 3);
  CHECK(only["or_more"].GetBool());
  CHECK(std::string(only["document"].GetString()) == hash_of(one.document));
  CHECK(std::string(only["rules"].GetArray()[1].GetString()) == "common.xml:28");
}
