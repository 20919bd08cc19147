#pragma once
// What must not pass for a delete: a storage that is away, most of its documents missing at once, a clock
// that went back. Raises and clears the alarms. I/O thread.

#include "gateway/intake_context.h"

#include <boost/asio/awaitable.hpp>

namespace gateway {

class StorageGates {
 public:
  StorageGates(const StorageSettings& storage, const IntakeContext& context)
      : storage_(storage), context_(context) {}

  /// What is missing at the end of a sweep has vanished, and the units of its documents are held; false when
  /// so much is missing that the storage must be at fault, not the writer.
  boost::asio::awaitable<bool> judge_losses();
  boost::asio::awaitable<void> note_outage(SafeText reason);
  /// Deletes settle by the clock: when it goes back, those that seem to lie in the future begin anew.
  boost::asio::awaitable<void> check_clock();

 private:
  boost::asio::awaitable<void> note_unreadable();
  boost::asio::awaitable<void> end_outage();
  SafeText storage_id() const { return SafeText::vouched(storage_.id); }

  const StorageSettings& storage_;
  const IntakeContext& context_;
};

}  // namespace gateway
