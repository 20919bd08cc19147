#include "fhir_mapper/json_writer.h"

#include "ssmix2/check.h"

#include <charconv>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace fhir_mapper {
namespace {

constexpr char kMark = '\x01';

enum class Purpose { snapshot, content };

// RawValue is how RapidJSON writes a number's own digits; its own doubles would turn 7.20 into 7.2.
class Printer {
 public:
  Printer(rapidjson::StringBuffer& out, Purpose purpose) : writer_(out), purpose_(purpose) {}

  void print(const Node& node) {
    std::visit([this](const auto& value) { print_value(value); }, node.value());
  }

 private:
  void print_value(const Node::Object& members) {
    writer_.StartObject();
    for (const auto& [key, node] : members) {
      if (purpose_ == Purpose::content && (key == "lastUpdated" || key == "timestamp")) continue;
      writer_.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
      print(node);
    }
    writer_.EndObject();
  }
  void print_value(const Node::Array& items) {
    writer_.StartArray();
    for (const Node& item : items) print(item);
    writer_.EndArray();
  }
  void print_value(const std::string& text) {
    writer_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }
  void print_value(const Decimal& decimal) { print_raw(decimal.text(), rapidjson::kNumberType); }
  void print_value(bool value) { writer_.Bool(value); }
  void print_value(const SnapshotTime&) { print_mark("t"); }
  void print_value(const EntryUrl& url) {
    print_mark(purpose_ == Purpose::content ? "u" : "u" + std::to_string(url.index));
  }
  void print_mark(const std::string& what) {
    print_raw("\"" + std::string(1, kMark) + what + kMark + "\"", rapidjson::kStringType);
  }
  void print_raw(const std::string& json, rapidjson::Type type) {
    writer_.RawValue(json.data(), json.size(), type);
  }

  rapidjson::Writer<rapidjson::StringBuffer> writer_;
  Purpose purpose_;
};

std::string printed(const Node& node, Purpose purpose) {
  rapidjson::StringBuffer out;
  Printer(out, purpose).print(node);
  return {out.GetString(), out.GetSize()};
}

}  // namespace

SnapshotTemplate SnapshotTemplate::of(const Node& node) {
  return SnapshotTemplate(printed(node, Purpose::snapshot));
}

std::string SnapshotTemplate::render(std::string_view snapshot_time,
                                     const std::function<std::string(std::size_t)>& entry_url) const {
  std::string body;
  body.reserve(text_.size() + 64 * 36);
  std::size_t from = 0;
  while (true) {
    const std::size_t mark = text_.find(kMark, from);
    body.append(text_, from, mark - from);
    if (mark == std::string::npos) return body;
    const std::size_t end = text_.find(kMark, mark + 1);
    KAKEHASHI_CHECK(end != std::string::npos);
    const std::string_view what = std::string_view(text_).substr(mark + 1, end - mark - 1);
    if (what == "t") {
      body += snapshot_time;
    } else {
      std::size_t index = 0;
      const auto parsed = std::from_chars(what.data() + 1, what.data() + what.size(), index);
      KAKEHASHI_CHECK(what.front() == 'u' && parsed.ec == std::errc());
      body += entry_url(index);
    }
    from = end + 1;
  }
}

std::string content_of(const Node& node) {
  return printed(node, Purpose::content);
}

}  // namespace fhir_mapper
