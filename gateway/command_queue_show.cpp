#include "gateway/command_queue.h"
#include "gateway/queue_report.h"
#include "gateway/visible_text.h"

#include <iostream>

#include <rapidjson/document.h>

namespace gateway {
namespace {

using Value = rapidjson::Value;

std::string text_of(const Value& value) {
  if (value.IsString()) return visible_text({value.GetString(), value.GetStringLength()});
  if (value.IsInt64()) return std::to_string(value.GetInt64());
  return value.IsBool() && value.GetBool() ? "yes" : "no";
}

/// Nested lines; what is not there, or empty, is left out. Our own report is four levels deep.
void print(const Value& object, std::size_t depth) {
  const std::string margin(2 * depth, ' ');
  for (const auto& member : object.GetObject()) {
    const Value& value = member.value;
    if (value.IsNull() || (value.IsArray() && value.Empty())) continue;
    const bool is_words = value.IsArray() && value[0].IsString();
    std::cout << margin << member.name.GetString() << ":";
    if (is_words) {
      for (const Value& word : value.GetArray()) std::cout << " " << text_of(word);
      std::cout << "\n";
    } else if (value.IsArray()) {
      std::cout << "\n";
      for (const Value& each : value.GetArray()) {
        std::cout << margin << "  -\n";
        print(each, depth + 2);
      }
    } else if (value.IsObject()) {
      std::cout << "\n";
      print(value, depth + 1);
    } else {
      std::cout << " " << text_of(value) << "\n";
    }
  }
}

}  // namespace

int command_queue_show(const Arguments& arguments) {
  CommandLine line("queue show");
  line.flag("json", "as one JSON object")
      .flag("answer", "also what the platform answered to what it refused; may hold patient data")
      .paths("a Bundle-ID, a hash of the log, or the path of a file of a storage");
  line.parse(arguments);
  const auto words = line.given_paths();
  if (words.size() != 1)
    throw UsageError{
        "queue show: name one Bundle-ID, one hash as the log prints it, or the path of one file"};
  auto state = known_state_or_complain(line);
  if (!state.has_value()) return state.error().value;
  const auto target = find_target(state->database, state->settings, words.front());
  if (!target) {
    std::cerr << "kakehashi: nothing is known of that; give a Bundle-ID or a hash as kakehashi queue list or "
                 "the log print it, or the path that the file has now\n";
    return kExitNotFound;
  }
  QueueReport report(state->database, state->settings.facility.zone,
                     line.has("answer") ? QueueReport::Answers::shown : QueueReport::Answers::hidden, now());
  const std::string json = report.of(*target);
  if (line.has("json")) {
    std::cout << json << "\n";
    return 0;
  }
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  if (document.IsObject()) print(document, 0);
  return 0;
}

}  // namespace gateway
