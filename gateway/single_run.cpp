#include "gateway/single_run.h"

#include <iostream>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace gateway {
namespace {

constexpr Milliseconds kCompletionPoll{50};

}  // namespace

SingleRun::SingleRun(boost::asio::any_io_executor executor, const Settings& settings, StateStore& store,
                     Intake& intake, const Routes& routes)
    : settings_(settings), store_(store), intake_(intake), routes_(routes), bell_(std::move(executor)) {}

boost::asio::awaitable<void> SingleRun::run(Milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!stopping_ && std::chrono::steady_clock::now() < deadline) {
    const auto rings = bell_.rings();
    if (co_await nothing_left_to_do(deadline)) break;
    co_await bell_.wait_for(kCompletionPoll, rings);
  }
}

void SingleRun::stop() {
  stopping_ = true;
  bell_.ring();
}

boost::asio::awaitable<bool> SingleRun::nothing_left_to_do(std::chrono::steady_clock::time_point deadline) {
  if (!co_await intake_.idle()) co_return false;
  auto ask = [](StateStore::Contents& state) { return state.units.next_due(); };
  const auto next_due = co_await store_.run(std::move(ask));
  const auto left = std::chrono::duration_cast<Milliseconds>(deadline - std::chrono::steady_clock::now());
  if (next_due && *next_due < now() + left) co_return false;  // a delete that settles in time is waited for
  for (const DestinationSettings& destination : settings_.destinations) {
    if (destination.mode == DestinationMode::dry_run) continue;
    auto count = [id = destination.id](StateStore::Contents& state) {
      return state.outbox.counts(id).unfinished();
    };
    if (co_await store_.run(std::move(count)) > 0) co_return false;
  }
  co_return !routes_.busy();
}

RunResult SingleRun::tell() {
  boost::asio::io_context own;  // that of the loops has ended
  StatusReport report;
  auto read = [this](StateStore::Contents& state) { return read_status(state.database, settings_, now()); };
  boost::asio::co_spawn(own, store_.run(std::move(read)),
                        [&report](std::exception_ptr error, StatusReport got) {
                          if (error) std::rethrow_exception(error);
                          report = std::move(got);
                        });
  own.run();
  std::cout << to_text(report) << std::flush;
  return result_of_once(report, settings_, intake_.finished());
}

}  // namespace gateway
