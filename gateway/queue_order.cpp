#include "gateway/queue_order.h"

#include "gateway/command.h"
#include "gateway/deletes_release.h"
#include "gateway/json_line.h"
#include "gateway/queue_row.h"
#include "gateway/queue_selection.h"

#include <algorithm>
#include <array>
#include <vector>

#include <pwd.h>

namespace gateway {
namespace {

constexpr int kExitLeft = 3;

std::string_view name_of(OrderResult result) {
  switch (result) {
    case OrderResult::done:
      return "done";
    case OrderResult::nothing_to_do:
      return "nothing-to-do";
    case OrderResult::not_possible:
      return "not-possible";
  }
  return {};
}

struct Counts {
  std::int64_t done = 0;
  std::int64_t nothing_to_do = 0;
  std::int64_t not_possible = 0;

  void count(OrderResult result) {
    ++(result == OrderResult::done            ? done
       : result == OrderResult::nothing_to_do ? nothing_to_do
                                              : not_possible);
  }
};

std::string line_of(const QueueRow& row, OrderResult result, const TimeZone& zone, Instant now) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  write(writer, "result", name_of(result));
  write_queue_row(writer, row, zone, now);
  writer.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

void audit(Database& database, const QueueRequest& request, const Asker& asker, std::int64_t rows,
           Instant now) {
  const std::string target = request.deletes_of.empty() ? to_text(request.filter) : request.deletes_of;
  note_audit(database, {now, asker.uid, asker.user, name_of(request), target, request.why, rows});
}

QueueAnswer let_deletes_go(StateStore::Contents& state, const QueueRequest& request, const Asker& asker,
                           const Settings& settings, Instant now) {
  QueueAnswer answer;
  const bool known = std::any_of(settings.storages.begin(), settings.storages.end(),
                                 [&](const auto& each) { return each.id == request.deletes_of; });
  if (!known) {
    answer.lines = error_line("there is no storage of that id in the settings", kExitNotFound);
    return answer;
  }
  Transaction transaction(state.database);
  const auto released = release_deletes(state.database, state.ledger, state.units, request.deletes_of, now);
  answer.rows = released.units;
  answer.changed = !request.dry_run && (released.units > 0 || released.missing > 0);
  if (answer.changed) {
    audit(state.database, request, asker, answer.rows, now);
    transaction.commit();
  }
  answer.lines = JsonLine()
                     .text("command", name_of(request))
                     .boolean("dry_run", request.dry_run)
                     .text("storage", request.deletes_of)
                     .number("units", static_cast<std::size_t>(released.units))
                     .number("missing_documents", static_cast<std::size_t>(released.missing))
                     .number("exit", 0)
                     .str();
  return answer;
}

std::string not_found(const std::vector<std::string>& unknown) {
  constexpr std::size_t kNamed = 5;
  std::string sentence = "nothing was changed, because there is no unit ";
  for (std::size_t i = 0; i < std::min(unknown.size(), kNamed); ++i)
    sentence.append(i > 0 ? ", " : "").append(unknown[i]);
  if (unknown.size() > kNamed)
    sentence.append(" and ").append(std::to_string(unknown.size() - kNamed)).append(" more");
  return sentence.append("; kakehashi queue list shows Bundle-IDs and hashes");
}

std::string last_line(const QueueRequest& request, const Counts& counts, std::size_t told, int exit_code) {
  return JsonLine()
      .text("command", name_of(request))
      .boolean("dry_run", request.dry_run)
      .number("done", static_cast<std::size_t>(counts.done))
      .number("nothing_to_do", static_cast<std::size_t>(counts.nothing_to_do))
      .number("not_possible", static_cast<std::size_t>(counts.not_possible))
      .number("rows_told", told)
      .number("exit", static_cast<std::size_t>(exit_code))
      .str();
}

}  // namespace

std::string user_name(std::int64_t uid) {
  std::array<char, 16'384> texts{};
  passwd entry{};
  passwd* found = nullptr;
  const bool known = ::getpwuid_r(static_cast<uid_t>(uid), &entry, texts.data(), texts.size(), &found) == 0 &&
                     found != nullptr;
  return known ? std::string(entry.pw_name) : std::to_string(uid);
}

std::string error_line(std::string_view sentence, int exit_code) {
  return JsonLine().text("error", sentence).number("exit", static_cast<std::size_t>(exit_code)).str();
}

QueueAnswer carry_out(StateStore::Contents& state, const QueueRequest& request, const Asker& asker,
                      const Settings& settings, Instant now) {
  if (!request.deletes_of.empty()) return let_deletes_go(state, request, asker, settings, now);
  QueueAnswer answer;
  Transaction transaction(state.database);
  const QueueSelection selection = select_rows(state.database, request.filter, now);
  if (!selection.unknown.empty()) {
    answer.lines = error_line(not_found(selection.unknown), kExitNotFound);
    return answer;
  }
  OutboxOrders orders(state.database, state.units);
  QueueRows rows(state.database);
  Counts counts;
  std::size_t told = 0;
  for (const OutboxKey key : selection.rows) {
    const OrderResult result = orders.give(key, request.order, now);
    counts.count(result);
    if (told == kRowsTold) continue;
    if (const auto row = rows.find(key)) {
      answer.lines += line_of(*row, result, settings.facility.zone, now);
      ++told;
    }
  }
  answer.rows = counts.done;
  answer.changed = counts.done > 0 && !request.dry_run;
  if (answer.changed) {
    audit(state.database, request, asker, counts.done, now);
    transaction.commit();
  }
  const int exit_code = selection.rows.empty() ? kExitNotFound : counts.not_possible > 0 ? kExitLeft : 0;
  answer.lines += last_line(request, counts, told, exit_code);
  return answer;
}

void log_order(const Log& log, const QueueRequest& request, const QueueAnswer& answer, const Asker& asker) {
  if (!answer.changed) return;
  log.write(Message::ordered_by_person, {{"command", SafeText::vouched(name_of(request))},
                                         {"rows", SafeText(answer.rows)},
                                         {"uid", SafeText(asker.uid)},
                                         {"user", SafeText::vouched(asker.user)}});
}

}  // namespace gateway
