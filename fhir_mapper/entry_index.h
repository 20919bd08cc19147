#pragma once
// What entries of a Bundle are found by: sorted, not hashed, for who writes the texts may choose them, and
// those that one hash throws together take minutes. Filled, then closed, then asked.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fhir_mapper {

template <typename Key>
class EntryIndex {
 public:
  void reserve(std::size_t count) { rows_.reserve(count); }
  void add(const Key& key, std::uint32_t entry) { rows_.push_back({key, entry}); }

  /// Gives each entry to `repeats` whose key one before it has: that one alone is found by it.
  template <typename Takes>
  void close(Takes repeats) {
    const auto comes_first = [](const Row& left, const Row& right) {
      return left.key != right.key ? left.key < right.key : left.entry < right.entry;
    };
    std::sort(rows_.begin(), rows_.end(), comes_first);
    for (std::size_t i = 1; i < rows_.size(); ++i) {
      if (rows_[i].key == rows_[i - 1].key) repeats(rows_[i].entry);
    }
  }

  /// Null: no entry has it.
  const std::uint32_t* find(const Key& key) const {
    const auto at = std::lower_bound(rows_.begin(), rows_.end(), key,
                                     [](const Row& row, const Key& wanted) { return row.key < wanted; });
    return at == rows_.end() || at->key != key ? nullptr : &at->entry;
  }

 private:
  struct Row {
    Key key;
    std::uint32_t entry;
  };
  std::vector<Row> rows_;
};

}  // namespace fhir_mapper
