#include "gateway/metric_text.h"

#include <array>
#include <limits>
#include <type_traits>

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using ssmix2::SafeText;

// What a document said is a std::string: it becomes neither a label nor a help.
static_assert(!std::is_constructible_v<SafeText, std::string>);
static_assert(!std::is_convertible_v<std::string, decltype(MetricLabel::value)>);

constexpr std::array<double, 2> kBounds{0.5, 60};

std::string written(const SafeText& value) {
  MetricText text;
  text.family("things", MetricType::gauge, "Things");
  text.sample(MetricLabels{{"name", value}}, std::int64_t{1});
  const std::string all = text.take();
  return all.substr(all.find("things{"));
}

}  // namespace

TEST_CASE("A family has its help and its type before its samples") {
  MetricText text;
  text.family("things_total", MetricType::counter, "What there is");
  text.sample(MetricLabels{{"kind", "a"}, {"place", "b"}}, std::int64_t{7});
  text.family("ratio", MetricType::gauge, "A share");
  text.sample(0.25);
  CHECK(
      text.take() ==
      "# HELP things_total What there is\n# TYPE things_total counter\nthings_total{kind=\"a\",place=\"b\"} "
      "7\n# HELP ratio A share\n# TYPE ratio gauge\nratio 0.25\n");
}

TEST_CASE("A label's value may hold whatever there is, and stays one value") {
  CHECK(written("plain") == "things{name=\"plain\"} 1\n");
  CHECK(written("a\"b") == "things{name=\"a\\\"b\"} 1\n");
  CHECK(written("a\\b") == "things{name=\"a\\\\b\"} 1\n");
  CHECK(written("a\nb") == "things{name=\"a\\nb\"} 1\n");
  CHECK(written("a}b,c=\"") == "things{name=\"a}b,c=\\\"\"} 1\n");
  CHECK(written("架橋") == "things{name=\"架橋\"} 1\n");
}

TEST_CASE("A help is one line, whatever it says") {
  MetricText text;
  text.family("things", MetricType::gauge, "One \"line\"\nand \\ more");
  CHECK(text.take() == "# HELP things One \"line\"\\nand \\\\ more\n# TYPE things gauge\n");
}

TEST_CASE("A histogram has its buckets in order, the last without bound, and sum and count") {
  Histogram histogram(kBounds);
  for (const double seconds : {0.25, 0.5, 1.0, 100.0}) histogram.observe(seconds);
  MetricText text;
  text.family("delay_seconds", MetricType::histogram, "Delay");
  text.histogram(MetricLabels{{"type", "x"}}, histogram);
  const std::string all = text.take();
  CHECK(all.substr(all.find("histogram\n") + 10) ==
        "delay_seconds_bucket{type=\"x\",le=\"0.5\"} 2\n"
        "delay_seconds_bucket{type=\"x\",le=\"60\"} 3\n"
        "delay_seconds_bucket{type=\"x\",le=\"+Inf\"} 4\n"
        "delay_seconds_sum{type=\"x\"} 101.75\n"
        "delay_seconds_count{type=\"x\"} 4\n");
}

TEST_CASE("A histogram without labels has the bound alone") {
  MetricText text;
  text.family("delay_seconds", MetricType::histogram, "Delay");
  text.histogram({}, Histogram(kBounds));
  CHECK(text.take().find("delay_seconds_bucket{le=\"0.5\"} 0\n") != std::string::npos);
}

TEST_CASE("Numbers are written so that they are read again as they were") {
  const auto number = [](double value) {
    MetricText text;
    text.family("x", MetricType::gauge, "X");
    text.sample(value);
    const std::string all = text.take();
    return all.substr(all.find("\nx ") + 3);
  };
  CHECK(number(0.1) == "0.1\n");
  CHECK(number(-3) == "-3\n");
  CHECK(number(1795968000.123) == "1795968000.123\n");
  CHECK(number(std::numeric_limits<double>::infinity()) == "+Inf\n");
  CHECK(number(-std::numeric_limits<double>::infinity()) == "-Inf\n");
  CHECK(number(std::numeric_limits<double>::quiet_NaN()) == "NaN\n");
}
