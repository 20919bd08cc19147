// Whatever the bytes, the readers answer; and what they answer with is well-formed.
#include "ssmix2/completeness.h"
#include "ssmix2/document_name.h"
#include "ssmix2/hl7_time.h"
#include "ssmix2/segment_group.h"
#include "ssmix2/text_decoder.h"

#include <array>
#include <random>
#include <string>

#include <catch2/catch.hpp>

using namespace ssmix2;

namespace {

constexpr std::array<std::string_view, 28> kPieces = {"MSH|^~\\&|",
                                                      "\rPID|",
                                                      "\rOBX|",
                                                      "\rNTE|",
                                                      "\rORC|",
                                                      "\rOBR|",
                                                      "\rSPM|",
                                                      "\r",
                                                      "\n",
                                                      "|",
                                                      "^",
                                                      "~",
                                                      "&",
                                                      "\\",
                                                      "\\F\\",
                                                      "\\X41\\",
                                                      "\"\"",
                                                      "\x1B$B",
                                                      "2M66",
                                                      "\x1B(B",
                                                      "\x1B(I",
                                                      "\x1B(J",
                                                      "\x1C",
                                                      "\x0B",
                                                      "\xEF\xBB\xBF",
                                                      "E|G\"",
                                                      "20240401",
                                                      "0001234_-_PPR-01_"};

class RandomInput {
 public:
  std::string pieces(std::size_t most) {
    std::string text = number(4) == 0 ? "" : "MSH|^~\\&|";
    for (std::size_t left = number(most); left > 0; --left) {
      text +=
          number(8) == 0 ? std::string(1, static_cast<char>(number(256))) : std::string(kPieces[number(28)]);
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

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 0;
    if (length == 0 || text.size() - i < length) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    }
    i += length;
  }
  return true;
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

TEST_CASE("random bytes are decoded to UTF-8 or refused at a byte of the input") {
  RandomInput input;
  int decoded = 0, parsed = 0;
  for (int round = 0; round < 6000; ++round) {
    const std::string bytes = round % 4 == 0 ? input.bytes(60) : input.pieces(25);
    static_cast<void>(find_incompleteness(bytes));
    auto text = decode_iso2022jp(bytes);
    if (!text) {
      REQUIRE(text.error().place.byte < bytes.size());
      continue;
    }
    ++decoded;
    REQUIRE(is_utf8(text->utf8));
    const auto message = Message::parse(text->utf8);
    if (!message) continue;
    ++parsed;
    follow_every_value(*message);
    for (const DataType type : {DataType::OML_11, DataType::OMP_01, DataType::PPR_01, DataType::ADT_00}) {
      REQUIRE(rows_of(*message, type, "OBX").size() == message->all("OBX").size());
      REQUIRE(rows_of(*message, type, "NTE").size() == message->all("NTE").size());
    }
  }
  CHECK(decoded > 500);
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
