#pragma once
// A command's side of the control socket. Blocks, for a bounded time.

#include "gateway/instant.h"

#include <filesystem>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

namespace gateway {

/// A large order takes its time.
constexpr Milliseconds kLongestAnswer{600'000};

/// What the gateway that runs on that directory answers. ENOENT and ECONNREFUSED: none listens there.
boost::system::result<std::string> ask_gateway(const std::filesystem::path& state_directory,
                                               std::string_view line, Milliseconds patience = kLongestAnswer);

}  // namespace gateway
