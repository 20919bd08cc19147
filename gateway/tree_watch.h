#pragma once
// inotify: hints that say "look here now". The sweep is the truth; a hint only makes it sooner. On file
// systems that other machines write to (NFS, SMB, FUSE) the kernel reports nothing of what they do, so there
// it is not used.

#include "gateway/file_system.h"
#include "gateway/settings.h"
#include "ssmix2/safe_text.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace gateway {

class TreeWatch {
 public:
  /// Nothing when `mode` or the file system of `root` rules it out; `why` then says so in a few words.
  static std::optional<TreeWatch> open(boost::asio::any_io_executor executor,
                                       const std::filesystem::path& root, WatchMode mode,
                                       const FileSystem* file_system, ssmix2::SafeText& why);

  /// The number of the watch on `root`/`folder`, negative when none could be set. Any thread: only the
  /// kernel's own state is touched.
  int add(const std::string& folder) const;

  /// Tells which folder a watch stands for. True when events for it came before: look there. I/O thread.
  bool know(int watch, const std::string& folder);

  struct Hints {
    std::vector<std::string> folders;   // look at their files
    std::vector<std::string> subtrees;  // new directories: look at everything below
    bool overflow = false;              // events were lost: sweep
  };
  /// Waits for events. I/O thread.
  boost::asio::awaitable<Hints> next();
  void close();

  /// A sweep of the hot tier asks for every watch again: what it counts, and what it no longer asks for.
  void begin_round();
  /// Watches that this round and the one before did not ask for are taken away: what they stand for has
  /// cooled down, and the kernel keeps only so many.
  void end_round();
  void count(std::size_t asked, std::size_t refused);

  std::size_t watched() const { return folders_.size(); }
  std::size_t asked() const { return asked_; }
  std::size_t refused() const { return refused_; }

 private:
  TreeWatch(boost::asio::posix::stream_descriptor events, std::filesystem::path root)
      : events_(std::move(events)), descriptor_(events_.native_handle()), root_(std::move(root)) {}
  Hints take_events(std::string_view bytes);
  void take_event(int watch, unsigned mask, const std::string& name, Hints& hints);

  boost::asio::posix::stream_descriptor events_;
  int descriptor_;  // of events_, for add(): the object itself belongs to the I/O thread
  std::filesystem::path root_;
  struct Watched {
    std::string folder;
    std::uint64_t round;  // that asked for it last
  };
  std::unordered_map<int, Watched> folders_;
  std::set<int> early_;  // watches with events that came before know()
  std::uint64_t round_ = 0;
  std::size_t asked_ = 0;
  std::size_t refused_ = 0;
};

}  // namespace gateway
