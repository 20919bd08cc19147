#pragma once
// From files to outbox rows: sightings of every storage, acceptance of documents, work on report units, wired
// together. I/O thread.

#include "gateway/acceptance.h"
#include "gateway/intake_context.h"
#include "gateway/second_looks.h"
#include "gateway/sightings.h"
#include "gateway/unit_work.h"

#include <functional>
#include <list>

namespace gateway {

class Intake {
 public:
  /// `on_new_rows` is called when the outbox may have work. While `may_read` says no, no document is read and
  /// no unit made; what changes is only noted.
  Intake(boost::asio::any_io_executor executor, const Configuration& configuration, StateStore& store,
         boost::asio::thread_pool& work, const Log& log, std::function<void()> on_new_rows,
         std::function<bool()> may_read);

  /// Hands every loop to `spawn`. Each runs until stop().
  boost::asio::awaitable<void> start(std::function<void(boost::asio::awaitable<void>)> spawn);
  void stop();
  /// Units may be due.
  void wake() { unit_work_.wake(); }

  /// Every storage was swept once, nothing settles, no unit is due.
  boost::asio::awaitable<bool> idle();
  /// The same but for due units, which the database tells; also after the loops have ended.
  bool finished() const;

  const std::list<Sightings>& sightings() const { return sightings_; }
  const ReadingCounts& reading() const { return acceptance_.counts(); }
  const BuildingCounts& building() const { return unit_work_.counts(); }

 private:
  bool all_known() const;
  bool all_swept() const;
  boost::asio::awaitable<void> look_again(std::string storage, std::vector<FolderToLookAt> folders);

  IntakeContext context_;
  UnitWork unit_work_;
  Acceptance acceptance_;
  SecondLooks second_looks_;
  std::list<Sightings> sightings_;  // nodes are stable: their loops keep references
};

}  // namespace gateway
