#pragma once
// What gateway.xml may hold, as data: elements, their attributes and how each becomes a value of Settings.
// The same rules read the file (settings_reader) and print themselves (describe).

#include "gateway/choice_words.h"
#include "gateway/settings.h"
#include "gateway/settings_value.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway {

template <typename T>
using Field = std::function<T&(Settings&)>;

/// `member` of the object that `part` finds.
template <typename Part, typename T>
Field<T> in(Part& (*part)(Settings&), T Part::*member) {
  return [=](Settings& settings) -> T& { return part(settings).*member; };
}

struct AttributeRule {
  std::string_view name;
  std::string bounds;                                         // "100ms to 1h"
  std::function<Complaint(Settings&, std::string_view)> set;  // stores the value or complains
  std::function<std::string(Settings&)> get;  // as it would be written; for fresh Settings the default
  std::string_view meaning;
  bool required = false;
  std::string_view when_missing = {};  // said in place of the default, where that depends on other settings
};

/// A mistake of attributes that are right one by one.
struct Finding {
  std::vector<std::string_view> attributes;  // those it is about; found at the first of them
  std::string message;
};

/// The mistake of a last one of `parts` that has the id of another. All before it were looked at already.
template <typename Part>
std::vector<Finding> find_double_id(const std::vector<Part>& parts, std::string_view element);

enum class Count { one, at_most_one, at_least_one, any };

struct ElementRule {
  std::string_view name;
  Count count = Count::at_most_one;
  std::vector<AttributeRule> attributes = {};
  std::vector<ElementRule> children = {};
  std::function<void(Settings&)> begin = [](Settings&) {};  // makes the object the attributes go to
  std::function<std::vector<Finding>(const Settings&)> check = [](const Settings&) {
    return std::vector<Finding>();
  };
};

/// `root` and all below it as a Markdown table: element, attribute, default, bounds, meaning.
std::string describe(const ElementRule& root);

/// Every attribute of `element` and of those of its children that stand there once, with the value that it
/// has in `settings`: of storages and destinations the last one's.
void print_values(const ElementRule& element, const std::string& path, Settings& settings,
                  std::string& lines);

/// `text` in double quotes, with control characters shown as '?': it goes to a terminal.
std::string in_quotes(std::string_view text);

std::string joined(const std::vector<std::string_view>& words);  // "a, b, c"

/// `; did you mean "settle"?` when one of `known` is near `written`, else nothing.
std::string proposal(std::string_view written, const std::vector<std::string_view>& known);

// The kinds of attributes.

AttributeRule required(AttributeRule rule);
AttributeRule when_missing(AttributeRule rule, std::string_view text);

/// Exactly `value`; not stored.
AttributeRule fixed(std::string_view name, std::string_view value, std::string_view meaning);
/// Text for which `is_right` holds.
AttributeRule text(std::string_view name, Field<std::string> field, bool (*is_right)(std::string_view),
                   std::string bounds, std::string_view meaning);
AttributeRule path(std::string_view name, Field<std::filesystem::path> field, std::string_view meaning);
AttributeRule duration(std::string_view name, Field<Milliseconds> field, Milliseconds least,
                       Milliseconds most, std::string_view meaning);
/// As above; none when the attribute is not there.
AttributeRule duration(std::string_view name, Field<std::optional<Milliseconds>> field, Milliseconds least,
                       Milliseconds most, std::string_view meaning);
/// As parse_period reads it; none when the attribute is not there.
AttributeRule period(std::string_view name, Field<std::optional<std::chrono::days>> field,
                     std::chrono::days least, std::chrono::days most, std::string_view meaning);
AttributeRule whole_number(std::string_view name, Field<int> field, int least, int most,
                           std::string_view meaning);
/// As parse_bytes reads it.
AttributeRule byte_count(std::string_view name, Field<std::int64_t> field, std::string_view meaning);
AttributeRule percent(std::string_view name, Field<double> field, std::string_view meaning);
AttributeRule destination_url(std::string_view name, Field<DestinationUrl> field, std::string_view meaning);
AttributeRule time_zone(std::string_view name, Field<TimeZone> field, std::string_view meaning);
/// Some of `known`, at least one, with spaces between them.
AttributeRule some_of(std::string_view name, Field<std::set<std::string>> field,
                      std::vector<std::string_view> known, std::string_view meaning);

template <typename Part>
std::vector<Finding> find_double_id(const std::vector<Part>& parts, std::string_view element) {
  const std::string& id = parts.back().id;
  const bool taken =
      std::any_of(parts.begin(), parts.end() - 1, [&](const Part& part) { return part.id == id; });
  if (!taken) return {};
  return {{{"id"},
           "two <" + std::string(element) + "> have id=" + in_quotes(id) + "; give each an id of its own"}};
}

/// Exactly one of the words of T.
template <typename T>
AttributeRule one_of(std::string_view name, Field<T> field, std::string_view meaning) {
  static const std::vector<std::string_view> words(kWords<T>.begin(), kWords<T>.end());
  const auto set = [field](Settings& settings, std::string_view written) -> Complaint {
    const auto choice = choice_of<T>(written);
    if (!choice) return "is not one of " + joined(words) + proposal(written, words);
    field(settings) = *choice;
    return std::nullopt;
  };
  const auto get = [field](Settings& settings) { return std::string(word_of<T>(field(settings))); };
  return {name, joined(words), set, get, meaning};
}

}  // namespace gateway
