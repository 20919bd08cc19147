#pragma once
// The versions of the rules that snapshots were made with: each row of the outbox names one, and its files
// are kept as long as some row does. Storage thread only.

#include "gateway/configuration.h"
#include "gateway/mapping_fingerprint.h"
#include "gateway/sqlite.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace gateway {

/// A row of mapping_version.
struct MappingVersionId {
  std::int64_t value = 0;
  friend auto operator<=>(MappingVersionId, MappingVersionId) = default;
};
/// Of snapshots that were made before versions were kept, and of rows without a snapshot.
constexpr MappingVersionId kNoMappingVersion{0};

/// Schema 3: the tables and columns of this file.
void add_mapping_versions(Database& database);

/// From now on the snapshots of every destination are made with this configuration. Versions that nothing was
/// made with are forgotten. In a transaction of its own; the outbox must be bound.
void use_rules(Database& database, const Configuration& configuration, Instant now);

/// What use_rules() said last.
MappingVersionId rules_in_use(Database& database, const std::string& destination);

/// The version of these rules, when something was made with them or they are in use.
std::optional<MappingVersionId> find_version(Database& database, const Sha256& fingerprint);

/// Nothing for kNoMappingVersion, and for what a newer program wrote.
std::optional<EffectiveRules> kept_rules(Database& database, MappingVersionId version);

/// Snapshots that stand at the destination, or go there, and were made with other rules than `current`. Not
/// those that are held: what holds them is made again by itself. Nor those of types that it takes no more.
std::int64_t count_made_with_older_rules(Database& database, const DestinationSettings& destination,
                                         MappingVersionId current);

}  // namespace gateway
