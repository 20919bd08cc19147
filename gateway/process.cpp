#include "gateway/process.h"

namespace gateway {

Process::Process(Hangup hangup) {
  if (hangup == Hangup::is_heard) signals.add(SIGHUP);
}

bool Process::signalled_within(Milliseconds time) {
  wait_for_signal();
  io.run_for(time);
  signals.cancel();
  io.restart();
  io.run();
  io.restart();
  return signalled_;
}

void Process::wait_for_signal() {
  signals.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    signalled_ = signal != SIGHUP;
    if (signalled_) {
      io.stop();
    } else {
      wait_for_signal();  // what it asks to read anew is read just now
    }
  });
}

}  // namespace gateway
