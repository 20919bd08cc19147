#include "fhir_mapper/json_writer.h"

#include "ssmix2/check.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace fhir_mapper {
namespace {

constexpr char kMark = '\x01';

enum class Purpose { snapshot, content };

constexpr std::size_t kUsualBytes = 16 * 1024;

constexpr char kHexDigits[] = "0123456789ABCDEF";

/// What stands behind the backslash; 0: nothing is escaped, 'u': as a code.
constexpr std::array<char, 256> escapes() {
  std::array<char, 256> marks{};
  for (std::size_t control = 0; control < 0x20; ++control) marks[control] = 'u';
  marks['\b'] = 'b';
  marks['\f'] = 'f';
  marks['\n'] = 'n';
  marks['\r'] = 'r';
  marks['\t'] = 't';
  marks['"'] = '"';
  marks['\\'] = '\\';
  return marks;
}
constexpr std::array<char, 256> kEscapes = escapes();

/// The first byte that must be escaped, or the end. Eight bytes at a time: the loop over single ones was a
/// tenth of all mapping.
const char* plain_until(const char* at, const char* end) {
  constexpr std::uint64_t kOnes = 0x0101010101010101u;
  constexpr std::uint64_t kHighBits = 0x8080808080808080u;
  // A byte that is zero, and perhaps some behind it, have their high bit set: so each is looked at again.
  const auto zeros = [](std::uint64_t bytes) { return (bytes - kOnes) & ~bytes & kHighBits; };
  for (; end - at >= 8; at += 8) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, at, 8);
    const std::uint64_t below_space = (bytes - kOnes * 0x20) & ~bytes & kHighBits;
    if ((below_space | zeros(bytes ^ (kOnes * '"')) | zeros(bytes ^ (kOnes * '\\'))) != 0) break;
  }
  while (at != end && kEscapes[static_cast<unsigned char>(*at)] == 0) ++at;
  return at;
}

// Own, because most of a Bundle is text without anything to escape, which is copied here as a whole where
// RapidJSON goes character by character, and because a decimal's own digits go out as they are.
class Printer {
 public:
  Printer(std::string& out, Purpose purpose) : out_(out), purpose_(purpose) {}

  void print(const Node& node) {
    switch (node.kind()) {
      case Node::Kind::object:
        return print_object(node);
      case Node::Kind::array:
        return print_array(node);
      case Node::Kind::text:
        return print_text(node.written());
      case Node::Kind::decimal:
      case Node::Kind::boolean:
      case Node::Kind::null:
        out_ += node.written();
        return;
      case Node::Kind::snapshot_time:
        return print_mark("t");
      case Node::Kind::entry_url:
        return print_mark(purpose_ == Purpose::content ? "u" : "u" + std::to_string(node.entry_index()));
    }
  }

 private:
  void print_object(const Node& object) {
    char before = '{';
    for (const Node& member : object) {
      const std::string_view name = member.name();
      if (purpose_ == Purpose::content && (name == "lastUpdated" || name == "timestamp")) continue;
      print_name(before, name);
      print(member);
      before = ',';
    }
    if (before == '{') out_ += before;
    out_ += '}';
  }
  /// In one piece: a Bundle has more names than texts, and those of elements are letters alone. A tree that
  /// was read may have any.
  void print_name(char before, std::string_view name) {
    const char* const end = name.data() + name.size();
    if (plain_until(name.data(), end) != end) {
      out_ += before;
      print_text(name);
      out_ += ':';
      return;
    }
    const std::size_t from = out_.size();
    out_.resize(from + name.size() + 4);
    char* at = out_.data() + from;
    *at++ = before;
    *at++ = '"';
    at = std::copy(name.begin(), name.end(), at);
    *at++ = '"';
    *at = ':';
  }
  void print_array(const Node& array) {
    char before = '[';
    for (const Node& item : array) {
      out_ += before;
      print(item);
      before = ',';
    }
    if (before == '[') out_ += before;
    out_ += ']';
  }

  void print_text(std::string_view text) {
    out_ += '"';
    const char* copied = text.data();
    const char* const end = copied + text.size();
    for (const char* at = plain_until(copied, end); at != end; at = plain_until(at + 1, end)) {
      const auto byte = static_cast<unsigned char>(*at);
      const char escape = kEscapes[byte];
      out_.append(copied, at).append(1, '\\').append(1, escape);
      if (escape == 'u') out_.append("00").append(1, kHexDigits[byte >> 4]).append(1, kHexDigits[byte & 0xF]);
      copied = at + 1;
    }
    out_.append(copied, end).append(1, '"');
  }

  void print_mark(std::string_view what) {
    out_.append(1, '"').append(1, kMark).append(what).append(1, kMark).append(1, '"');
  }

  std::string& out_;
  Purpose purpose_;
};

std::string printed(const Node& node, Purpose purpose) {
  std::string out;
  out.reserve(kUsualBytes);
  Printer(out, purpose).print(node);
  return out;
}

}  // namespace

SnapshotTemplate SnapshotTemplate::of(const Node& node) {
  return SnapshotTemplate(printed(node, Purpose::snapshot));
}

std::string SnapshotTemplate::render(std::string_view snapshot_time,
                                     const std::function<std::string(std::size_t)>& entry_url) const {
  std::string body;
  body.reserve(text_.size() + 64 * 36);
  std::size_t from = 0;
  while (true) {
    const std::size_t mark = text_.find(kMark, from);
    body.append(text_, from, mark - from);
    if (mark == std::string::npos) return body;
    const std::size_t end = text_.find(kMark, mark + 1);
    KAKEHASHI_CHECK(end != std::string::npos);
    const std::string_view what = std::string_view(text_).substr(mark + 1, end - mark - 1);
    if (what == "t") {
      body += snapshot_time;
    } else {
      std::size_t index = 0;
      const auto parsed = std::from_chars(what.data() + 1, what.data() + what.size(), index);
      KAKEHASHI_CHECK(what.front() == 'u' && parsed.ec == std::errc());
      body += entry_url(index);
    }
    from = end + 1;
  }
}

std::string content_of(const Node& node) {
  return printed(node, Purpose::content);
}

}  // namespace fhir_mapper
