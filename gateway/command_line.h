#pragma once
// Options of one command, parsed with Boost.Program_options.

#include "gateway/command.h"
#include "gateway/configuration.h"
#include "gateway/sqlite.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>

namespace gateway {

/// Wrong usage: one sentence that says what is wrong and what to do.
struct UsageError {
  std::string message;
};

/// Options and, where the command takes them, paths. `--config F` belongs to every command; most need it.
class CommandLine {
 public:
  explicit CommandLine(const std::string& command) : command_(command), options_("options of " + command) {}

  /// Declares a switch or an option with one value.
  CommandLine& flag(const char* name, const char* meaning);
  CommandLine& value(const char* name, const char* meaning);
  /// An option that may be given several times.
  CommandLine& values(const char* name, const char* meaning);
  CommandLine& paths(const char* meaning);
  CommandLine& needs_no_config();

  /// Throws UsageError.
  void parse(const Arguments& arguments);

  bool has(const std::string& name) const { return values_.count(name) > 0; }
  std::string text(const std::string& name) const { return values_[name].as<std::string>(); }
  std::vector<std::string> texts(const std::string& name) const;
  std::vector<std::string> given_paths() const;
  std::filesystem::path config() const;

 private:
  std::string command_;
  boost::program_options::options_description options_;
  boost::program_options::variables_map values_;
  bool takes_paths_ = false;
  bool needs_config_ = true;
};

/// The configuration, or nothing after every mistake was printed to stderr.
std::optional<Configuration> load_or_complain(const std::filesystem::path& settings_file);

/// Ends a restore that was killed: else the next start does, and moves aside what is changed until then. For
/// a command that has the lock; tells stderr.
void end_killed_restore(const Settings& settings);

/// The state's database, of this version; nothing after stderr was told that there is none. Throws
/// DatabaseError for one of another version.
std::optional<Database> open_state_or_complain(const Settings& settings, Database::Access access);

/// For a command that changes it: ends a killed restore first, unless a gateway runs, which did so.
std::optional<Database> open_state_to_change_or_complain(const Settings& settings);

struct KnownState {
  Settings settings;
  Database database;
};
struct ExitCode {
  int value = 0;
};
/// What `--config` names and its state, to read; else the exit code, after stderr was told why.
boost::system::result<KnownState, ExitCode> known_state_or_complain(const CommandLine& line);

/// Prints "kakehashi: place: message" lines to stderr.
void complain(const SettingsErrors& errors);

}  // namespace gateway
