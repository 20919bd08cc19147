// Mapping against RapidJSON: from parsed messages to a serialised Bundle, and the time RapidJSON needs to
// parse that same Bundle into a fresh Document and to write it again. In memory, one core, a line for each
// kind.
//
//   mapping_bench CONFIG_DIRECTORY GOLDEN_DIRECTORY [ROUNDS]
//
// The documents are those of tests/golden. Both are measured in turns of ROUNDS (default 2000); the fastest
// turn of each counts. Exit code 3 when mapping takes more than twice as long.

#include "fhir_mapper/mapping_loader.h"
#include "tests/bench/golden_documents.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

namespace fs = std::filesystem;
using namespace fhir_mapper;

constexpr int kTurns = 15;
constexpr double kLimit = 2;

template <typename Work>
double nanoseconds(int rounds, Work work) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < rounds; ++i) work();
  const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begin;
  return spent.count() / rounds;
}

/// The time of mapping, in times of RapidJSON.
double measure(const bench::GoldenDocument& document, const Mapping& mapping, int rounds) {
  const UnitSettings settings = bench::golden_settings("1.12.0");
  const auto mapped = [&] { return bench::golden_json(bench::golden_bundle(document, mapping, settings)); };
  const std::string json = mapped();
  double mapping_time = std::numeric_limits<double>::max();
  double json_time = mapping_time;
  std::size_t bytes = 0;  // so that nothing is left out as unused
  for (int turn = 0; turn < kTurns; ++turn) {
    mapping_time =
        std::min(mapping_time, nanoseconds(rounds / kTurns + 1, [&] { bytes += mapped().size(); }));
    json_time = std::min(json_time,
                         nanoseconds(rounds / kTurns + 1, [&] { bytes += bench::parsed_and_written(json); }));
  }
  std::printf("%-20s %8zu bytes  mapping %8.1f us  RapidJSON %8.1f us  ratio %.2f%s\n",
              document.label.c_str(), json.size(), mapping_time / 1000, json_time / 1000,
              mapping_time / json_time, bytes == 0 ? "!" : "");
  return mapping_time / json_time;
}

int rounds_of(std::string_view text) {
  int rounds = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), rounds);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || rounds < 1)
    throw std::runtime_error("ROUNDS is a number from 1 on");
  return rounds;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: mapping_bench CONFIG_DIRECTORY GOLDEN_DIRECTORY [ROUNDS]\n", stderr);
    return 2;
  }
  const fs::path config = argv[1];
  const int rounds = argc > 3 ? rounds_of(argv[3]) : 2000;
  const auto mapping = load_mapping(bench::files_of(config / "mapping", ".xml"),
                                    bench::files_of(config / "terminology", ".tsv"))
                           .value();
  double worst = 0;
  for (const bench::GoldenDocument& document : bench::golden_documents(argv[2])) {
    worst = std::max(worst, measure(document, *mapping, rounds));
  }
  return worst > kLimit ? 3 : 0;
}
