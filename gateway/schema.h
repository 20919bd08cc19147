#pragma once
// The tables of the state database, and what the state is bound to.

#include "gateway/settings.h"
#include "gateway/sqlite.h"

#include <filesystem>
#include <string>

#include <boost/system/result.hpp>

namespace gateway {

/// The database file below the state directory.
std::filesystem::path database_file(const Settings& settings);

/// 0: there are no tables yet. Throws DatabaseError for a version that this program does not know.
std::int64_t schema_version(Database& database);

/// For readers. Throws DatabaseError for a database of a newer version, of one that was never released, and
/// of an earlier one that no gateway has brought up to date yet; what it says is what to do.
void check_schema(Database& database);
/// After the same check of what cannot be used: creates the tables where there are none yet, and brings those
/// of an earlier release up to date, in one transaction.
void prepare_schema(Database& database);

/// State is bound to the institution and to each destination's id and url: nothing may count as delivered
/// that went elsewhere. Binds what is new, refuses what changed; the message says what to do.
boost::system::result<void, SettingsErrors> bind_state(Database& database, const Settings& settings);
/// What it would refuse; changes nothing.
SettingsErrors find_other_bindings(Database& database, const Settings& settings);

/// Of the bound state.
std::string institution_number(Database& database);

/// Random, made once per database: hashes of paths shown to others cannot be reversed by trying patient
/// numbers.
std::optional<std::string> recalled(Database& database, const std::string& name);
/// Keeps a value under a name. True when it was the same before.
bool remember(Database& database, const std::string& name, const std::string& value);

std::string label_salt(Database& database);

}  // namespace gateway
