#include "gateway/histogram.h"

#include <algorithm>
#include <array>

#include <catch2/catch.hpp>

namespace {

constexpr std::array<double, 3> kBounds{0.1, 1, 10};

}  // namespace

TEST_CASE("A bucket counts what is at most as long as its bound, and what is in the buckets before it") {
  gateway::Histogram histogram(kBounds);
  for (const double seconds : {0.05, 0.1, 0.1001, 5.0, 10.0, 11.0}) histogram.observe(seconds);
  CHECK(histogram.up_to(0) == 2);
  CHECK(histogram.up_to(1) == 3);
  CHECK(histogram.up_to(2) == 5);
  CHECK(histogram.count() == 6);
  CHECK(histogram.sum() == Approx(26.2501));
}

TEST_CASE("A duration that a clock made negative counts as none") {
  gateway::Histogram histogram(kBounds);
  histogram.observe(-3600);
  CHECK(histogram.up_to(0) == 1);
  CHECK(histogram.sum() == 0);
}

TEST_CASE("The bounds of the histograms ascend") {
  CHECK(std::is_sorted(gateway::kRequestBounds.begin(), gateway::kRequestBounds.end()));
  CHECK(std::is_sorted(gateway::kAcceptanceBounds.begin(), gateway::kAcceptanceBounds.end()));
}
