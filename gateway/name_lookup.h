#pragma once
// A host's addresses, within a time: getaddrinfo cannot be interrupted, and with a name server that does not
// answer it takes as long as resolv.conf lets it. I/O thread; the question itself is asked by Asio's own.

#include "gateway/instant.h"

#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>

namespace gateway {

using HostAddresses = std::vector<boost::asio::ip::tcp::endpoint>;

/// boost::asio::error::timed_out when nothing came within `timeout`: what comes later is thrown away. An
/// address needs no name server.
boost::asio::awaitable<boost::system::result<HostAddresses>> look_up(boost::asio::any_io_executor executor,
                                                                     std::string host, std::string port,
                                                                     Milliseconds timeout);

}  // namespace gateway
