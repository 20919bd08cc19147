#pragma once
// `kakehashi queue`: its subcommands, and the options by which all but `show` choose rows.

#include "gateway/command_line.h"
#include "gateway/outbox_orders.h"
#include "gateway/queue_filter.h"

#include <string>

namespace gateway {

int command_queue_list(const Arguments& arguments);
int command_queue_order(PersonOrder order, const Arguments& arguments);
int command_queue_show(const Arguments& arguments);

void declare_queue_filter(CommandLine& line);
/// Throws UsageError. `command`: "queue hold".
QueueFilter queue_filter_of(const CommandLine& line, const std::string& command);

/// A row that write_queue_row() wrote, for a person.
std::string queue_row_text(std::string_view json);

}  // namespace gateway
