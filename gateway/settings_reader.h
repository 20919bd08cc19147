#pragma once
// Walks the XML of gateway.xml along the rules of settings_rule and finds every mistake with its line.

#include "gateway/settings.h"
#include "gateway/settings_rule.h"

#include <string>

namespace gateway {

/// Stores into `settings` what `text` says. Empty: no mistakes. Else all of them in file order, placed at
/// "`file`:line", and `settings` is not to be used.
SettingsErrors read_settings(const std::string& text, const ElementRule& root, const std::string& file,
                             Settings& settings);

}  // namespace gateway
