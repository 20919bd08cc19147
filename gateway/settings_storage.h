#pragma once
// The rules of <storage> and <state>: what is read of a storage, how often, and which folders may not lie in
// one another.

#include "gateway/settings_rule.h"

#include <string_view>
#include <vector>

namespace gateway {

inline constexpr std::string_view kIdBounds = "1 to 32 of a-z, 0-9 and -";

ElementRule storage_element();
ElementRule state_element();

/// Without ADT-61 every patient looks like one who has none, and AL1 of ADT-00 would be sent for a whole list
/// of allergies: a mistake when `destination` takes them. Found at `attribute`.
std::vector<Finding> find_allergies_without_lists(const StorageSettings& storage,
                                                  const DestinationSettings& destination,
                                                  std::string_view attribute);

}  // namespace gateway
