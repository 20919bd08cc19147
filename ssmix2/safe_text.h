#pragma once
// Text that may stand in a log, on a metric or in a message meant for others.
//
// Everything read from a storage is a plain std::string, and a plain std::string does not convert to
// SafeText: code that would print patient data does not compile. Values get in through literals, numbers, or
// vouched(), whose every use is a claim a reviewer can search for. Immutable after construction; no thread
// rules.

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace ssmix2 {

class SafeText {
 public:
  SafeText() = default;

  /// From a literal only: consteval refuses anything known at run time alone.
  template <std::size_t N>
  consteval SafeText(const char (&literal)[N]) : text_(std::string_view(literal, N - 1)) {}

  SafeText(std::integral auto number) : text_(std::to_string(number)) {}

  /// The caller vouches that `text` holds nothing of a patient (settings, rule ids, file names of our own).
  static SafeText vouched(std::string text) {
    SafeText safe;
    safe.text_ = std::move(text);
    return safe;
  }

  std::string_view view() const {
    const auto* owned = std::get_if<std::string>(&text_);
    return owned ? std::string_view(*owned) : std::get<std::string_view>(text_);
  }
  std::string str() const { return std::string(view()); }
  bool empty() const { return view().empty(); }

  friend SafeText operator+(const SafeText& left, const SafeText& right) {
    return vouched(left.str().append(right.view()));
  }
  friend bool operator==(const SafeText& left, const SafeText& right) { return left.view() == right.view(); }

 private:
  // The view is of static storage: only the consteval constructor makes one. A variant, because a std::string
  // member, even an empty one, points into itself and so can never be part of a constant.
  std::variant<std::string_view, std::string> text_;
};

}  // namespace ssmix2
