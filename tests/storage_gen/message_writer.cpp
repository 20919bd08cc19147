#include "tests/storage_gen/message_writer.h"

#include <stdexcept>
#include <utility>

namespace storage_gen {

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '|':
        result += "\\F\\";
        break;
      case '^':
        result += "\\S\\";
        break;
      case '&':
        result += "\\T\\";
        break;
      case '~':
        result += "\\R\\";
        break;
      case '\\':
        result += "\\E\\";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string coded(std::string_view code, std::string_view text, std::string_view system) {
  return escaped(code) + '^' + escaped(text) + '^' + escaped(system);
}

std::string subcoded(std::string_view code, std::string_view text, std::string_view system) {
  return escaped(code) + '&' + escaped(text) + '&' + escaped(system);
}

MessageWriter& MessageWriter::segment(std::string_view name) {
  if (!text_.empty()) text_ += '\r';
  text_ += name;
  fields_ = 0;
  if (name == "MSH") {  // its delimiters count as fields 1 and 2
    text_ += "|^~\\&";
    fields_ = 2;
  }
  return *this;
}

MessageWriter& MessageWriter::field(unsigned number, std::string_view raw) {
  if (number <= fields_) throw std::logic_error("fields of a segment are written in ascending order");
  if (raw.empty()) return *this;
  text_.append(number - fields_, '|');
  text_ += raw;
  fields_ = number;
  return *this;
}

std::string MessageWriter::take() {
  text_ += '\r';
  return std::exchange(text_, {});
}

}  // namespace storage_gen
