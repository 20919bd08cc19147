#pragma once
// A bell for coroutines of one thread: wait until it rings or a time has come. Carries no data; what there is
// to do is in the database. I/O thread only.

#include <chrono>
#include <list>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace gateway {

class Wakeup {
 public:
  explicit Wakeup(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  const boost::asio::any_io_executor& executor() const { return executor_; }

  /// How often it rang. Take it before looking for work, hand it to wait_for: no ring in between is missed.
  unsigned long rings() const { return rings_; }

  boost::asio::awaitable<void> wait_for(std::chrono::milliseconds duration, unsigned long seen) {
    if (rings_ != seen) co_return;
    // One timer a waiter: setting a shared one anew would wake the others for nothing.
    const auto timer = waiting_.emplace(waiting_.end(), executor_, duration);
    co_await timer->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    waiting_.erase(timer);
  }

  void ring() {
    ++rings_;
    for (auto& timer : waiting_) timer.cancel();
  }

 private:
  boost::asio::any_io_executor executor_;
  std::list<boost::asio::steady_timer> waiting_;
  unsigned long rings_ = 0;
};

}  // namespace gateway
