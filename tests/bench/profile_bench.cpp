// Checking against RapidJSON: a Bundle as it is mapped, against all profiles of a pack, and the time
// RapidJSON needs to parse that same Bundle into a fresh Document and to write it again. In memory, one core,
// a line for each kind.
//
//   profile_bench CONFIG_DIRECTORY GOLDEN_DIRECTORY [PACK [ROUNDS]]
//
// The documents are those of tests/golden, the pack is jp-clins-1.5.3 unless another is named. Single calls
// of both, one after the other, ROUNDS (default 2000) of each; the fastest of each counts. A call is shorter
// than what a kernel gives a process at a time, so that some calls are disturbed by nobody however busy the
// machine is, and both see the same clock rate. Exit code 3 when checking takes longer.

#include "fhir_mapper/mapping_loader.h"
#include "fhir_mapper/profile_check.h"
#include "tests/bench/golden_documents.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <limits>
#include <stdexcept>
#include <string_view>

namespace {

namespace fs = std::filesystem;
using namespace fhir_mapper;

constexpr double kLimit = 1;

/// Of one call.
template <typename Work>
double nanoseconds(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begin;
  return spent.count();
}

std::shared_ptr<const ProfilePack> load(const fs::path& folder, std::string_view id) {
  auto files = bench::files_of(folder, ".xml");
  for (ConfigFile& table : bench::files_of(folder, ".tsv")) files.push_back(std::move(table));
  return ProfilePack::load(files, id).value();
}

/// The time of checking, in times of RapidJSON.
double measure(const bench::GoldenDocument& document, const Mapping& mapping, const ProfilePack& pack,
               int rounds) {
  const Tree bundle = bench::golden_bundle(document, mapping, bench::golden_settings(pack.version()));
  const std::string json = bench::golden_json(bundle);
  double check_time = std::numeric_limits<double>::max();
  double json_time = check_time;
  std::size_t sum = 0;  // so that nothing is left out as unused
  for (int round = 0; round < rounds; ++round) {
    check_time =
        std::min(check_time, nanoseconds([&] { sum += check_profiles(bundle.root(), pack).size() + 1; }));
    json_time = std::min(json_time, nanoseconds([&] { sum += bench::parsed_and_written(json); }));
  }
  std::printf("%-20s %8zu bytes  %3zu issues  check %8.1f us  RapidJSON %8.1f us  ratio %.2f%s\n",
              document.label.c_str(), json.size(), check_profiles(bundle.root(), pack).size(),
              check_time / 1000, json_time / 1000, check_time / json_time, sum == 0 ? "!" : "");
  return check_time / json_time;
}

int rounds_of(std::string_view text) {
  int rounds = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), rounds);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || rounds < 1) {
    throw std::runtime_error("ROUNDS is a number from 1 on");
  }
  return rounds;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: profile_bench CONFIG_DIRECTORY GOLDEN_DIRECTORY [PACK [ROUNDS]]\n", stderr);
    return 2;
  }
  const fs::path config = argv[1];
  const auto mapping = load_mapping(bench::files_of(config / "mapping", ".xml"),
                                    bench::files_of(config / "terminology", ".tsv"))
                           .value();
  const auto pack = load(config / "profiles", argc > 3 ? argv[3] : "jp-clins-1.5.3");
  const int rounds = argc > 4 ? rounds_of(argv[4]) : 2000;
  double worst = 0;
  for (const bench::GoldenDocument& document : bench::golden_documents(argv[2])) {
    worst = std::max(worst, measure(document, *mapping, *pack, rounds));
  }
  return worst > kLimit ? 3 : 0;
}
