#include "gateway/command_queue.h"
#include "gateway/control_client.h"
#include "gateway/queue_order.h"
#include "gateway/schema.h"
#include "gateway/state_directory.h"
#include "gateway/state_restore.h"
#include "gateway/visible_text.h"

#include <iostream>
#include <thread>

#include <rapidjson/document.h>
#include <unistd.h>

namespace gateway {
namespace {

// A gateway that starts holds the lock before it listens, one that stops for a while after.
constexpr Milliseconds kPatience{5'000};
constexpr Milliseconds kBetweenTries{100};

/// Without a gateway: by the same code, in this process.
std::string carry_out_here(const Settings& settings, const QueueRequest& request) {
  if (request.dry_run && is_restore_unfinished(settings)) {
    return error_line(
        "a restore was killed before its end: the next start of the gateway ends it, or an order without "
        "--dry-run",
        kExitNotFound);
  }
  end_killed_restore(settings);
  StateStore::Contents state(database_file(settings), settings.facility.zone);
  check_schema(state.database);
  const Asker asker{std::int64_t{::getuid()}, user_name(::getuid())};
  const QueueAnswer answer = carry_out(state, request, asker, settings, now());
  log_order(Log(settings.log, STDERR_FILENO), request, answer, asker);
  return answer.lines;
}

bool nobody_listens(const boost::system::error_code& error) {
  return error == boost::system::errc::no_such_file_or_directory ||
         error == boost::system::errc::connection_refused;
}

/// The gateway's answer, or our own when none runs; nothing after stderr was told why there is none.
std::optional<std::string> answer_to(const Settings& settings, const QueueRequest& request) {
  const auto latest = std::chrono::steady_clock::now() + kPatience;
  const std::string line = to_line(request);
  do {
    auto answer = ask_gateway(settings.state_directory, line);
    if (answer.has_value()) return std::move(*answer);
    if (answer.error() == boost::system::errc::timed_out) {
      std::cerr
          << "kakehashi: the gateway that runs was asked and has not answered, its log says why; it may "
             "still carry the order out: kakehashi queue list and show tell what became of it\n";
      return std::nullopt;
    }
    if (!nobody_listens(answer.error())) {
      std::cerr << "kakehashi: the gateway that runs cannot be asked: " << answer.error().message()
                << "; ask as its user\n";
      return std::nullopt;
    }
    const auto lock = StateDirectoryLock::acquire(settings.state_directory);
    if (lock.has_value()) return carry_out_here(settings, request);
    if (!StateDirectoryLock::is_held(settings.state_directory)) {
      complain(lock.error());
      return std::nullopt;
    }
    std::this_thread::sleep_for(kBetweenTries);
  } while (std::chrono::steady_clock::now() < latest);
  std::cerr << "kakehashi: a gateway runs on " << settings.state_directory.string()
            << ", but takes no orders there: it starts or stops just now, or its log says why; nothing was "
               "changed, try again in a minute\n";
  return std::nullopt;
}

std::int64_t number_of(const rapidjson::Value& summary, const char* member) {
  const auto found = summary.FindMember(member);
  return found != summary.MemberEnd() && found->value.IsInt64() ? found->value.GetInt64() : 0;
}

void print_summary(const rapidjson::Value& summary, const QueueRequest& request) {
  const std::string would = request.dry_run ? "would be " : "";
  if (!request.deletes_of.empty()) {
    std::cout << number_of(summary, "units") << " report units held for too many deletes " << would
              << "let go, and " << number_of(summary, "missing_documents")
              << " missing documents believed missing\n";
    return;
  }
  std::cout << number_of(summary, "done") << " rows " << would << "changed, "
            << number_of(summary, "nothing_to_do") << " are so already, "
            << number_of(summary, "not_possible") << " cannot be\n";
  if (request.order == PersonOrder::drop && number_of(summary, "not_possible") > 0) {
    std::cerr
        << "kakehashi: what is delivered or under way cannot be dropped, nor what is held before it was "
           "made, as after a restore: hold that instead (kakehashi queue hold)\n";
  }
}

/// The exit code.
int print(const std::string& answer, const QueueRequest& request, bool json) {
  std::size_t at = 0;
  while (at < answer.size()) {
    const std::size_t end = std::min(answer.find('\n', at), answer.size());
    const std::string line = answer.substr(at, end - at);
    at = end + 1;
    rapidjson::Document parsed;
    parsed.Parse(line.data(), line.size());
    const bool usable = !parsed.HasParseError() && parsed.IsObject();
    if (usable && parsed.HasMember("error") && parsed["error"].IsString()) {
      std::cerr << "kakehashi: " << visible_text(parsed["error"].GetString()) << "\n";
    } else if (json) {
      std::cout << line << "\n";
    } else if (usable && parsed.HasMember("exit")) {
      print_summary(parsed, request);
    } else {
      std::cout << queue_row_text(line) << "\n";
    }
    if (usable && parsed.HasMember("exit")) return static_cast<int>(number_of(parsed, "exit"));
  }
  std::cerr << "kakehashi: the gateway's answer is not whole; kakehashi queue list and show tell what became "
               "of the order\n";
  return 1;
}

QueueRequest request_of(PersonOrder order, const CommandLine& line, const std::string& command) {
  QueueRequest request;
  request.order = order;
  request.filter = queue_filter_of(line, command);
  request.dry_run = line.has("dry-run");
  if (line.has("why")) request.why = line.text("why");
  if (request.why.size() > kLongestWhy)
    throw UsageError{command + ": --why takes " + std::to_string(kLongestWhy) + " bytes at most"};
  const bool of_storage = order == PersonOrder::release && line.has("deletes");
  if (of_storage) request.deletes_of = line.text("deletes");
  if (of_storage && request.filter.names_something())
    throw UsageError{command + ": --deletes goes with a storage, and with no choice of rows"};
  if (!of_storage && !request.filter.names_something()) {
    throw UsageError{
        command +
        ": say of which rows: Bundle-IDs, --state, --destination, --type, --reason, --older-than "
        "or --patient; --ALL, in capitals, is all of them"};
  }
  if (to_line(request).size() > kLongestRequest)
    throw UsageError{command + ": that are more Bundle-IDs than fit into one order; give several orders"};
  return request;
}

}  // namespace

int command_queue_order(PersonOrder order, const Arguments& arguments) {
  const std::string command = "queue " + std::string(name_of(order));
  CommandLine line(command);
  declare_queue_filter(line);
  line.flag("dry-run", "show what would change, and change nothing").value("why", "kept with the order");
  if (order == PersonOrder::release)
    line.value("deletes", "of this storage: deletes and losses that were held for their number");
  line.parse(arguments);
  const QueueRequest request = request_of(order, line, command);
  // Also so that nothing is made where there is none.
  const auto state = known_state_or_complain(line);
  if (!state.has_value()) return state.error().value;
  const auto answer = answer_to(state->settings, request);
  return answer ? print(*answer, request, line.has("json")) : 1;
}

}  // namespace gateway
