#include "gateway/settings_rule.h"

#include <algorithm>
#include <charconv>
#include <numeric>

namespace gateway {

namespace {

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

// Levenshtein: letters to insert, delete or replace, whatever their case.
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t replaced = diagonal + (lower(left[i]) == lower(right[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

template <typename T>
AttributeRule parsed(std::string_view name, Field<T> field, Complaint (*parse)(std::string_view, T&),
                     std::string (*format)(const T&), std::string bounds, std::string_view meaning) {
  return {name, std::move(bounds),
          [=](Settings& settings, std::string_view written) { return parse(written, field(settings)); },
          [=](Settings& settings) { return format(field(settings)); }, meaning};
}

Complaint read_duration(std::string_view written, Milliseconds least, Milliseconds most,
                        Milliseconds& duration) {
  const std::string bounds = format_duration(least) + " to " + format_duration(most);
  const auto value = parse_duration(written);
  if (!value) return "is not a duration; write a whole number with ms, s, m, h or d, from " + bounds;
  if (*value < least || *value > most) return "is out of bounds; allowed is " + bounds;
  duration = *value;
  return std::nullopt;
}

void describe_rows(const ElementRule& element, const std::string& path, Settings& fresh, std::string& table) {
  element.begin(fresh);
  for (const AttributeRule& rule : element.attributes) {
    std::string standard = rule.required ? "(required)" : std::string(rule.when_missing);
    if (standard.empty()) standard = '`' + rule.get(fresh) + '`';
    table.append("| `").append(path).append("` | `").append(rule.name).append("` | ").append(standard);
    table.append(" | ").append(rule.bounds).append(" | ").append(rule.meaning).append(" |\n");
  }
  for (const ElementRule& child : element.children) {
    describe_rows(child, path + '/' + std::string(child.name), fresh, table);
  }
}

}  // namespace

std::string describe(const ElementRule& root) {
  std::string table = "| element | attribute | default | allowed | meaning |\n|---|---|---|---|---|\n";
  Settings fresh;
  describe_rows(root, std::string(root.name), fresh, table);
  return table;
}

void print_values(const ElementRule& element, const std::string& path, Settings& settings,
                  std::string& lines) {
  for (const AttributeRule& rule : element.attributes) {
    const std::string value = rule.get(settings);
    const bool is_open = value.empty() && !rule.when_missing.empty();
    lines.append(path).append("/@").append(rule.name).append(" ");
    lines.append(is_open ? rule.when_missing : std::string_view(value)).append("\n");
  }
  for (const ElementRule& child : element.children) {
    if (child.count == Count::any || child.count == Count::at_least_one) continue;
    print_values(child, path + '/' + std::string(child.name), settings, lines);
  }
}

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    result += byte < 0x20 || byte == 0x7F ? '?' : letter;
  }
  return result + '"';
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string result;
  for (const std::string_view word : words) {
    if (!result.empty()) result += ", ";
    result += word;
  }
  return result;
}

std::string proposal(std::string_view written, const std::vector<std::string_view>& known) {
  // Longer words than any of ours are no slips of the finger, and the distance costs their product.
  constexpr std::size_t kLongest = 64;
  if (known.empty() || written.size() > kLongest) return "";
  const auto best =
      std::min_element(known.begin(), known.end(), [&](std::string_view left, std::string_view right) {
        return distance(written, left) < distance(written, right);
      });
  const std::size_t slips = distance(written, *best);
  if (slips > 2 || slips * 2 > best->size()) return "";
  return "; did you mean " + in_quotes(*best) + "?";
}

AttributeRule required(AttributeRule rule) {
  rule.required = true;
  return rule;
}

AttributeRule when_missing(AttributeRule rule, std::string_view text) {
  rule.when_missing = text;
  return rule;
}

AttributeRule fixed(std::string_view name, std::string_view value, std::string_view meaning) {
  const auto set = [=](Settings&, std::string_view written) -> Complaint {
    if (written == value) return std::nullopt;
    return "is not the " + std::string(meaning) + "; write " + in_quotes(value);
  };
  return {name, in_quotes(value), set, [=](Settings&) { return std::string(value); }, meaning};
}

AttributeRule text(std::string_view name, Field<std::string> field, bool (*is_right)(std::string_view),
                   std::string bounds, std::string_view meaning) {
  const auto set = [=](Settings& settings, std::string_view written) -> Complaint {
    field(settings) = written;
    if (is_right(written)) return std::nullopt;
    return "is not right; write " + bounds;
  };
  return {name, bounds, set, [=](Settings& settings) { return field(settings); }, meaning};
}

AttributeRule path(std::string_view name, Field<std::filesystem::path> field, std::string_view meaning) {
  const auto set = [=](Settings& settings, std::string_view written) -> Complaint {
    if (written.empty()) return "is empty; write a path";
    field(settings) = (settings.file.parent_path() / written).lexically_normal();
    return std::nullopt;
  };
  return {name, "a path", set, [=](Settings& settings) { return field(settings).string(); }, meaning};
}

AttributeRule duration(std::string_view name, Field<Milliseconds> field, Milliseconds least,
                       Milliseconds most, std::string_view meaning) {
  const std::string bounds = format_duration(least) + " to " + format_duration(most);
  const auto set = [=](Settings& settings, std::string_view written) {
    return read_duration(written, least, most, field(settings));
  };
  return {name, bounds, set, [=](Settings& settings) { return format_duration(field(settings)); }, meaning};
}

AttributeRule duration(std::string_view name, Field<std::optional<Milliseconds>> field, Milliseconds least,
                       Milliseconds most, std::string_view meaning) {
  const std::string bounds = format_duration(least) + " to " + format_duration(most);
  const auto set = [=](Settings& settings, std::string_view written) {
    return read_duration(written, least, most, field(settings).emplace());
  };
  const auto get = [=](Settings& settings) {
    return field(settings) ? format_duration(*field(settings)) : std::string();
  };
  return {name, bounds, set, get, meaning};
}

AttributeRule period(std::string_view name, Field<std::optional<std::chrono::days>> field,
                     std::chrono::days least, std::chrono::days most, std::string_view meaning) {
  const std::string bounds = format_period(least) + " to " + format_period(most);
  const auto set = [=](Settings& settings, std::string_view written) -> Complaint {
    const auto value = parse_period(written);
    if (!value) return "is not a period; write a whole number with d or y (366 days), from " + bounds;
    if (*value < least || *value > most) return "is out of bounds; allowed is " + bounds;
    field(settings) = *value;
    return std::nullopt;
  };
  const auto get = [=](Settings& settings) {
    return field(settings) ? format_period(*field(settings)) : std::string();
  };
  return {name, bounds, set, get, meaning};
}

AttributeRule whole_number(std::string_view name, Field<int> field, int least, int most,
                           std::string_view meaning) {
  const std::string bounds = std::to_string(least) + " to " + std::to_string(most);
  const auto set = [=](Settings& settings, std::string_view written) -> Complaint {
    int value = 0;
    const auto* end = written.data() + written.size();
    const auto read = std::from_chars(written.data(), end, value);
    if (written.empty() || read.ec == std::errc::invalid_argument || read.ptr != end) {
      return "is not a whole number; write " + bounds;
    }
    if (read.ec != std::errc() || value < least || value > most)
      return "is out of bounds; allowed is " + bounds;
    field(settings) = value;
    return std::nullopt;
  };
  return {name, bounds, set, [=](Settings& settings) { return std::to_string(field(settings)); }, meaning};
}

AttributeRule byte_count(std::string_view name, Field<std::int64_t> field, std::string_view meaning) {
  const auto set = [=](Settings& settings, std::string_view written) -> Complaint {
    const auto value = parse_bytes(written);
    if (!value) return "is not a number of bytes; write 0, or a whole number with KiB, MiB, GiB or TiB";
    field(settings) = *value;
    return std::nullopt;
  };
  return {name, "0, or a number with KiB, MiB, GiB or TiB", set,
          [=](Settings& settings) { return format_bytes(field(settings)); }, meaning};
}

AttributeRule percent(std::string_view name, Field<double> field, std::string_view meaning) {
  const auto format = [](const double& value) { return format_percent(value); };
  return parsed<double>(name, std::move(field), parse_percent, format, "0% to 100%", meaning);
}

AttributeRule destination_url(std::string_view name, Field<DestinationUrl> field, std::string_view meaning) {
  const auto format = [](const DestinationUrl& url) { return url.text; };
  return parsed<DestinationUrl>(name, std::move(field), parse_destination_url, format,
                                "https:// without user, query and fragment", meaning);
}

AttributeRule time_zone(std::string_view name, Field<TimeZone> field, std::string_view meaning) {
  const auto format = [](const TimeZone& zone) { return zone.text(); };
  return parsed<TimeZone>(name, std::move(field), parse_time_zone, format,
                          "Asia/Tokyo, UTC or an offset such as +09:00", meaning);
}

AttributeRule some_of(std::string_view name, Field<std::set<std::string>> field,
                      std::vector<std::string_view> known, std::string_view meaning) {
  const auto set = [=](Settings& settings, std::string_view written) -> Complaint {
    std::set<std::string> words;
    for (std::size_t at = 0; at < written.size();) {
      const auto end = std::min(written.find(' ', at), written.size());
      const std::string_view word = written.substr(at, end - at);
      at = end + 1;
      if (word.empty()) continue;
      if (std::find(known.begin(), known.end(), word) == known.end()) {
        return "names " + in_quotes(word) + ", which is not one of " + joined(known) + proposal(word, known);
      }
      words.emplace(word);
    }
    if (words.empty()) return "is empty; write at least one of " + joined(known);
    field(settings) = std::move(words);
    return std::nullopt;
  };
  const auto get = [=](Settings& settings) {
    const auto& words = field(settings);
    return std::accumulate(words.begin(), words.end(), std::string(),
                           [](std::string all, const std::string& word) {
                             return std::move(all) + (all.empty() ? "" : " ") + word;
                           });
  };
  return {name, "some of " + joined(known), set, get, meaning};
}

}  // namespace gateway
