#include "gateway/command_line.h"
#include "gateway/configuration_check.h"

#include <iostream>

namespace gateway {

int command_check(const Arguments& arguments) {
  CommandLine line("check");
  line.parse(arguments);
  const auto configuration = load_or_complain(line.config());
  if (!configuration) return kExitWrongUsage;
  return check_configuration(*configuration, std::cout, std::cerr) ? 0 : kExitWrongUsage;
}

}  // namespace gateway
