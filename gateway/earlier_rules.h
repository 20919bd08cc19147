#pragma once
// Configurations as they were: of each version that some snapshot was made with, loaded once. Reads only. One
// thread.

#include "gateway/mapping_version.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace gateway {

class EarlierRules {
 public:
  EarlierRules(Database& database, const Configuration& configuration)
      : database_(database), configuration_(configuration) {}

  /// With that destination alone. Null: the rules are not kept, or this program does not understand them.
  const Configuration* find(MappingVersionId version, const DestinationSettings& destination) {
    const auto [entry, fresh] = loaded_.try_emplace({version, destination.id});
    if (fresh) {
      if (const auto rules = kept_rules(database_, version)) {
        entry->second = configuration_under(*rules, configuration_, destination);
      }
    }
    return entry->second ? &*entry->second : nullptr;
  }

 private:
  Database& database_;
  const Configuration& configuration_;
  std::map<std::pair<MappingVersionId, std::string>, std::optional<Configuration>> loaded_;
};

}  // namespace gateway
