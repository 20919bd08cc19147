#include "fhir_mapper/source.h"

#include <algorithm>
#include <charconv>

namespace fhir_mapper {
namespace {

std::string all_variables() {
  std::string all;
  for (const std::string_view name : kVariableNames) all.append(all.empty() ? "$" : ", $").append(name);
  return all;
}

/// Reads a source from left to right; every read_ leaves the rest for the next.
class SourceReader {
 public:
  SourceReader(std::string_view text, std::string& why) : rest_(text), why_(why) {}

  std::optional<Source> read() {
    Source source;
    source.text = rest_;
    if (rest_.empty()) return fail("is empty");
    if (rest_.front() == '$') return read_variable(std::move(source));
    if (rest_.front() == '@') {
      rest_.remove_prefix(1);
      source.kind = Source::Kind::current;
      if (rest_.starts_with('[')) return fail("stands at one repetition already; remove the [ ]");
    } else if (!read_field(source)) {
      return std::nullopt;
    }
    if (!read_repetition(source) || !read_systems(source)) return std::nullopt;
    if (source.stand_in != 0 && !source.every_repetition) {
      return fail("names a second field, which is asked repetition by repetition: write [*] behind it");
    }
    if (!read_number_after('.', source.component) || !read_number_after('.', source.subcomponent)) {
      return std::nullopt;
    }
    if (!source.systems.empty() && (source.component > 3 || source.subcomponent != 0)) {
      return fail("takes .1 (code), .2 (text) or .3 (system) behind the name of a coding system");
    }
    if (!rest_.empty()) return fail("has \"" + std::string(rest_) + "\" at its end, which is not understood");
    return source;
  }

 private:
  std::nullopt_t fail(const std::string& what) {
    why_ = what;
    return std::nullopt;
  }

  std::optional<Source> read_variable(Source source) {
    source.kind = Source::Kind::variable;
    const std::string_view name = rest_.substr(1);
    if (name.empty()) return fail("needs a name after $");
    const auto known = std::find(kVariableNames.begin(), kVariableNames.end(), name);
    if (known == kVariableNames.end()) return fail("is no variable; there are: " + all_variables());
    source.variable = static_cast<Variable>(known - kVariableNames.begin());
    return source;
  }

  bool read_field(Source& source) {
    const auto is_name = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    const bool whole_segment = rest_.size() == 3;
    if (rest_.size() < 3 || !std::all_of(rest_.begin(), rest_.begin() + 3, is_name) ||
        !(whole_segment || (rest_.size() > 4 && rest_[3] == '-'))) {
      fail("must begin with a segment and a field, like PRB-3, with @ or with $");
      return false;
    }
    source.segment = rest_.substr(0, 3);
    rest_.remove_prefix(3);
    if (!read_number_after('-', source.field)) return false;
    const bool has_stand_in = rest_.size() > 1 && rest_[0] == '|' && rest_[1] >= '0' && rest_[1] <= '9';
    return !has_stand_in || read_number_after('|', source.stand_in);
  }

  bool read_number_after(char mark, std::size_t& number) {
    if (rest_.empty() || rest_.front() != mark) return true;
    rest_.remove_prefix(1);
    const auto parsed = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (parsed.ec != std::errc() || number == 0 || number > 999) {
      fail(std::string("needs a number from 1 to 999 after ") + mark);
      return false;
    }
    rest_.remove_prefix(static_cast<std::size_t>(parsed.ptr - rest_.data()));
    return true;
  }

  bool read_repetition(Source& source) {
    if (rest_.empty() || rest_.front() != '[') return true;
    const std::size_t close = rest_.find(']');
    if (close == std::string_view::npos) {
      fail("has [ without ]");
      return false;
    }
    const std::string_view inside = rest_.substr(1, close - 1);
    if (inside == "*") {
      source.every_repetition = true;
      rest_.remove_prefix(close + 1);
      return true;
    }
    const std::size_t equals = inside.find('=');
    std::size_t number = 0;
    const std::string_view digits = inside.substr(0, equals);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size() || number == 0 ||
        number > 999 || inside.ends_with('=')) {
      fail("needs a repetition like [2] or a filter like [8=I], with numbers from 1 to 999, or [*] for all");
      return false;
    }
    if (equals == std::string_view::npos) {
      source.repetition = number;
    } else {
      source.filter = Source::RepetitionFilter{number, std::string(inside.substr(equals + 1))};
    }
    rest_.remove_prefix(close + 1);
    return true;
  }

  bool read_systems(Source& source) {
    if (rest_.empty() || rest_.front() != '(') return true;
    const std::size_t close = rest_.find(')');
    if (close == std::string_view::npos) {
      fail("has ( without )");
      return false;
    }
    std::string_view inside = rest_.substr(1, close - 1);
    if (!inside.empty() && inside.front() == '!') {
      source.systems_negated = true;
      inside.remove_prefix(1);
    }
    while (!inside.empty()) {
      const std::size_t bar = inside.find('|');
      source.systems.emplace_back(inside.substr(0, bar));
      source.names_jlac10 = source.names_jlac10 || source.systems.back() == "JC10";
      inside.remove_prefix(bar == std::string_view::npos ? inside.size() : bar + 1);
    }
    if (source.systems.empty()) {
      fail("needs the name of a coding system between ( and )");
      return false;
    }
    rest_.remove_prefix(close + 1);
    return true;
  }

  std::string_view rest_;
  std::string& why_;
};

}  // namespace

std::optional<Source> Source::parse(std::string_view text, std::string& why) {
  return SourceReader(text, why).read();
}

}  // namespace fhir_mapper
