#include "gateway/settings_value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace gateway {

namespace {

constexpr std::string_view kDigits = "0123456789";

struct DurationUnit {
  std::string_view name;
  std::int64_t length_ms;
};

constexpr std::array<DurationUnit, 5> kDurationUnits{
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};

struct ByteUnit {
  std::string_view name;
  std::int64_t size;
};

constexpr std::array<ByteUnit, 4> kByteUnits{{{"KiB", std::int64_t{1} << 10},
                                              {"MiB", std::int64_t{1} << 20},
                                              {"GiB", std::int64_t{1} << 30},
                                              {"TiB", std::int64_t{1} << 40}}};

// A leap year: a look back over "1y" never misses the day it was meant to reach.
constexpr std::int64_t kDaysOfYear = 366;

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

bool all_of_set(std::string_view text, std::string_view set) {
  return !text.empty() && text.find_first_not_of(set) == std::string_view::npos;
}

bool is_port(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return all_of_set(text, kDigits) && error == std::errc() && end == text.data() + text.size() &&
         number >= 1 && number <= 65'535;
}

}  // namespace

std::optional<Milliseconds> parse_duration(std::string_view text) {
  const auto digits = std::min(text.find_first_not_of(kDigits), text.size());
  const auto* unit = std::find_if(kDurationUnits.begin(), kDurationUnits.end(),
                                  [&](const auto& known) { return known.name == text.substr(digits); });
  if (digits == 0 || unit == kDurationUnits.end()) return std::nullopt;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, count);
  if (error != std::errc() || count > std::numeric_limits<std::int64_t>::max() / unit->length_ms)
    return std::nullopt;
  return Milliseconds(count * unit->length_ms);
}

std::optional<std::int64_t> parse_bytes(std::string_view text) {
  if (text == "0") return 0;
  const auto digits = std::min(text.find_first_not_of(kDigits), text.size());
  const auto* unit = std::find_if(kByteUnits.begin(), kByteUnits.end(),
                                  [&](const auto& known) { return known.name == text.substr(digits); });
  if (digits == 0 || unit == kByteUnits.end()) return std::nullopt;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, count);
  if (error != std::errc() || count > std::numeric_limits<std::int64_t>::max() / unit->size)
    return std::nullopt;
  return count * unit->size;
}

std::string format_bytes(std::int64_t bytes) {
  if (bytes < kByteUnits.front().size) return "0";
  const auto* unit = kByteUnits.end() - 1;
  while (unit != kByteUnits.begin() && bytes % unit->size != 0) --unit;
  return std::to_string(bytes / unit->size) + std::string(unit->name);
}

std::string format_duration(Milliseconds duration) {
  if (duration == Milliseconds(0)) return "0s";
  const auto* unit = kDurationUnits.end() - 1;
  while (duration.count() % unit->length_ms != 0) --unit;
  return std::to_string(duration.count() / unit->length_ms).append(unit->name);
}

std::optional<std::chrono::days> parse_period(std::string_view text) {
  if (text.size() < 2 || (text.back() != 'd' && text.back() != 'y')) return std::nullopt;
  const std::string_view digits = text.substr(0, text.size() - 1);
  if (!all_of_set(digits, kDigits)) return std::nullopt;
  std::int32_t count = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (error != std::errc()) return std::nullopt;
  const std::int64_t days = text.back() == 'y' ? count * kDaysOfYear : count;
  if (days > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
  return std::chrono::days(static_cast<std::int32_t>(days));
}

std::string format_period(std::chrono::days period) {
  const std::int64_t days = period.count();
  if (days > 0 && days % kDaysOfYear == 0) return std::to_string(days / kDaysOfYear).append("y");
  return std::to_string(days).append("d");
}

Complaint parse_percent(std::string_view text, double& percent) {
  const Complaint complaint = "is not a percentage; write a number from 0% to 100%, such as 1% or 0.5%";
  if (text.empty() || text.back() != '%') return complaint;
  const std::string_view number = text.substr(0, text.size() - 1);
  // The first and last characters shut out "-0", "inf", "nan" and "1.", which from_chars would read.
  if (number.empty() || !is_digit(number.front()) || !is_digit(number.back())) return complaint;
  double value = 0;
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), value, std::chars_format::fixed);
  if (error != std::errc() || end != number.data() + number.size()) return complaint;
  if (value > 100) return "is out of bounds; allowed is 0% to 100%";
  percent = value;
  return std::nullopt;
}

std::string format_percent(double percent) {
  std::array<char, 32> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), percent);
  return std::string(digits.data(), written.ptr) + '%';
}

Complaint parse_destination_url(std::string_view text, DestinationUrl& url) {
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed) return "is not a URL; write https://host/path, with every other character percent-encoded";
  if (parsed->scheme_id() != boost::urls::scheme::https)
    return "does not start with https://; patient data needs TLS";
  if (parsed->has_userinfo()) {
    return "has a user name or password; remove it, the client certificate of <tls> says who we are";
  }
  if (parsed->has_query() || parsed->has_fragment())
    return "has a query or fragment; remove everything from ? or #";
  const std::string host = parsed->host_address();
  if (!is_host(host))
    return "has no usable host; write a name, an IPv4 address or an IPv6 address in brackets";
  const std::string port = parsed->has_port() ? std::string(parsed->port()) : "443";
  if (!is_port(port)) return "has a port out of bounds; allowed is 1 to 65535";

  const auto without_slashes = [](std::string_view whole) {
    return std::string(whole.substr(0, whole.find_last_not_of('/') + 1));
  };
  url = {without_slashes(text), host, port, without_slashes(parsed->encoded_path())};
  return std::nullopt;
}

Complaint parse_time_zone(std::string_view text, TimeZone& zone) {
  const auto named = TimeZone::named(text);
  if (!named) return "is not a known time zone; write Asia/Tokyo, UTC or an offset such as +09:00";
  zone = *named;
  return std::nullopt;
}

bool is_id(std::string_view text) {
  return text.size() <= 32 && all_of_set(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
}

bool is_institution_number(std::string_view text) {
  return text.size() == 10 && all_of_set(text, kDigits) && text[0] <= '4' && text[2] >= '1' && text[2] <= '3';
}

bool is_pack(std::string_view text) {
  constexpr std::string_view kName = "jp-clins-";
  if (!text.starts_with(kName)) return false;
  text.remove_prefix(kName.size());
  for (int part = 0; part < 2; ++part) {
    const auto dot = text.find('.');
    if (dot == std::string_view::npos || !all_of_set(text.substr(0, dot), kDigits)) return false;
    text.remove_prefix(dot + 1);
  }
  return all_of_set(text, kDigits);
}

bool is_host(std::string_view text) {
  constexpr std::string_view kHost = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:";
  return text.size() <= 253 && all_of_set(text, kHost);
}

bool is_printable(std::string_view text) {
  return !text.empty() && std::none_of(text.begin(), text.end(),
                                       [](unsigned char byte) { return byte < 0x20 || byte == 0x7F; });
}

}  // namespace gateway
