#pragma once
// Memory for many small things with one life: they lie side by side and are freed at once, none of them
// destroyed. One thread at a time.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace fhir_mapper {

class Arena {
 public:
  Arena() = default;
  Arena(Arena&& other) noexcept
      : blocks_(std::move(other.blocks_)),
        next_(std::exchange(other.next_, nullptr)),
        free_(std::exchange(other.free_, 0)) {}
  Arena& operator=(Arena&& other) noexcept {
    blocks_ = std::move(other.blocks_);
    next_ = std::exchange(other.next_, nullptr);
    free_ = std::exchange(other.free_, 0);
    return *this;
  }

  /// For something of `size` bytes that wants to stand at a multiple of `alignment`, a power of two.
  void* allocate(std::size_t size, std::size_t alignment) {
    const std::size_t gap = -reinterpret_cast<std::uintptr_t>(next_) & (alignment - 1);
    if (free_ < size + gap) return allocate_in_new_block(size);
    std::byte* const place = next_ + gap;
    next_ = place + size;
    free_ -= size + gap;
    return place;
  }

 private:
  void* allocate_in_new_block(std::size_t size);

  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::byte* next_ = nullptr;
  std::size_t free_ = 0;  // behind it
};

}  // namespace fhir_mapper
