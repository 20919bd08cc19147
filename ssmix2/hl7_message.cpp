#include "ssmix2/hl7_message.h"

#include "ssmix2/check.h"
#include "ssmix2/hl7_escape.h"

#include <algorithm>
#include <array>

namespace ssmix2 {
namespace {

constexpr std::string_view kTrailing{"\x1C\r\n\x1A\0", 5};
constexpr std::string_view kNull = "\"\"";
constexpr std::size_t kUsualSegments = 32;  // room for most messages at once

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_punctuation(char c) {
  return c > ' ' && c < 0x7F && !is_upper(c) && !is_digit(c) && !(c >= 'a' && c <= 'z');
}

/// The `number`th (1-based) piece of `text` between delimiters; nothing when there are fewer.
std::optional<std::string_view> piece(std::string_view text, char delimiter, std::size_t number) {
  if (number == 0) return std::nullopt;
  while (--number > 0) {
    const auto end = text.find(delimiter);
    if (end == std::string_view::npos) return std::nullopt;
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find(delimiter));
}

std::size_t count_pieces(std::string_view text, char delimiter) {
  if (text.empty()) return 0;
  return 1 + static_cast<std::size_t>(std::ranges::count(text, delimiter));
}

}  // namespace

std::string Value::text() const {
  if (is_null()) return {};
  return delimiters_ == nullptr ? std::string(raw_) : without_escapes(raw_, *delimiters_);
}

bool Value::empty() const {
  if (delimiters_ == nullptr) return raw_.empty() || is_null();
  // What is no punctuation is no delimiter.
  if (!raw_.empty() && static_cast<unsigned char>(raw_.front()) > ' ' && !is_punctuation(raw_.front())) {
    return false;
  }
  const std::array<char, 3> ends = {delimiters_->component, delimiters_->repetition,
                                    delimiters_->subcomponent};
  std::string_view rest = raw_;
  while (true) {
    const auto end = rest.find_first_of(std::string_view(ends.data(), ends.size()));
    const std::string_view leaf = rest.substr(0, end);
    if (!leaf.empty() && leaf != kNull) return false;
    if (end == std::string_view::npos) return true;
    rest.remove_prefix(end + 1);
  }
}

std::size_t Value::repetitions() const {
  if (delimiters_ == nullptr) return raw_.empty() ? 0 : 1;
  return count_pieces(raw_, delimiters_->repetition);
}

Value Value::repetition(std::size_t number) const {
  if (delimiters_ == nullptr) return number == 1 ? *this : Value();
  const auto found = piece(raw_, delimiters_->repetition, number);
  return found ? Value(*found, delimiters_) : Value();
}

std::size_t Value::components() const {
  if (delimiters_ == nullptr) return raw_.empty() ? 0 : 1;
  return count_pieces(repetition(1).raw_, delimiters_->component);
}

Value Value::component(std::size_t number) const {
  if (delimiters_ == nullptr) return number == 1 ? *this : Value();
  const auto found = piece(repetition(1).raw_, delimiters_->component, number);
  return found ? Value(*found, delimiters_) : Value();
}

Value Value::subcomponent(std::size_t number) const {
  if (delimiters_ == nullptr) return number == 1 ? *this : Value();
  const auto found = piece(component(1).raw_, delimiters_->subcomponent, number);
  return found ? Value(*found, delimiters_) : Value();
}

Parts Value::all_repetitions() const {
  return {raw_, delimiters_ == nullptr ? '\0' : delimiters_->repetition, delimiters_};
}

Parts Value::all_components() const {
  return {repetition(1).raw_, delimiters_ == nullptr ? '\0' : delimiters_->component, delimiters_};
}

Parts Value::all_subcomponents() const {
  return {component(1).raw_, delimiters_ == nullptr ? '\0' : delimiters_->subcomponent, delimiters_};
}

std::size_t Segment::fields() const {
  const auto delimiters = static_cast<std::size_t>(std::ranges::count(text_, delimiters_->field));
  return name() == "MSH" ? delimiters + 1 : delimiters;
}

Value Segment::field(std::size_t number) const {
  if (number == 0) return {};
  if (name() != "MSH") {
    const auto found = piece(text_, delimiters_->field, number + 1);
    return found ? Value(*found, delimiters_) : Value();
  }
  if (number == 1) return Value(text_.substr(3, 1), nullptr);
  const auto found = piece(text_, delimiters_->field, number);
  // MSH-2 is made of delimiters and must not be split by them.
  return found ? Value(*found, number == 2 ? nullptr : delimiters_) : Value();
}

namespace {

std::optional<Delimiters> read_delimiters(std::string_view msh, bool& assumed) {
  Delimiters delimiters;
  if (msh.size() < 4) return std::nullopt;
  delimiters.field = msh[3];
  const std::string_view line = msh.substr(0, msh.find_first_of("\r\n"));
  std::string coding(piece(line, delimiters.field, 2).value_or(""));
  assumed = coding.size() < 4;
  // One byte in JIS X 0201 is backslash to some and yen to others, also to what wrote a message as UTF-8.
  for (const std::string_view yen : {"\u00A5", "\uFFE5"}) {
    const auto at = coding.find(yen);
    if (at == std::string::npos) continue;
    coding.replace(at, yen.size(), "\\");
    assumed = true;
  }
  const std::array<char*, 4> targets = {&delimiters.component, &delimiters.repetition, &delimiters.escape,
                                        &delimiters.subcomponent};
  for (std::size_t i = 0; i < std::min(coding.size(), targets.size()); ++i) *targets[i] = coding[i];

  std::string all = {delimiters.field, delimiters.component, delimiters.repetition, delimiters.escape,
                     delimiters.subcomponent};
  std::ranges::sort(all);
  const bool distinct = std::ranges::adjacent_find(all) == all.end();
  if (!distinct || !std::ranges::all_of(all, is_punctuation)) return std::nullopt;
  return delimiters;
}

// Those of SS-MIX2. CRP or MRI on a line of its own is text with a line break in it.
constexpr std::array<std::string_view, 30> kSegmentNames = {
    "AL1", "CTI", "DB1", "EVN", "IAM", "IN1", "IPC", "MSH", "NK1", "NTE", "OBR", "OBX", "ODS", "ORC", "PID",
    "PRB", "PV1", "PV2", "RXA", "RXC", "RXE", "RXO", "RXR", "SPM", "TQ1", "ZE1", "ZE2", "ZI1", "ZPD", "ZPR"};

bool is_segment(std::string_view line, char field_delimiter) {
  if (line.size() < 3 || !is_upper(line[0])) return false;
  const auto upper_or_digit = [](char c) { return is_upper(c) || is_digit(c); };
  if (!upper_or_digit(line[1]) || !upper_or_digit(line[2])) return false;
  if (line.size() > 3) return line[3] == field_delimiter;
  return std::ranges::find(kSegmentNames, line) != kSegmentNames.end();
}

/// Cuts off one line after the other, CR, LF or CRLF ended, and takes MLLP's block marks off both their ends.
/// The next CR and the next LF are remembered: most messages have only one of them, and looking for the other
/// would read to the end each time.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text), cr_(find('\r')), lf_(find('\n')) {}

  bool at_end() const { return at_ >= text_.size(); }

  std::string_view take() {
    const std::size_t end = std::min(cr_, lf_);
    std::string_view line = text_.substr(at_, end - at_);
    at_ = std::min(end, text_.size() - 1) + 1;
    if (end == cr_ && lf_ == cr_ + 1) ++at_;
    if (cr_ < at_) cr_ = find('\r');
    if (lf_ < at_) lf_ = find('\n');
    while (line.starts_with('\x0B') || line.starts_with('\x1C')) line.remove_prefix(1);
    while (line.ends_with('\x1C')) line.remove_suffix(1);
    return line;
  }

 private:
  std::size_t find(char terminator) const { return std::min(text_.find(terminator, at_), text_.size()); }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t cr_;  // text_.size() when there is none
  std::size_t lf_;
};

/// Counts segments by name. A message has a dozen names: walking along them beats a tree of strings.
class Occurrences {
 public:
  Occurrences() { counts_.reserve(kUsualSegments); }

  std::size_t add(std::string_view name) {
    const auto same = [name](const Count& count) { return count.name == name; };
    const auto found = std::ranges::find_if(counts_, same);
    if (found != counts_.end()) return ++found->number;
    counts_.push_back({name, 1});
    return 1;
  }

 private:
  struct Count {
    std::string_view name;
    std::size_t number;
  };
  std::vector<Count> counts_;
};

std::string_view without_marks(std::string_view text) {
  const auto last = text.find_last_not_of(kTrailing);
  text = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.starts_with('\x0B')) text.remove_prefix(1);
  return text;
}

}  // namespace

Result<Message> Message::parse(std::string utf8) {
  std::string_view rest = without_marks(utf8);
  if (!rest.starts_with("MSH")) return Failure{FailureCode::hl7_no_msh};
  Message message;
  const auto delimiters = read_delimiters(rest, message.delimiters_assumed_);
  if (!delimiters) return Failure{FailureCode::hl7_bad_delimiters, {.segment = "MSH"}};

  auto body = std::make_unique<Body>();
  body->delimiters = *delimiters;
  std::string& text = body->text;
  text.reserve(rest.size());
  message.entries_.reserve(kUsualSegments);
  Occurrences occurrences;
  std::size_t blank_lines = 0;
  Lines lines(rest);
  while (!lines.at_end()) {
    const std::string_view line = lines.take();
    const auto origin = static_cast<std::size_t>(line.data() - utf8.data());
    if (line.empty()) {
      ++blank_lines;
    } else if (is_segment(line, delimiters->field)) {
      const std::string_view name = line.substr(0, 3);
      // A second message in the file may be another patient's.
      if (name == "MSH" && !message.entries_.empty()) {
        return Failure{FailureCode::hl7_bad_segment, {.segment = std::string(name), .occurrence = 2}};
      }
      if (message.entries_.size() == kMaxSegments) return Failure{FailureCode::hl7_too_many_segments};
      message.entries_.push_back({{text.size(), origin}, line.size(), occurrences.add(name)});
      text += line;
      blank_lines = 0;
    } else {
      text.append(blank_lines + 1, '\n');
      message.glued_lines_.push_back({text.size(), origin});
      text += line;
      message.entries_.back().length += blank_lines + 1 + line.size();
      blank_lines = 0;
    }
  }
  message.body_ = std::move(body);
  return message;
}

Segment Message::segment(std::size_t index) const {
  KAKEHASHI_CHECK(index < entries_.size());
  const Entry& entry = entries_[index];
  const std::string_view text = std::string_view(body_->text).substr(entry.line.begin, entry.length);
  return Segment(text, &body_->delimiters, index, entry.occurrence);
}

std::optional<Segment> Message::first(std::string_view name) const {
  for (std::size_t i = 0; i < size(); ++i) {
    const Segment candidate = segment(i);
    if (candidate.name() == name) return candidate;
  }
  return std::nullopt;
}

std::vector<Segment> Message::all(std::string_view name) const {
  std::vector<Segment> found;
  for (std::size_t i = 0; i < size(); ++i) {
    const Segment candidate = segment(i);
    if (candidate.name() == name) found.push_back(candidate);
  }
  return found;
}

std::optional<Segment> Message::segment_of(const Value& value) const {
  const std::string_view text = body_->text;
  const char* const at = value.raw().data();
  if (std::less<>()(at, text.data()) || std::less<>()(text.data() + text.size(), at)) return std::nullopt;
  const auto begin = static_cast<std::size_t>(at - text.data());
  // Segments lie without a gap, so that an empty last value begins where the next segment does; but no value
  // begins a segment.
  const auto after =
      std::ranges::lower_bound(entries_, begin, {}, [](const Entry& e) { return e.line.begin; });
  if (after == entries_.begin()) return std::nullopt;
  return segment(static_cast<std::size_t>(after - entries_.begin()) - 1);
}

std::optional<std::size_t> Message::offset_of(const Value& value) const {
  const auto found = segment_of(value);
  if (!found) return std::nullopt;
  const auto begin = static_cast<std::size_t>(value.raw().data() - body_->text.data());
  const auto after = std::ranges::upper_bound(glued_lines_, begin, {}, &Line::begin);
  Line line = entries_[found->index()].line;
  if (after != glued_lines_.begin() && (after - 1)->begin > line.begin) line = *(after - 1);
  return line.origin + (begin - line.begin);
}

}  // namespace ssmix2
