#include "gateway/missing_codes.h"

#include "fhir_mapper/replaced_character.h"
#include "gateway/digest.h"
#include "gateway/schema.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace gateway {
namespace {

constexpr const char* kTables = R"sql(
CREATE TABLE missing_code (
    id         INTEGER PRIMARY KEY,
    table_name TEXT NOT NULL,
    system     TEXT NOT NULL,
    code       TEXT NOT NULL,
    is_code    INTEGER NOT NULL,       -- 0: a text that is none; system and code are hashes
    rules      TEXT NOT NULL,          -- one a line
    document   TEXT NOT NULL,          -- the last one that was seen to have it
    units      INTEGER NOT NULL DEFAULT 0,  -- its rows of wanted_code
    held       INTEGER NOT NULL DEFAULT 0,  -- of them, those that hold
    and_more   INTEGER NOT NULL DEFAULT 0,  -- some unit that wants it is not remembered
    UNIQUE (table_name, system, code, is_code, rules)
) STRICT;

CREATE TABLE wanted_code (
    unit  INTEGER NOT NULL REFERENCES unit (id),
    code  INTEGER NOT NULL,            -- missing_code.id
    holds INTEGER NOT NULL,            -- the unit waits for it
    PRIMARY KEY (unit, code)
) STRICT, WITHOUT ROWID;
CREATE INDEX wanted_code_code ON wanted_code (code);
CREATE INDEX wanted_code_holds ON wanted_code (unit) WHERE holds = 1;
CREATE TRIGGER wanted_code_more AFTER INSERT ON wanted_code BEGIN
    UPDATE missing_code SET units = units + 1, held = held + NEW.holds WHERE id = NEW.code;
END;
CREATE TRIGGER wanted_code_less AFTER DELETE ON wanted_code BEGIN
    UPDATE missing_code SET units = units - 1, held = held - OLD.holds WHERE id = OLD.code;
    DELETE FROM missing_code WHERE id = OLD.code AND units = 0;
END;
)sql";

constexpr std::size_t kLongestCode = 64;
/// A number that so many patients share is none of theirs: families share telephones and insurance.
constexpr std::int64_t kPatientsOfCode = 10;
constexpr std::size_t kShortNumber = 5;  // digits; dates of birth and telephone numbers have more

bool fits_into_cell(std::string_view text) {
  return text.size() <= kLongestCode && !text.starts_with('#') && !text.starts_with(' ') &&
         !text.ends_with(' ') && !fhir_mapper::has_replaced_character(text) &&
         std::none_of(text.begin(), text.end(),
                      [](unsigned char byte) { return byte < 0x20 || byte == 0x7F; });
}

/// `*` in a table stands for every other code, and `~` begins an expression: what is written so in a document
/// must not get a row.
bool is_code(const WantedCode& wanted) {
  return fits_into_cell(wanted.system) && fits_into_cell(wanted.code) && wanted.code != "*" &&
         !wanted.code.starts_with('~');
}

/// S350312 is a date of birth, and many patient numbers begin with a letter.
bool is_number_behind_letter(std::string_view text) {
  return text.size() > 1 && is_number(text.substr(1));
}

/// Whether the units of a row show that its code belongs to no single person.
bool is_anybodys(Database& database, std::int64_t row, const std::string& code) {
  if (!is_number(code) && !is_number_behind_letter(code)) return true;
  auto patients = database.prepare(
      "SELECT COUNT(*) FROM (SELECT DISTINCT unit.patient FROM wanted_code JOIN unit ON unit.id = "
      "wanted_code.unit WHERE wanted_code.code = ? LIMIT ?)");
  if (patients.with(row, kPatientsOfCode).step() && patients.integer(0) >= kPatientsOfCode) return true;
  const auto digits = std::count_if(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (static_cast<std::size_t>(digits) > kShortNumber) return false;
  auto of_patient = database.prepare(
      "SELECT 1 FROM wanted_code JOIN unit ON unit.id = wanted_code.unit JOIN patient ON patient.id = "
      "unit.patient WHERE wanted_code.code = ? AND patient.canonical = ? LIMIT 1");
  return !of_patient.with(row, ssmix2::PatientId(code).canonical()).step();
}

std::set<std::string> split_rules(const std::string& text) {
  std::set<std::string> rules;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    rules.insert(text.substr(at, end - at));
    at = end + 1;
  }
  return rules;
}

}  // namespace

bool is_number(std::string_view text) {
  return text.find_first_not_of("0123456789-_./+") == std::string_view::npos;
}

void add_missing_codes(Database& database) {
  database.execute(kTables);
}

void MissingCodes::put(UnitId unit, const std::vector<WantedCode>& wanted) {
  database_.prepare("DELETE FROM wanted_code WHERE unit = ?").with(unit.value).run();
  for (const WantedCode& each : wanted) insert(unit, each);
}

void MissingCodes::insert(UnitId unit, const WantedCode& wanted) {
  const bool is_a_code = is_code(wanted);
  // Text of any length and kind is kept as what it is: a text, told apart from others by its hash.
  const std::string salt = is_a_code ? std::string() : label_salt(database_);
  const std::string system = is_a_code ? wanted.system : label(salt, wanted.system).str();
  const std::string code = is_a_code ? wanted.code : label(salt, wanted.code).str();
  // Looked for before it is written: of codes that every report lacks nothing is left to write.
  auto known = database_.prepare(
      "SELECT units - held, and_more, id FROM missing_code WHERE table_name = ? AND system = ? AND code = ? "
      "AND is_code = ? AND rules = ?");
  known.with(wanted.table, system, code, std::int64_t{is_a_code}, wanted.rules);
  if (!wanted.holds && known.step() && known.integer(0) >= kUnitsOfCode) {
    // For good: when one that is remembered is made again, the others are as unknown as before.
    if (known.integer(1) == 0) {
      database_.prepare("UPDATE missing_code SET and_more = 1 WHERE id = ?").with(known.integer(2)).run();
    }
    return;
  }
  auto row = database_.prepare(
      "INSERT INTO missing_code (table_name, system, code, is_code, rules, document) VALUES (?, ?, ?, ?, ?, "
      "?) "
      "ON CONFLICT DO UPDATE SET document = excluded.document RETURNING id");
  row.with(wanted.table, system, code, std::int64_t{is_a_code}, wanted.rules, wanted.document);
  row.step();
  const std::int64_t id = row.integer(0);
  row.run();
  database_.prepare("INSERT INTO wanted_code (unit, code, holds) VALUES (?, ?, ?)")
      .with(unit.value, id, std::int64_t{wanted.holds})
      .run();
}

std::vector<CodeToDo> codes_to_do(Database& database) {
  std::map<std::tuple<std::string, std::string, std::string, bool>, CodeToDo> codes;
  auto select = database.prepare(
      "SELECT id, table_name, system, code, is_code, rules, units, held, document, and_more FROM "
      "missing_code ORDER BY id");
  while (select.step()) {
    CodeToDo& code = codes[{select.text(1), select.text(2), select.text(3), select.integer(4) != 0}];
    const std::int64_t id = select.integer(0);
    code.table = select.text(1);
    code.system = select.text(2);
    code.code = select.text(3);
    code.is_code = select.integer(4) != 0;
    code.is_anybodys = code.is_anybodys && is_anybodys(database, id, code.code);
    code.rules.merge(split_rules(select.text(5)));
    code.units += select.integer(6);
    code.held += select.integer(7);
    code.and_more = code.and_more || select.integer(9) != 0;
    code.document = select.text(8);
  }
  std::vector<CodeToDo> list;
  for (auto& [key, code] : codes) list.push_back(std::move(code));
  return list;
}

CodesToDoCount count_codes_to_do(Database& database) {
  CodesToDoCount count;
  auto codes =
      database.prepare("SELECT COUNT(*) FROM (SELECT DISTINCT table_name, system, code FROM missing_code)");
  if (codes.step()) count.codes = codes.integer(0);
  auto held = database.prepare("SELECT COUNT(DISTINCT unit) FROM wanted_code WHERE holds = 1");
  if (held.step()) count.units_held = held.integer(0);
  return count;
}

}  // namespace gateway
