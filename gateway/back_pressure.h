#pragma once
// Whether anything new is read: not while too much waits to be sent or too little of the disk is free. What
// is there is sent on, which is the cure of the one; what sending cannot make fewer does not count for it.
// Pure.

#include "gateway/settings.h"
#include "gateway/state_files.h"

#include <cstdint>
#include <optional>

namespace gateway {

class BackPressure {
 public:
  explicit BackPressure(const StateLimits& limits) : limits_(limits) {}

  /// `space`: nothing when it could not be told, which changes nothing.
  void measure(std::int64_t waiting_bytes, const std::optional<DiskSpace>& space);

  bool backlog() const { return backlog_; }
  bool out_of_space() const { return out_of_space_; }
  bool holds_back() const { return backlog_ || out_of_space_; }

 private:
  StateLimits limits_;
  bool backlog_ = false;
  bool out_of_space_ = false;
};

}  // namespace gateway
