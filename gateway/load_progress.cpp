#include "gateway/load_progress.h"

#include "gateway/storage_report.h"
#include "gateway/tally.h"

#include <unistd.h>

namespace gateway {
namespace {

constexpr Milliseconds kOnTerminal{1'000};
constexpr Milliseconds kInLog{30'000};
constexpr std::string_view kFromBegin = "\r\x1B[K";  // and the old text is wiped out

/// Nobody hears of a terminal that is gone.
void write_terminal(std::string_view text) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

LoadProgress::LoadProgress(boost::asio::any_io_executor executor, const Settings& settings, StateStore& store,
                           const Log& log)
    : settings_(settings),
      store_(store),
      log_(log),
      wake_(executor),
      on_terminal_(::isatty(STDERR_FILENO) == 1) {}

void LoadProgress::stop() {
  stopping_ = true;
  wake_.ring();
}

boost::asio::awaitable<void> LoadProgress::run() {
  while (!stopping_) {
    const auto rings = wake_.rings();
    co_await wake_.wait_for(on_terminal_ ? kOnTerminal : kInLog, rings);
    if (stopping_) break;
    const Report report = co_await read();
    tell(report);
    if (report.over) break;
  }
  if (line_open_) write_terminal("\n");
}

boost::asio::awaitable<LoadProgress::Report> LoadProgress::read() {
  std::vector<std::string> ids;
  for (const StorageSettings& storage : settings_.storages) ids.push_back(storage.id);
  auto ask = [ids = std::move(ids)](StateStore::Contents& state) {
    Report report;
    const Instant at = now();
    for (const std::string& id : ids) {
      if (state.ledger.tally().get(id, kSwept) == 0) report.over = false;
      if (state.ledger.tally().get(id, kLoadBegan) == 0) continue;
      const auto storage = read_storage_report(state.database, id);
      if (!storage.load) continue;
      report.over = false;
      report.lines.emplace_back(id, to_text(*storage.load, at));
    }
    return report;
  };
  co_return co_await store_.run(std::move(ask));
}

void LoadProgress::tell(const Report& report) {
  if (report.lines.empty()) return;
  if (!on_terminal_) {
    for (const auto& [id, text] : report.lines) {
      log_.write(Message::first_reading,
                 {{"storage", SafeText::vouched(id)}, {"progress", SafeText::vouched(text)}});
    }
    return;
  }
  std::string line(kFromBegin);
  for (const auto& [id, text] : report.lines) line.append(id).append(": ").append(text).append("  ");
  write_terminal(line);
  line_open_ = true;
}

}  // namespace gateway
