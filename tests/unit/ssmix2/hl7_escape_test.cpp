#include "ssmix2/hl7_escape.h"

#include <array>

#include <catch2/catch.hpp>

using namespace ssmix2;

namespace {

struct EscapeRow {
  const char* written;
  const char* text;
};

constexpr std::array kEscapes = {
    // delimiters
    EscapeRow{R"(a\F\b\S\c\T\d\R\e\E\f)", R"(a|b^c&d~e\f)"},
    EscapeRow{R"(\E\F\)", R"(\F\)"},
    // lines and highlighting
    EscapeRow{R"(a\.br\b)", "a\nb"},
    EscapeRow{R"(\H\high\N\ est)", "high est"},
    EscapeRow{R"(\H\\N\)", ""},
    // bytes that are text by themselves
    EscapeRow{R"(\X41\)", "A"},
    EscapeRow{R"(\X41426a\)", "ABj"},
    EscapeRow{R"(\X0d0A\)", "\r\n"},
    EscapeRow{R"(\X7C\)", "|"},
};

// Whole escapes of the standard that no text can stand for: with what follows them they stay as written.
constexpr std::array kKept = {
    R"(\X8341\F\)", R"(\X00\F\)", R"(\X411B\F\)", R"(\C2842\F\)", R"(\M244A\F\)", R"(\M244A21\F\)",
    R"(\ZX1\F\)",   R"(\.sp\F\)", R"(\.sp3\F\)",  R"(\.in+4\F\)", R"(\.ti-2\F\)", R"(\.fi\F\)",
};

// An escape character that begins no escape is a character like any other.
constexpr std::array kLiteral = {
    R"(mosm/kg\_h2o)", R"(C:\temp\x)", R"(\)",     R"(\\)",      R"(\\\)", R"(\X\)",
    R"(\X4\)",         R"(\XZZ\)",     R"(\X4Z\)", R"(\x41\)",   R"(\f\)", R"(a\b)",
    R"(\C28\)",        R"(\M2\)",      R"(\.b\)",  R"(\.in+x\)", R"(\Z\)", R"(\Zip files\)",
};

}  // namespace

TEST_CASE("an escape is what it stands for") {
  for (const EscapeRow& row : kEscapes) {
    INFO(row.written);
    CHECK(without_escapes(row.written, {}) == row.text);
  }
}

TEST_CASE("an escape that no text can stand for stays as written, and its end begins no other") {
  for (const char* written : kKept) CHECK(without_escapes(written, {}) == written);
}

TEST_CASE("an escape character without an escape stays") {
  for (const char* written : kLiteral) CHECK(without_escapes(written, {}) == written);
  CHECK(without_escapes(R"(a\b\F\c)", {}) == R"(a\b|c)");
  CHECK(without_escapes(R"(\X4\F\)", {}) == R"(\X4|)");
}

TEST_CASE("escapes are written with the message's own escape character and mean its own delimiters") {
  const Delimiters own{'#', '*', '!', '?', '%'};
  CHECK(without_escapes("?F??S??R??E??T??H?", own) == "#*!?%");
  CHECK(without_escapes(R"(\F\?M244A?)", own) == R"(\F\?M244A?)");
}
