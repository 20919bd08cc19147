#include "gateway/name_lookup.h"

#include <charconv>
#include <memory>

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace gateway {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// Shared with the answer, which may come when nobody waits any more.
struct Lookup {
  Lookup(const asio::any_io_executor& executor, Milliseconds timeout)
      : resolver(executor), deadline(executor, timeout) {}
  tcp::resolver resolver;
  asio::steady_timer deadline;
  error_code error = asio::error::timed_out;
  HostAddresses addresses;
};

}  // namespace

asio::awaitable<boost::system::result<HostAddresses>> look_up(asio::any_io_executor executor,
                                                              std::string host, std::string port,
                                                              Milliseconds timeout) {
  // Asio asks one question after the other: an address need not wait for another destination's name server.
  error_code not_an_address;
  const auto address = asio::ip::make_address(host, not_an_address);
  unsigned short number = 0;
  const auto read = std::from_chars(port.data(), port.data() + port.size(), number);
  if (!not_an_address && read.ec == std::errc()) co_return HostAddresses{{address, number}};

  const auto lookup = std::make_shared<Lookup>(executor, timeout);
  lookup->resolver.async_resolve(
      host, port, [lookup](const error_code& error, const tcp::resolver::results_type& results) {
        lookup->error = error;
        for (const auto& entry : results) lookup->addresses.push_back(entry.endpoint());
        lookup->deadline.cancel();
      });
  error_code ignored;  // cancelled is what we hope for
  co_await lookup->deadline.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (lookup->error) {
    lookup->resolver.cancel();
    co_return lookup->error;
  }
  co_return std::move(lookup->addresses);
}

}  // namespace gateway
