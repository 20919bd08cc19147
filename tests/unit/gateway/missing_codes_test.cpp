#include "gateway/missing_codes.h"

#include "gateway/remake_requests.h"
#include "gateway/unit_work.h"
#include "tests/unit/gateway/codes_support.h"

#include <algorithm>
#include <ctime>
#include <iostream>

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;

/// Keys of the next batch at that time, which is done with.
std::vector<std::string> next_batch(StateStore::Contents& state, Instant now) {
  std::vector<std::string> keys;
  for (const DueUnit& due : next_units(state.units, now)) {
    keys.push_back(state.units.find(due.id)->unit.key());
    state.units.settle_due(due, std::nullopt);
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}
using Keys = std::vector<std::string>;

void request(StateStore::Contents& state, const std::vector<CodeToDo>& codes, Instant now) {
  Transaction transaction(state.database);
  request_remake(state.database, codes, now);
  transaction.commit();
}

std::int64_t take_up(StateStore::Contents& state, Instant read_at, Instant now) {
  Transaction transaction(state.database);
  const auto units = take_up_remake_requests(state.database, read_at, now);
  transaction.commit();
  return units;
}

}  // namespace

TEST_CASE(
    "A code is to do once, with how many units want it, how many it holds, and all rules that want it") {
  const auto state = empty_state();
  want(*state, "0001", {wanted("departments", "85", true, "common.xml:28")});
  want(*state, "0002", {wanted("departments", "85", false, "common.xml:24\ncommon.xml:28")});
  want(*state, "0003", {wanted("departments", "86"), wanted("gender", "85")});
  const auto codes = codes_to_do(state->database);
  REQUIRE(codes.size() == 3);
  CHECK(codes[0].table == "departments");
  CHECK(codes[0].code == "85");
  CHECK(codes[0].units == 2);
  CHECK(codes[0].held == 1);
  CHECK(codes[0].rules == std::set<std::string>{"common.xml:24", "common.xml:28"});
  CHECK(codes[1].code == "86");
  CHECK(codes[2].table == "gender");
  CHECK(count_codes_to_do(state->database).codes == 3);
  CHECK(count_codes_to_do(state->database).units_held == 1);
}

TEST_CASE("What a unit wanted before is forgotten when it is made again, and a code that nobody wants goes") {
  const auto state = empty_state();
  want(*state, "0001", {wanted("departments", "85", true), wanted("departments", "86")});
  want(*state, "0002", {wanted("departments", "86")});
  want(*state, "0001", {});
  const auto codes = codes_to_do(state->database);
  REQUIRE(codes.size() == 1);
  CHECK(codes[0].code == "86");
  CHECK(codes[0].units == 1);
  CHECK(count_codes_to_do(state->database).units_held == 0);
  want(*state, "0002", {});
  CHECK(codes_to_do(state->database).empty());
}

TEST_CASE("A snapshot that is rolled back takes its codes with it") {
  const auto state = empty_state();
  const UnitId unit = state->units.mark_due(condition_unit(), at(0));
  {
    const Transaction transaction(state->database);
    MissingCodes(state->database).put(unit, {wanted("departments", "85")});
  }
  CHECK(codes_to_do(state->database).empty());
}

TEST_CASE("A text that is no code is kept as its hash only") {
  const auto state = empty_state();
  const std::string long_text = "架橋太郎様、昨日より発熱。自宅は架橋市中央一丁目。電話は後日。";
  want(*state, "0001", {wanted("departments", long_text)});
  const std::string text = GENERATE("85\t86", "*", "~8.", "85 ", "8\xEF\xBF\xBD", "#85");
  want(*state, "0002", {wanted("departments", text)});
  for (const CodeToDo& code : codes_to_do(state->database)) {
    CHECK_FALSE(code.is_code);
    CHECK(code.code.size() == 12);
    CHECK(code.system.size() == 12);
  }
  const std::string kept = value_of(state->database, "SELECT group_concat(code || system) FROM missing_code");
  CHECK(kept.find("架橋") == std::string::npos);
  CHECK(kept.find(text) == std::string::npos);
}

TEST_CASE("Units that go out without a code are remembered up to a limit, units that wait for it all") {
  const auto state = empty_state();
  const int many = static_cast<int>(MissingCodes::kUnitsOfCode) + 5;
  for (int i = 0; i < many; ++i) want(*state, patient_number(i), {wanted("departments", "85")});
  auto codes = codes_to_do(state->database);
  REQUIRE(codes.size() == 1);
  CHECK(codes[0].units == MissingCodes::kUnitsOfCode);
  CHECK(codes[0].and_more);
  want(*state, patient_number(many), {wanted("departments", "85", true)});
  CHECK(count_codes_to_do(state->database).units_held == 1);
  want(*state, patient_number(many), {});
  for (int i = 0; i < many; ++i) want(*state, patient_number(i), {wanted("departments", "85", true)});
  codes = codes_to_do(state->database);
  CHECK(codes[0].units == many);
  CHECK(codes[0].held == many);
}

TEST_CASE("That units are not remembered is not forgotten when one of the others wants the code no more") {
  const auto state = empty_state();
  const int enough = static_cast<int>(MissingCodes::kUnitsOfCode);
  for (int i = 0; i < enough; ++i) want(*state, patient_number(i), {wanted("departments", "85")});
  CHECK_FALSE(codes_to_do(state->database)[0].and_more);
  want(*state, patient_number(enough), {wanted("departments", "85")});
  CHECK(codes_to_do(state->database)[0].and_more);
  want(*state, patient_number(0), {});
  const auto codes = codes_to_do(state->database);
  CHECK(codes[0].units == enough - 1);
  CHECK(codes[0].and_more);
}

TEST_CASE("A number is anybody's when ten patients want it, or when it is short and none of them has it") {
  const auto state = empty_state();
  const auto is_anybodys = [&state](const std::string& code) {
    for (const CodeToDo& each : codes_to_do(state->database)) {
      if (each.code == code) return each.is_anybodys;
    }
    FAIL("it is not to do: " << code);
    return false;
  };
  want(*state, "0001234",
       {wanted("t", "85"), wanted("t", "1234"), wanted("t", "0312345678"), wanted("t", "A1"),
        wanted("t", "S350312"), wanted("t", "S35.03.12"), wanted("t", "3D046000001906202")});
  CHECK(is_anybodys("85"));
  CHECK(is_anybodys("A1"));
  CHECK(is_anybodys("3D046000001906202"));
  CHECK_FALSE(is_anybodys("S350312"));  // a date of birth
  CHECK_FALSE(is_anybodys("S35.03.12"));
  want(*state, "A1234", {wanted("t", "A1234")});
  CHECK_FALSE(is_anybodys("A1234"));
  CHECK_FALSE(is_anybodys("1234"));
  CHECK_FALSE(is_anybodys("0312345678"));
  for (int i = 0; i < 8; ++i) want(*state, patient_number(i), {wanted("t", "0312345678")});
  CHECK_FALSE(is_anybodys("0312345678"));
  want(*state, patient_number(8), {wanted("t", "0312345678")});
  CHECK(is_anybodys("0312345678"));
}

TEST_CASE("Exactly the units that want the codes are made anew, at the start that has read the new tables") {
  const auto state = empty_state();
  want(*state, "0001", {wanted("departments", "85", true)});
  want(*state, "0002", {wanted("departments", "85")});
  want(*state, "0003", {wanted("departments", "86")});
  next_batch(*state, at(0));
  auto codes = codes_to_do(state->database);
  codes.resize(1);
  request(*state, codes, at(100));
  CHECK(take_up(*state, at(50), at(100)) == 0);  // it had read its tables before the codes were there
  CHECK(next_batch(*state, at(1'000)).empty());
  CHECK(take_up(*state, at(101), at(101)) == 2);
  CHECK(next_batch(*state, at(1'000)) == Keys{"Condition|0001", "Condition|0002"});
  CHECK(take_up(*state, at(200), at(200)) == 0);  // once
}

TEST_CASE("All units are made anew where not all that want a code are remembered") {
  const auto state = empty_state();
  want(*state, "0001", {wanted("departments", "85")});
  want(*state, "0002", {});
  next_batch(*state, at(0));
  auto codes = codes_to_do(state->database);
  codes[0].and_more = true;
  request(*state, codes, at(100));
  CHECK(take_up(*state, at(101), at(101)) == 2);
  CHECK(next_batch(*state, at(1'000)).size() == 2);
  CHECK(take_up(*state, at(102), at(102)) == 0);
}

TEST_CASE("What wants new codes is made after everything that is new: it may be every unit there is") {
  const auto state = empty_state();
  want(*state, "0001", {wanted("departments", "85")});
  want(*state, "0002", {});
  next_batch(*state, at(0));
  auto codes = codes_to_do(state->database);
  codes[0].and_more = true;
  request(*state, codes, at(100));
  CHECK(take_up(*state, at(101), at(101)) == 2);
  state->units.mark_due(condition_unit("0003"), at(500));
  CHECK(next_batch(*state, at(1'000)) == Keys{"Condition|0003"});
  CHECK(next_batch(*state, at(1'000)) == Keys{"Condition|0001", "Condition|0002"});
}

TEST_CASE("A unit that is made again while its code is applied is requested all the same") {
  const auto state = empty_state();
  want(*state, "0001", {wanted("departments", "85")});
  const auto codes = codes_to_do(state->database);
  want(*state, "0002", {wanted("departments", "86")});
  want(*state, "0001", {wanted("departments", "85")});
  next_batch(*state, at(0));
  request(*state, codes, at(100));
  CHECK(take_up(*state, at(101), at(101)) == 1);
  CHECK(next_batch(*state, at(1'000)) == Keys{"Condition|0001"});
}

TEST_CASE("What was requested by a clock that was put back since is made at the next start") {
  const auto state = empty_state();
  want(*state, "0001", {wanted("departments", "85")});
  next_batch(*state, at(0));
  request(*state, codes_to_do(state->database), at(3'600'000));
  CHECK(take_up(*state, at(100), at(101)) == 1);
  CHECK(take_up(*state, at(3'700'000), at(3'700'001)) == 0);
}

TEST_CASE("Codes that every report lacks make the state no larger once they are remembered often enough") {
  const auto state = empty_state();
  std::vector<WantedCode> codes;
  for (int i = 0; i < 40; ++i) codes.push_back(wanted("shared-lab-items", "9Z" + std::to_string(1'000 + i)));
  const auto bytes = [&state] {
    auto select = state->database.prepare(
        "SELECT SUM(pgsize) FROM dbstat WHERE name GLOB '*_code*' OR name = 'remake_request'");
    REQUIRE(select.step());
    return select.integer(0);
  };
  const int enough = static_cast<int>(MissingCodes::kUnitsOfCode);
  for (int i = 0; i < enough; ++i) want(*state, patient_number(i), codes);
  const auto before = bytes();
  const auto start = std::clock();
  for (int i = enough; i < 2 * enough; ++i) want(*state, patient_number(i), codes);
  std::cout << "  40 codes that every unit lacks: " << before << " bytes in all, then "
            << 1e6 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / enough << " us a unit\n";
  CHECK(bytes() == before);
}
