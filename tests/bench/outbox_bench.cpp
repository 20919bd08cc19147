// How soon after a start the first row of a large outbox is claimed:
//   outbox_bench DIRECTORY [ROWS]
// makes kakehashi.db in DIRECTORY with ROWS units that wait (1,000,000 without), closes it, and then does
// what a start does, three times. Milliseconds on stdout; exit 3 when the last start took a second or more.

#include "tests/unit/gateway/state_support.h"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string>

namespace {

using namespace gateway;
using namespace gateway::test;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kUnitsAtOnce = 1'000;
constexpr int kStarts = 3;
constexpr double kLimitMs = 1'000;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

std::unique_ptr<StateStore::Contents> open_state(const std::filesystem::path& file) {
  auto state = std::make_unique<StateStore::Contents>(file, *TimeZone::named("Asia/Tokyo"));
  prepare_schema(state->database);
  return state;
}

fhir_mapper::ReportUnit unit_of(std::int64_t index) {
  char number[24];
  std::snprintf(number, sizeof number, "%010lld", static_cast<long long>(index / 20));
  char order_no[24];
  std::snprintf(order_no, sizeof order_no, "%015lld", static_cast<long long>(index));
  return {fhir_mapper::UnitKind::observation, ssmix2::PatientId(number), "20260401", order_no};
}

void fill(const std::filesystem::path& file, std::int64_t rows) {
  auto state = open_state(file);
  state->database.execute("INSERT INTO binding (name, value) VALUES ('institution-number', '1319999999')");
  for (std::int64_t first = 0; first < rows; first += kUnitsAtOnce) {
    Transaction transaction(state->database);
    for (std::int64_t i = first; i < std::min(rows, first + kUnitsAtOnce); ++i) {
      const BuiltUnit unit = built(unit_of(i), content("body " + std::to_string(i)));
      const UnitId id = state->units.mark_due(unit.unit, at(0));
      state->outbox.put(id, unit, at(i / 100));
      state->units.settle_due({id, 0}, std::nullopt);
    }
    transaction.commit();
  }
  state->database.checkpoint();
}

/// As the daemon does before it sends.
double start_and_claim(const std::filesystem::path& file, std::int64_t rows) {
  const auto start = Clock::now();
  auto state = open_state(file);
  const Instant now = at(rows);
  state->outbox.recover(now);
  state->units.mark_open_units_due(now);
  const auto claim = state->outbox.claim(kPlatform, now);
  const double ms = ms_since(start);
  if (!claim) {
    std::cerr << "outbox_bench: nothing was claimed\n";
    std::exit(1);
  }
  return ms;
}

}  // namespace

int main(int argc, char** argv) {
  std::int64_t rows = 1'000'000;
  const std::string text = argc > 2 ? argv[2] : "1000000";
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), rows);
  if (argc < 2 || argc > 3 || parsed.ec != std::errc() || rows < 1) {
    std::cerr << "usage: outbox_bench DIRECTORY [ROWS]\n";
    return 2;
  }
  const std::filesystem::path file = std::filesystem::path(argv[1]) / "kakehashi.db";
  if (std::filesystem::exists(file)) {
    std::cerr << "outbox_bench: " << file << " is there already; name an empty directory\n";
    return 2;
  }
  const auto start = Clock::now();
  fill(file, rows);
  std::cout << rows << " rows, " << std::filesystem::file_size(file) / 1'000'000 << " MB, made in "
            << ms_since(start) << " ms\n";
  double ms = 0;
  for (int i = 0; i < kStarts; ++i) {
    ms = start_and_claim(file, rows);
    std::cout << "start " << i + 1 << ": first claim after " << ms << " ms\n";
  }
  return ms < kLimitMs ? 0 : 3;
}
