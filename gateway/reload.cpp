#include "gateway/reload.h"

#include "gateway/configuration_difference.h"
#include "gateway/state_place.h"

namespace gateway {
namespace {

SettingsErrors find_new_out_of_date(const Settings& settings, const TlsIdentities& identities,
                                    const TlsFingerprints& in_use) {
  SettingsErrors errors;
  for (const DestinationSettings& destination : settings.destinations) {
    const auto identity = identities.find(destination.id);
    if (identity == identities.end()) continue;
    const auto used = in_use.find(destination.id);
    if (used != in_use.end() && used->second == identity->second.files) continue;
    if (const auto error = find_out_of_date(identity->second, destination.tls, now()))
      errors.push_back(*error);
  }
  return errors;
}

}  // namespace

boost::system::result<ReadAnew, SettingsErrors> read_anew(const Configuration& current,
                                                          const TlsFingerprints& in_use) {
  auto next = load_configuration(current.settings.file);
  if (!next.has_value()) return next.error();
  const Settings& settings = next->settings;
  SettingsErrors errors = check_state_place(settings);
  if (settings.state_directory != current.settings.state_directory) {
    errors.push_back(
        {settings.file.string(),
         "another state directory is not taken by a reload: stop the gateway, move the directory "
         "or leave it where it is, and start again"});
  }
  auto identities = load_identities(settings);
  const SettingsErrors wrong =
      identities.has_value() ? find_new_out_of_date(settings, *identities, in_use) : identities.error();
  errors.insert(errors.end(), wrong.begin(), wrong.end());
  if (!errors.empty()) return errors;
  return ReadAnew{std::move(*next), std::move(*identities)};
}

void log_changes(const Configuration& before, const Configuration& after, const Log& log) {
  for (const ConfigurationChange& change : changes_between(before, after)) {
    log.write(Message::setting_changed, {{"what", SafeText::vouched(change.what)},
                                         {"before", SafeText::vouched(change.before)},
                                         {"after", SafeText::vouched(change.after)}});
  }
}

}  // namespace gateway
