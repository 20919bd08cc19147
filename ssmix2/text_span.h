#pragma once
// What the decoders read: a file's text without the marks around it.

#include <cstddef>
#include <string_view>

namespace ssmix2 {

struct TextSpan {
  std::string_view bytes;
  bool is_ended = false;  // a segment end stood behind it: what is cut off at the end stays so

  const unsigned char* begin() const { return reinterpret_cast<const unsigned char*>(bytes.data()); }
  const unsigned char* end() const { return begin() + bytes.size(); }
};

}  // namespace ssmix2
