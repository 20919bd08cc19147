#include "gateway/folder_look.h"

#include "gateway/scope.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <set>

namespace gateway {
namespace {

// Enough that a commit is worth its flush to disk, few enough that a hint need not wait long.
constexpr std::size_t kFoldersAtOnce = 4'096;
constexpr Milliseconds kLongestTurn{60'000};

/// Looks wait for each other in the order in which they came, so that a long sweep does not starve hints.
class Turn {
 public:
  explicit Turn(std::function<void()> pass) : pass_(std::move(pass)) {}
  ~Turn() { pass_(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  std::function<void()> pass_;
};

}  // namespace

FolderLook::FolderLook(boost::asio::any_io_executor executor, const StorageSettings& storage,
                       const IntakeContext& context, SweepCounts& counts, OnSeen on_seen)
    : storage_(storage), context_(context), counts_(counts), on_seen_(std::move(on_seen)), turn_(executor) {}

void FolderLook::stop() {
  stopping_ = true;
}

void FolderLook::use(bool trust_times, Milliseconds time_margin) {
  trust_times_ = trust_times;
  time_margin_ = time_margin;
}

boost::asio::awaitable<void> FolderLook::take_turn() {
  const unsigned long ticket = next_ticket_++;
  while (serving_ != ticket) co_await turn_.wait_for(kLongestTurn, turn_.rings());
}

void FolderLook::pass_turn() {
  ++serving_;
  turn_.ring();
}

boost::asio::awaitable<Looked> FolderLook::look(std::vector<FolderToLookAt> folders, LookWay way) {
  const std::size_t at_once =
      storage_.rate_limit == 0
          ? kFoldersAtOnce
          : std::clamp<std::size_t>(static_cast<std::size_t>(storage_.rate_limit) / 4, 1, kFoldersAtOnce);
  std::deque<FolderToLookAt> waiting(std::make_move_iterator(folders.begin()),
                                     std::make_move_iterator(folders.end()));
  Looked looked;
  while (!waiting.empty() && !stopping_) {
    const auto end = waiting.begin() + static_cast<std::ptrdiff_t>(std::min(at_once, waiting.size()));
    std::vector<FolderToLookAt> now_looking(std::make_move_iterator(waiting.begin()),
                                            std::make_move_iterator(end));
    waiting.erase(waiting.begin(), end);
    const std::size_t count = now_looking.size();
    co_await keep_rate(count);
    co_await take_turn();
    const Turn turn([this] { pass_turn(); });
    auto listings = co_await read(std::move(now_looking), way);
    counts_.note_progress();
    if (listings.empty()) {
      looked.folders += count;
      continue;
    }
    if (listings.front().folder.level == kRootLevel) looked.root = listings.front().outcome;
    Observed observed = co_await compare(std::move(listings));
    looked.folders += count;
    looked.new_documents += observed.new_documents;
    looked.missing += observed.missing;
    std::erase_if(observed.to_look_at,
                  [&way](const FolderToLookAt& folder) { return folder.level > way.deepest_level; });
    // What was found goes first: a patient is finished before the next one is begun.
    waiting.insert(waiting.begin(), std::make_move_iterator(observed.to_look_at.begin()),
                   std::make_move_iterator(observed.to_look_at.end()));
    report(observed);
  }
  co_return looked;
}

boost::asio::awaitable<void> FolderLook::keep_rate(std::size_t folders) {
  if (storage_.rate_limit == 0) co_return;
  const auto at = std::chrono::steady_clock::now();
  free_again_ = std::max(free_again_, at);
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, free_again_);
  free_again_ +=
      std::chrono::microseconds(1'000'000 * folders / static_cast<std::size_t>(storage_.rate_limit));
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

boost::asio::awaitable<std::vector<FolderListing>> FolderLook::read(std::vector<FolderToLookAt> folders,
                                                                    LookWay way) {
  std::vector<FolderToLookAt> asked;
  if (watch_ != nullptr) asked = folders;
  Read found = co_await read_once(std::move(folders), way);
  std::set<std::string> again;
  for (const auto& [number, path] : found.watches) {
    // Something came there while its watch had no name yet: what was read may be older than that.
    if (watch_->know(number, path)) again.insert(path);
  }
  if (again.empty()) co_return std::move(found.listings);
  std::erase_if(found.listings, [&](const FolderListing& each) { return again.contains(each.folder.path); });
  std::erase_if(asked, [&](const FolderToLookAt& each) { return !again.contains(each.path); });
  for (FolderToLookAt& folder : asked) folder.known_mtime_ns = 0;
  Read newer = co_await read_once(std::move(asked), way);
  std::move(newer.listings.begin(), newer.listings.end(), std::back_inserter(found.listings));
  co_return std::move(found.listings);
}

boost::asio::awaitable<FolderLook::Read> FolderLook::read_once(std::vector<FolderToLookAt> folders,
                                                               LookWay way) {
  LookRules rules{.trust_mtime = way.trust_times && trust_times_,
                  .mtime_margin_ns = std::chrono::nanoseconds(std::max(time_margin_, way.young)).count(),
                  .stat_files = way.stat_files,
                  .concurrency = storage_.concurrency};
  const auto today =
      std::chrono::floor<std::chrono::days>(now() + context_.configuration.settings.facility.zone.offset());
  auto job = [folders = std::move(folders), rules = std::move(rules), way, watch = watch_,
              root = storage_.root, scope = Scope(context_.configuration.settings, storage_),
              today = std::chrono::year_month_day(today)]() mutable {
    Read found;
    std::mutex mutex;
    rules.is_wanted = [&](const FolderToLookAt& folder, std::string_view name) {
      return scope.wants_folder(folder.level + 1, last_name(folder.path), name, today);
    };
    if (watch != nullptr && way.watch != LookWay::Watch::none) {
      rules.before_looking = [&](const FolderToLookAt& folder) {
        if (way.watch == LookWay::Watch::new_ones && !folder.is_new) return;
        const int number = watch->add(folder.path);
        const std::lock_guard lock(mutex);
        found.watches.emplace_back(number, folder.path);
      };
    }
    // Of a type that the site does not want any more nothing is read. What only became too old is on the
    // platform: its changes, and above all its delete, are still sent.
    std::erase_if(folders, [&](const FolderToLookAt& each) {
      const auto type = ssmix2::data_type_named(last_name(each.path));
      return each.level == kKindLevel && type && !scope.wants_type(*type);
    });
    found.listings = look_at(root, folders, rules);
    return found;
  };
  Read found = co_await run_on(context_.work, std::move(job));
  if (watch_ != nullptr) {
    const std::size_t asked = found.watches.size();
    const std::size_t refused = std::erase_if(found.watches, [](const auto& each) { return each.first < 0; });
    watch_->count(asked, refused);
  }
  co_return found;
}

boost::asio::awaitable<Observed> FolderLook::compare(std::vector<FolderListing> listings) {
  auto job = [id = storage_.id, listings = std::move(listings)](StateStore::Contents& state) {
    Observed all;
    const Instant at = now();
    Transaction transaction(state.database);
    for (const FolderListing& listing : listings) {
      Observed observed = state.ledger.observe(id, listing, at);
      std::move(observed.to_settle.begin(), observed.to_settle.end(), std::back_inserter(all.to_settle));
      std::move(observed.to_look_at.begin(), observed.to_look_at.end(), std::back_inserter(all.to_look_at));
      std::move(observed.refused.begin(), observed.refused.end(), std::back_inserter(all.refused));
      all.new_documents += observed.new_documents;
      all.missing += observed.missing;
      all.unreadable += observed.unreadable;
    }
    transaction.commit();
    return all;
  };
  co_return co_await context_.store.run(std::move(job));
}

void FolderLook::report(const Observed& observed) {
  for (const auto& [document, failure] : observed.refused) context_.log_refusal(document, failure);
  if (observed.unreadable > 0) {
    context_.log.write(Message::folders_unreadable,
                       {{"storage", SafeText::vouched(storage_.id)},
                        {"folders", SafeText(observed.unreadable)},
                        {"consequence", "the units of their patients are held"},
                        {"remedy", "give the gateway's user permission to read them"}});
  }
  on_seen_(observed.to_settle);
}

}  // namespace gateway
