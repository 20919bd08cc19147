#pragma once
// An instant as the database has it: milliseconds since 1970.

#include "gateway/instant.h"

#include <cstdint>

namespace gateway {

constexpr std::int64_t to_milliseconds(Instant instant) {
  return instant.time_since_epoch().count();
}

constexpr Instant to_instant(std::int64_t milliseconds) {
  return Instant(Milliseconds(milliseconds));
}

}  // namespace gateway
