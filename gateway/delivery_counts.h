#pragma once
// What a sender counts since the start. Value type; the sender's thread.

#include "gateway/disposition.h"
#include "gateway/histogram.h"

#include <array>
#include <chrono>
#include <map>
#include <string>
#include <string_view>

namespace gateway {

struct DeliveryCounts {
  using Clock = std::chrono::steady_clock;

  std::array<std::int64_t, 6> answers{};  // by Verdict
  Histogram request_seconds{kRequestBounds};
  std::map<std::string_view, Histogram> acceptance_seconds;  // by FHIR resource type
  std::int64_t pauses = 0;
  Clock::time_point last_end = Clock::now();  // of a request, whatever came of it

  std::int64_t of(Verdict verdict) const { return answers[static_cast<std::size_t>(verdict)]; }
};

}  // namespace gateway
