#pragma once
// All that decides what a snapshot looks like beside the documents and the day: the mapping's files and what
// of the settings reaches the output. Kept beside what was made with it, so that a snapshot can be explained
// later, and known by the hash of exactly what is kept. Pure.

#include "gateway/configuration.h"
#include "gateway/digest.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gateway {

struct EffectiveRules {
  ConfigurationFiles files;                     // sorted: their order decides nothing
  std::map<std::string, std::string> settings;  // by a name of its own: "untold"
};

/// Of what is made for `destination`. Documents may come from any storage, so what storages say is part of
/// it.
EffectiveRules effective_rules(const Configuration& configuration, const DestinationSettings& destination);

/// The same text for the same rules, in any order of files; and back. Nothing for another text.
std::string to_bytes(const EffectiveRules& rules);
std::optional<EffectiveRules> rules_of(std::string_view bytes);

/// Of to_bytes(). Comments and white space in a file count: what is the same in meaning only costs a look.
Sha256 fingerprint_of(std::string_view rules_bytes);

/// `configuration` with the one destination, as it was under those rules. Nothing when this program does not
/// understand them any more.
std::optional<Configuration> configuration_under(const EffectiveRules& rules,
                                                 const Configuration& configuration,
                                                 const DestinationSettings& destination);

}  // namespace gateway
