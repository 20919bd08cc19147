#pragma once
// Files that are made while it lives are for their owner alone, and nobody can execute them: a socket lets
// nobody else in before it has its own mode. Of the whole process.

#include <sys/stat.h>

namespace gateway {

class NarrowUmask {
 public:
  NarrowUmask() : before_(::umask(0177)) {}
  ~NarrowUmask() { ::umask(before_); }
  NarrowUmask(const NarrowUmask&) = delete;
  NarrowUmask& operator=(const NarrowUmask&) = delete;

 private:
  mode_t before_;
};

}  // namespace gateway
