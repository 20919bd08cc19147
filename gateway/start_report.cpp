#include "gateway/start_report.h"

#include "gateway/choice_words.h"
#include "gateway/version.h"

namespace gateway {

void log_errors(const Log& log, Message message, const SettingsErrors& errors) {
  for (const SettingsError& error : errors) {
    log.write(message,
              {{"place", SafeText::vouched(error.place)}, {"error", SafeText::vouched(error.message)}});
  }
}

void log_started(const Settings& settings, const Log& log) {
  log.write(Message::started, {{"version", kVersion},
                               {"institution", SafeText::vouched(settings.facility.institution_number)}});
  for (const DestinationSettings& destination : settings.destinations) {
    log.write(Message::destination_in_use,
              {{"id", SafeText::vouched(destination.id)},
               {"url", SafeText::vouched(destination.url.text)},
               {"mode", SafeText::vouched(std::string(word_of(destination.mode)))},
               {"untold", SafeText::vouched(std::string(word_of(destination.untold)))}});
  }
}

}  // namespace gateway
