#pragma once
// A whole storage from a seed.

#include "tests/storage_gen/arguments.h"

#include <ostream>

namespace storage_gen {

/// Writes counts as one JSON line to `summary`.
void write_tree(const Arguments& arguments, std::ostream& summary);

}  // namespace storage_gen
