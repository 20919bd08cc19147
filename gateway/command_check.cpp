#include "gateway/case_report.h"
#include "gateway/certificate_report.h"
#include "gateway/command_line.h"
#include "gateway/pack_report.h"
#include "gateway/tls_identity.h"

#include <algorithm>
#include <iostream>

namespace gateway {
namespace {

/// Mistakes that stop the daemon; what only deserves a word goes to stderr.
SettingsErrors check_destination(const DestinationSettings& destination, const TimeZone& zone) {
  const auto identity = load_tls_identity(destination.tls, now());
  if (!identity.has_value()) return identity.error();
  if (identity->certificate_valid_until < now() + kWarnBeforeExpiry) {
    std::cerr << "kakehashi: warning: " << destination.tls.certificate.string() << " expires on "
              << to_date(identity->certificate_valid_until, zone) << "; renew it\n";
  }
  return {};
}

SettingsErrors check_storage(const StorageSettings& storage) {
  std::error_code error;
  if (std::filesystem::is_directory(storage.root, error)) return {};
  return {{storage.root.string(),
           "the root of storage \"" + storage.id +
               "\" is no directory that can be reached; check the mount and the permissions"}};
}

/// A site may live with all of these: they never fail the check.
void warn_about_cases(const Configuration& configuration) {
  const auto cases = load_cases(configuration.settings);
  if (!cases.has_value()) {
    for (const SettingsError& error : cases.error()) {
      std::cerr << "kakehashi: warning: " << error.place << ": " << error.message << "\n";
    }
    return;
  }
  for (const std::string& warning :
       case_warnings(run_cases(*cases, *configuration.mapping), *configuration.mapping)) {
    std::cerr << "kakehashi: warning: " << warning << "\n";
  }
}

}  // namespace

int command_check(const Arguments& arguments) {
  CommandLine line("check");
  line.parse(arguments);
  const auto configuration = load_or_complain(line.config());
  if (!configuration) return kExitWrongUsage;
  const Settings& settings = configuration->settings;
  SettingsErrors errors;
  const auto add = [&errors](const SettingsErrors& more) {
    errors.insert(errors.end(), more.begin(), more.end());
  };
  for (const StorageSettings& storage : settings.storages) add(check_storage(storage));
  for (const DestinationSettings& destination : settings.destinations) {
    add(check_destination(destination, settings.facility.zone));
  }
  complain(errors);
  if (!errors.empty()) return kExitWrongUsage;
  warn_about_cases(*configuration);
  std::cout << "settings are good: " << settings.storages.size() << " storage(s), "
            << settings.destinations.size() << " destination(s), "
            << configuration->mapping->resources().size() << " resource mappings\n";
  for (const DestinationSettings& destination : settings.destinations) {
    std::cout << "destination " << destination.id << ": " << destination.url.text
              << (destination.mode == DestinationMode::dry_run ? " (dry-run: nothing is sent)" : "")
              << ", untold=\""
              << (destination.untold == Untold::all     ? "all"
                  : destination.untold == Untold::rules ? "rules"
                                                        : "none")
              << "\", pack " << destination.pack << "\n";
  }
  report_packs(configuration->packs, std::cout);
  return 0;
}

}  // namespace gateway
