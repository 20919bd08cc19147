#pragma once
// HL7 v2 messages: one owned UTF-8 buffer, and views into it. Views (Segment, Value) must not outlive their
// Message; moving a Message keeps them valid.

#include "ssmix2/failure.h"

#include <cstddef>
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

/// A field, one of its repetitions, a component or a sub-component. Numbers are 1-based as in the standard;
/// what is not there is an empty Value, so that paths can be followed without asking at each step.
class Value {
 public:
  Value() = default;
  Value(std::string_view raw, const Delimiters* delimiters) : raw_(raw), delimiters_(delimiters) {}

  std::string_view raw() const { return raw_; }
  /// Escapes resolved (\F\ \S\ \T\ \R\ \E\ \Xhh..\ \.br\ as line feed); an unpaired escape character stays.
  /// "" (null) gives an empty string.
  std::string text() const;

  /// Nothing said: empty, or the explicit null `""`, or only delimiters.
  bool empty() const;
  bool is_null() const { return raw_ == "\"\""; }

  std::size_t repetitions() const;
  Value repetition(std::size_t number) const;
  std::size_t components() const;
  /// Of a field: of its first repetition.
  Value component(std::size_t number) const;
  Value subcomponent(std::size_t number) const;

 private:
  std::string_view raw_;
  const Delimiters* delimiters_ = nullptr;
};

class Segment {
 public:
  Segment(std::string_view text, const Delimiters* delimiters, std::size_t index, std::size_t occurrence)
      : text_(text), delimiters_(delimiters), index_(index), occurrence_(occurrence) {}

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
  /// break). Errors: hl7_no_msh, hl7_bad_delimiters, hl7_bad_segment, hl7_too_many_segments.
  static Result<Message> parse(std::string utf8);

  std::size_t size() const { return entries_.size(); }
  Segment segment(std::size_t index) const;
  std::optional<Segment> first(std::string_view name) const;
  std::vector<Segment> all(std::string_view name) const;

  const Delimiters& delimiters() const { return body_->delimiters; }
  std::size_t glued_lines() const { return glued_lines_; }

 private:
  struct Body {
    std::string text;
    Delimiters delimiters;
  };
  struct Entry {
    std::size_t begin;
    std::size_t length;
    std::size_t occurrence;
  };
  Message() = default;

  std::unique_ptr<const Body> body_;  // never null after parse(); on the heap so that views survive a move
  std::vector<Entry> entries_;
  std::size_t glued_lines_ = 0;
};

constexpr std::size_t kMaxSegments = 20'000;

}  // namespace ssmix2
