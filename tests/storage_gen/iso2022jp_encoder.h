#pragma once
// UTF-8 to the ISO-2022-JP of SS-MIX2. Built on glibc's CP932 table and not on anything of the product, so
// that encoder and decoder cannot agree on a common mistake.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace storage_gen {

class Iso2022JpEncoder {
 public:
  Iso2022JpEncoder();

  /// Appends `utf8` to `out`; ends in ASCII. Half-width kana go out by ESC ( I; NEC row 13 and the
  /// NEC-selected IBM kanji (rows 89-92) inside ESC $ B, as Windows systems write them. Throws UsageError for
  /// a character that has no cell.
  void append(std::string_view utf8, std::string& out) const;

 private:
  std::vector<std::uint16_t> cells_;  // by code point of the BMP; 0: none
};

}  // namespace storage_gen
