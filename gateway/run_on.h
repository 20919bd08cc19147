#pragma once
// The one hop between threads: runs a blocking function on a pool and resumes on the caller's executor.
//
// Pitfall: GCC 12 destroys a capturing lambda written inside a co_await expression twice. The closure must be
// a named local that is moved in:
//
//     auto read = [path] { return read_file(path); };
//     auto bytes = co_await run_on(pool, std::move(read));
//
// The function cannot be interrupted: a cancelled caller still waits for its end. The caller's io_context
// must outlive the pool's threads (join the pool first), because the way back is a post to it.

#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace gateway {

namespace run_on_detail {

template <class Fn>
boost::asio::awaitable<void> call(Fn fn) {
  fn();
  co_return;
}

// optional, because co_spawn default-constructs its result when the function throws.
template <class Fn, class Value>
boost::asio::awaitable<std::optional<Value>> call_for(Fn fn) {
  co_return std::optional<Value>(fn());
}

}  // namespace run_on_detail

/// What `fn` returns; what it throws is thrown here.
template <class Fn>
boost::asio::awaitable<std::invoke_result_t<Fn&>> run_on(boost::asio::thread_pool& pool, Fn fn) {
  using Value = std::invoke_result_t<Fn&>;
  static_assert(!std::is_reference_v<Value>, "a reference into another thread's data: return a value");
  if constexpr (std::is_void_v<Value>) {
    auto work = run_on_detail::call<Fn>(std::move(fn));
    co_await boost::asio::co_spawn(pool.get_executor(), std::move(work), boost::asio::use_awaitable);
  } else {
    auto work = run_on_detail::call_for<Fn, Value>(std::move(fn));
    auto value =
        co_await boost::asio::co_spawn(pool.get_executor(), std::move(work), boost::asio::use_awaitable);
    co_return std::move(*value);
  }
}

}  // namespace gateway
