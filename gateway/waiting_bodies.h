#pragma once
// How much waits to be sent: the bodies of what is not delivered yet. A body goes when it is delivered; hash
// and Bundle-ID stay for ever. Storage thread only.

#include "gateway/sqlite.h"

#include <cstdint>

namespace gateway {

/// Deletes the bodies that earlier versions kept of what was delivered.
void add_waiting_bodies(Database& database);

std::int64_t waiting_body_bytes(Database& database);

}  // namespace gateway
