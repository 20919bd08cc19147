#pragma once
// The site's own code tables, in the overlay directory: rows are added to them, all or none. Reads and writes
// files.

#include "gateway/filled_in_codes.h"
#include "gateway/settings.h"

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

namespace gateway {

/// `table`, the bytes of a table, with these rows at its end.
std::string with_rows(std::string table, const std::vector<FilledInRow>& rows);

class SiteTables {
 public:
  /// Fails when there is no overlay directory, or another command writes into it. What a command that was
  /// killed left there is removed.
  static boost::system::result<SiteTables, SettingsErrors> open(const Settings& settings);
  SiteTables(SiteTables&& other) noexcept = default;
  SiteTables& operator=(SiteTables&&) = delete;
  ~SiteTables() = default;

  enum class Add {
    added,
    already_there,  // the same row
    contradicts,    // a row for that code says something else
    no_table,
  };
  Add add(const FilledInRow& row);
  /// Where the row stands that was in the way: "departments.tsv:12".
  const std::string& place() const { return place_; }

  /// Writes the tables beside those that are there, loads the configuration with them, and only when that has
  /// no mistake puts them in their place: all, or those that were there go back. Fails also when somebody
  /// changed one of them since it was read.
  boost::system::result<void, SettingsErrors> commit();

 private:
  struct Table {
    std::string bytes;
    std::vector<FilledInRow> added;
    std::optional<std::string> read;  // nothing: there is no such file yet, or it cannot be read
  };
  /// Holds the lock on the directory as long as it lives.
  struct Lock {
    explicit Lock(int descriptor) : file(descriptor) {}
    Lock(Lock&& other) noexcept;
    Lock& operator=(Lock&&) = delete;
    ~Lock();
    int file;
  };
  SiteTables(const Settings& settings, Lock lock) : settings_(settings), lock_(std::move(lock)) {}
  Table* table(const std::string& name);
  std::filesystem::path file_of(const std::string& name) const;
  boost::system::result<void, SettingsErrors> stage(const std::filesystem::path& staging);
  /// `staging` keeps what is replaced; `folder` holds the new tables.
  boost::system::result<void, SettingsErrors> put_in_place(const std::filesystem::path& staging,
                                                           const std::filesystem::path& folder);

  const Settings& settings_;
  Lock lock_;
  std::map<std::string, Table> tables_;
  std::set<std::filesystem::path> unreadable_;
  std::string place_;
};

}  // namespace gateway
