#pragma once
// One JSON object on one line, for tools that read what a command prints.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace gateway {

class JsonLine {
 public:
  JsonLine();
  ~JsonLine();

  JsonLine& text(std::string_view name, std::string_view value);
  JsonLine& text_or_null(std::string_view name, std::string_view value);  // null when empty
  JsonLine& number(std::string_view name, std::size_t value);
  JsonLine& boolean(std::string_view name, bool value);

  /// With its line feed. Nothing can be added afterwards.
  std::string str();

 private:
  struct Writer;
  std::unique_ptr<Writer> writer_;
};

}  // namespace gateway
