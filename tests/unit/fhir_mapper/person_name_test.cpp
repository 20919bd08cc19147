#include "fhir_mapper/person_name.h"

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

std::string split(std::string_view text) {
  const auto name = split_name(text);
  return name ? "[" + name->family + "][" + name->given + "]" : "nothing";
}

TEST_CASE("a name in one component is parted at its one space, of either width") {
  CHECK(split("架橋　太郎") == "[架橋][太郎]");
  CHECK(split("架橋 太郎") == "[架橋][太郎]");
  CHECK(split("ｶｹﾊｼ ﾀﾛｳ") == "[ｶｹﾊｼ][ﾀﾛｳ]");
  CHECK(split("　架橋　太郎 ") == "[架橋][太郎]");
}

TEST_CASE("a name without a space or with several is not parted") {
  for (const char* name :
       {"架橋太郎", "架橋", "架橋　　太郎", "架橋　 太郎", "架橋 太郎 二世", "架橋　太郎 二世", "　", ""}) {
    INFO(name);
    CHECK(split(name) == "nothing");
  }
}

}  // namespace
}  // namespace fhir_mapper::test
