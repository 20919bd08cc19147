#pragma once
// What a person must hear of about a storage, for as long as it lasts: shown by `status`, kept over restarts.
// Storage thread only.

#include "gateway/instant.h"
#include "gateway/sqlite.h"
#include "ssmix2/safe_text.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

enum class AlarmKind {
  outage,       // the storage is away, or most of it
  unreadable,   // folders that cannot be listed
  clock,        // this machine's clock went backwards
  disk,         // the state's disk is full, read-only or fails
  space,        // too little of it is free: nothing new is read
  backlog,      // too much waits to be sent: nothing new is read
  rebuilt,      // the state was damaged or lost: until a person has seen it
  years,        // the file of the Bundle-IDs' years was lost: until a person has seen it
  restored,     // the state is that of a backup: until a person has seen it
  certificate,  // files of <tls> that were changed and cannot be used
};

/// What is over already but must be seen: it stays until a person acknowledges it, or for 30 days.
bool is_acknowledged(AlarmKind kind);

/// Stable names: "outage" ...
std::string_view name_of(AlarmKind kind);

/// Every kind there is.
std::vector<AlarmKind> alarm_kinds();

struct Alarm {
  std::string storage;
  AlarmKind kind;
  Instant since;
  std::string explanation;
};

class Alarms {
 public:
  explicit Alarms(Database& database) : database_(database) {}

  /// True when it was not raised before; a raised one gets the new explanation.
  bool raise(std::string_view storage, AlarmKind kind, const ssmix2::SafeText& explanation, Instant now);
  /// True when it was raised.
  bool clear(std::string_view storage, AlarmKind kind);
  bool is_raised(std::string_view storage, AlarmKind kind);
  std::vector<Alarm> all();
  /// What a person acknowledges, and what is too old to be of use; the number of either.
  int acknowledge();
  int drop_old(Instant now);
  /// Of a storage that was taken out of the settings nobody needs to hear.
  void drop_all_but(const std::set<std::string>& storages);

 private:
  Database& database_;
};

}  // namespace gateway
