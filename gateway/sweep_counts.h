#pragma once
// What the sweeps of one storage count since the start. I/O thread only.

#include "gateway/instant.h"

#include <array>
#include <chrono>
#include <optional>

namespace gateway {

enum class SweepTier { all, hot, warm, cold };

class SweepCounts {
 public:
  using Clock = std::chrono::steady_clock;

  struct Tier {
    std::int64_t sweeps = 0;
    double seconds = 0;
    std::optional<Instant> last;  // when the last one ended
  };

  /// A sweep under way. One that was given up half way is not counted, but ends, too.
  class Turn {
   public:
    Turn(SweepCounts& counts, SweepTier tier) : counts_(counts), tier_(tier) {}
    ~Turn() { counts_.note_progress(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    void done() {
      Tier& tier = counts_.tiers_[static_cast<std::size_t>(tier_)];
      ++tier.sweeps;
      tier.seconds += std::chrono::duration<double>(Clock::now() - began_).count();
      tier.last = now();
    }

   private:
    SweepCounts& counts_;
    SweepTier tier_;
    Clock::time_point began_ = Clock::now();
  };

  const Tier& of(SweepTier tier) const { return tiers_[static_cast<std::size_t>(tier)]; }

  void note_progress() { last_progress_ = Clock::now(); }
  Clock::time_point last_progress() const { return last_progress_; }

  /// Everything was looked at once.
  void note_full() { last_full_ = now(); }
  std::optional<Instant> last_full() const { return last_full_; }

 private:
  std::array<Tier, 4> tiers_;
  std::optional<Instant> last_full_;
  Clock::time_point last_progress_ = Clock::now();
};

}  // namespace gateway
