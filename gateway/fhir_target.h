#pragma once
// What a request asks for, as the part of its URL behind the host. Pure.

#include "gateway/settings.h"

#include <optional>
#include <string>

namespace gateway {

/// `{path}/Bundle?identifier=http%3A%2F%2Fjpfhir.jp%2F...%7C1319999999%5E2026%5EC0123`; no patient identifier
/// is in it.
std::string bundle_target(const DestinationUrl& url, const std::string& bundle_id);

/// Where to ask for a result: absolute or relative as the Content-Location has it, and nothing unless it is
/// on the destination's own host and port.
std::optional<std::string> result_target(const DestinationUrl& url, const std::string& content_location);

}  // namespace gateway
