#include "gateway/second_looks.h"

#include "gateway/alarms.h"

#include <set>

namespace gateway {
namespace {

constexpr Milliseconds kFirstLook{60'000};
constexpr Milliseconds kLastLook{86'400'000};
// Folders are looked at in lots of one second: a storage that is read for the first time makes millions.
constexpr Milliseconds kGrain{1'000};
constexpr Milliseconds kPoll{5'000};
constexpr std::size_t kFoldersAtOnce = 1'000;

}  // namespace

void SecondLookTable::insert(FolderId folder, Instant due, bool last) {
  const Instant lot = std::chrono::floor<std::chrono::seconds>(due) + kGrain;
  database_
      .prepare(
          "INSERT INTO relook (due, folder, last) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET last = "
          "MIN(last, excluded.last)")
      .with(lot.time_since_epoch().count(), folder.value, std::int64_t{last})
      .run();
}

void SecondLookTable::add(FolderId folder, std::int64_t mtime_ns, Instant accepted) {
  const auto changed = std::chrono::floor<Milliseconds>(std::chrono::nanoseconds(mtime_ns));
  if (Instant(changed) + kLastLook > accepted) insert(folder, accepted + kFirstLook, false);
}

void SecondLookTable::add_refused(FolderId folder, Instant refused) {
  insert(folder, refused + kFirstLook, false);
}

std::vector<SecondLookTable::Due> SecondLookTable::due(Instant now, std::size_t limit) {
  auto select =
      database_.prepare("SELECT due, folder, last FROM relook WHERE due <= ? ORDER BY due, folder LIMIT ?");
  select.with(now.time_since_epoch().count(), static_cast<std::int64_t>(limit));
  std::vector<Due> all;
  while (select.step()) {
    all.push_back({Instant(Milliseconds(select.integer(0))), {select.integer(1)}, select.integer(2) != 0});
  }
  return all;
}

std::optional<Instant> SecondLookTable::next(FolderId folder) {
  auto select = database_.prepare("SELECT MIN(due) FROM relook WHERE folder = ?");
  if (!select.with(folder.value).step() || select.is_null(0)) return std::nullopt;
  return Instant(Milliseconds(select.integer(0)));
}

void SecondLookTable::done(const Due& due) {
  remove(due);
  if (!due.last) insert(due.folder, due.due - kFirstLook + kLastLook, true);
}

void SecondLookTable::put_off(const Due& due, Instant now) {
  remove(due);
  insert(due.folder, now + kFirstLook, due.last);
}

void SecondLookTable::remove(const Due& due) {
  database_.prepare("DELETE FROM relook WHERE due = ? AND folder = ?")
      .with(due.due.time_since_epoch().count(), due.folder.value)
      .run();
}

DueLooks due_looks(StateStore::Contents& state, Instant now) {
  SecondLookTable table(state.database);
  std::set<std::string> away;
  for (const Alarm& alarm : Alarms(state.database).all()) {
    if (alarm.kind == AlarmKind::outage) away.insert(alarm.storage);
  }
  DueLooks due;
  Transaction transaction(state.database);
  for (const auto& each : table.due(now, kFoldersAtOnce)) {
    due.none = false;
    const std::string storage = state.ledger.folders().storage_of(each.folder);
    if (away.contains(storage)) {
      table.put_off(each, now);
      continue;
    }
    due.looks.push_back(each);
    due.folders[storage].push_back(state.ledger.folders().find(each.folder));
  }
  transaction.commit();
  return due;
}

SecondLooks::SecondLooks(boost::asio::any_io_executor executor, const IntakeContext& context,
                         LookAgain look_again)
    : context_(context), look_again_(std::move(look_again)), wake_(executor) {}

void SecondLooks::stop() {
  stopping_ = true;
  wake_.ring();
}

boost::asio::awaitable<void> SecondLooks::run() {
  while (!stopping_) {
    const auto rings = wake_.rings();
    while (!stopping_ && co_await look_at_due()) {
    }
    co_await wake_.wait_for(kPoll, rings);
  }
}

/// False when nothing was due.
boost::asio::awaitable<bool> SecondLooks::look_at_due() {
  auto load = [](StateStore::Contents& state) { return due_looks(state, now()); };
  DueLooks due = co_await context_.store.run(std::move(load));
  if (due.none) co_return false;
  for (auto& [storage, of_storage] : due.folders) co_await look_again_(storage, std::move(of_storage));
  if (stopping_) co_return false;
  auto keep = [looks = std::move(due.looks)](StateStore::Contents& state) {
    SecondLookTable table(state.database);
    Transaction transaction(state.database);
    for (const auto& each : looks) table.done(each);
    transaction.commit();
  };
  co_await context_.store.run(std::move(keep));
  co_return true;
}

}  // namespace gateway
