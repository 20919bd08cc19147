#pragma once
// Points in time as SS-MIX2 writes them: local time of the hospital, no time zone.

#include <chrono>
#include <string>
#include <string_view>

namespace storage_gen {

using Moment = std::chrono::sys_time<std::chrono::milliseconds>;

std::string digits(std::uint64_t value, std::size_t width);

std::string date8(Moment moment);    // YYYYMMDD
std::string stamp17(Moment moment);  // YYYYMMDDHHMMSSFFF, the form of 発生日時

/// Throws UsageError naming `option` when `text` is no date.
Moment parse_date8(std::string_view text, std::string_view option);

/// Now in Japan, which has one time zone and no summer time.
Moment now_in_japan();

}  // namespace storage_gen
