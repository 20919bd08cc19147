#pragma once
// The years of Bundle-IDs a second time, beside the database: everything else of a Bundle-ID can be computed
// anew, its year only remembered, and under another year a unit would be there twice. An older backup of the
// database, or none, takes them from this file, which is only ever appended to, before the commit that gives
// them. Storage thread only.

#include "fhir_mapper/report_unit.h"
#include "gateway/sqlite.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace gateway {

void add_unit_years(Database& database);

/// What stands for a unit: the end of its Bundle-ID, which holds no patient number.
std::string year_mark(const fhir_mapper::ReportUnit& unit);

/// Of a unit that this database has given none: the one it had in a database before.
std::optional<int> known_year(Database& database, const fhir_mapper::ReportUnit& unit);

class UnitYears {
 public:
  UnitYears(Database& database, std::filesystem::path file) : database_(database), file_(std::move(file)) {}
  ~UnitYears();
  UnitYears(const UnitYears&) = delete;
  UnitYears& operator=(const UnitYears&) = delete;

  enum class Merged {
    nothing_new,
    first,     // there was no file yet
    imported,  // it knew more than the database
    rebuilt,   // the database knew more: it was missing, cut off or damaged, and is written anew
  };
  /// Brings file and database together, in the caller's transaction; durable in the file at its return.
  /// Throws DatabaseError.
  Merged merge();

  /// For a database that was restored: what the file says counts more, because it may be newer and
  /// destinations were sent what it says. In the caller's transaction; the file stays as it is. How many
  /// units had another year.
  std::int64_t believe_file();

  /// Given in the transaction that is open.
  void give(const fhir_mapper::ReportUnit& unit, int year);
  /// Before that is committed: everything given is durable in the file.
  void flush();

 private:
  struct Content;
  /// Up to where the database has seen which file.
  struct Position {
    std::string id;
    std::uint64_t end = 0;
  };
  std::optional<Position> seen();
  void note_seen();
  std::optional<Content> read(std::uint64_t from) const;
  std::int64_t import(const std::map<std::string, int>& years);
  void keep_aside() const;
  void write_anew();
  void open();
  void append(const std::string& lines);

  Database& database_;
  std::filesystem::path file_;
  int descriptor_ = -1;
  Position position_;
  std::map<std::string, int> given_;  // by mark, not yet in the file
};

std::filesystem::path unit_years_file(const std::filesystem::path& state_directory);

/// Whether a file of years lies there: there was a state before.
bool has_unit_years(const std::filesystem::path& file);

}  // namespace gateway
