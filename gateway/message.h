#pragma once
// Every message of the daemon: a stable code, what its line says, why it comes and what to do, in English and
// Japanese. `kakehashi explain` and systemd/MESSAGES.md print this table; the log can say nothing else.
// Constant data, any thread.

#include "gateway/settings.h"

#include <span>
#include <string>
#include <string_view>

namespace gateway {

/// Codes are never given a new meaning, and those of messages that went are not used again. The thousands: 1
/// the process, 2 storages and documents, 3 units, 4 destinations, 5 the state, 6 orders of persons.
enum class Message : int {
  started = 1001,
  destination_in_use = 1002,
  stopping = 1003,
  stopping_at_once = 1004,
  stopped = 1005,
  repeated = 1006,
  stop_cut_short = 1007,
  requests_cut_off = 1008,
  certificates_unusable = 1101,
  state_directory_unusable = 1102,
  state_of_others = 1103,
  state_misplaced = 1104,
  kept_badly = 1105,
  state_of_other_version = 1106,
  reloading = 1201,
  reloaded = 1202,
  reload_refused = 1203,
  setting_changed = 1204,
  admin_listens = 1301,
  admin_unavailable = 1302,
  unexpected_error = 1901,

  storage_in_use = 2001,
  first_reading = 2002,
  first_sweep_done = 2003,
  storage_outage = 2101,
  storage_back = 2102,
  documents_vanished = 2103,
  folders_unreadable = 2104,
  hints_lost = 2105,
  clock_backwards = 2106,
  document_refused = 2201,

  unit_held = 3001,
  unit_rejected = 3002,
  unit_with_warning = 3003,
  made_for_new_codes = 3101,
  made_with_older_rules = 3102,

  delivered = 4001,
  deleted = 4002,
  result_promised = 4003,
  sent_again = 4004,
  rejected_by_destination = 4005,
  destination_paused = 4101,
  destination_reachable = 4102,
  clock_set = 4103,
  certificates_taken = 4201,
  certificates_refused = 4202,
  certificates_good_again = 4203,
  certificate_expires = 4204,
  certificate_expired = 4205,

  database_waits_for_disk = 5001,
  database_failed = 5002,
  damaged_too_often = 5003,
  database_left_aside = 5004,
  database_made_anew = 5005,
  stop_without_order = 5006,
  answers_lost = 5007,
  database_unchecked = 5008,
  database_right = 5009,
  state_restored = 5010,
  years_taken_over = 5101,
  years_written_anew = 5102,
  disk_fails = 5201,
  disk_works = 5202,
  reading_paused = 5203,
  reading_resumed = 5204,
  storage_thread_stuck = 5205,

  ordered_by_person = 6001,
  no_orders = 6002,
};

/// Lines of a message that comes very often are counted from some number a minute on, but for what a person
/// must find one by one.
enum class Repeats { counted, each };

struct MessageText {
  std::string_view event;
  std::string_view cause;
  std::string_view remedy;
};

struct MessageFacts {
  Message message;
  LogLevel level;
  Repeats repeats;
  MessageText english;  // its event is what the line says
  MessageText japanese;
};

const MessageFacts& facts_of(Message message);

/// "KKH-2101".
std::string code_of(Message message);

/// The message that `code` names as code_of writes it, in whatever case and with or without "KKH-"; null when
/// there is none.
const MessageFacts* message_with_code(std::string_view code);

/// By code, ascending.
std::span<const MessageFacts> process_messages();   // 1
std::span<const MessageFacts> storage_messages();   // 2 and 3
std::span<const MessageFacts> delivery_messages();  // 4
std::span<const MessageFacts> state_messages();     // 5 and 6

/// All of them as a Markdown document, which systemd/MESSAGES.md holds.
std::string describe_messages();

}  // namespace gateway
