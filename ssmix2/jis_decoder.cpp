#include "ssmix2/jis_decoder.h"

#include "ssmix2/jis_x_0208.h"
#include "ssmix2/jis_x_0212.h"
#include "ssmix2/jis_x_0213.h"

#include <algorithm>

namespace ssmix2 {
namespace {

constexpr unsigned char kEscape = 0x1B;

enum class Mode {
  ascii,
  half_width_kana,
  jis_x_0208,
  jis_x_0212,
  jis_x_0213_plane_1,
  jis_x_0213_plane_2,
  unknown_pairs,
};

bool is_two_byte(Mode mode) {
  return mode >= Mode::jis_x_0208;
}

struct Escape {
  std::string_view sequence;  // behind ESC
  std::optional<Mode> mode;   // nothing: the mode stays
  std::size_t TextDeviations::*count;
};

// The two first ones are nearly all; none begins with another one.
constexpr auto kEscapes = std::to_array<Escape>({
    {"$B", Mode::jis_x_0208, nullptr},
    {"(B", Mode::ascii, nullptr},
    {"(J", Mode::ascii, &TextDeviations::jis_latin_escapes},
    {"(H", Mode::ascii, &TextDeviations::jis_latin_escapes},  // the same by a mistake of old converters
    {"(I", Mode::half_width_kana, nullptr},
    {")I", std::nullopt, nullptr},  // for shift out
    {"$@", Mode::jis_x_0208, &TextDeviations::old_jis_escapes},
    {"$(@", Mode::jis_x_0208, &TextDeviations::old_jis_escapes},
    {"$(B", Mode::jis_x_0208, nullptr},
    {"$(D", Mode::jis_x_0212, nullptr},
    {"$(O", Mode::jis_x_0213_plane_1, nullptr},  // of 2000
    {"$(Q", Mode::jis_x_0213_plane_1, nullptr},  // of 2004: ten more characters
    {"$(P", Mode::jis_x_0213_plane_2, nullptr},
    {"&@", std::nullopt, nullptr},  // announces the JIS X 0208 of 1990
});

/// Of ISO 2022's intermediate bytes those that designate sets.
bool is_intermediate(unsigned char byte) {
  return byte == '$' || (byte >= '(' && byte <= '/');
}
/// Registered sets end there, and the delimiters of HL7 come later.
bool is_final(unsigned char byte) {
  return byte >= '0' && byte <= 'Z';
}

constexpr bool is_row(std::size_t) {
  return true;  // no character of the set is one that documents should have
}

class Decoder {
 public:
  Decoder(const TextSpan& text, TextWriter& out)
      : out_(out), at_(text.begin()), stop_(text.stop()), end_(text.end()), is_ended_(text.is_ended) {}

  /// Where the end cuts something off.
  const unsigned char* run() {
    while (at_ < stop_) {
      read_run();
      if (at_ >= stop_) break;
      const bool is_read = *at_ == kEscape ? read_escape() : read_special();
      if (!is_read) return at_;
    }
    leave_two_byte_mode();
    return nullptr;
  }

 private:
  /// What needs no decision: nearly all of the text.
  void read_run() {
    switch (mode_) {
      case Mode::ascii:
        at_ = out_.append_plain(at_, stop_);
        return;
      case Mode::jis_x_0208:
        return read_pairs(kJisX0208, out_.deviations.extension_cells, is_extension_row);
      case Mode::jis_x_0212:
        return read_pairs(kJisX0212, out_.deviations.jis_x_0212_cells, is_row);
      case Mode::jis_x_0213_plane_1:
        return read_pairs(kJisX0213Plane1, out_.deviations.jis_x_0213_cells, is_row);
      case Mode::jis_x_0213_plane_2:
        return read_pairs(kJisX0213Plane2, out_.deviations.jis_x_0213_cells, is_row);
      case Mode::half_width_kana:
      case Mode::unknown_pairs:
        return;
    }
  }

  /// `is_counted` tells of a row whether its characters deviate.
  template <typename Cells, typename IsCounted>
  void read_pairs(const Cells& cells, std::size_t& counter, IsCounted is_counted) {
    const unsigned char* at = at_;
    const unsigned char* const stop = std::min(stop_, end_ - 1);  // a pair has a second byte
    char* to = out_.end();
    std::size_t counted = 0;
    while (at < stop) {
      const unsigned row = at[0] - 0x21u;
      const unsigned cell = at[1] - 0x21u;
      if (row >= kCellsOfRow || cell >= kCellsOfRow) break;
      const char32_t code = cells[row * kCellsOfRow + cell];
      if (code == 0) break;
      to = append_cell(to, code);
      counted += is_counted(row + 1) ? 1 : 0;
      at += 2;
    }
    counter += counted;
    out_.move_end(to);
    at_ = at;
  }

  static char* append_cell(char* to, char32_t code) {
    if (code <= kLastCodePoint) return append_utf8(to, code);
    return append_utf8(append_utf8(to, code & 0xFFFF), code >> 16);
  }

  /// False when the end cuts it off; so do the following ones.
  bool read_special() {
    const unsigned char byte = *at_;
    if (is_control(byte)) {
      read_control(byte);
    } else if (byte == ' ') {
      append_plain(byte);
    } else if (is_two_byte(mode_)) {
      return read_bad_pair();
    } else if (is_half_width_kana(byte)) {
      append_kana(byte - 0xA1u);
    } else if (byte < 0x60) {
      append_kana(byte - 0x21u);  // in kana mode: of ASCII mode nothing is left
    } else if (byte == '|' || byte == '~') {
      // No kana has these bytes: the escape back to ASCII is missing, and the rest of the line would be.
      ++out_.deviations.shift_left_open;
      mode_ = Mode::ascii;
    } else {
      out_.replace();
      ++at_;
    }
    return true;
  }

  void read_control(unsigned char byte) {
    constexpr unsigned char kShiftOut = 0x0E, kShiftIn = 0x0F;
    ++at_;
    if (byte == kShiftOut && has_kana_to_shift_to_) {
      if (!mode_before_shift_) mode_before_shift_ = mode_;
      mode_ = Mode::half_width_kana;
    } else if (byte == kShiftIn && mode_before_shift_) {
      mode_ = *mode_before_shift_;
      mode_before_shift_.reset();
    } else {
      if (is_line_end(byte)) leave_two_byte_mode();
      out_.append_control(byte);
    }
  }

  bool read_bad_pair() {
    const bool is_last = at_ + 1 == end_;
    if (is_last && !is_ended_) return false;
    out_.replace();
    at_ += is_last || is_control(at_[1]) || at_[1] == ' ' ? 1 : 2;
    return true;
  }

  bool read_escape() {
    const std::string_view behind(reinterpret_cast<const char*>(at_) + 1, end_ - at_ - 1);
    for (const Escape& escape : kEscapes) {
      if (!behind.starts_with(escape.sequence)) continue;
      if (escape.count != nullptr) ++(out_.deviations.*escape.count);
      if (escape.sequence == ")I") has_kana_to_shift_to_ = true;
      if (escape.mode) change_mode(*escape.mode);
      at_ += 1 + escape.sequence.size();
      return true;
    }
    return read_unknown_escape();
  }

  bool read_unknown_escape() {
    const unsigned char* last = at_ + 1;
    while (last != end_ && is_intermediate(*last)) ++last;
    const bool is_cut_off = last == end_ || (at_[1] == '&' && last + 1 == end_);
    if (is_cut_off && !is_ended_) return false;
    ++out_.deviations.unknown_escapes;
    out_.replace();
    if (is_cut_off || last == at_ + 1 || !is_final(*last)) {
      ++at_;  // ESC alone; what comes behind is text
      return true;
    }
    if (at_[1] == '(') change_mode(Mode::ascii);
    if (at_[1] == '$' && (last == at_ + 2 || at_[2] == '(')) change_mode(Mode::unknown_pairs);
    at_ = last + 1;
    return true;
  }

  void append_plain(unsigned char byte) {
    out_.append(byte);
    ++at_;
  }
  void append_kana(unsigned index) {
    out_.append_half_width_kana(index);
    ++at_;
  }

  void change_mode(Mode mode) {
    mode_ = mode;
    mode_before_shift_.reset();
  }

  // Many writers leave out ESC ( B before the end of a line; the next line begins in ASCII all the same.
  void leave_two_byte_mode() {
    if (is_two_byte(mode_)) ++out_.deviations.shift_left_open;
    change_mode(Mode::ascii);
  }

  TextWriter& out_;
  const unsigned char* at_;
  const unsigned char* const stop_;
  const unsigned char* const end_;
  const bool is_ended_;
  Mode mode_ = Mode::ascii;
  bool has_kana_to_shift_to_ = false;
  std::optional<Mode> mode_before_shift_;
};

}  // namespace

std::optional<std::size_t> decode_iso2022jp(const TextSpan& text, TextWriter& out) {
  const unsigned char* const cut_at = Decoder(text, out).run();
  if (cut_at == nullptr) return std::nullopt;
  return cut_at - text.begin();
}

}  // namespace ssmix2
