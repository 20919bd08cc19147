#pragma once
// HL7 v2 messages: one owned UTF-8 buffer, and views into it. Views (Segment, Value) must not outlive their
// Message; moving a Message keeps them valid.

#include "ssmix2/failure.h"

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ssmix2 {

struct Delimiters {
  char field = '|';
  char component = '^';
  char repetition = '~';
  char escape = '\\';
  char subcomponent = '&';

  friend bool operator==(const Delimiters&, const Delimiters&) = default;
};

class Parts;

/// A field, one of its repetitions, a component or a sub-component. Numbers are 1-based as in the standard;
/// what is not there is an empty Value, so that paths can be followed without asking at each step.
class Value {
 public:
  Value() = default;
  Value(std::string_view raw, const Delimiters* delimiters) : raw_(raw), delimiters_(delimiters) {}

  std::string_view raw() const { return raw_; }
  /// Escapes resolved, see hl7_escape.h. "" (null) gives an empty string.
  std::string text() const;

  /// Nothing said: empty, or the explicit null `""`, or only delimiters.
  bool empty() const;
  bool is_null() const { return raw_ == "\"\""; }
  /// Whether text() may differ from raw().
  bool has_escapes() const {
    return delimiters_ != nullptr && raw_.find(delimiters_->escape) != std::string_view::npos;
  }

  std::size_t repetitions() const;
  Value repetition(std::size_t number) const;
  std::size_t components() const;
  /// Of a field: of its first repetition.
  Value component(std::size_t number) const;
  Value subcomponent(std::size_t number) const;

  // All of them, one after the other: whoever asks for each by its number takes time that grows with the
  // square of their count.
  Parts all_repetitions() const;
  Parts all_components() const;     // of a field: of its first repetition
  Parts all_subcomponents() const;  // of a field: of the first component of its first repetition

 private:
  std::string_view raw_;
  const Delimiters* delimiters_ = nullptr;
};

/// What stands between delimiters, to go through once. A view, like Value; an empty text has no parts.
class Parts {
 public:
  /// Without `delimiters` the whole is the only part.
  Parts(std::string_view text, char delimiter, const Delimiters* delimiters)
      : text_(text), delimiter_(delimiter), delimiters_(delimiters) {}

  class Iterator {
   public:
    explicit Iterator(const Parts& parts)
        : rest_(parts.text_),
          delimiter_(parts.delimiter_),
          delimiters_(parts.delimiters_),
          end_(find_end()),
          at_end_(parts.text_.empty()) {}
    Value operator*() const { return Value(rest_.substr(0, end_), delimiters_); }
    Iterator& operator++() {
      at_end_ = end_ == std::string_view::npos;
      if (!at_end_) rest_.remove_prefix(end_ + 1);
      end_ = find_end();
      return *this;
    }
    friend bool operator==(const Iterator& left, std::default_sentinel_t) { return left.at_end_; }

   private:
    std::size_t find_end() const {
      return delimiters_ == nullptr ? std::string_view::npos : rest_.find(delimiter_);
    }

    std::string_view rest_;
    char delimiter_;
    const Delimiters* delimiters_;
    std::size_t end_;
    bool at_end_;
  };
  Iterator begin() const { return Iterator(*this); }
  std::default_sentinel_t end() const { return {}; }

 private:
  std::string_view text_;
  char delimiter_;
  const Delimiters* delimiters_;
};

class Segment {
 public:
  Segment(std::string_view text, const Delimiters* delimiters, std::size_t index, std::size_t occurrence)
      : text_(text), delimiters_(delimiters), index_(index), occurrence_(occurrence) {}

  std::string_view text() const { return text_; }  // as written; lines glued to it begin with a line feed
  std::string_view name() const { return text_.substr(0, 3); }
  std::size_t index() const { return index_; }            // 0-based position in the message
  std::size_t occurrence() const { return occurrence_; }  // 1-based among segments of this name
  std::size_t fields() const;                             // highest field number written
  /// MSH counts its delimiters as fields 1 and 2, as the standard does.
  Value field(std::size_t number) const;

 private:
  std::string_view text_;
  const Delimiters* delimiters_;
  std::size_t index_;
  std::size_t occurrence_;
};

class Message {
 public:
  /// Segments end with CR, LF or CRLF; a line that is no segment is glued to the one before (text with a line
  /// break): it has no field delimiter behind a segment's name, or is a bare word that SS-MIX2 has no segment
  /// of. Errors: hl7_no_msh, hl7_bad_delimiters, hl7_bad_segment, hl7_too_many_segments.
  static Result<Message> parse(std::string utf8);

  std::size_t size() const { return entries_.size(); }
  Segment segment(std::size_t index) const;
  std::optional<Segment> first(std::string_view name) const;
  std::vector<Segment> all(std::string_view name) const;

  const Delimiters& delimiters() const { return body_->delimiters; }

  /// The segment that a value of this message stands in; nothing for a value that is not there.
  std::optional<Segment> segment_of(const Value& value) const;
  /// Where a value begins in the text given to parse().
  std::optional<std::size_t> offset_of(const Value& value) const;

  // Deviations, to be counted.
  std::size_t glued_lines() const { return glued_lines_.size(); }
  /// MSH-2 was missing, too short or had ¥ for the escape character: the standard's delimiters count.
  bool delimiters_assumed() const { return delimiters_assumed_; }

 private:
  struct Body {
    std::string text;
    Delimiters delimiters;
  };
  struct Line {
    std::size_t begin;   // in the buffer
    std::size_t origin;  // in the text given to parse()
  };
  struct Entry {
    Line line;
    std::size_t length;  // with the lines glued to it
    std::size_t occurrence;
  };
  Message() = default;

  std::unique_ptr<const Body> body_;  // never null after parse(); on the heap so that views survive a move
  std::vector<Entry> entries_;
  std::vector<Line> glued_lines_;
  bool delimiters_assumed_ = false;
};

constexpr std::size_t kMaxSegments = 20'000;

}  // namespace ssmix2
