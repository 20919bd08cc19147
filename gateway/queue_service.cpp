#include "gateway/queue_service.h"

#include "gateway/command.h"

namespace gateway {

boost::asio::awaitable<std::string> QueueService::answer(std::string line, std::int64_t uid,
                                                         ControlSocket::StillWaits still_waits) {
  const auto latest = std::chrono::steady_clock::now() + longest_wait_;
  auto request = parse_queue_request(line);
  if (!request.has_value()) {
    co_return error_line("the gateway does not understand the request: " + request.error(), kExitWrongUsage);
  }
  auto look_up = [uid] { return user_name(uid); };
  // Named: GCC 12 destroys what an initialiser list awaits twice.
  const std::string user = co_await run_on(work_, std::move(look_up));
  const Asker asker{uid, user};
  auto order = [&settings = settings_, request = *request, asker, latest,
                still_waits = std::move(still_waits)](StateStore::Contents& state) {
    if (std::chrono::steady_clock::now() > latest || !still_waits()) {
      QueueAnswer answer;
      answer.lines = error_line("too late, nothing was changed: the state database had to wait", 1);
      return answer;
    }
    try {
      return carry_out(state, request, asker, settings, now());
    } catch (const DatabaseError& failed) {
      if (failed.damaged()) throw;
      // Nobody waits for a disk with an order that may be forgotten by then.
      QueueAnswer answer;
      answer.lines =
          error_line(std::string("nothing was changed, the state database failed: ") + failed.what(), 1);
      return answer;
    }
  };
  const QueueAnswer answer = co_await store_.run(std::move(order));
  log_order(log_, *request, answer, asker);
  if (answer.changed) on_change_();
  co_return answer.lines;
}

}  // namespace gateway
