#pragma once
// splitmix64. The standard library's distributions differ between implementations, and a tree must be the
// same everywhere; so every draw is plain integer arithmetic.

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace storage_gen {

class Random {
 public:
  /// Every purpose gets a stream of its own, so that asking for more of one thing changes nothing else.
  explicit Random(std::initializer_list<std::uint64_t> stream) {
    for (const std::uint64_t part : stream) {
      state_ ^= part + 0x9E3779B97F4A7C15u;
      state_ = next();
    }
  }

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15u;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
  }

  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  std::uint64_t between(std::uint64_t low, std::uint64_t high) { return low + below(high - low + 1); }
  bool percent(unsigned chance) { return below(100) < chance; }

  template <typename Range>
  const auto& pick(const Range& range) {
    return *(range.begin() + static_cast<std::ptrdiff_t>(below(range.size())));
  }

 private:
  std::uint64_t state_ = 0;
};

/// FNV-1a, to seed a stream from a patient id.
constexpr std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

}  // namespace storage_gen
