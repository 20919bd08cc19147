#pragma once
// What the simulator wants to know of a body.

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace platform_sim {

struct BundleFacts {
  std::string identifier_system;
  std::string identifier_value;
  std::map<std::string, std::size_t> resources;  // resource type of the entries -> how many
  std::string insured_identifier;                // of the Patient; empty when there is none
};

/// Nothing, and the reason in `why`, when the body is not a JSON object (in valid UTF-8) of resourceType
/// Bundle.
std::optional<BundleFacts> read_bundle(std::string_view body, std::string& why);

}  // namespace platform_sim
