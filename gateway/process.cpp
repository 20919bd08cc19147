#include "gateway/process.h"

namespace gateway {

Process::Process(Hangup hangup) {
  if (hangup == Hangup::is_heard) signals.add(SIGHUP);
}

bool Process::signalled_within(Milliseconds time) {
  waiting_ = true;
  wait_for_signal();
  io.run_for(time);
  waiting_ = false;  // a signal that comes just now does not wait for another
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
    if (signalled_) return io.stop();
    reload_asked = true;
    if (waiting_) wait_for_signal();
  });
}

}  // namespace gateway
