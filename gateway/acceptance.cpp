#include "gateway/acceptance.h"

#include "gateway/document_reader.h"

#include <algorithm>

namespace gateway {
namespace {

using ssmix2::Disposition;
using ssmix2::Failure;
using ssmix2::FailureCode;

constexpr std::size_t kLooksAtOnce = 256;
constexpr Milliseconds kLongestWait{60'000};

std::map<std::string, Milliseconds> settle_times(const Settings& settings) {
  std::map<std::string, Milliseconds> times;
  for (const StorageSettings& storage : settings.storages) times[storage.id] = storage.settle;
  return times;
}

}  // namespace

struct Acceptance::Look {
  Unsettled document;
  std::optional<FileStat> changed;  // another state than the one that was to be confirmed
  std::optional<Failure> failure;
  bool unterminated = false;
  std::string identity;

  /// Perhaps the writer is not done.
  bool unfinished() const {
    return unterminated || (failure && kind_of(failure->code).disposition == Disposition::wait);
  }
};

Acceptance::Acceptance(boost::asio::any_io_executor executor, const IntakeContext& context,
                       std::function<void()> on_decided)
    : context_(context),
      on_decided_(std::move(on_decided)),
      settler_(settle_times(context.configuration.settings)),
      bell_(executor) {}

void Acceptance::see(const std::vector<Unsettled>& documents) {
  for (const Unsettled& document : documents) settler_.see(document, Settler::Clock::now());
  if (!documents.empty()) bell_.ring();
}

void Acceptance::see_again(const DocumentRef& document) {
  // No file has this state: the look finds another one, and settling begins from there.
  see({{document, FileStat{}}});
}

void Acceptance::stop() {
  stopping_ = true;
  bell_.ring();
}

boost::asio::awaitable<void> Acceptance::run() {
  while (!stopping_) {
    const auto rings = bell_.rings();
    co_await look_at_due();
    Milliseconds wait = kLongestWait;
    if (const auto next = settler_.next_look()) {
      const auto until = std::chrono::duration_cast<Milliseconds>(*next - Settler::Clock::now());
      wait = std::clamp(until + Milliseconds(1), Milliseconds(1), kLongestWait);
    }
    co_await bell_.wait_for(wait, rings);
  }
}

boost::asio::awaitable<void> Acceptance::look_at_due() {
  auto due = settler_.due(Settler::Clock::now(), kLooksAtOnce);
  if (due.empty()) co_return;
  looking_ = true;
  const std::vector<Look> decided = decide(co_await look(std::move(due)));
  auto commit = [decided](StateStore::Contents& state) {
    std::vector<std::pair<DocumentRef, Failure>> refused;
    Transaction transaction(state.database);
    for (const Look& found : decided) {
      const DocumentRef& document = found.document.document;
      if (!found.failure) {
        state.ledger.accept(document, found.document.stat, found.identity, now());
      } else if (state.ledger.refuse(document, *found.failure, now())) {
        refused.emplace_back(document, *found.failure);
      }
    }
    transaction.commit();
    return refused;
  };
  const auto refused = co_await context_.store.run(std::move(commit));
  looking_ = false;
  for (const auto& [document, failure] : refused) context_.log_refusal(document, failure);
  if (!decided.empty()) on_decided_();
}

boost::asio::awaitable<std::vector<Acceptance::Look>> Acceptance::look(std::vector<Unsettled> due) {
  std::map<std::string, std::filesystem::path> roots;
  for (const StorageSettings& storage : context_.configuration.settings.storages)
    roots[storage.id] = storage.root;
  auto read = [due = std::move(due), roots = std::move(roots)] {
    std::vector<Look> looks;
    for (const Unsettled& document : due) {
      Look found{document, {}, {}, false, {}};
      const auto loaded = load_document(roots.at(document.document.root) / document.document.relative_path());
      if (!loaded.has_value()) {
        found.failure = loaded.error();
      } else if (loaded->stat != document.stat) {
        found.changed = loaded->stat;
      } else {
        found.unterminated = loaded->unterminated;
        found.identity = identity_of(loaded->message);
      }
      looks.push_back(std::move(found));
    }
    return looks;
  };
  co_return co_await run_on(context_.work, std::move(read));
}

/// What is to be committed; the rest is looked at again, or not at all.
std::vector<Acceptance::Look> Acceptance::decide(std::vector<Look> looks) {
  const auto at = Settler::Clock::now();
  std::vector<Look> decided;
  for (Look& found : looks) {
    const DocumentRef& document = found.document.document;
    if (!settler_.is_current(found.document)) continue;
    if (found.changed) {
      settler_.see({document, *found.changed}, at);
    } else if (found.failure && found.failure->code == FailureCode::file_vanished) {
      settler_.forget(document);  // renamed or gone: the folder's listing tells
    } else if (!found.unfinished() || settler_.postpone(document, at)) {
      settler_.forget(document);
      decided.push_back(std::move(found));
    }
  }
  return decided;
}

}  // namespace gateway
