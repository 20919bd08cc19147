#pragma once
// The hash by which a judge tells whether two bodies say the same.

#include <string>
#include <string_view>

namespace platform_sim {

/// SHA-256, in hex, of the body's own bytes, in which only these string values are replaced by a constant:
/// every `fullUrl`, every `reference` that begins with `urn:uuid:`, every `timestamp` and every
/// `lastUpdated`.
/// "" when the body is not JSON.
std::string content_hash(std::string_view body);

}  // namespace platform_sim
