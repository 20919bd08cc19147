#pragma once
// How much waits to be sent: the bodies of what is on its way to a destination. A body goes when it is
// delivered, held, given up or found unfit, because it is made anew before it could be sent; hash and
// Bundle-ID stay for ever. What a destination refused keeps its body for a person's retry and is not counted:
// sending does not make it fewer. Storage thread only.

#include "gateway/sqlite.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gateway {

/// Deletes the bodies that earlier versions kept of what was delivered.
void add_waiting_bodies(Database& database);

/// What version 7 of the schema adds to 6: by destination, and only what may be sent as it is.
void count_waiting_bodies_by_destination(Database& database);

/// Of these destinations together.
std::int64_t waiting_body_bytes(Database& database, const std::vector<std::string>& destinations);

}  // namespace gateway
