// What <storage> and <scope> may say, and which folders may not lie in one another.

#include "gateway/settings.h"
#include "tests/unit/gateway/settings_text.h"

#include <catch2/catch.hpp>

using namespace gateway::test;
using std::chrono::days;

namespace {

std::string with_scope(const std::string& attributes) {
  return with(kLeast, kStorage + "/>", kStorage + "><scope " + attributes + "/></storage>");
}

/// A second storage on line 4, after the least one's on line 3.
std::string with_second(const std::string& first, const std::string& second) {
  return with(kLeast, kStorage + "/>", "<storage " + first + "/>\n<storage id=\"second\" " + second + "/>");
}

}  // namespace

TEST_CASE("how a storage is read has bounds") {
  check_storage_mistake(R"(warm-interval="59s")", "allowed is 1m to 1d");
  check_storage_mistake(R"(warm-interval="25h")", "allowed is 1m to 1d");
  check_storage_mistake(R"(cold-interval="59m")", "allowed is 1h to 60d");
  check_storage_mistake(R"(cold-interval="61d")", "allowed is 1h to 60d");
  check_storage_mistake(R"(concurrency="0")", "allowed is 1 to 16");
  check_storage_mistake(R"(concurrency="17")", "allowed is 1 to 16");
  check_storage_mistake(R"(rate-limit="-1")", "allowed is 0 to 1000000");
  check_storage_mistake(R"(rate-limit="1000001")", "allowed is 0 to 1000000");
  check_storage_mistake(R"(trust-mtime="true")", "is not one of auto, yes, no");
  check_storage_mistake(R"(transactions="")", "is empty; write a path");
}

TEST_CASE("a period is a whole number of days or of years of 366 days") {
  CHECK(gateway::parse_period("1d") == days(1));
  CHECK(gateway::parse_period("30d") == days(30));
  CHECK(gateway::parse_period("1y") == days(366));
  CHECK(gateway::parse_period("100y") == days(36'600));
  for (const auto* wrong : {"", "d", "y", "1", "-1d", "+1d", "1.5y", " 1d", "1d ", "1 d", "6m", "1h", "1Y",
                            "1yd", "2147483648d", "5867442y", "99999999999999999999d"}) {
    CAPTURE(wrong);
    CHECK_FALSE(gateway::parse_period(wrong));
  }
  check_one_mistake(with_scope(R"(lab-lookback="6m")"), "gateway.xml:3",
                    "is not a period; write a whole number with d or y (366 days), from 1d to 100y");
  check_one_mistake(with_scope(R"(lab-lookback="0d")"), "gateway.xml:3", "allowed is 1d to 100y");
  check_one_mistake(with_scope(R"(prescription-lookback="101y")"), "gateway.xml:3", "allowed is 1d to 100y");
  CHECK(loaded(with_scope(R"(lab-lookback="36600d")")).storages[0].scope.lab_lookback == days(36'600));
}

TEST_CASE("types of a scope are those that something is made of") {
  check_one_mistake(with_scope(R"(types="ADT-61 PPR-02")"), "gateway.xml:3",
                    R"(names "PPR-02", which is not one of ADT-61, OML-11, OMP-01, PPR-01; did you mean)");
  check_one_mistake(with_scope(R"(types="ADT-61 OMP-11")"), "gateway.xml:3", "\"OMP-11\"");
  check_one_mistake(with_scope(R"(types=" ")"), "gateway.xml:3", "write at least one of");
  check_one_mistake(with(with_scope(""), "<scope />", "<scope/><scope/>"), "gateway.xml:3",
                    "second <scope> in <storage>");
}

TEST_CASE("a scope without ADT-61 is refused where allergies are taken, whichever comes first in the file") {
  const std::string allergies = "leaves out ADT-61, but destination \"platform\" takes AllergyIntolerance";
  const std::string late = with_scope(R"(types="PPR-01")");
  check_one_mistake(late, "gateway.xml:6", allergies);
  const auto start = late.find("<storage");
  const auto storage = late.substr(start, late.find("</storage>") + 10 - start);
  check_one_mistake(with(with(late, storage, ""), "</gateway>", storage + "</gateway>"), "gateway.xml:9",
                    allergies);
  CHECK(loaded(with(late, "</destination>", R"(<send types="Condition"/></destination>)")).storages.size() ==
        1);
  CHECK(loaded(with_scope(R"(types="ADT-61")")).storages.size() == 1);
}

TEST_CASE("two storages cannot have one root") {
  for (const auto* same : {"/srv/a", "/srv/a/", "/srv/b/../a/."}) {
    check_one_mistake(with_second(R"(root="/srv/a")", "root=\"" + std::string(same) + '"'), "gateway.xml:4",
                      "is that of storage \"main\" too; keep one <storage> for it");
  }
}

TEST_CASE("a root inside another root is refused, whichever comes first in the file") {
  check_one_mistake(with_second(R"(root="/srv/a")", R"(root="/srv/a/b")"), "gateway.xml:4",
                    "the root \"/srv/a/b\" is inside the root \"/srv/a\" of storage \"main\"");
  check_one_mistake(with_second(R"(root="/srv/a/b")", R"(root="/srv/a/")"), "gateway.xml:4",
                    "is around the root \"/srv/a/b\" of storage \"main\", so that documents would be read");
  CHECK(loaded(with_second(R"(root="/srv/a")", R"(root="/srv/ab")")).storages.size() == 2);
}

TEST_CASE("transactions inside a root are refused, whichever comes first in the file") {
  check_storage_mistake(R"(transactions="/srv/ssmix2/tr")", "are inside the root \"/srv/ssmix2\"");
  check_storage_mistake(R"(transactions="/srv/ssmix2/")", "write the root of the トランザクションストレージ");
  check_one_mistake(with_second(R"(root="/srv/a")", R"(root="/srv/b" transactions="/srv/a/tr")"),
                    "gateway.xml:4",
                    "of storage \"second\" are inside the root \"/srv/a\" of storage \"main\"");
  check_one_mistake(with_second(R"(root="/srv/a" transactions="/srv/b/tr")", R"(root="/srv/b")"),
                    "gateway.xml:4",
                    "of storage \"main\" are inside the root \"/srv/b\" of storage \"second\"");
  // Volumes of one storage have their transactions in common; and a root may stand beside them.
  CHECK(
      loaded(with_second(R"(root="/srv/a" transactions="/srv/t")", R"(root="/srv/b" transactions="/srv/t")"))
          .storages.size() == 2);
  CHECK(loaded(with(kLeast, kStorage, kStorage + R"( transactions="/srv")")).storages.size() == 1);
}

TEST_CASE("a state directory inside transactions is refused, whichever comes first in the file") {
  const std::string state = R"(<state directory="/var/lib/kakehashi"/>)";
  const std::string text = with(kLeast, kStorage, kStorage + R"( transactions="/var/lib")");
  const std::string message = "is inside the transactions \"/var/lib\" of storage \"main\"";
  check_one_mistake(text, "gateway.xml:4", message);
  check_one_mistake(with(with(text, state, ""), "<facility", state + "<facility"), "gateway.xml:3", message);
}
