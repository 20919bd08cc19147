// How long sweeps of a storage take, as ratios to `find` on the same tree in the same run: the code of the
// daemon itself, without reading documents.
//
//   sweep_bench gateway.xml [cold]
//
// cold: the kernel's caches are dropped before everything that is measured (needs root); few rounds.
// The first storage of the settings is swept into a new database in the (empty) state directory: a first
// sweep with all its commits; then sweeps that find nothing new, each with a fresh Sightings as after a
// restart. Folders should be older than a week, as nearly all of a real storage are.

#include "gateway/configuration.h"
#include "gateway/schema.h"
#include "gateway/sightings.h"
#include "gateway/state_directory.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <unistd.h>

namespace {

using gateway::Milliseconds;
using Clock = std::chrono::steady_clock;

constexpr int kRounds = 5;
constexpr int kColdRounds = 1;

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// What was read stays in no cache.
void drop_caches() {
  ::sync();
  std::ofstream file("/proc/sys/vm/drop_caches");
  file << "3\n" << std::flush;
  if (!file) throw std::runtime_error("the caches cannot be dropped: only root may");
}

struct Found {
  double seconds = 0;
  std::string count;
};

Found find(const std::string& root, const std::string& type) {
  const auto began = Clock::now();
  const std::string command = "find '" + root + "' -type " + type + " | wc -l";
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("find cannot be run");
  char line[64] = {};
  const bool read = std::fgets(line, sizeof line, pipe) != nullptr;
  ::pclose(pipe);
  if (!read) throw std::runtime_error("find printed nothing");
  return {seconds_since(began), std::string(line, std::string(line).find('\n'))};
}

class Bench {
 public:
  explicit Bench(gateway::Configuration configuration)
      : configuration_(std::move(configuration)),
        log_({gateway::LogLevel::warning}, 2),
        store_(open(configuration_.settings)),
        context_{configuration_, store_, work_, log_} {}
  ~Bench() {
    work_.join();
    store_.close();
  }

  const std::string& root() const { return configuration_.settings.storages.front().root.native(); }

  double sweep() {
    boost::asio::io_context io(1);
    std::size_t seen = 0;
    gateway::Sightings sightings(io.get_executor(), configuration_.settings.storages.front(), context_,
                                 [&seen](const auto& documents) { seen += documents.size(); });
    const auto began = Clock::now();
    double took = 0;
    boost::asio::co_spawn(io, sightings.run_sweeps(), boost::asio::detached);
    boost::asio::co_spawn(io, stop_when_swept(sightings, began, took), boost::asio::detached);
    io.run();
    to_settle_ = seen;
    return took;
  }
  std::size_t to_settle() const { return to_settle_; }

 private:
  static std::unique_ptr<gateway::StateStore::Contents> open(const gateway::Settings& settings) {
    auto contents = std::make_unique<gateway::StateStore::Contents>(gateway::database_file(settings),
                                                                    settings.facility.zone);
    gateway::prepare_schema(contents->database);
    if (!gateway::bind_state(contents->database, settings).has_value()) std::abort();
    return contents;
  }

  static boost::asio::awaitable<void> stop_when_swept(gateway::Sightings& sightings, Clock::time_point began,
                                                      double& took) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    while (!sightings.swept()) {
      timer.expires_after(Milliseconds(1));
      co_await timer.async_wait(boost::asio::use_awaitable);
    }
    took = seconds_since(began);
    sightings.stop();
  }

  gateway::Configuration configuration_;
  gateway::Log log_;
  gateway::StateStore store_;
  boost::asio::thread_pool work_{2};
  gateway::IntakeContext context_;
  std::size_t to_settle_ = 0;
};

std::string peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return line.substr(line.find_first_of("0123456789"));
  }
  return "?";
}

int run(const std::string& settings, bool cold) {
  auto configuration = gateway::load_configuration(settings);
  if (!configuration.has_value()) {
    for (const auto& error : configuration.error()) std::cerr << error.place << ": " << error.message << "\n";
    return 2;
  }
  Bench bench(std::move(*configuration));
  const auto prepare = [cold] {
    if (cold) drop_caches();
  };
  if (!cold) find(bench.root(), "f");  // warms the cache
  std::vector<double> files;
  for (int i = 0; i < (cold ? 1 : 2); ++i) {
    prepare();
    files.push_back(find(bench.root(), "f").seconds);
  }
  prepare();
  const double first = bench.sweep();
  prepare();
  const auto after = find(bench.root(), "f");
  files.push_back(after.seconds);
  std::printf("files %s, first sweep %.2f s, find -type f %.2f s, ratio %.2f\n", after.count.c_str(), first,
              median(files), first / median(files));
  std::printf("to settle %zu, peak memory %s\n", bench.to_settle(), peak_memory().c_str());
  std::vector<double> directories;
  std::vector<double> sweeps;
  std::string directory_count;
  for (int i = 0; i < (cold ? kColdRounds : kRounds); ++i) {
    prepare();
    const Found found = find(bench.root(), "d");
    directories.push_back(found.seconds);
    directory_count = found.count;
    prepare();
    sweeps.push_back(bench.sweep());
  }
  std::printf("folders %s, sweep that finds nothing %.2f s, find -type d %.2f s, ratio %.2f\n",
              directory_count.c_str(), median(sweeps), median(directories),
              median(sweeps) / median(directories));
  std::printf("to settle %zu, peak memory %s\n", bench.to_settle(), peak_memory().c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const bool cold = argc == 3 && std::string(argv[2]) == "cold";
  if (argc != 2 && !cold) {
    std::cerr << "usage: sweep_bench gateway.xml [cold]\n";
    return 2;
  }
  return run(argv[1], cold);
}
