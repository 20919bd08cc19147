#include "ssmix2/jis_x_0208.h"

#include <array>
#include <cstddef>

#include <catch2/catch.hpp>
#include <iconv.h>

using ssmix2::jis_x_0208;

namespace {

// glibc's CP932 has the same cells and was made by other people from other tables than ours.
class Cp932 {
 public:
  Cp932() : handle_(iconv_open("UTF-16LE", "CP932")) { REQUIRE(handle_ != reinterpret_cast<iconv_t>(-1)); }
  ~Cp932() { iconv_close(handle_); }
  Cp932(const Cp932&) = delete;
  Cp932& operator=(const Cp932&) = delete;

  /// By way of the cell's Shift_JIS bytes; 0 when it has none.
  char16_t cell(unsigned row, unsigned column) const {
    unsigned lead = (row - 1) / 2 + 0x81;
    if (lead > 0x9F) lead += 0x40;
    const unsigned trail = row % 2 == 0 ? column + 0x9E : column + (column <= 63 ? 0x3F : 0x40);
    std::array<char, 2> bytes = {static_cast<char>(lead), static_cast<char>(trail)};
    std::array<unsigned char, 4> out{};
    char* in = bytes.data();
    char* to = reinterpret_cast<char*>(out.data());
    std::size_t in_left = bytes.size(), out_left = out.size();
    iconv(handle_, nullptr, nullptr, nullptr, nullptr);
    if (iconv(handle_, &in, &in_left, &to, &out_left) != 0 || out_left != 2) return 0;
    return static_cast<char16_t>(out[0] | (out[1] << 8));
  }

 private:
  iconv_t handle_;
};

}  // namespace

TEST_CASE("all 8836 cells are those of the C library's CP932") {
  const Cp932 reference;
  unsigned assigned = 0, different = 0;
  for (unsigned row = 1; row <= 94; ++row) {
    for (unsigned cell = 1; cell <= 94; ++cell) {
      const char16_t ours = jis_x_0208(row, cell);
      if (ours != reference.cell(row, cell)) {
        ++different;
        UNSCOPED_INFO("row " << row << " cell " << cell << " is " << static_cast<unsigned>(ours) << ", not "
                             << static_cast<unsigned>(reference.cell(row, cell)));
      }
      if (ours != 0) ++assigned;
    }
  }
  CHECK(different == 0);
  CHECK(assigned == 6879 + 83 + 374);  // JIS X 0208, NEC row 13, NEC-selected IBM
}

TEST_CASE("cells that readers disagree on are those of the WHATWG index") {
  CHECK(jis_x_0208(0x21 - 0x20, 0x5D - 0x20) == 0xFF0D);
  CHECK(jis_x_0208(0x21 - 0x20, 0x41 - 0x20) == 0xFF5E);
  CHECK(jis_x_0208(0x21 - 0x20, 0x42 - 0x20) == 0x2225);
  CHECK(jis_x_0208(0x21 - 0x20, 0x40 - 0x20) == 0xFF3C);
  CHECK(jis_x_0208(0x22 - 0x20, 0x4C - 0x20) == 0xFFE2);
}

TEST_CASE("the extension characters of hospitals are there") {
  CHECK(jis_x_0208(13, 1) == u'①');
  CHECK(jis_x_0208(13, 74) == u'㈱');
  CHECK(jis_x_0208(0x7C - 0x20, 0x62 - 0x20) == u'髙');
  CHECK(jis_x_0208(0x79 - 0x20, 0x75 - 0x20) == u'﨑');
}

TEST_CASE("rows without characters and numbers outside the table are unassigned") {
  for (const unsigned row : {9u, 12u, 14u, 15u, 85u, 88u, 93u, 94u}) {
    for (unsigned cell = 1; cell <= 94; ++cell) REQUIRE(jis_x_0208(row, cell) == 0);
  }
  CHECK(jis_x_0208(0, 1) == 0);
  CHECK(jis_x_0208(1, 0) == 0);
  CHECK(jis_x_0208(95, 1) == 0);
  CHECK(jis_x_0208(1, 95) == 0);
  CHECK(jis_x_0208(0xFFFFFFFF, 0xFFFFFFFF) == 0);
}
