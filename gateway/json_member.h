#pragma once
// Members of a JSON object that a report writes with RapidJSON. A report on one line: see json_line.h.

#include <cstdint>
#include <string_view>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace gateway {

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

inline void write_key(JsonWriter& writer, std::string_view name) {
  writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
}

inline void write_text(JsonWriter& writer, std::string_view value) {
  writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

inline void write(JsonWriter& writer, std::string_view name, std::string_view value) {
  write_key(writer, name);
  write_text(writer, value);
}

inline void write(JsonWriter& writer, std::string_view name, std::int64_t value) {
  write_key(writer, name);
  writer.Int64(value);
}

inline void write_or_null(JsonWriter& writer, std::string_view name, std::string_view value) {
  if (!value.empty()) return write(writer, name, value);
  write_key(writer, name);
  writer.Null();
}

/// What `text` holds, separated by spaces.
inline void write_words(JsonWriter& writer, std::string_view name, std::string_view text) {
  write_key(writer, name);
  writer.StartArray();
  while (!text.empty()) {
    const auto space = text.find(' ');
    write_text(writer, text.substr(0, space));
    text = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
  }
  writer.EndArray();
}

}  // namespace gateway
