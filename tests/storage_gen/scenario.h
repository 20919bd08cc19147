#pragma once
// Single documents and what a hospital does to them later. Each returns the relative path of what it wrote.

#include "tests/storage_gen/arguments.h"

#include <string>

namespace storage_gen {

std::string write_document(const Arguments& arguments);

/// `_1` becomes `_2`, then the new `_1` of the same key appears: two steps, as real writers take them.
std::string supersede_document(const Arguments& arguments);

/// `_1` and `_2` of the key become `_0`; with --occurred a delete message follows as one more `_0`.
std::string delete_document(const Arguments& arguments);

}  // namespace storage_gen
