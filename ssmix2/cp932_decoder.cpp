#include "ssmix2/cp932_decoder.h"

#include "ssmix2/ibm_extension.h"
#include "ssmix2/jis_x_0208.h"

namespace ssmix2 {
namespace {

constexpr std::size_t kFirstUserRow = 95;

bool is_lead(unsigned char byte) {
  return (byte >= 0x81 && byte <= 0x9F) || (byte >= 0xE0 && byte <= 0xFC);
}
bool is_trail(unsigned char byte) {
  return byte >= 0x40 && byte <= 0xFC && byte != 0x7F;
}
bool is_user_defined(std::size_t row) {
  return row >= kFirstUserRow && row < kFirstIbmRow;
}

struct Cell {
  std::size_t row;
  std::size_t cell;
};

/// A lead byte has two rows, the trail byte says which.
Cell cell_of(unsigned char lead, unsigned char trail) {
  const std::size_t pair_of_rows = lead - (lead < 0xA0 ? 0x81u : 0xC1u);
  const std::size_t index = trail - (trail < 0x7F ? 0x40u : 0x41u);
  return {2 * pair_of_rows + 1 + index / kCellsOfRow, index % kCellsOfRow + 1};
}

char16_t character_at(const Cell& at) {
  if (at.row >= kFirstIbmRow) return cell_at(kIbmExtension, at.row - kFirstIbmRow + 1, at.cell);
  return cell_at(kJisX0208, at.row, at.cell);
}

/// How many bytes were read. A bad pair takes no ASCII byte with it: it may be a delimiter.
std::size_t decode_pair(unsigned char lead, unsigned char trail, TextWriter& out) {
  if (!is_trail(trail)) {
    out.replace();
    return 1;
  }
  const Cell at = cell_of(lead, trail);
  const char16_t code = character_at(at);
  if (code != 0) {
    out.append(code);
    if (is_extension_row(at.row)) ++out.deviations.extension_cells;
    return 2;
  }
  out.replace();
  if (is_user_defined(at.row)) ++out.deviations.gaiji;
  return is_user_defined(at.row) || trail >= 0x80 ? 2 : 1;
}

}  // namespace

std::optional<std::size_t> decode_cp932(const TextSpan& text, TextWriter& out) {
  const unsigned char* at = text.begin();
  while (at < text.stop() && (at = out.append_plain(at, text.stop())) < text.stop()) {
    const unsigned char byte = *at;
    if (is_control(byte)) {
      out.append_control(byte);
      ++at;
    } else if (is_half_width_kana(byte)) {
      out.append_half_width_kana(byte - 0xA1u);
      ++at;
    } else if (!is_lead(byte)) {
      out.replace();
      ++at;
    } else if (at + 1 != text.end()) {
      at += decode_pair(byte, at[1], out);
    } else if (!text.is_ended) {
      return at - text.begin();
    } else {
      out.replace();
      ++at;
    }
  }
  return std::nullopt;
}

}  // namespace ssmix2
