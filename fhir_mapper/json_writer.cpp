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

/// Whether none of eight bytes must be escaped. Sometimes not, where all the same none must.
bool are_plain(std::uint64_t bytes) {
  constexpr std::uint64_t kOnes = 0x0101010101010101u;
  constexpr std::uint64_t kHighBits = 0x8080808080808080u;
  // A byte that is zero, and perhaps some behind it, have their high bit set.
  const auto zeros = [](std::uint64_t of) { return (of - kOnes) & ~of & kHighBits; };
  const std::uint64_t below_space = (bytes - kOnes * 0x20) & ~bytes & kHighBits;
  return (below_space | zeros(bytes ^ (kOnes * '"')) | zeros(bytes ^ (kOnes * '\\'))) == 0;
}

/// Text that grows by twice its size: room is asked for once for each text, and its end moved once.
class Output {
 public:
  /// Where `size` more bytes have room; end_at() takes where they really end.
  char* room(std::size_t size) {
    if (text_.size() - used_ < size) text_.resize(std::max(2 * text_.size(), used_ + size));
    return text_.data() + used_;
  }
  void end_at(const char* end) { used_ = static_cast<std::size_t>(end - text_.data()); }

  void add(std::string_view piece) { end_at(std::copy(piece.begin(), piece.end(), room(piece.size()))); }
  void add(char c) {
    *room(1) = c;
    ++used_;
  }

  std::string take() {
    text_.resize(used_);
    return std::move(text_);
  }

 private:
  std::string text_ = std::string(kUsualBytes, '\0');
  std::size_t used_ = 0;
};

// Own, because most of a Bundle is text without anything to escape, which is copied here eight bytes at a
// time where RapidJSON goes character by character, and because a decimal's own digits go out as they are.
class Printer {
 public:
  Printer(Output& out, Purpose purpose) : out_(out), purpose_(purpose) {}

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
        return out_.add(node.written());
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
      out_.add(before);
      print_text(name);
      out_.add(':');
      print(member);
      before = ',';
    }
    if (before == '{') out_.add(before);
    out_.add('}');
  }

  void print_array(const Node& array) {
    char before = '[';
    for (const Node& item : array) {
      out_.add(before);
      print(item);
      before = ',';
    }
    if (before == '[') out_.add(before);
    out_.add(']');
  }

  void print_text(std::string_view text) {
    const char* at = text.data();
    const char* const end = at + text.size();
    char* to = out_.room(text.size() + 2);
    *to++ = '"';
    while (at != end) {
      if (end - at >= 8) {
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, at, 8);
        if (are_plain(bytes)) {
          std::memcpy(to, &bytes, 8);
          at += 8;
          to += 8;
          continue;
        }
      }
      const char escape = kEscapes[static_cast<unsigned char>(*at)];
      if (escape == 0) {
        *to++ = *at++;
      } else {
        to = print_escape(escape, *at, to, static_cast<std::size_t>(end - at));
        ++at;
      }
    }
    *to++ = '"';
    out_.end_at(to);
  }

  /// Where what follows goes, with room for `rest` bytes: as many as there are behind the character, and a
  /// quote.
  char* print_escape(char escape, char character, char* to, std::size_t rest) {
    out_.end_at(to);
    out_.add('\\');
    out_.add(escape);
    const auto byte = static_cast<unsigned char>(character);
    if (escape == 'u') {
      out_.add("00");
      out_.add(kHexDigits[byte >> 4]);
      out_.add(kHexDigits[byte & 0xF]);
    }
    return out_.room(rest);
  }

  void print_mark(std::string_view what) {
    out_.add('"');
    out_.add(kMark);
    out_.add(what);
    out_.add(kMark);
    out_.add('"');
  }

  Output& out_;
  Purpose purpose_;
};

std::string printed(const Node& node, Purpose purpose) {
  Output out;
  Printer(out, purpose).print(node);
  return out.take();
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
