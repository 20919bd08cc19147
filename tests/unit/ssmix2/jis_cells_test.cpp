// All cells of all sets against the C library's, which other people made from other tables than ours. Where
// they differ for a reason, the difference stands in a list: one that is not listed and one that is listed
// and not there are both mistakes.
#include "ssmix2/ibm_extension.h"
#include "ssmix2/jis_x_0208.h"
#include "ssmix2/jis_x_0212.h"
#include "ssmix2/jis_x_0213.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include <catch2/catch.hpp>
#include <iconv.h>

using namespace ssmix2;

namespace {

class Reference {
 public:
  explicit Reference(const char* charset) : handle_(iconv_open("UTF-32LE", charset)) {
    REQUIRE(handle_ != reinterpret_cast<iconv_t>(-1));
  }
  ~Reference() { iconv_close(handle_); }
  Reference(const Reference&) = delete;
  Reference& operator=(const Reference&) = delete;

  /// Empty when the bytes are no character.
  std::u32string decode(std::string bytes) const {
    std::array<char32_t, 4> out{};
    char* in = bytes.data();
    char* to = reinterpret_cast<char*>(out.data());
    std::size_t in_left = bytes.size(), out_left = sizeof out;
    iconv(handle_, nullptr, nullptr, nullptr, nullptr);
    if (iconv(handle_, &in, &in_left, &to, &out_left) == static_cast<std::size_t>(-1)) return {};
    // A character that may get a second code point is kept back until asked for.
    if (iconv(handle_, nullptr, nullptr, &to, &out_left) == static_cast<std::size_t>(-1)) return {};
    return std::u32string(out.data(), (sizeof out - out_left) / sizeof(char32_t));
  }

 private:
  iconv_t handle_;
};

std::string in_cp932(std::size_t row, std::size_t cell) {
  std::size_t lead = (row - 1) / 2 + 0x81;
  if (lead > 0x9F) lead += 0x40;
  const std::size_t trail = row % 2 == 0 ? cell + 0x9E : cell + (cell <= 63 ? 0x3F : 0x40);
  return {static_cast<char>(lead), static_cast<char>(trail)};
}

std::string in_euc(std::size_t row, std::size_t cell) {
  return {static_cast<char>(row + 0xA0), static_cast<char>(cell + 0xA0)};
}

std::string in_euc_set_3(std::size_t row, std::size_t cell) {
  return '\x8F' + in_euc(row, cell);
}

/// As in the tables: the second code point in the upper half.
char32_t packed(const std::u32string& text) {
  if (text.empty()) return 0;
  return text.size() == 1 ? text[0] : text[0] | (text[1] << 16);
}

/// By JIS bytes (0x215D): what ours is, what theirs is.
struct Difference {
  char32_t ours;
  char32_t theirs;
  friend bool operator==(const Difference&, const Difference&) = default;
};
using Differences = std::map<unsigned, Difference>;

template <typename Cells, typename Bytes>
Differences differences(const Cells& cells, std::size_t first_row, const Reference& reference, Bytes bytes) {
  Differences found;
  for (std::size_t row = 1; row <= cells.size() / kCellsOfRow; ++row) {
    for (std::size_t cell = 1; cell <= kCellsOfRow; ++cell) {
      const char32_t ours = cell_at(cells, row, cell);
      const char32_t theirs = packed(reference.decode(bytes(row + first_row - 1, cell)));
      const auto code = static_cast<unsigned>((row + 0x20) << 8 | (cell + 0x20));
      if (ours != theirs) found[code] = {ours, theirs};
    }
  }
  return found;
}

/// Names each cell: a comparison of whole maps shows nothing that a person can read.
void check_same(const Differences& found, const Differences& listed) {
  for (const auto& [code, difference] : found) {
    INFO("cell " << std::hex << code << " is " << std::uint32_t{difference.ours} << ", in the C library "
                 << std::uint32_t{difference.theirs});
    const auto entry = listed.find(code);
    CHECK((entry != listed.end() && entry->second == difference));
  }
  for (const auto& [code, difference] : listed) {
    INFO("the listed difference of cell " << std::hex << code << " is not there");
    CHECK(found.contains(code));
  }
}

/// Cells of our own with nothing in the C library: the rows of makers.
void add_extension_rows(Differences& listed) {
  for (std::size_t row = 1; row <= kCellsOfRow; ++row) {
    for (std::size_t cell = 1; cell <= kCellsOfRow && is_extension_row(row); ++cell) {
      const char32_t ours = cell_at(kJisX0208, row, cell);
      if (ours != 0) listed[static_cast<unsigned>((row + 0x20) << 8 | (cell + 0x20))] = {ours, 0};
    }
  }
}

template <typename Cells>
std::size_t assigned(const Cells& cells) {
  return cells.size() - static_cast<std::size_t>(std::count(cells.begin(), cells.end(), 0u));
}

// The WHATWG index takes the full-width sign where the C library takes the one of Latin or of mathematics.
const Differences kSignsOfJisX0208 = {
    {0x2141, {U'～', U'\u301C'}}, {0x2142, {U'∥', U'\u2016'}},  {0x215D, {U'－', U'\u2212'}},
    {0x2171, {U'￠', U'\u00A2'}}, {0x2172, {U'￡', U'\u00A3'}}, {0x224C, {U'￢', U'\u00AC'}},
};

// The dash is a horizontal bar in JIS X 0208, an em dash in the C library's JIS X 0213 alone. Of the double
// parentheses Unicode has two pairs: Python takes the mathematical ones, the C library the full-width ones.
const Differences kSignsOfJisX0213 = {
    {0x213D, {U'―', U'—'}},
    {0x2256, {U'⦅', U'｟'}},
    {0x2257, {U'⦆', U'｠'}},
};

}  // namespace

TEST_CASE("JIS X 0208 with the rows of NEC and IBM is the C library's CP932") {
  check_same(differences(kJisX0208, 1, Reference("CP932"), in_cp932), {});
  CHECK(assigned(kJisX0208) == 6879 + 83 + 374);  // JIS X 0208, NEC row 13, NEC-selected IBM
}

TEST_CASE("JIS X 0208 is the C library's EUC-JP but for six signs and the rows of makers") {
  Differences listed = kSignsOfJisX0208;
  add_extension_rows(listed);
  check_same(differences(kJisX0208, 1, Reference("EUC-JP"), in_euc), listed);
}

TEST_CASE("IBM's extension characters are those of the C library's CP932") {
  check_same(differences(kIbmExtension, kFirstIbmRow, Reference("CP932"), in_cp932), {});
  CHECK(assigned(kIbmExtension) == 388);
}

TEST_CASE("JIS X 0212 is the C library's EUC-JP") {
  check_same(differences(kJisX0212, 1, Reference("EUC-JP"), in_euc_set_3), {});
  CHECK(assigned(kJisX0212) == 6067);
}

TEST_CASE("JIS X 0213 is the C library's but for the signs it shares with JIS X 0208 and three more") {
  Differences listed = kSignsOfJisX0208;
  listed.insert(kSignsOfJisX0213.begin(), kSignsOfJisX0213.end());
  check_same(differences(kJisX0213Plane1, 1, Reference("EUC-JISX0213"), in_euc), listed);
  check_same(differences(kJisX0213Plane2, 1, Reference("EUC-JISX0213"), in_euc_set_3), {});
  CHECK(assigned(kJisX0213Plane1) == 8797);
  CHECK(assigned(kJisX0213Plane2) == 2436);
}

TEST_CASE("what plane 1 has from JIS X 0208 decodes as it does there") {
  for (std::size_t row = 1; row <= 84; ++row) {
    for (std::size_t cell = 1; cell <= kCellsOfRow; ++cell) {
      const char32_t shared = cell_at(kJisX0208, row, cell);
      if (shared != 0 && row != 13) REQUIRE(cell_at(kJisX0213Plane1, row, cell) == shared);
    }
  }
}

TEST_CASE("no cell of any set is an ASCII character, which could be a delimiter") {
  const auto has_none = [](const auto& cells) {
    return std::none_of(cells.begin(), cells.end(), [](char32_t code) {
      const bool is_two = code > kLastCodePoint;
      return code != 0 && ((is_two ? code & 0xFFFF : code) < 0x80 || (is_two && code >> 16 < 0x80));
    });
  };
  CHECK(has_none(kJisX0208));
  CHECK(has_none(kJisX0212));
  CHECK(has_none(kJisX0213Plane1));
  CHECK(has_none(kJisX0213Plane2));
  CHECK(has_none(kIbmExtension));
}

TEST_CASE("the extension characters of hospitals are there") {
  CHECK(cell_at(kJisX0208, 13, 1) == u'①');
  CHECK(cell_at(kJisX0208, 13, 74) == u'㈱');
  CHECK(cell_at(kJisX0208, 0x7C - 0x20, 0x62 - 0x20) == u'髙');
  CHECK(cell_at(kJisX0208, 0x79 - 0x20, 0x75 - 0x20) == u'﨑');
}

TEST_CASE("rows without characters and numbers outside the table are unassigned") {
  for (const unsigned row : {9u, 12u, 14u, 15u, 85u, 88u, 93u, 94u}) {
    for (unsigned cell = 1; cell <= 94; ++cell) REQUIRE(cell_at(kJisX0208, row, cell) == 0);
  }
  for (const auto& [row, cell] : {std::pair{0u, 1u}, {1u, 0u}, {95u, 1u}, {1u, 95u}, {~0u, ~0u}}) {
    CHECK(cell_at(kJisX0208, row, cell) == 0);
  }
}
