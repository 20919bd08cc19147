#include "ssmix2/key_state.h"

#include "ssmix2/check.h"

#include <optional>
#include <string>

namespace ssmix2 {
namespace {

// Index of the newest document with this flag; of equal times the later one in the list.
std::optional<std::size_t> newest(std::span<const DocumentName> documents, ConditionFlag flag) {
  std::optional<std::size_t> best;
  std::string best_time;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (documents[i].flag != flag) continue;
    std::string time = documents[i].occurred_at_padded();
    if (best && time < best_time) continue;
    best = i;
    best_time = std::move(time);
  }
  return best;
}

std::size_t count(std::span<const DocumentName> documents, ConditionFlag flag) {
  std::size_t total = 0;
  for (const DocumentName& document : documents) total += document.flag == flag ? 1 : 0;
  return total;
}

}  // namespace

KeyState state_of_key(std::span<const DocumentName> documents) {
  KAKEHASHI_CHECK(!documents.empty());
  // Any flag 1 stands, even beside a newer flag 0: a delete renames every file of the key.
  if (const auto live = newest(documents, ConditionFlag::live)) {
    return {KeyState::Kind::live, *live, count(documents, ConditionFlag::live) - 1};
  }
  const auto deleted = newest(documents, ConditionFlag::deleted);
  const auto superseded = newest(documents, ConditionFlag::superseded);
  if (!superseded ||
      (deleted && documents[*deleted].occurred_at_padded() >= documents[*superseded].occurred_at_padded())) {
    return {KeyState::Kind::deleted, *deleted, 0};
  }
  return {KeyState::Kind::undecided, *superseded, 0};
}

}  // namespace ssmix2
