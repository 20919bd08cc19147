#pragma once
// Steps 2 and 4 of a file's path: looks at documents a second time, reads them whole, accepts or refuses them
// in the ledger. I/O thread; files are read on the work pool.

#include "gateway/intake_context.h"
#include "gateway/reading_counts.h"
#include "gateway/settler.h"
#include "gateway/wakeup.h"

#include <functional>
#include <vector>

namespace gateway {

class Acceptance {
 public:
  /// `on_decided` is called when documents were accepted or refused.
  Acceptance(boost::asio::any_io_executor executor, const IntakeContext& context,
             std::function<void()> on_decided);

  /// What does not fit into memory is fetched from the ledger again when there is room.
  void see(const std::vector<Unsettled>& documents);
  /// The content is not what was accepted: read it again from the start.
  void see_again(const DocumentRef& document);

  /// Runs until stop().
  boost::asio::awaitable<void> run();
  void stop();

  const ReadingCounts& counts() const { return counts_; }

  /// Nothing settles and nothing is being read.
  bool idle() const { return settler_.empty() && !looking_ && !backlog_; }

 private:
  struct Look;
  boost::asio::awaitable<void> fetch_backlog();
  boost::asio::awaitable<void> look_at_due();
  boost::asio::awaitable<std::vector<Look>> look(std::vector<Unsettled> due);
  std::vector<Look> decide(std::vector<Look> looks);
  void count(const std::vector<Look>& decided);

  const IntakeContext& context_;
  std::function<void()> on_decided_;
  Settler settler_;
  std::map<std::string, std::filesystem::path> roots_;  // by storage id
  Wakeup bell_;
  ReadingCounts counts_;
  bool looking_ = false;
  // The ledger may have documents to settle that are not in settler_: after a start, and when it was full.
  bool backlog_ = true;
  bool left_out_ = false;   // since the backlog was last read from its begin
  DocumentRef backlog_at_;  // where to go on reading it
  bool stopping_ = false;
};

}  // namespace gateway
