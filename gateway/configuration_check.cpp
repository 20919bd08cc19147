#include "gateway/configuration_check.h"

#include "gateway/case_report.h"
#include "gateway/certificate_report.h"
#include "gateway/choice_words.h"
#include "gateway/pack_report.h"
#include "gateway/state_place.h"
#include "gateway/tls_identity.h"

#include <algorithm>
#include <ostream>

namespace gateway {
namespace {

/// Mistakes that stop the daemon or this destination; what only deserves a word goes to `messages`.
SettingsErrors check_destination(const DestinationSettings& destination, const TimeZone& zone,
                                 std::ostream& messages) {
  const auto identity = load_tls_identity(destination.tls);
  if (!identity.has_value()) return identity.error();
  if (const auto out_of_date = find_out_of_date(*identity, destination.tls, now())) return {*out_of_date};
  if (identity->certificate_valid_until < now() + kWarnBeforeExpiry) {
    messages << "kakehashi: warning: " << destination.tls.certificate.string() << " expires on "
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
void warn_about_cases(const Configuration& configuration, std::ostream& messages) {
  const auto cases = load_cases(configuration.settings);
  if (!cases.has_value()) {
    for (const SettingsError& error : cases.error()) {
      messages << "kakehashi: warning: " << error.place << ": " << error.message << "\n";
    }
    return;
  }
  for (const std::string& warning :
       case_warnings(run_cases(*cases, *configuration.mapping), *configuration.mapping)) {
    messages << "kakehashi: warning: " << warning << "\n";
  }
}

}  // namespace

bool check_configuration(const Configuration& configuration, std::ostream& results, std::ostream& messages) {
  const Settings& settings = configuration.settings;
  SettingsErrors errors;
  const auto add = [&errors](const SettingsErrors& more) {
    errors.insert(errors.end(), more.begin(), more.end());
  };
  for (const StorageSettings& storage : settings.storages) add(check_storage(storage));
  for (const DestinationSettings& destination : settings.destinations) {
    add(check_destination(destination, settings.facility.zone, messages));
  }
  add(check_state_place(settings));
  for (const SettingsError& error : errors) {
    messages << "kakehashi: " << error.place << ": " << error.message << "\n";
  }
  if (!errors.empty()) return false;
  for (const PlaceWarning& warning : find_place_warnings(settings)) {
    messages << "kakehashi: warning: " << warning.file.string() << ": " << warning.message << "\n";
  }
  warn_about_cases(configuration, messages);
  results << "settings are good: " << settings.storages.size() << " storage(s), "
          << settings.destinations.size() << " destination(s), " << configuration.mapping->resources().size()
          << " resource mappings\n";
  for (const DestinationSettings& destination : settings.destinations) {
    results << "destination " << destination.id << ": " << destination.url.text
            << (destination.mode == DestinationMode::dry_run ? " (dry-run: nothing is sent)" : "")
            << ", untold=\"" << word_of(destination.untold) << "\", pack " << destination.pack << "\n";
  }
  results << "state " << settings.state_directory.string() << ": " << state_file_system(settings)
          << ", outside of every storage\n";
  report_packs(configuration.packs, results);
  return true;
}

}  // namespace gateway
