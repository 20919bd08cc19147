#pragma once
// The Retry-After header (RFC 9110 §10.2.3). Pure.

#include "gateway/instant.h"

#include <chrono>
#include <optional>
#include <string_view>

namespace gateway {

/// Seconds, or an IMF-fixdate ("Sun, 06 Nov 1994 08:49:37 GMT") counted from `now`, zero if it has passed.
/// Nothing for every other text, the obsolete date forms included: no server has sent those for decades.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, Instant now);

}  // namespace gateway
