#include "ssmix2/jis_decoder.h"

#include "ssmix2/jis_x_0208.h"

#include <optional>

namespace ssmix2 {
namespace {

constexpr std::string_view kTrailing{"\x1C\r\n\x1A\0", 5};
constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kHalfWidthKanaBase = 0xFF61;

void append_utf8(std::string& out, char32_t code) {
  const auto byte = [&](char32_t value) { out.push_back(static_cast<char>(value)); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | (code >> 6));
    byte(0x80 | (code & 0x3F));
  } else {  // JIS X 0208 has nothing outside the basic plane
    byte(0xE0 | (code >> 12));
    byte(0x80 | ((code >> 6) & 0x3F));
    byte(0x80 | (code & 0x3F));
  }
}

bool is_line_end(unsigned char byte) {
  return byte == '\r' || byte == '\n';
}
bool is_allowed_control(unsigned char byte) {
  return is_line_end(byte) || byte == '\t' || byte == '\x0B' || byte == '\x1C';
}
bool is_control(unsigned char byte) {
  return byte < 0x20 || byte == 0x7F;
}
bool is_graphic(unsigned char byte) {
  return byte > 0x20 && byte < 0x7F;
}

class Decoder {
 public:
  Decoder(std::string_view bytes, std::size_t begin) : bytes_(bytes), at_(begin) {
    out_.utf8.reserve(bytes.size() + bytes.size() / 2);
  }

  Result<DecodedText> run() {
    while (at_ < bytes_.size()) {
      if (const auto failure = step()) return *failure;
    }
    leave_two_byte_mode();
    return std::move(out_);
  }

 private:
  enum class Mode { ascii, half_width_kana, two_byte };

  std::optional<Failure> step() {
    const unsigned char byte = peek(0);
    if (byte == 0x1B) return escape();
    if (is_control(byte)) return control(byte);
    switch (mode_) {
      case Mode::ascii:
        return ascii(byte);
      case Mode::half_width_kana:
        return kana(byte);
      case Mode::two_byte:
        return pair(byte);
    }
    return bad_byte(at_);
  }

  // All escapes of ISO-2022-JP have three bytes; that of JIS X 0212 has four and is not known here.
  std::optional<Failure> escape() {
    if (bytes_.size() - at_ < 3) return Failure{FailureCode::text_truncated_character, {.byte = at_}};
    const std::string_view sequence = bytes_.substr(at_ + 1, 2);
    if (sequence == "(B") {
      mode_ = Mode::ascii;
    } else if (sequence == "(J") {
      mode_ = Mode::ascii;
      ++out_.deviations.jis_latin_escapes;
    } else if (sequence == "(I") {
      mode_ = Mode::half_width_kana;
    } else if (sequence == "$B") {
      mode_ = Mode::two_byte;
    } else if (sequence == "$@") {
      mode_ = Mode::two_byte;
      ++out_.deviations.old_jis_escapes;
    } else {
      return Failure{FailureCode::text_unknown_escape, {.byte = at_}};
    }
    at_ += 3;
    return std::nullopt;
  }

  std::optional<Failure> control(unsigned char byte) {
    if (!is_allowed_control(byte)) return bad_byte(at_);
    if (is_line_end(byte)) leave_two_byte_mode();
    out_.utf8.push_back(static_cast<char>(byte));
    ++at_;
    return std::nullopt;
  }

  std::optional<Failure> ascii(unsigned char byte) {
    if (byte >= 0x80) return raw_kana(byte);
    const std::size_t begin = at_;
    while (at_ < bytes_.size() && (is_graphic(peek(0)) || peek(0) == ' ')) ++at_;
    out_.utf8.append(bytes_.substr(begin, at_ - begin));
    return std::nullopt;
  }

  std::optional<Failure> kana(unsigned char byte) {
    if (byte == ' ') {
      out_.utf8.push_back(' ');
      ++at_;
      return std::nullopt;
    }
    if (byte >= 0x80) return raw_kana(byte);
    if (byte > 0x5F) return bad_byte(at_);
    append_kana(byte - 0x21u);
    return std::nullopt;
  }

  std::optional<Failure> pair(unsigned char lead) {
    if (!is_graphic(lead)) return bad_byte(at_);
    if (at_ + 1 == bytes_.size() || is_control(peek(1))) {
      return Failure{FailureCode::text_truncated_character, {.byte = at_}};
    }
    const unsigned char trail = peek(1);
    if (!is_graphic(trail)) return bad_byte(at_ + 1);
    const unsigned row = lead - 0x20u;
    const char16_t code = jis_x_0208(row, trail - 0x20u);
    if (code == 0) {
      ++out_.deviations.unassigned_cells;
    } else if (row == 13 || row >= 89) {
      ++out_.deviations.extension_cells;
    }
    append_utf8(out_.utf8, code == 0 ? kReplacement : char32_t{code});
    at_ += 2;
    return std::nullopt;
  }

  std::optional<Failure> raw_kana(unsigned char byte) {
    if (byte < 0xA1 || byte > 0xDF) return bad_byte(at_);
    append_kana(byte - 0xA1u);
    return std::nullopt;
  }

  void append_kana(unsigned index) {
    append_utf8(out_.utf8, kHalfWidthKanaBase + index);
    ++out_.deviations.half_width_kana;
    ++at_;
  }

  // Many writers leave out ESC ( B before the end of a line; the next line begins in ASCII all the same.
  void leave_two_byte_mode() {
    if (mode_ == Mode::two_byte) ++out_.deviations.shift_left_open;
    mode_ = Mode::ascii;
  }

  unsigned char peek(std::size_t offset) const { return static_cast<unsigned char>(bytes_[at_ + offset]); }

  static Failure bad_byte(std::size_t at) { return {FailureCode::text_bad_byte, {.byte = at}}; }

  std::string_view bytes_;
  std::size_t at_;
  Mode mode_ = Mode::ascii;
  DecodedText out_;
};

}  // namespace

Result<DecodedText> decode_iso2022jp(std::string_view bytes) {
  const auto last = bytes.find_last_not_of(kTrailing);
  bytes = bytes.substr(0, last == std::string_view::npos ? 0 : last + 1);
  std::size_t begin = bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  if (bytes.substr(begin).starts_with('\x0B')) ++begin;
  return Decoder(bytes, begin).run();
}

}  // namespace ssmix2
