#pragma once
// Looks after the state's files every few seconds: whether they are still the ones that are open, how much
// waits to be sent, how much of the disk is free. I/O thread.

#include "gateway/alarms.h"
#include "gateway/back_pressure.h"
#include "gateway/log.h"
#include "gateway/state_store.h"
#include "gateway/wakeup.h"

#include <filesystem>

namespace gateway {

class StateWatch {
 public:
  StateWatch(boost::asio::any_io_executor executor, const Settings& settings, StateStore& store,
             const Log& log);

  /// Runs until stop(). Throws DatabaseError::damaged() when a file was taken away under it.
  boost::asio::awaitable<void> run();
  void stop();

  bool may_read() const { return !pressure_.holds_back(); }

 private:
  struct Look {
    std::int64_t waiting_bytes = 0;
    std::optional<DiskSpace> space;
    bool files_in_place = true;
  };
  boost::asio::awaitable<Look> look();
  boost::asio::awaitable<void> tell(AlarmKind kind, bool raised, SafeText explanation);

  const Settings& settings_;
  std::vector<std::string> sent_to_;  // destinations; what is made for others never goes by being sent
  StateStore& store_;
  const Log& log_;
  BackPressure pressure_;
  StateFiles files_;
  bool files_known_ = false;
  Wakeup bell_;
  bool stopping_ = false;
};

}  // namespace gateway
