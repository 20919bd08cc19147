#pragma once
// How a choice is written in gateway.xml, in reports and in the database: one table for each enumeration, in
// the order of its enumerators. Pure.

#include "gateway/settings.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace gateway {

template <class Choice>
inline constexpr auto kWords = nullptr;  // one without words does not compile
template <>
inline constexpr std::array<std::string_view, 2> kWords<bool>{"no", "yes"};
template <>
inline constexpr std::array<std::string_view, 3> kWords<WatchMode>{"auto", "sweep", "inotify"};
template <>
inline constexpr std::array<std::string_view, 3> kWords<MtimeTrust>{"auto", "yes", "no"};
template <>
inline constexpr std::array<std::string_view, 2> kWords<ProblemList>{"union", "newest"};
template <>
inline constexpr std::array<std::string_view, 3> kWords<InsuredNumberRule>{"repetition", "symbol-number",
                                                                           "joined"};
template <>
inline constexpr std::array<std::string_view, 2> kWords<DestinationProfile>{"clins", "jp-core"};
template <>
inline constexpr std::array<std::string_view, 2> kWords<DestinationMode>{"send", "dry-run"};
template <>
inline constexpr std::array<std::string_view, 3> kWords<Untold>{"all", "rules", "none"};
template <>
inline constexpr std::array<std::string_view, 3> kWords<AnswerMeaning>{"unit", "destination", "later"};
template <>
inline constexpr std::array<std::string_view, 2> kWords<SocketMode>{"0600", "0660"};
template <>
inline constexpr std::array<std::string_view, 4> kWords<LogLevel>{"debug", "info", "warning", "error"};
template <>
inline constexpr std::array<std::string_view, 2> kWords<LogFormat>{"text", "json"};

template <class Choice>
constexpr std::string_view word_of(Choice choice) {
  return kWords<Choice>.at(static_cast<std::size_t>(choice));
}

/// Nothing for a word that is none of them.
template <class Choice>
constexpr std::optional<Choice> choice_of(std::string_view word) {
  const auto& words = kWords<Choice>;
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<Choice>(found - words.begin());
}

}  // namespace gateway
