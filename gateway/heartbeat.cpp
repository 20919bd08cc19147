#include "gateway/heartbeat.h"

#include <algorithm>
#include <map>
#include <utility>

namespace gateway {
namespace {

constexpr Milliseconds kLongestPulse{5'000};
// It counts what is not delivered, row by row.
constexpr Milliseconds kStatusInterval{30'000};

std::string to_text(const OutboxCounts& counts) {
  std::string text;
  for (const auto& [state, count] : counts.by_state) {
    if (state == OutboxState::delivered || count == 0) continue;
    if (!text.empty()) text += ", ";
    text.append(std::to_string(count)).append(" ").append(name_of(state));
  }
  return text.empty() ? "nothing waits" : text;
}

SafeText sentence(const std::map<std::string, OutboxCounts>& destinations) {
  std::string text;
  for (const auto& [id, counts] : destinations) {
    if (!text.empty()) text += "; ";
    text += id + ": " + to_text(counts);
  }
  return SafeText::vouched(std::move(text));
}

}  // namespace

Heartbeat::Heartbeat(boost::asio::any_io_executor executor, const Settings& settings, StateStore& store,
                     const ServiceManager& service, const Log& log, std::chrono::milliseconds stuck_after)
    : settings_(settings),
      store_(store),
      service_(service),
      log_(log),
      stuck_after_(stuck_after),
      wake_(executor) {}

void Heartbeat::stop() {
  stopping_ = true;
  wake_.ring();
}

boost::asio::awaitable<void> Heartbeat::run_pulse() {
  const Milliseconds interval =
      std::min(kLongestPulse, service_.keep_alive_interval().value_or(kLongestPulse));
  service_.end_silence();
  while (!stopping_) {
    const bool turns = storage_thread_turns();
    if (turns) last_beat_ = now();
    if (turns) service_.keep_alive();
    log_.tell_repeats();
    co_await wake_.wait_for(interval, wake_.rings());
  }
}

boost::asio::awaitable<void> Heartbeat::run_status() {
  while (!stopping_ && service_.listens()) {
    auto count = [this](StateStore::Contents& state) {
      std::map<std::string, OutboxCounts> counts;
      for (const DestinationSettings& destination : settings_.destinations) {
        counts.emplace(destination.id, state.outbox.counts(destination.id));
      }
      return counts;
    };
    const auto counts = co_await store_.run(std::move(count));
    service_.status(sentence(counts));
    if (!stopping_) co_await wake_.wait_for(kStatusInterval, wake_.rings());
  }
}

bool Heartbeat::storage_thread_turns() {
  const bool was_stuck = std::exchange(stuck_, store_.busy_for() > stuck_after_);
  if (stuck_ && !was_stuck) {
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(stuck_after_);
    log_.write(Message::storage_thread_stuck, {{"minutes", SafeText(minutes.count())}});
  }
  return !stuck_;
}

}  // namespace gateway
