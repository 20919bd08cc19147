#include "gateway/command_mapping.h"

#include "gateway/command_line.h"

#include <functional>
#include <map>

namespace gateway {

int command_mapping(const Arguments& arguments) {
  static const std::map<std::string, int (*)(const Arguments&)> kSubcommands{
      {"show", command_mapping_show},
      {"test", command_mapping_test},
  };
  std::string known;
  for (const auto& [name, subcommand] : kSubcommands) known.append(known.empty() ? "" : ", ").append(name);
  if (arguments.empty() || arguments.front().starts_with('-'))
    throw UsageError{"mapping: name what to do with it: " + known};
  const auto subcommand = kSubcommands.find(arguments.front());
  if (subcommand == kSubcommands.end()) {
    throw UsageError{"mapping: there is no \"" + arguments.front() + "\"; there is: " + known};
  }
  return subcommand->second({arguments.begin() + 1, arguments.end()});
}

}  // namespace gateway
