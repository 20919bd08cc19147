#pragma once
// What `kakehashi queue` asks a gateway that runs, as one line of JSON. What comes in may be anything: it is
// believed only when every member is known and of its type. Pure functions.

#include "gateway/outbox_orders.h"
#include "gateway/queue_filter.h"

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

namespace gateway {

struct QueueRequest {
  PersonOrder order = PersonOrder::hold;
  QueueFilter filter = {};
  /// Not an order for rows: a storage whose deletes were held for their number, to be let go.
  std::string deletes_of = {};
  bool dry_run = false;
  std::string why = {};
};

constexpr std::size_t kLongestRequest = 1 << 20;
constexpr std::size_t kLongestWhy = 1'000;

/// "queue hold"; "queue release --deletes".
std::string name_of(const QueueRequest& request);

/// With its line feed.
std::string to_line(const QueueRequest& request);

/// Or a sentence that says what is wrong, without what was sent.
boost::system::result<QueueRequest, std::string> parse_queue_request(std::string_view line);

}  // namespace gateway
