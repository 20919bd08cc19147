#pragma once
// What a person may order for a row of the outbox. Storage thread only; the caller opens the transaction and
// writes the audit.

#include "gateway/outbox_history.h"
#include "gateway/outbox_row.h"
#include "gateway/units.h"

namespace gateway {

enum class PersonOrder {
  hold,     // nothing of the unit is sent until a person releases it, however often it changes
  release,  // what a person held or took back is made anew and sent; another hold is looked at anew
  retry,    // now, and with its attempts forgotten; what the destination refused is sent once more
  drop,     // the snapshot that waits or was refused is given up; the next change is sent as usual
  retract,  // what stands at the destination is deleted now, and the unit held by a person
};

/// "hold", "release" … as the commands are called.
std::string_view name_of(PersonOrder order);

enum class OrderResult {
  done,
  nothing_to_do,  // it is so already
  not_possible,   // e.g. dropping what is delivered, or what was not made yet
};

class OutboxOrders {
 public:
  OutboxOrders(Database& database, Units& units) : database_(database), units_(units) {}

  /// Of a row that is there. A request under way is not called back: its answer is recorded, and what was
  /// ordered comes after it.
  OrderResult give(OutboxKey key, PersonOrder order, Instant now);

 private:
  OrderResult hold(OutboxRow row, Instant now);
  OrderResult release(OutboxRow row, Instant now);
  OrderResult retry(OutboxRow row, Instant now);
  OrderResult drop(OutboxRow row, Instant now);
  OrderResult retract(OutboxRow row, Instant now);
  void save(const OutboxRow& row, HistoryEvent event, Instant now);

  Database& database_;
  Units& units_;
};

}  // namespace gateway
