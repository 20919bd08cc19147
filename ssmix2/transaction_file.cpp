#include "ssmix2/transaction_file.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace ssmix2 {
namespace {

bool is_digits(std::string_view text, std::size_t least, std::size_t most) {
  return text.size() >= least && text.size() <= most &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

std::optional<TransactionFile> TransactionFile::parse(std::string_view relative_path) {
  const std::string_view year = relative_path.substr(0, relative_path.find('/'));
  if (!is_digits(year, 4, 4)) return std::nullopt;
  std::string_view rest = relative_path.substr(year.size());
  if (!take(rest, "/TR_")) return std::nullopt;
  const std::string_view time = rest.substr(0, rest.find('_'));
  rest.remove_prefix(time.size());
  if (!is_digits(time, 12, 17) || !take(rest, "_")) return std::nullopt;
  const std::string_view number = rest.substr(0, rest.find('.'));
  rest.remove_prefix(number.size());
  // Shares of Windows servers show names in either case.
  if (!is_digits(number, 1, 9) || (rest != ".DAT" && rest != ".dat")) return std::nullopt;

  TransactionFile file;
  file.begun_at = time;
  file.begun_at.resize(17, '0');
  std::from_chars(number.data(), number.data() + number.size(), file.number);
  return file;
}

}  // namespace ssmix2
