#include "fhir_mapper/pattern.h"

#include <cstdint>
#include <stdexcept>

#include <re2/re2.h>

namespace fhir_mapper {
namespace {

// An expression that a person can read needs kilobytes. What needs more is refused when it is compiled, and a
// match never takes more: RE2 then goes on more slowly, but as surely.
constexpr std::int64_t kMemory = 1 << 20;

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

re2::RE2::Options options() {
  re2::RE2::Options options;
  options.set_log_errors(false);  // it would write to stderr, and values of patients with it
  options.set_max_mem(kMemory);
  options.set_dot_nl(true);  // a value is one value, also where it has lines
  return options;
}

/// What people who know other dialects write, and RE2 cannot do in linear time.
std::string remedy_for(re2::RE2::ErrorCode code) {
  switch (code) {
    case re2::RE2::ErrorBadPerlOp:
      return "; look-ahead and look-behind do not exist here: write two rules or two rows instead";
    case re2::RE2::ErrorBadEscape:
      return "; a back reference does not exist here, and a character that has no meaning needs no \\";
    case re2::RE2::ErrorRepeatSize:
    case re2::RE2::ErrorPatternTooLarge:
      return "; a repetition may be at most {1000}, and the whole must stay small";
    case re2::RE2::ErrorRepeatArgument:
      return "; *, + and ? need something before them, and \\ makes them characters";
    default:
      return "";
  }
}

}  // namespace

void throw_exception_from_error(const PatternFailure& failure, const boost::source_location&) {
  throw std::logic_error(failure.message);
}

Pattern::Pattern(std::shared_ptr<const re2::RE2> compiled)
    : compiled_(std::move(compiled)), matches_nothing_(re2::RE2::FullMatch("", *compiled_)) {
  if (auto simple = ClassPattern::of(compiled_->pattern())) {
    simple_ = std::make_shared<const ClassPattern>(*std::move(simple));
  }
}

boost::system::result<Pattern, PatternFailure> Pattern::compile(std::string_view expression) {
  auto compiled = std::make_shared<const re2::RE2>(piece(expression), options());
  if (!compiled->ok()) {
    return PatternFailure{compiled->error() + remedy_for(compiled->error_code())};
  }
  return Pattern(std::move(compiled));
}

std::string Pattern::quoted(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kIdeographicSpace = "\u3000";
  std::string expression;
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.front());
    const bool is_plain = byte >= 0x80 || byte == '_' || (byte >= '0' && byte <= '9') ||
                          (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
    if (text.starts_with(kIdeographicSpace)) {
      expression += "\\x{3000}";
      text.remove_prefix(kIdeographicSpace.size());
      continue;
    }
    if (byte <= 0x20 || byte == 0x7F) {
      expression += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 0xF]};
    } else {
      if (!is_plain) expression += '\\';
      expression += text.front();
    }
    text.remove_prefix(1);
  }
  return expression;
}

bool Pattern::matches(std::string_view text) const {
  if (text.empty()) return matches_nothing_;
  if (simple_ != nullptr) return simple_->matches(text);
  return re2::RE2::FullMatch(piece(text), *compiled_);
}

bool Pattern::is_in(std::string_view text) const {
  if (simple_ != nullptr) return simple_->is_in(text);
  return re2::RE2::PartialMatch(piece(text), *compiled_);
}

std::string Pattern::replaced_in(std::string_view text, std::string_view replacement) const {
  std::string replaced(text);
  re2::RE2::GlobalReplace(&replaced, *compiled_, piece(replacement));
  return replaced;
}

std::optional<std::string_view> Pattern::taken(std::string_view text) const {
  if (compiled_->NumberOfCapturingGroups() == 0) return matches(text) ? std::optional(text) : std::nullopt;
  // Match, not FullMatch: with an argument that one fails for a group that took nothing of the text.
  re2::StringPiece groups[2];
  if (!compiled_->Match(piece(text), 0, text.size(), re2::RE2::ANCHOR_BOTH, groups, 2)) return std::nullopt;
  if (groups[1].data() == nullptr) return std::nullopt;
  return std::string_view(groups[1].data(), groups[1].size());
}

std::size_t Pattern::group_count() const {
  return static_cast<std::size_t>(compiled_->NumberOfCapturingGroups());
}

std::vector<std::string_view> Pattern::groups(std::string_view text) const {
  std::vector<re2::StringPiece> taken(group_count() + 1);  // the first is all of the text
  const auto count = static_cast<int>(taken.size());
  if (!compiled_->Match(piece(text), 0, text.size(), re2::RE2::ANCHOR_BOTH, taken.data(), count)) return {};
  std::vector<std::string_view> groups;
  for (std::size_t i = 1; i < taken.size(); ++i) groups.emplace_back(taken[i].data(), taken[i].size());
  return groups;
}

const std::string& Pattern::expression() const {
  return compiled_->pattern();
}

}  // namespace fhir_mapper
