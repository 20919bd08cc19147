#include "gateway/state_watch.h"

#include "gateway/schema.h"
#include "gateway/waiting_bodies.h"

namespace gateway {
namespace {

constexpr Milliseconds kInterval{2'000};
// Free pages are used again: only more than that, and than a quarter of all, is given back, in steps that
// keep nobody waiting.
constexpr std::int64_t kFreePagesKept = 4'096;
constexpr int kPagesAtOnce = 256;

std::int64_t number_of_pages(Database& database, const std::string& pragma) {
  auto select = database.prepare("PRAGMA " + pragma);
  return select.step() ? select.integer(0) : 0;
}

void give_pages_back(Database& database) {
  const std::int64_t free = number_of_pages(database, "freelist_count");
  if (free > kFreePagesKept && free > number_of_pages(database, "page_count") / 4)
    database.shrink(kPagesAtOnce);
}

}  // namespace

StateWatch::StateWatch(boost::asio::any_io_executor executor, const Settings& settings, StateStore& store,
                       const Log& log)
    : settings_(settings), store_(store), log_(log), pressure_(settings.state_limits), bell_(executor) {
  for (const DestinationSettings& destination : settings.destinations) {
    if (destination.mode == DestinationMode::send) sent_to_.push_back(destination.id);
  }
}

void StateWatch::stop() {
  stopping_ = true;
  bell_.ring();
}

boost::asio::awaitable<void> StateWatch::run() {
  while (!stopping_) {
    const auto rings = bell_.rings();
    const Look seen = co_await look();
    if (!seen.files_in_place) {
      throw DatabaseError::of_damage("a file of the state database was deleted, moved or replaced");
    }
    const bool backlog = pressure_.backlog();
    const bool out_of_space = pressure_.out_of_space();
    pressure_.measure(seen.waiting_bytes, seen.space);
    if (pressure_.backlog() != backlog) {
      co_await tell(AlarmKind::backlog, !backlog,
                    SafeText(seen.waiting_bytes) +
                        " bytes are on their way to destinations: nothing new is read until most of "
                        "them are sent; see in kakehashi status why a destination takes nothing");
    }
    if (pressure_.out_of_space() != out_of_space) {
      co_await tell(AlarmKind::space, !out_of_space,
                    SafeText(static_cast<std::int64_t>(seen.space ? seen.space->free_bytes : 0)) +
                        " bytes are free on the state's file system: nothing new is read until it has twice "
                        "min-free-space");
    }
    co_await bell_.wait_for(kInterval, rings);
  }
}

boost::asio::awaitable<StateWatch::Look> StateWatch::look() {
  const auto file = database_file(settings_);
  if (!files_known_) {
    auto know = [file](StateStore::Contents&) { return StateFiles::now_at(file); };
    files_ = co_await store_.run(std::move(know));
    files_known_ = true;
  }
  auto measure = [files = files_, directory = settings_.state_directory,
                  sent_to = sent_to_](StateStore::Contents& state) {
    Look seen;
    seen.files_in_place = files.are_in_place();
    if (!seen.files_in_place) return seen;
    Alarms(state.database).drop_old(now());
    seen.waiting_bytes = waiting_body_bytes(state.database, sent_to);
    seen.space = disk_space(directory);
    give_pages_back(state.database);
    return seen;
  };
  co_return co_await store_.run(std::move(measure));
}

boost::asio::awaitable<void> StateWatch::tell(AlarmKind kind, bool raised, SafeText explanation) {
  if (raised) {
    log_.write(Message::reading_paused,
               {{"reason", SafeText::vouched(std::string(name_of(kind)))}, {"explanation", explanation}});
  } else {
    log_.write(Message::reading_resumed, {{"reason", SafeText::vouched(std::string(name_of(kind)))}});
  }
  auto note = [kind, raised, explanation](StateStore::Contents& state) {
    Alarms alarms(state.database);
    return raised ? alarms.raise("", kind, explanation, now()) : alarms.clear("", kind);
  };
  co_await store_.run(std::move(note));
}

}  // namespace gateway
