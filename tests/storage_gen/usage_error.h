#pragma once
// Wrong usage: the message is one sentence for the person at the terminal, and the program ends with 2.

#include <stdexcept>
#include <string>

namespace storage_gen {

struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace storage_gen
