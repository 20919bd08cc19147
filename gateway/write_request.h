#pragma once
// A change that waits on the storage thread for others to be committed with, and the coroutine that waits for
// it.

#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace gateway {

template <class Contents>
class WriteRequest {
 public:
  WriteRequest() = default;
  virtual ~WriteRequest() = default;
  WriteRequest(const WriteRequest&) = delete;
  WriteRequest& operator=(const WriteRequest&) = delete;

  /// Perhaps again and again, until a commit succeeds.
  virtual void run(Contents& contents) = 0;
  /// Whoever waits goes on, on its own thread: with the result of the last run, or with what it threw.
  virtual void complete(std::exception_ptr failure) = 0;

  std::exception_ptr error;  // of the last run
};

namespace write_request_detail {

template <class Contents, class Fn, class Handler>
class Waiting final : public WriteRequest<Contents> {
 public:
  using Value = std::invoke_result_t<const Fn&, Contents&>;
  using Stored = std::conditional_t<std::is_void_v<Value>, std::monostate, Value>;

  Waiting(Fn fn, Handler handler)
      : fn_(std::move(fn)),
        handler_(std::move(handler)),
        work_(boost::asio::get_associated_executor(handler_)) {}

  void run(Contents& contents) override {
    if constexpr (std::is_void_v<Value>) {
      std::as_const(fn_)(contents);
      result_.emplace();
    } else {
      result_.emplace(std::as_const(fn_)(contents));
    }
  }

  void complete(std::exception_ptr failure) override {
    auto resume = [handler = std::move(handler_), failure = std::move(failure),
                   result = std::move(result_)]() mutable {
      std::move(handler)(std::move(failure), std::move(result));
    };
    boost::asio::post(work_.get_executor(), std::move(resume));
    work_.reset();
  }

 private:
  Fn fn_;
  Handler handler_;
  boost::asio::executor_work_guard<boost::asio::associated_executor_t<Handler>> work_;
  std::optional<Stored> result_;
};

}  // namespace write_request_detail

/// Hands `fn` to `enqueue` as a request and waits for its end.
template <class Contents, class Enqueue, class Fn>
boost::asio::awaitable<std::invoke_result_t<const Fn&, Contents&>> when_written(Enqueue enqueue, Fn fn) {
  using Value = std::invoke_result_t<const Fn&, Contents&>;
  using Stored = std::conditional_t<std::is_void_v<Value>, std::monostate, Value>;
  auto initiate = [](auto handler, Enqueue put, Fn work) {
    using Handler = std::decay_t<decltype(handler)>;
    using Request = write_request_detail::Waiting<Contents, Fn, Handler>;
    put(std::make_unique<Request>(std::move(work), std::move(handler)));
  };
  auto result = co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&,
                                                     void(std::exception_ptr, std::optional<Stored>)>(
      std::move(initiate), boost::asio::use_awaitable, std::move(enqueue), std::move(fn));
  if constexpr (!std::is_void_v<Value>) co_return std::move(*result);
}

}  // namespace gateway
