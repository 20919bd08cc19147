#pragma once
// The name of a file of the transaction storage, YYYY/TR_YYYYMMDDHHMMSSFFF_nnnnn.DAT, and the order in which
// the files were begun. Pure; any thread.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ssmix2 {

struct TransactionFile {
  std::string begun_at;      // padded with zeros to 17 digits: writers leave out milliseconds
  std::uint32_t number = 0;  // serial, of files begun in the same moment

  /// `relative_path` is below the root of the transaction storage, in a folder named after a year. Nothing
  /// when it is no such file.
  static std::optional<TransactionFile> parse(std::string_view relative_path);

  friend auto operator<=>(const TransactionFile&, const TransactionFile&) = default;
};

}  // namespace ssmix2
