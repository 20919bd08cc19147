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
    waiting_[document.document] = {document.stat, now, now + settle, settle};
}

std::vector<Unsettled> Settler::due(Clock::time_point now, std::size_t limit) {
    std::vector<Unsettled> documents;
    for (auto& [ref, waiting] : waiting_) {
        if (documents.size() == limit) break;
        if (waiting.next_look <= now) documents.push_back({ref, waiting.stat});
    }
    return documents;
}

bool Settler::postpone(const DocumentRef& document, Clock::time_point now) {
    const auto known = waiting_.find(document);
    if (known == waiting_.end()) return false;
    Waiting& waiting = known->second;
    if (now - waiting.since >= kPatienceInSettles * settle_of(document.root)) return true;
    waiting.next_look = now + waiting.wait;
    waiting.wait = std::min(waiting.wait * 2, std::max(kLongestWait, settle_of(document.root)));
    return false;
}

bool Settler::is_current(const Unsettled& document) const {
    const auto known = waiting_.find(document.document);
    return known != waiting_.end() && known->second.stat == document.stat;
}

void Settler::forget(const DocumentRef& document) { waiting_.erase(document); }

std::optional<Settler::Clock::time_point> Settler::next_look() const {
    const auto first = std::min_element(waiting_.begin(), waiting_.end(), [](const auto& left, const auto& right) {
        return left.second.next_look < right.second.next_look;
    });
    return first == waiting_.end() ? std::nullopt : std::optional(first->second.next_look);
}

}  // namespace gateway
