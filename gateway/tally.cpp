#include "gateway/tally.h"

namespace gateway {

void Tally::add(std::string_view storage, std::string_view name, std::int64_t difference) {
  if (difference == 0) return;
  database_
      .prepare(
          "INSERT INTO tally (storage, name, count) VALUES (?, ?, ?) "
          "ON CONFLICT (storage, name) DO UPDATE SET count = count + excluded.count")
      .with(storage, name, difference)
      .run();
}

void Tally::set(std::string_view storage, std::string_view name, std::int64_t count) {
  database_
      .prepare(
          "INSERT INTO tally (storage, name, count) VALUES (?, ?, ?) "
          "ON CONFLICT (storage, name) DO UPDATE SET count = excluded.count WHERE count <> excluded.count")
      .with(storage, name, count)
      .run();
}

std::int64_t Tally::get(std::string_view storage, std::string_view name) {
  auto select = database_.prepare("SELECT count FROM tally WHERE storage = ? AND name = ?");
  return select.with(storage, name).step() ? select.integer(0) : 0;
}

std::map<std::string, std::int64_t> Tally::all(std::string_view storage) {
  auto select = database_.prepare("SELECT name, count FROM tally WHERE storage = ?");
  select.with(storage);
  std::map<std::string, std::int64_t> counts;
  while (select.step()) counts[select.text(0)] = select.integer(1);
  return counts;
}

}  // namespace gateway
