#pragma once
// A storage that changes, the state database on a disk whose power is cut, and a platform: what the gateway
// does with them, in a random order that a seed makes.

#include "gateway/state_store.h"
#include "tests/crash/unsynced_vfs.h"

#include <array>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace crash {

struct Findings {
  std::int64_t lost = 0;     // units whose newest snapshot does not stand in the end
  std::int64_t doubled = 0;  // units that were sent under two Bundle-IDs
  std::int64_t overtaken =
      0;  // units that stand behind what was confirmed; older snapshots sent after newer ones
  std::int64_t forgotten = 0;  // commits that are not there after a cut
  std::int64_t damaged = 0;    // databases that cannot be used any more
  // How much was tried:
  std::int64_t cuts = 0;
  std::int64_t requests = 0;
  std::int64_t lost_sectors = 0;

  Findings& operator+=(const Findings& other);
  std::int64_t wrong() const { return lost + doubled + overtaken + forgotten + damaged; }
};

class PowerCutWorld {
 public:
  struct Options {
    UnsyncedDisk::Sync disk = UnsyncedDisk::Sync::honest;
    std::string synchronous = "FULL";
  };
  PowerCutWorld(std::uint32_t seed, Options options);

  /// So many steps with cuts; then the power stays, the platform answers, and everything is delivered.
  Findings run(int steps);

 private:
  struct Version {
    int number = 0;  // counts up
    bool empty = true;
    std::string text = {};
    std::string person = {};
  };
  struct Unit {
    std::string patient = {};
    std::vector<Version> versions{1};  // in the storage, which no cut harms; the first: nothing there yet
    int read = 0;                      // the version of the last put that was committed
    int confirmed = 0;                 // the newest version of which an answer was recorded
    bool under_way = false;            // its claim was committed, its answer was not
    bool uncertain = false;            // the power went away in the middle of that
    std::string bundle_id = {};        // of its first request
  };
  struct Request {
    gateway::Claim claim;
    std::size_t unit = 0;
    Version version = {};
    gateway::Instant until = {};  // one that was given up may be carried out so long
  };

  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }

  // The gateway; each of these may be cut off, and starts again then.
  void step();
  void read_storage(Unit& unit);
  void claim();
  void answer_one();
  void record(const Request& request, gateway::Verdict verdict, int status);
  template <typename Work>
  void attempt(Work work);
  void start();
  void open();
  void compare_with_commits();
  bool holds(const Unit& unit, const std::string& condition);
  void recover();

  // What is outside and goes on.
  void change_storage(Unit& unit);
  bool carry_out(const Request& request);
  void give_up(Request request);
  void carry_out_a_late_one();
  void answer_about_result(const Request& question);

  void finish();
  bool is_finished();
  void judge();

  Options options_;
  std::mt19937 random_;
  UnsyncedDisk disk_;
  std::unique_ptr<gateway::StateStore::Contents> state_;
  gateway::Instant now_;
  bool faults_ = true;
  bool claiming_ = false;  // the power went away in the middle of a claim of whatever unit
  std::array<Unit, 3> units_;
  std::vector<Request> requests_;            // claimed, not answered
  std::vector<Request> late_;                // given up, perhaps still to be carried out
  std::map<std::size_t, Request> promises_;  // by unit
  std::map<std::string, Version> standing_;  // by Bundle-ID
  Findings findings_;
};

}  // namespace crash
