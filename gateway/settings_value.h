#pragma once
// The texts of gateway.xml that are more than a word: durations, percentages, URLs, ids. Pure functions.

#include "gateway/settings.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway {

/// What is wrong with a value and what would be right, as the rest of a sentence that starts with the value;
/// nothing when it is right.
using Complaint = std::optional<std::string>;

/// The shortest text parse_duration reads as `duration`: 60000 ms is "1m".
std::string format_duration(Milliseconds duration);

/// The shortest text parse_period reads as `period`: 366 days is "1y".
std::string format_period(std::chrono::days period);

/// The shortest text parse_bytes reads as `bytes`, rounded down to a KiB.
std::string format_bytes(std::int64_t bytes);

Complaint parse_percent(std::string_view text, double& percent);
std::string format_percent(double percent);

/// https only, without user info, query and fragment.
Complaint parse_destination_url(std::string_view text, DestinationUrl& url);

Complaint parse_time_zone(std::string_view text, TimeZone& zone);

bool is_id(std::string_view text);                  // ^[a-z0-9-]{1,32}$
bool is_institution_number(std::string_view text);  // ^[0-4][0-9][1-3][0-9]{7}$
bool is_pack(std::string_view text);                // ^jp-clins-[0-9]+\.[0-9]+\.[0-9]+$
bool is_host(std::string_view text);                // name, IPv4 or IPv6 without brackets
bool is_printable(std::string_view text);           // something, and no control characters

}  // namespace gateway
