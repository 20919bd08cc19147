#include "gateway/status_cache.h"

#include "gateway/outbox.h"
#include "gateway/run_on.h"
#include "gateway/schema.h"

#include <system_error>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace gateway {
namespace {

std::uint64_t size_of(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  return error ? 0 : size;
}

/// Null when it cannot be read now: the storage thread meets the same, and tells of it.
std::shared_ptr<const StateLook> read(const Settings& settings) {
  const auto began = StatusCache::Clock::now();
  const auto file = database_file(settings);
  auto look = std::make_shared<StateLook>();
  try {
    Database database(file, Database::Access::read_only);
    look->report = read_status(database, settings, now());
    Units units(database);
    Outbox outbox(database, units, settings.facility.zone);
    if (look->report.quiet_until) outbox.stay_quiet_until(*look->report.quiet_until);
    look->units_due_since = units.next_due();
    for (const DestinationSettings& destination : settings.destinations) {
      const auto next = outbox.next_attempt(destination.id);
      if (next) look->due_since.emplace(destination.id, *next);
    }
  } catch (const std::exception&) {
    return nullptr;
  }
  look->database_bytes = size_of(file);
  look->wal_bytes = size_of(file.string() + "-wal");
  look->space = disk_space(settings.state_directory);
  look->seconds = std::chrono::duration<double>(StatusCache::Clock::now() - began).count();
  return look;
}

}  // namespace

StatusCache::StatusCache(boost::asio::any_io_executor executor, const Settings& settings,
                         boost::asio::thread_pool& work)
    : settings_(settings), work_(work), bell_(std::move(executor)) {}

std::optional<StatusCache::Clock::duration> StatusCache::age() const {
  return newest_ ? std::optional(Clock::now() - read_at_) : std::nullopt;
}

bool StatusCache::is_fresh() const {
  const auto since = Clock::now() - tried_at_;
  const std::chrono::duration<double> pause(newest_ ? newest_->seconds * kShare : 0.0);
  return tried_at_ != Clock::time_point{} &&
         since < std::max<Clock::duration>(kFresh, std::chrono::duration_cast<Clock::duration>(pause));
}

boost::asio::awaitable<std::shared_ptr<const StateLook>> StatusCache::look() {
  if (is_fresh() && !reading_) co_return newest_;
  const auto latest = Clock::now() + kLongestWait;
  const auto rings = bell_.rings();
  if (!reading_) {
    reading_ = true;
    boost::asio::co_spawn(bell_.executor(), refresh(), boost::asio::detached);
  }
  while (reading_ && !stopping_ && Clock::now() < latest) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(latest - Clock::now());
    co_await bell_.wait_for(left, rings);
  }
  co_return newest_;
}

void StatusCache::stop() {
  stopping_ = true;
  bell_.ring();
}

boost::asio::awaitable<void> StatusCache::refresh() {
  auto read_it = [this] { return read(settings_); };
  auto look = co_await run_on(work_, std::move(read_it));
  tried_at_ = Clock::now();
  reading_ = false;
  if (look) {
    newest_ = std::move(look);
    read_at_ = tried_at_;
  }
  bell_.ring();
}

}  // namespace gateway
