#pragma once
// What can be done with a mapping: the subcommands of `kakehashi mapping`, one file each.

#include "gateway/command.h"

namespace gateway {

int command_mapping_show(const Arguments& arguments);
int command_mapping_test(const Arguments& arguments);

}  // namespace gateway
