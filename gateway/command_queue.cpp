#include "gateway/command_queue.h"

#include "gateway/json_member.h"
#include "gateway/queue_row.h"
#include "gateway/queue_selection.h"
#include "gateway/unit_names.h"
#include "gateway/visible_text.h"

#include <iostream>

#include <rapidjson/document.h>

namespace gateway {
namespace {

std::string text_of(const rapidjson::Value& row, const char* member) {
  const auto found = row.FindMember(member);
  if (found == row.MemberEnd() || found->value.IsNull()) return "-";
  if (found->value.IsInt64()) return std::to_string(found->value.GetInt64());
  if (!found->value.IsArray()) return visible_text(found->value.GetString());
  std::string words;
  for (const auto& word : found->value.GetArray())
    words.append(words.empty() ? "" : ",").append(visible_text(word.GetString()));
  return words.empty() ? "-" : words;
}

std::string line_of(const QueueRow& row, const TimeZone& zone, Instant now) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  write_queue_row(writer, row, zone, now);
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

void declare_queue_filter(CommandLine& line) {
  line.flag("json", "as JSON lines")
      .flag("ALL", "everything, also what is delivered")
      .values("state", "pending, in-result, unknown, held, rejected or delivered; may be given several times")
      .values("destination", "only this destination; may be given several times")
      .values("type", "only this FHIR resource type; may be given several times")
      .values("reason", "only rows that stand for this reason; may be given several times")
      .value("older-than", "only rows that are as they are for longer than this, as 2h or 7d")
      .value("patient", "only this patient, by the number of the folder")
      .paths("Bundle-IDs, or hashes of units as the log prints them");
}

QueueFilter queue_filter_of(const CommandLine& line, const std::string& command) {
  QueueFilter filter;
  filter.all = line.has("ALL");
  for (const std::string& text : line.texts("state")) {
    const auto state = outbox_state_named(text);
    if (!state) {
      throw UsageError{
          command +
          ": --state takes pending, in-result, unknown, held, rejected or delivered; for several "
          "give it several times"};
    }
    filter.states.insert(*state);
  }
  for (const std::string& text : line.texts("type")) {
    const auto kind = unit_kind_named(text);
    if (!kind) {
      throw UsageError{command +
                       ": --type takes AllergyIntolerance, Condition, Observation or MedicationRequest; for "
                       "several give it several times"};
    }
    filter.kinds.insert(*kind);
  }
  for (const std::string& text : line.texts("destination")) filter.destinations.insert(text);
  for (const std::string& text : line.texts("reason")) filter.reasons.insert(text);
  if (line.has("older-than")) {
    filter.older_than = parse_duration(line.text("older-than"));
    if (!filter.older_than) throw UsageError{command + ": --older-than takes a duration as 90m, 2h or 7d"};
  }
  if (line.has("patient")) {
    const std::string number = line.text("patient");
    if (number.empty() || number.find_first_of("/.") != std::string::npos)
      throw UsageError{command + ": --patient takes a patient number, the name of the patient's folder"};
    filter.patient = ssmix2::PatientId(number);
  }
  filter.units = line.given_paths();
  for (const std::string& name : filter.units) {
    if (!is_bundle_id(name) && !is_label(name)) {
      throw UsageError{
          command +
          ": a report unit is named by its Bundle-ID or by its hash of 12 digits; kakehashi queue "
          "list shows both"};
    }
  }
  return filter;
}

std::string queue_row_text(std::string_view json) {
  rapidjson::Document row;
  row.Parse(json.data(), json.size());
  if (row.HasParseError() || !row.IsObject()) return std::string(json);
  std::string text;
  for (const char* member : {"result", "bundle_id", "destination", "type", "state", "operation"}) {
    if (row.HasMember(member)) text.append(text.empty() ? "" : "  ").append(text_of(row, member));
  }
  constexpr std::pair<const char*, const char*> kNamed[] = {
      {"  reason=", "reason"},      {" rules=", "rules"},       {" first=", "first_time"},
      {" last=", "last_time"},      {" next=", "next_attempt"}, {" attempts=", "attempts"},
      {" seconds=", "age_seconds"}, {" unit=", "unit"},
  };
  for (const auto& [name, member] : kNamed) {
    const std::string value = text_of(row, member);
    if (value != "-") text.append(name).append(value);
  }
  return text;
}

int command_queue_list(const Arguments& arguments) {
  CommandLine line("queue list");
  declare_queue_filter(line);
  line.parse(arguments);
  const QueueFilter filter = queue_filter_of(line, "queue list");
  auto state = known_state_or_complain(line);
  if (!state.has_value()) return state.error().value;
  const Instant asked = now();
  const QueueSelection selection = select_rows(state->database, filter, asked);
  QueueRows rows(state->database);
  for (const OutboxKey key : selection.rows) {
    const auto row = rows.find(key);
    if (!row) continue;  // it has gone since
    const std::string json = line_of(*row, state->settings.facility.zone, asked);
    std::cout << (line.has("json") ? json : queue_row_text(json)) << "\n";
  }
  for (const std::string& unit : selection.unknown)
    std::cerr << "kakehashi: there is no report unit " << unit << "\n";
  return selection.unknown.empty() ? 0 : kExitNotFound;
}

int command_queue(const Arguments& arguments) {
  const std::string known = "list, show, hold, release, retry, drop or retract";
  if (arguments.empty() || arguments.front().starts_with('-'))
    throw UsageError{"queue: name what to do with it: " + known};
  const std::string name = arguments.front();
  const Arguments rest(arguments.begin() + 1, arguments.end());
  if (name == "list") return command_queue_list(rest);
  if (name == "show") return command_queue_show(rest);
  for (const PersonOrder order : {PersonOrder::hold, PersonOrder::release, PersonOrder::retry,
                                  PersonOrder::drop, PersonOrder::retract}) {
    if (name == name_of(order)) return command_queue_order(order, rest);
  }
  throw UsageError{"queue: there is no \"" + name + "\"; there is: " + known};
}

}  // namespace gateway
