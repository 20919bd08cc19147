#pragma once
// The pages of the admin listener. I/O thread only.

#include "gateway/admin_listener.h"
#include "gateway/metrics.h"
#include "gateway/progress.h"

#include <string>

namespace gateway {

class AdminPages {
 public:
  AdminPages(boost::asio::any_io_executor executor, const AdminSources& sources,
             boost::asio::thread_pool& work)
      : sources_(sources), status_(std::move(executor), sources.settings, work) {}

  boost::asio::awaitable<AdminPage> page(std::string path);
  /// What waits for the database waits no longer.
  void stop() { status_.stop(); }

 private:
  AdminPage health() const;
  boost::asio::awaitable<AdminPage> readiness();
  boost::asio::awaitable<AdminPage> metrics();
  Progress progress(const StateLook* look) const;

  AdminSources sources_;
  StatusCache status_;
};

}  // namespace gateway
