#pragma once
// The line to a recorder (recorded_run.py), which looks at what a kill would leave before each call that is
// counted: the process tells the call and waits until it may go on. Any thread, one at a time.

#include <string>

#include <sys/types.h>

/// What is told of a call. `offset` is -1 where it has none.
struct CountedCall {
  long number = 0;
  const char* kind = "";
  std::string target;
  off_t offset = -1;
  std::size_t size = 0;
};

class RecorderLine {
 public:
  /// To the socket of that path; a process that cannot reach it ends.
  explicit RecorderLine(const char* path);

  /// False: the process is to be killed here.
  bool lets_go_on(const CountedCall& call) const;

 private:
  int socket_ = -1;
};
