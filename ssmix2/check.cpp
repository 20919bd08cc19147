#include "ssmix2/check.h"

#include <cstdio>
#include <cstdlib>

namespace ssmix2 {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "kakehashi: internal error: %s does not hold at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace ssmix2
