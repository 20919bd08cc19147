#include "gateway/run_result.h"

namespace gateway {

RunResult result_of_once(const StatusReport& report, const Settings& settings, bool all_seen) {
  bool left = report.units_waiting > 0 || report.units_to_remap > 0 || !all_seen;
  bool unreachable = false;
  for (const DestinationSettings& destination : settings.destinations) {
    const OutboxReport& outbox = report.destinations.at(destination.id);
    const std::int64_t unfinished =
        outbox.of(OutboxState::pending) + outbox.of(OutboxState::in_result) + outbox.of(OutboxState::unknown);
    const bool sends = destination.mode == DestinationMode::send;
    left = left || outbox.of(OutboxState::held) > 0 || outbox.of(OutboxState::rejected) > 0;
    left = left || (sends && unfinished > 0);
    unreachable = unreachable || (sends && unfinished > 0 && outbox.paused_since);
  }
  return unreachable ? RunResult::unreachable : left ? RunResult::something_left : RunResult::done;
}

}  // namespace gateway
