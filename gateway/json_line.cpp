#include "gateway/json_line.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace gateway {

struct JsonLine::Writer {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json{buffer};

  void key(std::string_view name) { json.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }
};

JsonLine::JsonLine() : writer_(std::make_unique<Writer>()) {
  writer_->json.StartObject();
}
JsonLine::~JsonLine() = default;

JsonLine& JsonLine::text(std::string_view name, std::string_view value) {
  writer_->key(name);
  writer_->json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  return *this;
}

JsonLine& JsonLine::text_or_null(std::string_view name, std::string_view value) {
  if (!value.empty()) return text(name, value);
  writer_->key(name);
  writer_->json.Null();
  return *this;
}

JsonLine& JsonLine::number(std::string_view name, std::size_t value) {
  writer_->key(name);
  writer_->json.Uint64(value);
  return *this;
}

JsonLine& JsonLine::boolean(std::string_view name, bool value) {
  writer_->key(name);
  writer_->json.Bool(value);
  return *this;
}

std::string JsonLine::str() {
  writer_->json.EndObject();
  return std::string(writer_->buffer.GetString(), writer_->buffer.GetSize()) + "\n";
}

}  // namespace gateway
