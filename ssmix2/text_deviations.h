#pragma once
// What the text of a document had that the rule (ASCII and JIS X 0208 in ISO-2022-JP) does not, and was read
// all the same; summed up per root so that an operator sees what a storage is like.

#include <array>
#include <cstddef>
#include <string_view>

namespace ssmix2 {

struct TextDeviations {
  // The file; 0 or 1 in one document.
  std::size_t cp932_files = 0;  // Shift_JIS
  std::size_t utf8_files = 0;
  std::size_t byte_order_marks = 0;
  std::size_t mllp_marks = 0;  // VT before or FS behind the message
  // Characters.
  std::size_t extension_cells = 0;   // NEC row 13, IBM's characters: ① ㈱ 髙 﨑
  std::size_t jis_x_0212_cells = 0;  // ESC $ ( D
  std::size_t jis_x_0213_cells = 0;  // ESC $ ( O, Q and P
  std::size_t half_width_kana = 0;   // by ESC ( I, shift out, or as bytes A1-DF
  std::size_t replaced = 0;          // U+FFFD that stand for what could not be read
  std::size_t gaiji = 0;             // of these the user-defined characters of CP932
  // Escapes.
  std::size_t jis_latin_escapes = 0;  // ESC ( J; its 0x5C and 0x7E are read as ASCII, HL7 needs them
  std::size_t old_jis_escapes = 0;    // ESC $ @
  std::size_t unknown_escapes = 0;
  std::size_t shift_left_open = 0;  // a line or the file ended in two-byte mode

  friend bool operator==(const TextDeviations&, const TextDeviations&) = default;
};

struct TextDeviationKind {
  std::string_view name;  // stable: operators search for them
  std::size_t TextDeviations::*count;
};

/// All of them, for who adds up or shows: `sum.*kind.count += deviations.*kind.count`.
constexpr auto kTextDeviationKinds = std::to_array<TextDeviationKind>({
    {"text:cp932-file", &TextDeviations::cp932_files},
    {"text:utf8-file", &TextDeviations::utf8_files},
    {"text:bom", &TextDeviations::byte_order_marks},
    {"text:mllp-marks", &TextDeviations::mllp_marks},
    {"text:extension-cells", &TextDeviations::extension_cells},
    {"text:jis-x-0212-cells", &TextDeviations::jis_x_0212_cells},
    {"text:jis-x-0213-cells", &TextDeviations::jis_x_0213_cells},
    {"text:half-width-kana", &TextDeviations::half_width_kana},
    {"text:replaced", &TextDeviations::replaced},
    {"text:gaiji", &TextDeviations::gaiji},
    {"text:jis-latin-escapes", &TextDeviations::jis_latin_escapes},
    {"text:old-jis-escapes", &TextDeviations::old_jis_escapes},
    {"text:unknown-escapes", &TextDeviations::unknown_escapes},
    {"text:shift-left-open", &TextDeviations::shift_left_open},
});
static_assert(sizeof(TextDeviations) == kTextDeviationKinds.size() * sizeof(std::size_t),
              "every counter has a name");

}  // namespace ssmix2
