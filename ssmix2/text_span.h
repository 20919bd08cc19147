#pragma once
// What the decoders read: a file's text without the marks around it.

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace ssmix2 {

struct TextSpan {
  std::string_view bytes;
  bool is_ended = false;  // a segment end stood behind it: what is cut off at the end stays so
  /// What begins there or later is not read, only looked at: a character may depend on what follows it.
  std::size_t stop_at = std::string_view::npos;

  const unsigned char* begin() const { return reinterpret_cast<const unsigned char*>(bytes.data()); }
  const unsigned char* end() const { return begin() + bytes.size(); }
  const unsigned char* stop() const { return begin() + std::min(stop_at, bytes.size()); }
};

}  // namespace ssmix2
