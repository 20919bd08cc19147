#pragma once
// The admin listener with its pages. A gateway that nobody can look at still does its work. I/O thread only.

#include "gateway/admin_pages.h"

namespace gateway {

class Admin {
 public:
  Admin(boost::asio::any_io_executor executor, const AdminSources& sources, boost::asio::thread_pool& work);

  /// False when the settings want none, or when it cannot be had, which is logged.
  bool open();
  /// Runs until stop().
  boost::asio::awaitable<void> run() { return listener_.run(); }
  void stop();

 private:
  AdminSources sources_;
  AdminPages pages_;
  AdminListener listener_;
};

}  // namespace gateway
