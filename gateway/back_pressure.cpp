#include "gateway/back_pressure.h"

namespace gateway {

void BackPressure::measure(std::int64_t waiting_bytes, const std::optional<DiskSpace>& space) {
  // Between the two marks it stays as it was, so that it does not begin and end all the time.
  if (limits_.high_water > 0) {
    backlog_ = backlog_ ? waiting_bytes > limits_.low_water : waiting_bytes > limits_.high_water;
  }
  if (!space || limits_.min_free_space == 0) return;
  const auto least = static_cast<std::uint64_t>(limits_.min_free_space);
  out_of_space_ =
      !space->has_free_files || space->free_bytes < (out_of_space_ ? std::uint64_t{2} * least : least);
}

}  // namespace gateway
