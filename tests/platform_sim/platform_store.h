#pragma once
// What the platform holds and what it was sent, on disk, so that a test can judge both and a restart forgets
// nothing.
//
//   bundles/<percent-encoded Bundle-ID>.json   what the platform holds now
//   bodies/<n>.json                            every body received whole; n is the number of its request
//   requests.jsonl                             one line a request, written before it is answered
//   changes.jsonl                              one line each time what the platform holds changed, in that
//   order pending/<n>.json                           an operation that takes effect later (late-store,
//   accept)
//
// One thread only. Nothing is fsynced: the simulator may be killed, the machine under it may not.

#include "tests/platform_sim/misbehaviour.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace platform_sim {

struct RequestLine {
  std::int64_t number = 0;
  Operation operation = Operation::unknown;
  std::string bundle_id;
  int status = 0;       // 0 = no answer was given
  bool stored = false;  // what the platform holds was changed before this line was written
  std::map<std::string, std::size_t> resources;
  std::string content_hash;
  std::string insured_identifier;
  std::string client;  // common name of its certificate
  std::string note;    // the fault that was used, or why the request ended early
  int at_once = 1;     // when its header was there: requests without an answer yet, this one among them
  std::vector<std::string> specs;  // the misbehaviour that was drawn for it, as it was asked for
};

struct Pending {
  std::int64_t number = 0;
  Operation operation = Operation::register_bundle;
  std::string bundle_id;
  std::optional<std::int64_t> due_ms;  // since 1970; not there = never
  bool has_result = false;             // somebody may ask for it (202)
  int result_status = 0;               // 0 = not yet
};

class PlatformStore {
 public:
  explicit PlatformStore(std::filesystem::path directory);

  std::int64_t take_number() { return ++last_number_; }
  std::uint64_t request_count() const { return request_count_; }

  void keep_body(std::int64_t number, std::string_view body) const;
  std::string body(std::int64_t number) const;

  std::optional<std::string> bundle(std::string_view bundle_id) const;
  /// True when one stood there before.
  bool put(std::string_view bundle_id, std::int64_t number, std::string_view body);
  bool remove(std::string_view bundle_id, std::int64_t number);

  void log(const RequestLine& line);

  void keep(const Pending& pending) const;
  std::optional<Pending> pending(std::int64_t number) const;
  std::vector<Pending> unfinished() const;

 private:
  std::filesystem::path bundle_path(std::string_view bundle_id) const;
  void log_change(std::int64_t number, std::string_view change, std::string_view bundle_id,
                  std::string_view content_hash);
  void count_earlier_requests();

  std::filesystem::path directory_;
  std::ofstream requests_;
  std::ofstream changes_;
  std::int64_t last_number_ = 0;
  std::uint64_t request_count_ = 0;
};

std::int64_t now_ms();

}  // namespace platform_sim
