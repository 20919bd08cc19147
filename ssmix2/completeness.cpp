#include "ssmix2/completeness.h"

namespace ssmix2 {
namespace {

constexpr std::string_view kTrailing{"\x1C\r\n\x1A\0", 5};
constexpr std::string_view kTerminators = "\x1C\r\n";

std::string_view without_leading_marks(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  if (bytes.starts_with('\x0B')) bytes.remove_prefix(1);
  return bytes;
}

// Only the last line decides: CR and LF end two-byte mode, and ESC is never half of a two-byte character.
bool ends_inside_a_character(std::string_view bytes) {
  const auto escape = bytes.find_last_of("\x1B\r\n");
  if (escape == std::string_view::npos || bytes[escape] != '\x1B') return false;
  const std::string_view sequence = bytes.substr(escape + 1);
  if (sequence.size() < 2) return true;
  return sequence[0] == '$';
}

}  // namespace

std::optional<Failure> find_incompleteness(std::string_view bytes) {
  if (bytes.empty()) return Failure{FailureCode::file_empty};
  if (bytes.size() > kMaxDocumentBytes) {
    return Failure{FailureCode::file_too_large, {}, SafeText(bytes.size()) + " bytes"};
  }
  const std::string_view message = without_leading_marks(bytes);
  constexpr std::string_view kMsh = "MSH";
  if (message.size() < kMsh.size() && kMsh.starts_with(message))
    return Failure{FailureCode::file_unterminated};
  if (!message.starts_with(kMsh)) return Failure{FailureCode::hl7_no_msh};

  const auto content_end = bytes.find_last_not_of(kTrailing) + 1;  // there is an MSH
  if (bytes.find_first_of(kTerminators, content_end) != std::string_view::npos) return std::nullopt;
  const Place end{.byte = content_end};
  if (ends_inside_a_character(bytes.substr(0, content_end))) {
    return Failure{FailureCode::text_truncated_character, end};
  }
  return Failure{FailureCode::file_unterminated, end};
}

}  // namespace ssmix2
