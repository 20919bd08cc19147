#pragma once
// How far the first reading of the storages is, told while it lasts: one line that is written over on a
// terminal, a message now and then in a log. I/O thread.

#include "gateway/log.h"
#include "gateway/settings.h"
#include "gateway/state_store.h"
#include "gateway/wakeup.h"

#include <string>
#include <vector>

namespace gateway {

class LoadProgress {
 public:
  LoadProgress(boost::asio::any_io_executor executor, const Settings& settings, StateStore& store,
               const Log& log);

  /// Runs until every storage has been read, or until stop().
  boost::asio::awaitable<void> run();
  void stop();

 private:
  struct Report {
    std::vector<std::pair<std::string, std::string>> lines;  // storage id and text
    bool over = true;  // every storage was swept, and what was found then is read
  };
  boost::asio::awaitable<Report> read();
  void tell(const Report& report);

  const Settings& settings_;
  StateStore& store_;
  const Log& log_;
  Wakeup wake_;
  bool on_terminal_;
  bool line_open_ = false;
  bool stopping_ = false;
};

}  // namespace gateway
