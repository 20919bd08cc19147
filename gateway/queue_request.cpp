#include "gateway/queue_request.h"

#include "gateway/json_member.h"

#include <algorithm>
#include <array>

#include <rapidjson/document.h>

namespace gateway {
namespace {

using Value = rapidjson::Value;

constexpr std::array kOrders{PersonOrder::hold, PersonOrder::release, PersonOrder::retry, PersonOrder::drop,
                             PersonOrder::retract};
// Any longer, and it is no age of anything.
constexpr std::int64_t kLongestAge_ms = std::int64_t{100} * 366 * 86'400'000;

template <typename Texts, typename NameOf>
void write_texts(JsonWriter& writer, std::string_view name, const Texts& texts, NameOf name_of_each) {
  if (texts.empty()) return;
  write_key(writer, name);
  writer.StartArray();
  for (const auto& text : texts) write_text(writer, name_of_each(text));
  writer.EndArray();
}

void write_filter(JsonWriter& writer, const QueueFilter& filter) {
  const auto itself = [](const std::string& text) { return std::string_view(text); };
  write_texts(writer, "states", filter.states, [](OutboxState state) { return name_of(state); });
  write_texts(writer, "destinations", filter.destinations, itself);
  write_texts(writer, "types", filter.kinds,
              [](fhir_mapper::UnitKind kind) { return info(kind).resource_type; });
  write_texts(writer, "reasons", filter.reasons, itself);
  write_texts(writer, "units", filter.units, itself);
  if (filter.older_than) write(writer, "older_than_ms", std::int64_t{filter.older_than->count()});
  if (filter.patient) write(writer, "patient", filter.patient->reveal());
  if (filter.all) {
    write_key(writer, "all");
    writer.Bool(true);
  }
}

std::string_view text_of(const Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

/// Reads a request member by member; the first thing that is wrong stops it.
class RequestReader {
 public:
  QueueRequest request;
  std::string wrong;

  void read(const Value& object) {
    bool named = false;
    for (const auto& member : object.GetObject()) {
      const auto name = text_of(member.name);
      named = named || name == "order";
      if (!read_member(name, member.value) && wrong.empty())
        wrong = "a member is not known, or not of its type";
    }
    if (!named && wrong.empty()) wrong = "no order is given";
  }

 private:
  bool read_member(std::string_view name, const Value& value) {
    if (name == "order") return value.IsString() && read_order(text_of(value));
    if (name == "deletes_of") return read_text(value, request.deletes_of);
    if (name == "dry_run") return value.IsBool() && (request.dry_run = value.GetBool(), true);
    if (name == "why") return read_text(value, request.why) && request.why.size() <= kLongestWhy;
    return name == "filter" && value.IsObject() && read_filter(value);
  }

  bool read_order(std::string_view text) {
    const auto* const order = std::find_if(kOrders.begin(), kOrders.end(),
                                           [text](PersonOrder each) { return name_of(each) == text; });
    if (order == kOrders.end()) return false;
    request.order = *order;
    return true;
  }

  bool read_filter(const Value& object) {
    return std::all_of(object.MemberBegin(), object.MemberEnd(), [this](const auto& member) {
      return read_filter_member(text_of(member.name), member.value);
    });
  }

  bool read_filter_member(std::string_view name, const Value& value) {
    QueueFilter& filter = request.filter;
    if (name == "all") return value.IsBool() && (filter.all = value.GetBool(), true);
    if (name == "patient") {
      if (!value.IsString() || value.GetStringLength() == 0) return false;
      filter.patient = ssmix2::PatientId(std::string(text_of(value)));
      return true;
    }
    if (name == "older_than_ms") {
      if (!value.IsInt64() || value.GetInt64() < 0 || value.GetInt64() > kLongestAge_ms) return false;
      filter.older_than = Milliseconds(value.GetInt64());
      return true;
    }
    if (!value.IsArray()) return false;
    return std::all_of(value.Begin(), value.End(), [&](const Value& each) {
      return each.IsString() && read_one_of(name, std::string(text_of(each)));
    });
  }

  /// One text of an array.
  bool read_one_of(std::string_view name, std::string text) {
    QueueFilter& filter = request.filter;
    if (name == "states") {
      const auto state = outbox_state_named(text);
      return state && (filter.states.insert(*state), true);
    }
    if (name == "types") {
      const auto kind = unit_kind_named(text);
      return kind && (filter.kinds.insert(*kind), true);
    }
    if (name == "destinations") return filter.destinations.insert(std::move(text)), true;
    if (name == "reasons") return filter.reasons.insert(std::move(text)), true;
    if (name == "units") return filter.units.push_back(std::move(text)), true;
    return false;
  }

  static bool read_text(const Value& value, std::string& text) {
    if (!value.IsString()) return false;
    text = text_of(value);
    return true;
  }
};

}  // namespace

std::string name_of(const QueueRequest& request) {
  return "queue " + std::string(name_of(request.order)) + (request.deletes_of.empty() ? "" : " --deletes");
}

std::string to_line(const QueueRequest& request) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  write(writer, "order", name_of(request.order));
  if (!request.deletes_of.empty()) write(writer, "deletes_of", request.deletes_of);
  write_key(writer, "filter");
  writer.StartObject();
  write_filter(writer, request.filter);
  writer.EndObject();
  write_key(writer, "dry_run");
  writer.Bool(request.dry_run);
  write(writer, "why", request.why);
  writer.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

boost::system::result<QueueRequest, std::string> parse_queue_request(std::string_view line) {
  rapidjson::Document document;
  // Iterative: no depth of nesting reaches the end of the stack.
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(line.data(),
                                                                                         line.size());
  if (document.HasParseError() || !document.IsObject()) return std::string("it is no JSON object");
  RequestReader reader;
  reader.read(document);
  if (!reader.wrong.empty()) return reader.wrong;
  const QueueRequest& request = reader.request;
  if (!request.deletes_of.empty()) {
    if (request.order != PersonOrder::release || request.filter.names_something())
      return std::string(
          "deletes of a storage are released without a filter, and nothing else is done to them");
  } else if (!request.filter.names_something()) {
    return std::string("an order without a filter is none");
  }
  return std::move(reader.request);
}

}  // namespace gateway
