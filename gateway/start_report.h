#pragma once
// What a start tells the log: what is wrong with the settings, or what runs now.

#include "gateway/log.h"
#include "gateway/settings.h"

namespace gateway {

void log_errors(const Log& log, const SettingsErrors& errors);
void log_started(const Settings& settings, const Log& log);

}  // namespace gateway
