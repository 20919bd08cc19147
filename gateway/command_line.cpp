#include "gateway/command_line.h"

#include "gateway/schema.h"
#include "gateway/state_directory.h"
#include "gateway/state_restore.h"

#include <iostream>

#include <boost/program_options.hpp>

namespace gateway {

namespace options = boost::program_options;

CommandLine& CommandLine::flag(const char* name, const char* meaning) {
  options_.add_options()(name, meaning);
  return *this;
}

CommandLine& CommandLine::value(const char* name, const char* meaning) {
  options_.add_options()(name, options::value<std::string>(), meaning);
  return *this;
}

CommandLine& CommandLine::values(const char* name, const char* meaning) {
  options_.add_options()(name, options::value<std::vector<std::string>>(), meaning);
  return *this;
}

CommandLine& CommandLine::paths(const char* meaning) {
  options_.add_options()("path", options::value<std::vector<std::string>>(), meaning);
  takes_paths_ = true;
  return *this;
}

CommandLine& CommandLine::needs_no_config() {
  needs_config_ = false;
  return *this;
}

void CommandLine::parse(const Arguments& arguments) {
  value("config", "the settings file, gateway.xml");
  options::positional_options_description positional;
  if (takes_paths_) positional.add("path", -1);
  try {
    const auto style = options::command_line_style::unix_style & ~options::command_line_style::allow_guessing;
    options::store(
        options::command_line_parser(arguments).options(options_).positional(positional).style(style).run(),
        values_);
    options::notify(values_);
  } catch (const options::error& wrong) {
    throw UsageError{command_ + ": " + wrong.what() + "; see kakehashi --help"};
  }
  if (needs_config_ && !has("config")) {
    throw UsageError{command_ + ": the settings file is missing; add --config gateway.xml"};
  }
}

std::vector<std::string> CommandLine::texts(const std::string& name) const {
  return has(name) ? values_[name].as<std::vector<std::string>>() : std::vector<std::string>{};
}

std::vector<std::string> CommandLine::given_paths() const {
  return texts("path");
}

std::filesystem::path CommandLine::config() const {
  return text("config");
}

void complain(const SettingsErrors& errors) {
  for (const SettingsError& error : errors) {
    std::cerr << "kakehashi: " << error.place << ": " << error.message << "\n";
  }
}

boost::system::result<KnownState, ExitCode> known_state_or_complain(const CommandLine& line) {
  auto settings = load_settings(line.config());
  if (!settings.has_value()) {
    complain(settings.error());
    return ExitCode{kExitWrongUsage};
  }
  auto database = open_state_or_complain(*settings, Database::Access::read_only);
  if (!database) return ExitCode{kExitNotFound};
  return KnownState{std::move(*settings), std::move(*database)};
}

void end_killed_restore(const Settings& settings) {
  const auto aside = finish_restore(settings);
  if (aside)
    std::cerr << "kakehashi: a restore that was killed is ended; the state before it is " << aside->string()
              << "\n";
}

std::optional<Database> open_state_or_complain(const Settings& settings, Database::Access access) {
  const auto file = database_file(settings);
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    std::cerr << "kakehashi: there is no state in " << settings.state_directory.string()
              << " yet, or this user may not read it; start the gateway once, or ask as its user\n";
    return std::nullopt;
  }
  Database database(file, access);
  check_schema(database);
  return database;
}

std::optional<Database> open_state_to_change_or_complain(const Settings& settings) {
  if (is_restore_unfinished(settings)) {  // else no lock: taking it makes what is not there yet
    const auto lock = StateDirectoryLock::acquire(settings.state_directory);
    if (lock.has_value()) end_killed_restore(settings);
  }
  return open_state_or_complain(settings, Database::Access::read_write);
}

std::optional<Configuration> load_or_complain(const std::filesystem::path& settings_file) {
  auto configuration = load_configuration(settings_file);
  if (configuration.has_value()) return std::move(*configuration);
  complain(configuration.error());
  return std::nullopt;
}

}  // namespace gateway
