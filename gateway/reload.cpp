#include "gateway/reload.h"

#include "gateway/configuration_difference.h"
#include "gateway/state_place.h"

namespace gateway {

boost::system::result<ReadAnew, SettingsErrors> read_anew(const Configuration& current) {
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
  if (!identities.has_value()) {
    const SettingsErrors wrong = identities.error();
    errors.insert(errors.end(), wrong.begin(), wrong.end());
  }
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
