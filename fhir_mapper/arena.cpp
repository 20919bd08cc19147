#include "fhir_mapper/arena.h"

#include <algorithm>

namespace fhir_mapper {
namespace {

constexpr std::size_t kFirstBlock = 16 * 1024;  // room for a patient and some rows
constexpr std::size_t kLargestBlock = 1024 * 1024;

}  // namespace

/// A block begins at a multiple of every alignment that a type of ours has.
void* Arena::allocate_in_new_block(std::size_t size) {
  const std::size_t usual = blocks_.size() < 6 ? kFirstBlock << blocks_.size() : kLargestBlock;
  const std::size_t bytes = std::max(usual, size);
  blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(bytes));
  next_ = blocks_.back().get() + size;
  free_ = bytes - size;
  return blocks_.back().get();
}

}  // namespace fhir_mapper
