#include "gateway/visible_text.h"

namespace gateway {

std::string visible_text(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string visible;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    // C1 controls (U+0080 to U+009F) are two bytes, of which the second is the character.
    const bool is_c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (is_c1) byte = static_cast<unsigned char>(text[++i]);
    if (byte == '\t') {
      visible += "\\t";
    } else if (byte == '\n') {
      visible += "\\n";
    } else if (byte < 0x20 || byte == 0x7F || is_c1) {
      visible.append("\\x").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 0xF]);
    } else {
      visible += static_cast<char>(byte);
    }
  }
  return visible;
}

}  // namespace gateway
