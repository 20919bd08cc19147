#include "gateway/json_texts.h"

#include <string_view>
#include <utility>

namespace gateway {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view kSpace = " \t\r";
  const auto first = line.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(kSpace) - first + 1);
}

bool begins_object(std::string_view line) {
  return trimmed(line.starts_with(kByteOrderMark) ? line.substr(kByteOrderMark.size()) : line)
      .starts_with('{');
}

}  // namespace

std::optional<JsonTexts::Text> JsonTexts::next() {
  if (whole_) return std::nullopt;
  if (!begun_) {
    begun_ = true;
    std::string read;
    auto first = next_line(&read);
    auto second = first ? next_line(&read) : std::nullopt;
    // In a single JSON text an object that ended on the first line is never followed by another.
    const bool is_lines = second && begins_object(first->bytes) && trimmed(first->bytes).ends_with('}') &&
                          begins_object(second->bytes);
    if (!is_lines) return whole(std::move(read));
    ahead_ = std::move(second);
    return Text{std::move(first->bytes), first->number};
  }
  auto line = ahead_ ? std::exchange(ahead_, std::nullopt) : next_line(nullptr);
  if (!line) return std::nullopt;
  return Text{std::move(line->bytes), line->number};
}

JsonTexts::Text JsonTexts::whole(std::string read) {
  whole_ = true;
  while (read.size() <= limit_) {
    const Line line = read_line();
    read.append(line.bytes);
    if (!line.ended) break;
    read.push_back('\n');
  }
  return {std::move(read), 0};
}

std::optional<JsonTexts::Line> JsonTexts::next_line(std::string* read) {
  while (true) {
    Line line = read_line();
    if (read != nullptr) read->append(line.bytes).append(line.ended ? "\n" : "");
    if (!trimmed(line.bytes).empty()) return line;
    if (!line.ended) return std::nullopt;
  }
}

JsonTexts::Line JsonTexts::read_line() {
  Line line{{}, ++lines_read_, false};
  constexpr auto kEnd = std::char_traits<char>::eof();
  for (auto byte = stream_.rdbuf()->sbumpc(); byte != kEnd; byte = stream_.rdbuf()->sbumpc()) {
    const char c = std::char_traits<char>::to_char_type(byte);
    if (c == '\n') {
      line.ended = true;
      break;
    }
    if (line.bytes.size() <= limit_) {
      line.bytes.push_back(c);
    } else if (c != ' ' && c != '\t' && c != '\r') {
      line.bytes.back() = c;  // how a line ends tells whether it is one of several
    }
  }
  return line;
}

}  // namespace gateway
