#pragma once
// What a start tells the log: what is wrong with the settings, or what runs now.

#include "gateway/log.h"
#include "gateway/settings.h"

namespace gateway {

/// A line of `message` for each.
void log_errors(const Log& log, Message message, const SettingsErrors& errors);
void log_started(const Settings& settings, const Log& log);

}  // namespace gateway
