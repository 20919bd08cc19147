#pragma once
// The newest lines of the gateway's own log, from the journal or a file, for others to read. What is no line
// of ours is left out: a file may be any, and only our messages are known to hold nothing of a patient.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

struct OwnLog {
  std::vector<std::string> lines;  // oldest first
  std::size_t left_out = 0;
};

constexpr std::size_t kLinesOfLog = 2'000;

/// Whether it says a message of the table with that message's words, or is systemd's about the service.
bool is_line_of_ours(std::string_view line);

OwnLog lines_of_ours(std::string_view text);

/// Nothing when it cannot be read.
std::optional<OwnLog> read_own_log(const std::filesystem::path& file);
/// Of the service; nothing when there is no journal, or it is not for this user.
std::optional<OwnLog> read_own_journal();

}  // namespace gateway
