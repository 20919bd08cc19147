#pragma once
// `codes apply`: what a person filled in becomes rows of the site's tables, and the units that want those
// codes are to be made anew. All of it or nothing.

#include "gateway/settings.h"
#include "gateway/sqlite.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

namespace gateway {

struct AppliedCodes {
  std::size_t added = 0;
  std::size_t already_there = 0;  // applied before; their units are requested once more
  std::size_t left_empty = 0;
  std::set<std::string> tables;  // with new rows
  std::int64_t held = 0;         // units held for these codes, counted by code
};

/// `name` is that of the file, for mistakes: all there are, each with its line. Only codes of the list are
/// taken: a spreadsheet that dropped the zeros of 01 must not give the hospital's code 1 a meaning.
boost::system::result<AppliedCodes, SettingsErrors> apply_codes(Database& database, const Settings& settings,
                                                                const std::string& name,
                                                                std::string_view bytes);

}  // namespace gateway
