#pragma once
// From a message in UTF-8 to the bytes of a file, with the deviations that real writers show.

#include "tests/storage_gen/iso2022jp_encoder.h"

#include <string>
#include <string_view>

namespace storage_gen {

enum class Terminator { cr, crlf, lf };

struct TextForm {
  Terminator terminator = Terminator::cr;
  bool file_separator = false;      // 0x1C at the end, left over from MLLP
  bool no_last_terminator = false;  // nothing after the last segment
  bool half_width_kana = false;
};

/// `message`: segments, each ended by CR.
std::string document_bytes(std::string_view message, const TextForm& form, const Iso2022JpEncoder& encoder);

}  // namespace storage_gen
