#pragma once
// HL7 v2 segments, written from left to right.

#include <string>
#include <string_view>

namespace storage_gen {

/// HL7 escapes for text that may hold delimiters.
std::string escaped(std::string_view text);

/// CWE: code^text^system.
std::string coded(std::string_view code, std::string_view text, std::string_view system);

/// The same inside a component: code&text&system.
std::string subcoded(std::string_view code, std::string_view text, std::string_view system);

class MessageWriter {
 public:
  MessageWriter& segment(std::string_view name);

  /// Fields of a segment in ascending order; those left out stay empty. `raw` is taken as it is.
  MessageWriter& field(unsigned number, std::string_view raw);

  /// Segments ended by CR.
  std::string take();

 private:
  std::string text_;
  unsigned fields_ = 0;
};

}  // namespace storage_gen
