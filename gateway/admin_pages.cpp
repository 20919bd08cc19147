#include "gateway/admin_pages.h"

#include "gateway/heartbeat.h"
#include "gateway/intake.h"
#include "gateway/routes.h"
#include "gateway/state_watch.h"

#include <algorithm>

namespace gateway {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::string_view kPlain = "text/plain; charset=utf-8";

constexpr std::string_view kIndex =
    "kakehashi\n\n"
    "/metrics  for Prometheus; what each of them says is in systemd/monitoring/README.md\n"
    "/healthz  200 while the loops turn\n"
    "/readyz   200 while what should move does move, else 503 and what stands still\n";

std::optional<Progress::Duration> since(const std::optional<Instant>& when, Instant now) {
  if (!when || *when > now) return std::nullopt;
  return now - *when;
}

std::string sentences(const std::vector<Standstill>& found) {
  std::string text;
  for (const Standstill& each : found) {
    text.append(each.condition.view()).append(": ").append(each.explanation.view()).append("\n");
  }
  return text;
}

}  // namespace

boost::asio::awaitable<AdminPage> AdminPages::page(std::string path) {
  if (path == "/") co_return AdminPage{200, kPlain, std::string(kIndex)};
  if (path == "/healthz") co_return health();
  if (path == "/readyz") co_return co_await readiness();
  if (path == "/metrics") co_return co_await metrics();
  co_return AdminPage{404, kPlain, "there is no such page; / lists them\n"};
}

/// That this answers shows that the I/O loop turns.
AdminPage AdminPages::health() const {
  if (sources_.store.busy_for() <= Heartbeat::kStuck) return {200, kPlain, "ok\n"};
  return {503, kPlain, "state: the storage thread has been at one piece of work for too long\n"};
}

boost::asio::awaitable<AdminPage> AdminPages::readiness() {
  const auto look = co_await status_.look();
  const auto found = standstills(progress(look.get()));
  if (found.empty()) co_return AdminPage{200, kPlain, "ok\n"};
  co_return AdminPage{503, kPlain, sentences(found)};
}

boost::asio::awaitable<AdminPage> AdminPages::metrics() {
  const auto look = co_await status_.look();
  MetricText text;
  write_metrics(text, sources_);
  text.family("kakehashi_ready", MetricType::gauge, "1 while what should move does move, as /readyz tells");
  text.sample(std::int64_t{standstills(progress(look.get())).empty()});
  if (look) {
    write_metrics(text, *look);
    text.family("kakehashi_status_age_seconds", MetricType::gauge,
                "How long ago the database was read for these metrics");
    text.sample(std::chrono::duration<double>(status_.age().value_or(Clock::duration::zero())).count());
  }
  co_return AdminPage{200, kMetricsType, text.take()};
}

Progress AdminPages::progress(const StateLook* look) const {
  const auto at = Clock::now();
  const Instant wall = now();
  Progress progress;
  progress.storage_thread_busy = sources_.store.busy_for();
  progress.reads = sources_.watch.may_read();
  progress.status_age = status_.age();
  for (const Sightings& storage : sources_.intake.sightings()) {
    progress.sweeps.push_back(
        {storage.storage_name(), storage.storage().sweep_interval, at - storage.counts().last_progress()});
  }
  const auto look_began = sources_.intake.reading().look_began;
  if (look_began != Clock::time_point{}) progress.look_lasts = at - look_began;
  progress.since_last_unit = at - sources_.intake.building().last_batch;
  if (look != nullptr) progress.units_due_since = since(look->units_due_since, wall);
  for (const Sender* sender : sources_.routes.senders()) {
    Progress::Delivery delivery{sender->destination().id, sender->destination().delivery.timeout,
                                sender->paused(), std::nullopt, at - sender->counts().last_end};
    if (look != nullptr && look->due_since.contains(delivery.destination)) {
      delivery.due_since = since(look->due_since.at(delivery.destination), wall);
    }
    progress.deliveries.push_back(std::move(delivery));
  }
  return progress;
}

}  // namespace gateway
