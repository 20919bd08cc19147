#include "ssmix2/hl7_time.h"

#include <chrono>
#include <string>

#include <catch2/catch.hpp>

using ssmix2::Hl7Time;
using ssmix2::TimePrecision;

namespace {

std::string date_time(std::string_view text) {
  const auto time = Hl7Time::parse(text);
  return time ? time->fhir_date_time("+09:00") : "refused";
}

std::string date(std::string_view text) {
  const auto time = Hl7Time::parse(text);
  return time ? time->fhir_date() : "refused";
}

}  // namespace

TEST_CASE("a time is written as exactly as it was read") {
  CHECK(date_time("2024") == "2024");
  CHECK(date_time("202404") == "2024-04");
  CHECK(date_time("20240401") == "2024-04-01");
  CHECK(date_time("2024040110") == "2024-04-01");
  CHECK(date_time("202404011030") == "2024-04-01T10:30:00+09:00");
  CHECK(date_time("20240401103059") == "2024-04-01T10:30:59+09:00");
  CHECK(date_time("20240401103059.5") == "2024-04-01T10:30:59.500+09:00");
  CHECK(date_time("20240401103059.1239") == "2024-04-01T10:30:59.123+09:00");
  CHECK(date_time("20240401103059123") == "2024-04-01T10:30:59.123+09:00");
  CHECK(date_time("20240401103059.0000") == "2024-04-01T10:30:59+09:00");
  CHECK(date("20240401103059") == "2024-04-01");
}

TEST_CASE("precision is that of the digits written") {
  CHECK(Hl7Time::parse("2024")->precision() == TimePrecision::year);
  CHECK(Hl7Time::parse("202404")->precision() == TimePrecision::month);
  CHECK(Hl7Time::parse("20240401")->precision() == TimePrecision::day);
  CHECK(Hl7Time::parse("2024040110")->precision() == TimePrecision::hour);
  CHECK(Hl7Time::parse("202404011030")->precision() == TimePrecision::minute);
  CHECK(Hl7Time::parse("20240401103059")->precision() == TimePrecision::second);
  CHECK(Hl7Time::parse("20240401103059.0")->precision() == TimePrecision::millisecond);
}

TEST_CASE("hours 24 to 47 belong to the next day") {
  CHECK(date_time("202404012530") == "2024-04-02T01:30:00+09:00");
  CHECK(date_time("202404012400") == "2024-04-02T00:00:00+09:00");
  CHECK(date_time("202404014759") == "2024-04-02T23:59:00+09:00");
  CHECK(date("2024040124") == "2024-04-02");
  CHECK(date("2024043024") == "2024-05-01");
  CHECK(date("2024022824") == "2024-02-29");
  CHECK(date("2024022924") == "2024-03-01");
  CHECK(date("2023022824") == "2023-03-01");
  CHECK(date("2023123124") == "2024-01-01");
  CHECK(date("2024040148") == "refused");
  CHECK(date_time("20231231240000") == "2024-01-01T00:00:00+09:00");
  CHECK(date_time("2023123125") == "2024-01-01");
  CHECK(date_time("20240430253000.25") == "2024-05-01T01:30:00.250+09:00");
}

TEST_CASE("half past one of the next night is one point of time in every form") {
  const auto time = Hl7Time::parse("20260401253000");
  REQUIRE(time);
  CHECK(time->fhir_date() == "2026-04-02");
  CHECK(time->fhir_date_time("+09:00") == "2026-04-02T01:30:00+09:00");
  CHECK(time->fhir_instant("+09:00") == "2026-04-02T01:30:00.000+09:00");
  CHECK(time->sortable() == "20260402013000000");
}

TEST_CASE("an hour from 24 on is exactly the hour of the next day, whatever the day and the precision") {
  using namespace std::chrono;
  const auto digits = [](sys_days day, int hour) {
    const year_month_day date(day);
    const int number = static_cast<int>(date.year()) * 10000 +
                       static_cast<int>(static_cast<unsigned>(date.month())) * 100 +
                       static_cast<int>(static_cast<unsigned>(date.day()));
    return std::to_string(number) + (hour < 10 ? "0" : "") + std::to_string(hour);
  };
  // Two years with a leap day and both ends of a year.
  for (sys_days day = 2023y / 12 / 1; day <= sys_days(2025y / 12 / 31); day += days(1)) {
    for (const int hour : {24, 25, 47}) {
      for (const char* rest : {"", "59", "5907", "5907.5", "5907123"}) {
        const auto late = Hl7Time::parse(digits(day, hour) + rest);
        const auto next = Hl7Time::parse(digits(day + days(1), hour - 24) + rest);
        INFO(digits(day, hour) << rest);
        REQUIRE(late);
        REQUIRE(next);
        REQUIRE(late->precision() == next->precision());
        REQUIRE(late->sortable() == next->sortable());
        REQUIRE(late->fhir_date() == next->fhir_date());
        REQUIRE(late->fhir_date_time("+09:00") == next->fhir_date_time("+09:00"));
        REQUIRE(late->fhir_instant("+09:00") == next->fhir_instant("+09:00"));
      }
    }
  }
}

TEST_CASE("times that do not exist are refused") {
  for (const char* text :
       {"20240230", "20230229", "21000229", "20240431", "20241301", "20240001", "20240100", "202400",
        "202404011060", "20240401103060", "17991231", "22000101", "2199123124", "0000"}) {
    INFO(text);
    CHECK_FALSE(Hl7Time::parse(text));
  }
  CHECK(date("20000229") == "2000-02-29");
  CHECK(date("18000101") == "1800-01-01");
  CHECK(date("21991231") == "2199-12-31");
}

TEST_CASE("what is not made of digits in the right number is refused") {
  for (const char* text : {"",
                           "202",
                           "20240",
                           "2024040",
                           "202404011",
                           "2024040110305",
                           "202404011030591",
                           "2024040110305912",
                           "202404011030591234",
                           "20240401103059.",
                           "20240401103059.1x",
                           "202404011030.5",
                           "2024-04-01",
                           " 20240401",
                           "20240401 ",
                           "+2024",
                           "-024",
                           "\"\"",
                           "20240401103059+0900",
                           "小学校低学年",
                           "２０２４"}) {
    INFO(text);
    CHECK_FALSE(Hl7Time::parse(text));
  }
}

TEST_CASE("an instant is exact to the second at least and always has milliseconds") {
  CHECK(Hl7Time::parse("20240401103059")->fhir_instant("+09:00") == "2024-04-01T10:30:59.000+09:00");
  CHECK(Hl7Time::parse("20240401103059.07")->fhir_instant("+09:00") == "2024-04-01T10:30:59.070+09:00");
  CHECK_FALSE(Hl7Time::parse("202404011030")->fhir_instant("+09:00"));
}

TEST_CASE("sortable times compare as text, the less exact first") {
  CHECK(Hl7Time::parse("2024")->sortable() == "20240000000000000");
  CHECK(Hl7Time::parse("202404012530")->sortable() == "20240402013000000");
  CHECK(Hl7Time::parse("20240401103059.1")->sortable() == "20240401103059100");
}
