#pragma once
// The state of a key: what stands for it, from all its files together, never from one file alone.

#include "ssmix2/document_name.h"

#include <cstddef>
#include <span>

namespace ssmix2 {

struct KeyState {
  enum class Kind {
    live,       // `document` stands for the key
    deleted,    // no flag 1 and the newest is flag 0
    undecided,  // no flag 1 and the newest is flag 2: the writer is between rename and create
  };
  Kind kind = Kind::undecided;
  std::size_t document = 0;         // index of the newest that decided
  std::size_t superseded_live = 0;  // further files with flag 1: an anomaly to count

  friend bool operator==(const KeyState&, const KeyState&) = default;
};

/// `documents` are all known files of one key (at least one); order does not matter. Newest is by 発生日時
/// padded to 17 digits; of two with the same 発生日時 flag 1 wins over 0 over 2, then the later in
/// `documents`.
KeyState state_of_key(std::span<const DocumentName> documents);

}  // namespace ssmix2
