#pragma once
// The rules of profile packs that warn of what is sent all the same: of each report unit those that its
// newest snapshot breaks. Storage thread only.

#include "gateway/outbox_row.h"
#include "gateway/sqlite.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace gateway {

/// Schema 4: the tables of this file.
void add_pack_warnings(Database& database);

/// Of a row that is in the outbox, or of none: of those before nothing is left.
void put_pack_warnings(Database& database, OutboxKey row, const std::set<std::string>& rules);

/// Rule -> units.
std::map<std::string, std::int64_t> count_pack_warnings(Database& database, const std::string& destination);

}  // namespace gateway
