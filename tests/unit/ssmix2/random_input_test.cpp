// Whatever the bytes, the readers answer; and what they answer with is well-formed.
#include "ssmix2/completeness.h"
#include "ssmix2/document_name.h"
#include "ssmix2/hl7_time.h"
#include "ssmix2/segment_group.h"
#include "ssmix2/text_decoder.h"

#include <algorithm>
#include <array>
#include <random>
#include <string>

#include <catch2/catch.hpp>

using namespace ssmix2;

namespace {

constexpr auto kPieces = std::to_array<std::string_view>({
    // clang-format off
    "MSH|^~\\&|", "\rPID|", "\rOBX|", "\rNTE|", "\rORC|", "\rOBR|", "\rSPM|", "\r", "\n", "|", "^", "~", "&", "\\",
    "\\F\\", "\\X41\\", "\"\"", "\x1C", "\x0B", "\xEF\xBB\xBF", "E|G\"", "20240401", "0001234_-_PPR-01_",
    "\x1B$B", "2M66", "\x1B(B", "\x1B(I", "\x1B(J", "\x1B$(D", "\x1B$(Q$w", "\x1B$(P", "\x1B)I", "\x0E", "\x0F", "\x1B$A",
    // clang-format on
});
// A file is in one encoding: a piece of one of these in half of the files.
constexpr auto kForeignPieces =
    std::to_array<std::string_view>({"架橋", "\x89\xCB\x8B\xB4", "\xB6\xC5", "\xF0\x40"});

class RandomInput {
 public:
  std::string pieces(std::size_t most) {
    std::string text = number(4) == 0 ? "" : "MSH|^~\\&|";
    // Only of a file without escapes other encodings are thought of.
    const bool has_escapes = number(2) == 0;
    const std::string_view foreign = kForeignPieces[number(kForeignPieces.size())];
    for (std::size_t left = number(most); left > 0; --left) {
      const std::string_view piece = kPieces[number(kPieces.size())];
      const std::size_t drawn = number(has_escapes ? 12 : 5);
      if (drawn == 0 && (has_escapes || number(8) == 0)) {
        text += static_cast<char>(number(256));
      } else if (drawn == 1 || (!has_escapes && piece.starts_with('\x1B'))) {
        text += foreign;
      } else {
        text += piece;
      }
    }
    return text;
  }
  std::string bytes(std::size_t most) {
    std::string text(number(most), '\0');
    for (char& byte : text) byte = static_cast<char>(number(256));
    return text;
  }
  std::size_t number(std::size_t below) { return static_cast<std::size_t>(engine_()) % below; }

 private:
  std::mt19937 engine_{20240401};
};

/// Strictly: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text) {
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xC0 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length == 0 || lead >= 0xF8 || text.size() - i < length) return false;
    char32_t code = length == 1 ? lead : lead & (0x7Fu >> length);
    for (std::size_t k = 1; k < length; ++k) {
      const auto byte = static_cast<unsigned char>(text[i + k]);
      if ((byte & 0xC0) != 0x80) return false;
      code = code << 6 | (byte & 0x3F);
    }
    if (code < kLeast[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
    i += length;
  }
  return true;
}

std::size_t line_ends(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return c == '\r' || c == '\n'; }));
}

void follow_every_value(const Message& message) {
  for (std::size_t i = 0; i < message.size(); ++i) {
    const Segment segment = message.segment(i);
    for (std::size_t field = 0; field <= segment.fields() + 1; ++field) {
      const Value value = segment.field(field);
      const std::size_t written = segment.fields();
      REQUIRE((field >= 1 && field <= written) == (value.raw().data() != nullptr));
      REQUIRE(is_utf8(value.text()));
      REQUIRE(value.repetition(value.repetitions() + 1).empty());
      REQUIRE(value.component(value.components() + 1).subcomponent(2).empty());
    }
  }
}

}  // namespace

TEST_CASE("any bytes decode to UTF-8 that has all their line ends, or are cut off at a byte of theirs") {
  RandomInput input;
  std::array<int, 3> files{};  // ISO-2022-JP, CP932, UTF-8
  int cut = 0;
  for (int round = 0; round < 40000; ++round) {
    // Between two letters nothing is a mark that would be dropped.
    std::string bytes = input.number(3) == 0 ? input.bytes(60) : input.pieces(25);
    const std::size_t ends = line_ends(bytes);
    const auto ended = decode_text("A" + bytes + "\rZ\r");
    REQUIRE(ended.has_value());
    REQUIRE(is_utf8(ended->utf8));
    REQUIRE(line_ends(ended->utf8) == ends + 1);
    ++files[ended->deviations.cp932_files != 0 ? 1 : ended->deviations.utf8_files != 0 ? 2 : 0];
    const auto open = decode_text(bytes);
    if (open) continue;
    ++cut;
    REQUIRE(open.error().code == FailureCode::text_truncated_character);
    REQUIRE(open.error().place.byte < bytes.size());
  }
  CHECK(std::ranges::all_of(files, [](int count) { return count > 500; }));
  CHECK(cut > 500);
}

TEST_CASE("any text leads back into its file: never backwards, and ASCII to its own byte") {
  RandomInput input;
  std::size_t ascii = 0;
  for (int round = 0; round < 1500; ++round) {
    const std::string bytes = input.pieces(12) + "\r";
    const std::string text = decode_text(bytes)->utf8;
    std::size_t last = 0;
    for (std::size_t offset = 0; offset < text.size(); ++offset) {
      const auto source = source_byte_of(bytes, offset);
      REQUIRE(source);
      REQUIRE((*source >= last && *source < bytes.size()));
      last = *source;
      if (static_cast<unsigned char>(text[offset]) >= 0x80) continue;
      ++ascii;
      REQUIRE(bytes[*source] == text[offset]);
    }
  }
  CHECK(ascii > 10000);
}

TEST_CASE("text of printable ASCII, line ends and tabs is unchanged and deviates in nothing") {
  RandomInput input;
  for (int round = 0; round < 4000; ++round) {
    std::string bytes = "A";
    for (std::size_t left = input.number(70); left > 0; --left) {
      constexpr std::string_view kControls = "\r\n\t";
      const std::size_t drawn = input.number(100);
      bytes += drawn < 95 ? static_cast<char>(0x20 + drawn) : kControls[drawn % 3];
    }
    bytes += "Z";
    const auto text = decode_text(bytes);
    REQUIRE(text.has_value());
    REQUIRE(text->utf8 == bytes);
    REQUIRE(text->deviations == TextDeviations{});
  }
}

TEST_CASE("random bytes are decoded and parsed to values that can be followed") {
  RandomInput input;
  int parsed = 0;
  for (int round = 0; round < 6000; ++round) {
    const std::string bytes = input.pieces(25);
    static_cast<void>(find_incompleteness(bytes));
    const auto text = decode_text(bytes);
    if (!text) continue;
    const auto message = Message::parse(text->utf8);
    if (!message) continue;
    ++parsed;
    follow_every_value(*message);
    for (const DataType type : {DataType::OML_11, DataType::OMP_01, DataType::PPR_01, DataType::ADT_00}) {
      REQUIRE(rows_of(*message, type, "OBX").size() == message->all("OBX").size());
      REQUIRE(rows_of(*message, type, "NTE").size() == message->all("NTE").size());
    }
  }
  CHECK(parsed > 300);
}

TEST_CASE("undecoded random bytes are parsed or refused as a message, a path and a time") {
  RandomInput input;
  for (int round = 0; round < 4000; ++round) {
    const std::string bytes = round % 4 == 0 ? input.bytes(60) : input.pieces(25);
    const auto message = Message::parse(bytes);
    REQUIRE((message.has_value() ? message->size() > 0 : message.error().code >= FailureCode::hl7_no_msh));
    REQUIRE(parse_document_path(bytes).has_error());
    const auto time = Hl7Time::parse(bytes);
    REQUIRE((!time || time->sortable().size() == 17));
  }
}
