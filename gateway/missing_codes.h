#pragma once
// Which unit wants which code that no table knows: the list of codes to do. Written in the transaction that
// takes the unit's snapshot. Storage thread, or a command with a connection of its own.

#include "gateway/sqlite.h"
#include "gateway/units.h"
#include "gateway/wanted_code.h"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

/// Its tables: a step of the schema.
void add_missing_codes(Database& database);

class MissingCodes {
 public:
  explicit MissingCodes(Database& database) : database_(database) {}

  /// Replaces what the unit wanted before: a code that is known by now disappears. The caller opens the
  /// transaction.
  void put(UnitId unit, const std::vector<WantedCode>& wanted);

  /// Units that want a code and go out without it are remembered up to this many a code: a storage of a
  /// million reports may lack a code in all of them. Units that wait for a code are remembered all.
  static constexpr std::int64_t kUnitsOfCode = 1'000;

 private:
  void insert(UnitId unit, const WantedCode& wanted);

  Database& database_;
};

/// A code to do, with what the units that want it have in common.
struct CodeToDo {
  std::string table;
  std::string system;
  std::string code;         // as it stands in the documents; a hash when `is_code` is false
  bool is_code = true;      // false: text that no table can have in a cell, and no person should write there
  bool is_anybodys = true;  // no number that could be one person's, by who wants it
  std::set<std::string> rules;
  std::int64_t units = 0;
  std::int64_t held = 0;  // of them, for this code
  bool and_more = false;  // there may be more units than are remembered
  std::string document;
};

/// Digits with what stands between them in dates, telephone and insurance numbers.
bool is_number(std::string_view text);

/// In no order that means anything.
std::vector<CodeToDo> codes_to_do(Database& database);

struct CodesToDoCount {
  std::int64_t codes = 0;
  std::int64_t units_held = 0;
};
CodesToDoCount count_codes_to_do(Database& database);

}  // namespace gateway
