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

// The words are in files of sites and in databases.
static_assert(word_of(false) == "no" && word_of(true) == "yes");
static_assert(word_of(WatchMode::automatic) == "auto" && word_of(WatchMode::sweep) == "sweep" &&
              word_of(WatchMode::inotify) == "inotify");
static_assert(word_of(MtimeTrust::automatic) == "auto" && word_of(MtimeTrust::yes) == "yes" &&
              word_of(MtimeTrust::no) == "no");
static_assert(word_of(ProblemList::all_documents) == "union" &&
              word_of(ProblemList::newest_document) == "newest");
static_assert(word_of(InsuredNumberRule::repetition) == "repetition" &&
              word_of(InsuredNumberRule::symbol_number) == "symbol-number" &&
              word_of(InsuredNumberRule::joined) == "joined");
static_assert(word_of(DestinationProfile::clins) == "clins" &&
              word_of(DestinationProfile::jp_core) == "jp-core");
static_assert(word_of(DestinationMode::send) == "send" && word_of(DestinationMode::dry_run) == "dry-run");
static_assert(word_of(Untold::all) == "all" && word_of(Untold::rules) == "rules" &&
              word_of(Untold::none) == "none");
static_assert(word_of(AnswerMeaning::unit) == "unit" &&
              word_of(AnswerMeaning::destination) == "destination" &&
              word_of(AnswerMeaning::later) == "later");
static_assert(word_of(SocketMode::owner) == "0600" && word_of(SocketMode::group) == "0660");
static_assert(word_of(LogLevel::debug) == "debug" && word_of(LogLevel::info) == "info" &&
              word_of(LogLevel::warning) == "warning" && word_of(LogLevel::error) == "error");
static_assert(word_of(LogFormat::text) == "text" && word_of(LogFormat::json) == "json");

}  // namespace gateway
