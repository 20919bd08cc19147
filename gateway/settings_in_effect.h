#pragma once
// The settings as they are used, whether they were written or are defaults: for whoever helps from afar.

#include "gateway/settings.h"

#include <string>

namespace gateway {

/// Every attribute with its value, a line each: `destination[platform]/delivery/@timeout 5s`.
std::string effective_settings(const Settings& settings);

}  // namespace gateway
