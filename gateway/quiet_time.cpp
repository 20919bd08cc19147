#include "gateway/quiet_time.h"

#include "gateway/schema.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace gateway {
namespace {

constexpr const char* kSince = "quiet since";
constexpr const char* kPromises = "quiet for promises";

Milliseconds longest_wait(const Settings& settings, Promises promises) {
  Milliseconds window{0};
  for (const DestinationSettings& destination : settings.destinations) {
    const DeliverySettings& delivery = destination.delivery;
    window = std::max(window, delivery.late_window());
    // What was promised may be worked on for as long as its result would be waited for.
    if (promises == Promises::perhaps) window = std::max(window, delivery.result_patience);
  }
  return window;
}

}  // namespace

void begin_quiet_time(Database& database, Instant since, Promises promises) {
  remember(database, kSince, std::to_string(since.time_since_epoch().count()));
  remember(database, kPromises, promises == Promises::perhaps ? "yes" : "no");
}

Promises promises_of_quiet_time(Database& database) {
  return recalled(database, kPromises) == "yes" ? Promises::perhaps : Promises::none;
}

std::optional<Instant> quiet_until(Database& database, const Settings& settings, Instant now) {
  const auto text = recalled(database, kSince);
  std::int64_t time = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), time).ec != std::errc()) {
    return std::nullopt;
  }
  // Also when the clock was set back meanwhile.
  const Instant since = std::min(Instant(Milliseconds(time)), now);
  return since + longest_wait(settings, promises_of_quiet_time(database));
}

}  // namespace gateway
