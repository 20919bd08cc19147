#include "gateway/acceptance.h"

#include "gateway/document_reader.h"
#include "gateway/second_looks.h"

#include <algorithm>

namespace gateway {
namespace {

using ssmix2::Disposition;
using ssmix2::Failure;
using ssmix2::FailureCode;

constexpr std::size_t kLooksAtOnce = 256;
// So many documents settle at the same time, at some 400 bytes each.
constexpr std::size_t kMostSettling = 20'000;
constexpr std::size_t kFetchedAtOnce = 4'000;
constexpr Milliseconds kLongestWait{60'000};
constexpr Milliseconds kHeldBackPoll{1'000};

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
  std::vector<Deviation> deviations;

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
      bell_(executor) {
  for (const StorageSettings& storage : context_.configuration.settings.storages)
    roots_[storage.id] = storage.root;
}

void Acceptance::see(const std::vector<Unsettled>& documents) {
  for (const Unsettled& document : documents) {
    // A listing of names alone knows less than a look that was taken.
    if (document.stat == FileStat{} && settler_.knows(document.document)) continue;
    if (settler_.size() < kMostSettling) {
      settler_.see(document, Settler::Clock::now());
    } else {
      backlog_ = true;
      left_out_ = true;
    }
  }
  if (!documents.empty()) bell_.ring();
}

boost::asio::awaitable<void> Acceptance::fetch_backlog() {
  auto fetch = [after = backlog_at_](StateStore::Contents& state) {
    return state.ledger.unsettled(after, kFetchedAtOnce);
  };
  const auto documents = co_await context_.store.run(std::move(fetch));
  for (const Unsettled& document : documents) {
    // A storage that was taken out of the settings leaves its documents in the ledger.
    const bool has_root = roots_.contains(document.document.root);
    if (has_root && !settler_.knows(document.document)) settler_.see(document, Settler::Clock::now());
  }
  if (documents.size() == kFetchedAtOnce) {
    backlog_at_ = documents.back().document;
  } else {
    backlog_at_ = {};
    backlog_ = left_out_;
    left_out_ = false;
  }
}

void Acceptance::see_again(const DocumentRef& document) {
  // No file has this state: the look finds another one, and settling begins from there.
  settler_.forget(document);
  see({{document, FileStat{}}});
}

void Acceptance::stop() {
  stopping_ = true;
  bell_.ring();
}

boost::asio::awaitable<void> Acceptance::run() {
  while (!stopping_) {
    const auto rings = bell_.rings();
    while (backlog_ && settler_.size() + kFetchedAtOnce <= kMostSettling && !stopping_) {
      co_await fetch_backlog();
    }
    const bool may_read = context_.may_read();
    if (may_read) co_await look_at_due();
    Milliseconds wait = may_read ? kLongestWait : kHeldBackPoll;
    const auto next = settler_.next_look();
    if (may_read && next) {
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
  counts_.look_began = ReadingCounts::Clock::now();
  const std::vector<Look> decided = decide(co_await look(std::move(due)));
  auto commit = [decided, all_settled = settler_.empty() && !backlog_](StateStore::Contents& state) {
    std::vector<std::pair<DocumentRef, Failure>> refused;
    SecondLookTable seconds(state.database);
    Transaction transaction(state.database);
    for (const Look& found : decided) {
      const DocumentRef& document = found.document.document;
      if (!found.failure) {
        state.ledger.accept(document, found.document.stat, found.identity, now());
        seconds.add(document.folder_id, found.document.stat.mtime_ns, now());
        for (const auto& [name, count] : found.deviations)
          state.ledger.tally().add(document.root, name, count);
      } else if (found.failure->code == FailureCode::file_vanished) {
        state.ledger.list_again(document, now());
      } else {
        const bool may_be_finished = kind_of(found.failure->code).disposition == Disposition::wait;
        if (may_be_finished) seconds.add_refused(document.folder_id, now());
        const bool is_news = state.ledger.refuse(document, *found.failure, now());
        if (is_news) refused.emplace_back(document, *found.failure);
      }
    }
    if (all_settled) state.ledger.end_loads();
    transaction.commit();
    return refused;
  };
  const auto refused = co_await context_.store.run(std::move(commit));
  looking_ = false;
  count(decided);
  for (const auto& [document, failure] : refused) context_.log_refusal(document, failure);
  if (!decided.empty()) on_decided_();
}

void Acceptance::count(const std::vector<Look>& decided) {
  counts_.look_began = {};
  for (const Look& found : decided) {
    const std::string& storage = found.document.document.root;
    if (!found.failure) {
      ++counts_.accepted[storage];
    } else if (found.failure->code != FailureCode::file_vanished) {
      ++counts_.refused[{storage, kind_of(found.failure->code).id}];
    }
  }
}

boost::asio::awaitable<std::vector<Acceptance::Look>> Acceptance::look(std::vector<Unsettled> due) {
  auto read = [due = std::move(due), roots = roots_] {
    std::vector<Look> looks;
    for (const Unsettled& document : due) {
      Look found{document, {}, {}, false, {}, {}};
      const auto path = roots.at(document.document.root) / document.document.relative_path();
      if (document.stat == FileStat{}) {
        // Only its name was seen yet.
        const auto stat = stat_document(path);
        if (stat.has_value()) found.changed = *stat;
        if (!stat.has_value()) found.failure = stat.error();
        looks.push_back(std::move(found));
        continue;
      }
      const auto loaded = load_document(path);
      if (!loaded.has_value()) {
        found.failure = loaded.error();
      } else if (loaded->stat != document.stat) {
        found.changed = loaded->stat;
      } else {
        found.unterminated = loaded->unterminated;
        found.identity = identity_of(loaded->message);
        found.deviations = deviations_of(*loaded);
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
      settler_.forget(document);  // renamed, gone or away: the folder's listing tells
      decided.push_back(std::move(found));
    } else if (!found.unfinished() || settler_.postpone(document, at)) {
      settler_.forget(document);
      decided.push_back(std::move(found));
    }
  }
  return decided;
}

}  // namespace gateway
