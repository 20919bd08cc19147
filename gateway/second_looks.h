#pragma once
// Writers pause: what looked complete when it was accepted is looked at again, size and time, a minute and a
// day later. One row a folder; what is found goes the way of every other change. I/O thread, but for
// SecondLookTable.

#include "gateway/instant.h"
#include "gateway/intake_context.h"
#include "gateway/storage_tree.h"
#include "gateway/wakeup.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gateway {

/// Storage thread only.
class SecondLookTable {
 public:
  explicit SecondLookTable(Database& database) : database_(database) {}

  /// A document was accepted in the folder. Those whose file has been the same for a day already need none.
  void add(FolderId folder, std::int64_t mtime_ns, Instant accepted);
  /// One was refused that its writer may still finish.
  void add_refused(FolderId folder, Instant refused);

  struct Due {
    Instant due;
    FolderId folder;
    bool last;
  };
  std::vector<Due> due(Instant now, std::size_t limit);
  /// Of a folder; nothing when none is planned.
  std::optional<Instant> next(FolderId folder);
  /// It was looked at; the first look asks for the last one.
  void done(const Due& due);
  /// It could not be looked at.
  void put_off(const Due& due, Instant now);

 private:
  void insert(FolderId folder, Instant due, bool last);
  void remove(const Due& due);

  Database& database_;
};

struct DueLooks {
  std::vector<SecondLookTable::Due> looks;
  std::map<std::string, std::vector<FolderToLookAt>> folders;  // by storage
  bool none = true;                                            // nothing was due
};
/// What is due, oldest first, no more than a batch. Looks at a storage that is away would be used up for
/// nothing: they are put off, and keep those at other storages from nothing.
DueLooks due_looks(StateStore::Contents& state, Instant now);

class SecondLooks {
 public:
  using LookAgain =
      std::function<boost::asio::awaitable<void>(const std::string& storage, std::vector<FolderToLookAt>)>;
  SecondLooks(boost::asio::any_io_executor executor, const IntakeContext& context, LookAgain look_again);

  /// Runs until stop().
  boost::asio::awaitable<void> run();
  void stop();

 private:
  boost::asio::awaitable<bool> look_at_due();

  const IntakeContext& context_;
  LookAgain look_again_;
  Wakeup wake_;
  bool stopping_ = false;
};

}  // namespace gateway
