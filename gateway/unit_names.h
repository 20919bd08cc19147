#pragma once
// Report units by the names that persons have for them: the Bundle-ID, or the salted hash of the log. Neither
// is stored, because nothing else looks for it: all units are read. Storage thread, or a command's own.

#include "gateway/digest.h"
#include "gateway/units.h"

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace gateway {

/// "1319999999^2026^C…".
bool is_bundle_id(std::string_view text);
/// 12 hex digits: see label().
bool is_label(std::string_view text);

/// What of `names` there is. A unit that never had a snapshot has no Bundle-ID, only its hash.
std::map<std::string, UnitId> find_units(Database& database, const std::set<std::string>& names);

}  // namespace gateway
