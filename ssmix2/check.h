#pragma once
// Assertions that stay on in release: a broken invariant of ours stops the process, input never does.

namespace ssmix2 {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace ssmix2

#define KAKEHASHI_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::ssmix2::check_failed(#condition, __FILE__, __LINE__))
