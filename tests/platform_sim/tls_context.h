#pragma once
// The server's side of TLS: who it is, and whose client certificates it takes.

#include "tests/platform_sim/server.h"

#include <boost/asio/ssl/context.hpp>

namespace platform_sim {

/// Throws std::runtime_error with a sentence that names the file.
boost::asio::ssl::context make_context(const ServerSettings& settings);

}  // namespace platform_sim
