#include "gateway/settler.h"

#include <algorithm>

namespace gateway {
namespace {

constexpr int kPatienceInSettles = 30;
constexpr Milliseconds kLongestWait{10'000};

}  // namespace

Milliseconds Settler::settle_of(const std::string& root) const {
  const auto settle = settle_.find(root);
  return settle == settle_.end() ? Milliseconds(2'000) : settle->second;
}

void Settler::see(const Unsettled& document, Clock::time_point now) {
  const Milliseconds settle = settle_of(document.document.root);
  const auto known = waiting_.find(document.document);
  // The same state again is no news: a sweep must not start the time anew.
  if (known != waiting_.end() && known->second.stat == document.stat) return;
  Waiting& waiting = waiting_[document.document];
  waiting.stat = document.stat;
  waiting.since = now;
  waiting.wait = settle;
  look_at(document.document, waiting, now + settle);
}

void Settler::look_at(const DocumentRef& document, Waiting& waiting, Clock::time_point when) {
  queue_.erase({waiting.next_look, document});
  waiting.next_look = when;
  queue_.emplace(when, document);
}

std::vector<Unsettled> Settler::due(Clock::time_point now, std::size_t limit) {
  std::vector<Unsettled> documents;
  for (const auto& [next_look, document] : queue_) {
    if (documents.size() == limit || next_look > now) break;
    documents.push_back({document, waiting_.at(document).stat});
  }
  return documents;
}

bool Settler::postpone(const DocumentRef& document, Clock::time_point now) {
  const auto known = waiting_.find(document);
  if (known == waiting_.end()) return false;
  Waiting& waiting = known->second;
  if (now - waiting.since >= kPatienceInSettles * settle_of(document.root)) return true;
  look_at(document, waiting, now + waiting.wait);
  waiting.wait = std::min(waiting.wait * 2, std::max(kLongestWait, settle_of(document.root)));
  return false;
}

bool Settler::is_current(const Unsettled& document) const {
  const auto known = waiting_.find(document.document);
  return known != waiting_.end() && known->second.stat == document.stat;
}

void Settler::forget(const DocumentRef& document) {
  const auto known = waiting_.find(document);
  if (known == waiting_.end()) return;
  queue_.erase({known->second.next_look, document});
  waiting_.erase(known);
}

std::optional<Settler::Clock::time_point> Settler::next_look() const {
  return queue_.empty() ? std::nullopt : std::optional(queue_.begin()->first);
}

}  // namespace gateway
