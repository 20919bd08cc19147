#pragma once
// What the control socket of a gateway answers: the order is carried out on the storage thread, told in the
// log, and whoever has work by it is woken. An order that had to wait for a disk until nobody waits for its
// answer any more is not carried out: who gave it believes that it was not. I/O thread.

#include "gateway/control_client.h"
#include "gateway/control_socket.h"
#include "gateway/queue_order.h"

#include <functional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

namespace gateway {

class QueueService {
 public:
  QueueService(const Settings& settings, StateStore& store, boost::asio::thread_pool& work, const Log& log,
               std::function<void()> on_change, Milliseconds longest_wait = kLongestAnswer)
      : settings_(settings),
        store_(store),
        work_(work),
        log_(log),
        on_change_(std::move(on_change)),
        longest_wait_(longest_wait) {}

  boost::asio::awaitable<std::string> answer(std::string line, std::int64_t uid,
                                             ControlSocket::StillWaits still_waits);

 private:
  const Settings& settings_;
  StateStore& store_;
  boost::asio::thread_pool& work_;  // a user's name may be asked of a server
  const Log& log_;
  std::function<void()> on_change_;
  Milliseconds longest_wait_;
};

}  // namespace gateway
