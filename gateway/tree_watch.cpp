#include "gateway/tree_watch.h"

#include "gateway/file_system.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/inotify.h>

namespace gateway {
namespace {

using ssmix2::SafeText;

constexpr unsigned kMask = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE | IN_MODIFY |
                           IN_ONLYDIR | IN_DONT_FOLLOW;

}  // namespace

std::optional<TreeWatch> TreeWatch::open(boost::asio::any_io_executor executor,
                                         const std::filesystem::path& root, WatchMode mode,
                                         const FileSystem* file_system, SafeText& why) {
  // Of a root that is not there yet nothing is known; its folders are watched when they come.
  why = FileSystem::why_not_watched(file_system, mode);
  if (!why.empty()) return std::nullopt;
  const int events = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (events < 0) {
    why = SafeText("inotify is not to be had: ") + SafeText::vouched(std::strerror(errno));
    return std::nullopt;
  }
  return TreeWatch({executor, events}, root);
}

int TreeWatch::add(const std::string& folder) const {
  const auto path = folder.empty() ? root_ / "." : root_ / folder;  // the root itself may be a link
  return ::inotify_add_watch(descriptor_, path.c_str(), kMask);
}

bool TreeWatch::know(int watch, const std::string& folder) {
  folders_[watch] = {folder, round_};
  return early_.erase(watch) > 0;
}

void TreeWatch::begin_round() {
  ++round_;
  asked_ = 0;
  refused_ = 0;
}

void TreeWatch::end_round() {
  for (const auto& [watch, watched] : folders_) {
    // The kernel answers with IN_IGNORED, which erases it here.
    if (watched.round + 1 < round_) ::inotify_rm_watch(descriptor_, watch);
  }
}

void TreeWatch::count(std::size_t asked, std::size_t refused) {
  asked_ += asked;
  refused_ += refused;
}

boost::asio::awaitable<TreeWatch::Hints> TreeWatch::next() {
  alignas(inotify_event) std::array<char, 64 * 1024> buffer;
  const auto [error, size] = co_await events_.async_read_some(
      boost::asio::buffer(buffer), boost::asio::as_tuple(boost::asio::use_awaitable));
  if (error) co_return Hints{};
  co_return take_events({buffer.data(), size});
}

TreeWatch::Hints TreeWatch::take_events(std::string_view bytes) {
  Hints hints;
  while (bytes.size() >= sizeof(inotify_event)) {
    inotify_event event;
    std::memcpy(&event, bytes.data(), sizeof event);
    const char* name = bytes.data() + sizeof event;
    take_event(event.wd, event.mask, std::string(name, ::strnlen(name, event.len)), hints);
    bytes.remove_prefix(sizeof event + event.len);
  }
  for (auto* list : {&hints.folders, &hints.subtrees}) {
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  return hints;
}

void TreeWatch::take_event(int watch, unsigned mask, const std::string& name, Hints& hints) {
  if ((mask & IN_Q_OVERFLOW) != 0) {
    hints.overflow = true;
    return;
  }
  const auto known = folders_.find(watch);
  if (known == folders_.end()) {
    if ((mask & IN_IGNORED) == 0) early_.insert(watch);
    return;
  }
  if ((mask & IN_IGNORED) != 0) {
    folders_.erase(known);
    return;
  }
  const std::string& folder = known->second.folder;
  const bool new_directory = (mask & IN_ISDIR) != 0 && (mask & (IN_CREATE | IN_MOVED_TO)) != 0;
  if (new_directory) {
    hints.subtrees.push_back(folder.empty() ? name : folder + "/" + name);
  } else {
    hints.folders.push_back(folder);
  }
}

void TreeWatch::close() {
  boost::system::error_code ignored;
  events_.close(ignored);
}

}  // namespace gateway
