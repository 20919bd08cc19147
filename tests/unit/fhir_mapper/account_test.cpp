#include "fhir_mapper/account.h"

#include "tests/unit/fhir_mapper/rule_run.h"

#include <array>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

using Texts = std::vector<std::string>;
using ssmix2::Value;

Texts present(const Account& account) {
  Texts texts;
  for (const AccountedValue& each : account.values()) texts.emplace_back(each.value.raw());
  return texts;
}

/// The one value with this text.
const AccountedValue& of(const Account& account, std::string_view raw) {
  const AccountedValue* found = nullptr;
  for (const AccountedValue& each : account.values()) {
    if (each.value.raw() != raw) continue;
    REQUIRE(found == nullptr);
    found = &each;
  }
  REQUIRE(found != nullptr);
  return *found;
}

std::size_t sum(const Account& account) {
  std::size_t all = 0;
  for (const std::size_t count : account.counts()) all += count;
  return all;
}

Ignore ignore(const std::string& segment, std::size_t field = 0, std::size_t component = 0) {
  return {
      .identity = nullptr, .segment = segment, .field = field, .component = component, .reason = "unused"};
}

TEST_CASE("every smallest part that says something is present once, in the order of the message") {
  const auto message = message_of("MSH|^~\\&|H||20260401\nPRB|AD|a^b&c^^\"\"~d|   |\"\"|\nNTE|1\n");
  const Account account(message);
  CHECK(present(account) == Texts{"H", "20260401", "AD", "a", "b", "c", "d", "1"});
  CHECK(sum(account) == 8);
  CHECK(account.counts()[static_cast<std::size_t>(Fate::unmapped)] == 8);
}

TEST_CASE("many parts of one field take time by their number, not by its square") {
  for (const char delimiter : {'~', '^', '&', '|'}) {
    std::string text = "MSH|^~\\&|H\nPRB|x";
    for (int i = 0; i < 1'000'000; ++i) text.append({delimiter, 'x'});
    CHECK(Account(message_of(text)).values().size() == 1'000'002);
  }
}

TEST_CASE("the delimiters of the header are no values, whichever they are") {
  CHECK(present(Account(message_of("MSH|^~\\&|H\n"))) == Texts{"H"});
  CHECK(present(Account(message_of("MSH#%!\\&#H%S#a!b\n"))) == Texts{"H", "S", "a", "b"});
  CHECK(present(Account(message_of("MSH|^~\\&\n"))).empty());
}

TEST_CASE("what counts more wins, in whichever order it is told") {
  const auto message = message_of("MSH|^~\\&|H\nPRB|AD\n");
  const Value value = message.first("PRB")->field(1);
  const RuleIdentity rule;
  for (const Fate first : {Fate::unmapped, Fate::ignored, Fate::malformed, Fate::mapped}) {
    for (const Fate second : {Fate::unmapped, Fate::ignored, Fate::malformed, Fate::mapped}) {
      Account account(message);
      account.settle({.value = value, .fate = first, .rule = &rule});
      account.settle({.value = value, .fate = second, .rule = &rule});
      INFO(name_of(first) << " " << name_of(second));
      CHECK(of(account, "AD").fate == std::max(first, second));
      CHECK(sum(account) == 2);
    }
  }
  CHECK(name_of(Fate::mapped) == "mapped");
}

TEST_CASE("of two rules that say the same of a value the first counts, but one counts more than none") {
  const auto message = message_of("MSH|^~\\&|H\nPRB|AD\n");
  const Value value = message.first("PRB")->field(1);
  const RuleIdentity first;
  const RuleIdentity second;
  Account account(message);
  account.settle({.value = value, .fate = Fate::ignored, .reason = "nobody's"});
  account.settle({.value = value, .fate = Fate::ignored, .rule = &first});
  account.settle({.value = value, .fate = Fate::ignored, .rule = &second});
  CHECK(of(account, "AD").rule == &first);
}

TEST_CASE("whatever looked at a value tells more of it than <ignore>, in whichever order they come") {
  const auto message = message_of("MSH|^~\\&|H\nPRB|AD|20260401\n");
  const RuleIdentity deciding;
  RuleIdentity whole;
  whole.kind = RuleIdentity::Kind::ignore;
  Ignore ignored = ignore("PRB");
  ignored.identity = &whole;
  const AccountedValue by_gate{
      .value = message.first("PRB")->field(1), .fate = Fate::ignored, .reason = "compared"};
  const AccountedValue by_rule{
      .value = message.first("PRB")->field(2), .fate = Fate::ignored, .rule = &deciding, .reason = "decides"};
  for (const bool ignored_first : {true, false}) {
    Account account(message);
    if (ignored_first) account.settle(ignored);
    account.settle(by_gate);
    account.settle(by_rule);
    account.settle(ignored);
    CHECK(of(account, "AD").reason == "compared");
    CHECK(of(account, "20260401").reason == "decides");
  }
}

TEST_CASE("what is settled for a whole is settled for its parts, and for nothing beside it") {
  const auto message = message_of("MSH|^~\\&|H\nPRB|AD|a^b&c~d|e\nPRB|UP\n");
  Account account(message);
  account.settle({.value = message.first("PRB")->field(2), .fate = Fate::mapped});
  for (const char* part : {"a", "b", "c", "d"}) CHECK(of(account, part).fate == Fate::mapped);
  CHECK(of(account, "AD").fate == Fate::unmapped);
  CHECK(of(account, "e").fate == Fate::unmapped);
  account.settle(message.all("PRB")[1], Fate::ignored, nullptr, "deleted");
  CHECK(of(account, "UP").fate == Fate::ignored);
  CHECK(of(account, "UP").reason == "deleted");
  CHECK(of(account, "e").fate == Fate::unmapped);
}

TEST_CASE("a value of another message, or none, settles nothing") {
  const auto message = message_of("MSH|^~\\&|H\n");
  const auto other = message_of("MSH|^~\\&|H\n");
  Account account(message);
  account.settle({.value = other.segment(0).field(3), .fate = Fate::mapped});
  account.settle({.value = {}, .fate = Fate::mapped});
  CHECK(of(account, "H").fate == Fate::unmapped);
}

TEST_CASE("an ignore rule is of all segments of its name, and of every repetition of a component") {
  const auto message = message_of("MSH|^~\\&|H\nPID|1||n^c~m^d\nNK1|x\nNK1|y^z\n");
  Account account(message);
  const std::array rules{ignore("NK1"), ignore("PID", 3, 2), ignore("PID", 1)};
  for (const Ignore& rule : rules) account.settle(rule);
  for (const char* ignored : {"x", "y", "z", "c", "d", "1"}) {
    CHECK(of(account, ignored).fate == Fate::ignored);
    CHECK(of(account, ignored).reason == "unused");
  }
  for (const char* other : {"H", "n", "m"}) CHECK(of(account, other).fate == Fate::unmapped);
}

TEST_CASE("what rules map, decide by and cannot use is settled with the rule and the element") {
  RuleSetting setting;
  setting.trace = true;
  const RuleRun run(R"(<value path="onsetString" from="PRB-3(MDCDX2).2" when="PRB-1 = AD"/>
                       <value path="recordedDate" from="PRB-8"/>)",
                    setting);
  Account account(run.message());
  const std::size_t all = sum(account);
  account.settle(run.result().trace);
  CHECK(of(account, "胃炎").fate == Fate::mapped);
  CHECK(of(account, "胃炎").element == "onsetString");
  CHECK(of(account, "胃炎").rule->address == "c/onsetString");
  CHECK(of(account, "MDCDX2").fate == Fate::ignored);
  CHECK(of(account, "AD").fate == Fate::ignored);
  CHECK(of(account, "AD").reason == "rules decide by it");
  CHECK(of(account, "20260231").fate == Fate::malformed);
  CHECK(of(account, "20260231").element == "recordedDate");
  CHECK(of(account, "20054174").fate == Fate::unmapped);
  CHECK(sum(account) == all);
  CHECK(account.counts() == Account::Counts{all - 4, 2, 1, 1});
}

TEST_CASE("what stood in an object that was dropped is not mapped") {
  RuleSetting setting;
  setting.trace = true;
  const RuleRun run(R"(<object path="code"><value path="text" from="PRB-4"/>
                       <value path="id" from="PRB-7" if-missing="drop"/></object>)",
                    setting);
  Account account(run.message());
  account.settle(run.result().trace);
  CHECK(of(account, "P1").fate == Fate::unmapped);
}

TEST_CASE("the accounts of one message that was mapped for two units make one") {
  const auto message = message_of("MSH|^~\\&|H\nPRB|AD|x\n");
  Account first(message);
  Account second(message);
  first.settle({.value = message.first("PRB")->field(1), .fate = Fate::mapped, .element = "one"});
  second.settle({.value = message.first("PRB")->field(1), .fate = Fate::ignored, .reason = "r"});
  second.settle({.value = message.first("PRB")->field(2), .fate = Fate::mapped, .element = "two"});
  first.settle(second);
  CHECK(of(first, "AD").element == "one");
  CHECK(of(first, "x").element == "two");
  CHECK(of(first, "H").fate == Fate::unmapped);
  CHECK(sum(first) == 3);
}

TEST_CASE("a row that is left out is ignored with the rule's reason, the rest of its document is not") {
  const auto mapping = load_mapping(
      mapping_of(resource_of(
          R"(<leave-out when="PRB-1 = DE" reason="deleted"/><value path="code.text" from="PRB-3.2"/>
                                <ignore from="PID" reason="master data"/>)")),
      {});
  REQUIRE(mapping.has_value());
  const auto message = message_of(
      "MSH|^~\\&|H||||20260401||PPR^ZD1|1|P|2.5\nPID|0001||0001234^^^^PI||架橋^太郎\n"
      "PRB|DE|20260401|1^胃炎^MDCDX2|P1\nPRB|AD|20260401|2^頭痛^MDCDX2|P2\n");
  UnitInput input;
  input.unit = {UnitKind::condition, ssmix2::PatientId("0001234"), "", ""};
  input.documents.push_back(
      {document_name("0001234_-_PPR-01_999999999999999_20260401080000000_01_1"), &message});
  UnitSettings explained = settings();
  explained.explain = true;
  const UnitOutcome outcome = map_unit(input, **mapping, explained);
  REQUIRE(outcome.accounts.size() == 1);
  const Account& account = outcome.accounts[0].account;
  CHECK(of(account, "DE").fate == Fate::ignored);
  CHECK(of(account, "胃炎").reason == "deleted");
  CHECK(of(account, "P1").rule->address == "c/leave-out");
  CHECK(of(account, "頭痛").fate == Fate::mapped);
  CHECK(of(account, "AD").fate == Fate::ignored);
  CHECK(of(account, "太郎").reason == "master data");
  CHECK(of(account, "H").fate == Fate::unmapped);
  CHECK(sum(account) == Account(message).values().size());
  CHECK(outcome.rows_left_out == 1);
}

TEST_CASE("what a rule could not use is malformed, also when another source or otherwise served") {
  const auto fate_of_p1 = [](const std::string& rule) {
    const RuleRun run(rule, {.trace = true});
    Account account(run.message());
    account.settle(run.result().trace);
    return name_of(of(account, "P1").fate);
  };
  CHECK(fate_of_p1(R"(<value path="onsetDateTime" from="PRB-4 PRB-2"/>)") == "malformed");
  CHECK(fate_of_p1(R"(<value path="onsetDateTime" from="PRB-5.2 PRB-6 PRB-4"/>)") == "malformed");
  CHECK(fate_of_p1(R"(<value path="onsetAge.value" from="PRB-4" otherwise="5"/>)") == "malformed");
  CHECK(fate_of_p1(R"(<value path="onsetAge.value" from="PRB-4 PRB-1" join="" otherwise="5"/>)") ==
        "malformed");
  CHECK(fate_of_p1(R"(<value path="onsetDateTime" from="PRB-2 PRB-4"/>)") == "unmapped");
}

TEST_CASE("a value that another rule's value replaced is not called mapped") {
  for (const char* rules : {
           R"(<value path="onsetString" from="PRB-4"/><value path="onsetString" from="PRB-6"/>)",
           R"(<object path="code"><value path="text" from="PRB-4"/></object>
              <object path="code"><value path="text" from="PRB-6"/></object>)",
       }) {
    const RuleRun run(rules, {.trace = true});
    CHECK_THAT(run.json(), !Catch::Contains("P1"));
    Account account(run.message());
    account.settle(run.result().trace);
    CHECK(name_of(of(account, "P1").fate) == "malformed");
    CHECK(name_of(of(account, "abc").fate) == "mapped");
  }
}

}  // namespace
}  // namespace fhir_mapper::test
