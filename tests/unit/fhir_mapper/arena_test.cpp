#include "fhir_mapper/arena.h"

#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

namespace fhir_mapper::test {
namespace {

struct Piece {
  unsigned char* bytes;
  std::size_t size;
  unsigned char mark;
};

/// Pieces of many sizes and alignments, each filled with a mark of its own.
std::vector<Piece> fill(Arena& arena, unsigned rounds) {
  std::vector<Piece> pieces;
  for (unsigned round = 0; round < rounds; ++round) {
    const std::size_t alignment = std::size_t{1} << round % 4;
    const std::size_t size = round % 97 == 96 ? 70'000 : 1 + round * 7 % 300;
    void* const place = arena.allocate(size, alignment);
    CHECK(reinterpret_cast<std::uintptr_t>(place) % alignment == 0);
    pieces.push_back({static_cast<unsigned char*>(place), size, static_cast<unsigned char>(round)});
    std::memset(place, pieces.back().mark, size);
  }
  return pieces;
}

bool are_whole(const std::vector<Piece>& pieces) {
  for (const Piece& piece : pieces) {
    for (std::size_t i = 0; i < piece.size; ++i) {
      if (piece.bytes[i] != piece.mark) return false;
    }
  }
  return true;
}

TEST_CASE("nothing in an arena lies over another, small or large, and each where it wants to stand") {
  Arena arena;
  CHECK(are_whole(fill(arena, 2000)));
}

TEST_CASE("what lies in an arena moves with it, and both go on") {
  Arena first;
  const auto before = fill(first, 300);
  Arena second(std::move(first));
  const auto behind = fill(second, 300);
  const auto anew = fill(first, 300);  // which is empty now
  CHECK(are_whole(before));
  CHECK(are_whole(behind));
  first = std::move(second);
  const auto last = fill(first, 300);
  CHECK(are_whole(before));
  CHECK(are_whole(behind));
  CHECK(are_whole(last));
  CHECK(anew.size() == 300);
}

}  // namespace
}  // namespace fhir_mapper::test
