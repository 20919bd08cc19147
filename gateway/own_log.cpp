#include "gateway/own_log.h"

#include "gateway/message.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <memory>

namespace gateway {
namespace {

constexpr std::string_view kCode = "KKH-";
constexpr std::size_t kCodeLength = 8;  // KKH-2101
constexpr std::size_t kLongestLine = 8'192;
constexpr std::streamoff kBytesOfFile = std::streamoff{16} << 20;

/// As log_line() writes it: the code, and right after it the words of that code.
bool says_its_words(std::string_view from_code) {
  const auto* facts = message_with_code(from_code.substr(0, kCodeLength));
  if (facts == nullptr) return false;
  std::string_view rest = from_code.substr(kCodeLength);
  const std::string_view event = facts->english.event;
  const std::string json = "\",\"event\":\"" + std::string(event) + "\"";
  return rest.starts_with(json) || (rest.starts_with(" ") && rest.substr(1).starts_with(event));
}

bool is_of_systemd(std::string_view line) {
  const auto at = line.find(" systemd[1]: ");
  // "2026-03-02T18:05:11+0900 host systemd[1]: kakehashi.service: ...": time and host hold no blanks.
  return at != std::string_view::npos && at < 100 &&
         std::count(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(at), ' ') == 1 &&
         line.find("kakehashi.service") != std::string_view::npos;
}

}  // namespace

bool is_line_of_ours(std::string_view line) {
  if (line.size() > kLongestLine) return false;
  const auto code = line.find(kCode);
  if (code == std::string_view::npos || line.size() < code + kCodeLength) return is_of_systemd(line);
  return says_its_words(line.substr(code));
}

OwnLog lines_of_ours(std::string_view text) {
  OwnLog log;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (is_line_of_ours(line)) {
      log.lines.emplace_back(line);
    } else {
      ++log.left_out;
    }
  }
  if (log.lines.size() > kLinesOfLog) {
    log.lines.erase(log.lines.begin(), log.lines.end() - static_cast<std::ptrdiff_t>(kLinesOfLog));
  }
  return log;
}

std::optional<OwnLog> read_own_log(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary | std::ios::ate);
  if (!stream) return std::nullopt;
  const std::streamoff size = stream.tellg();
  stream.seekg(std::max<std::streamoff>(0, size - kBytesOfFile));
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  return lines_of_ours(text);
}

std::optional<OwnLog> read_own_journal() {
  struct Close {
    void operator()(std::FILE* pipe) const { ::pclose(pipe); }
  };
  // A journal on a slow disk is not waited for for ever.
  const std::unique_ptr<std::FILE, Close> pipe(
      ::popen("timeout 30 journalctl --no-pager --quiet -u kakehashi -o short-iso -n 2000 2>/dev/null", "r"));
  if (!pipe) return std::nullopt;
  std::string text;
  std::array<char, 65'536> part{};
  for (std::size_t got = 0; (got = std::fread(part.data(), 1, part.size(), pipe.get())) > 0;) {
    text.append(part.data(), got);
  }
  return text.empty() ? std::nullopt : std::optional(lines_of_ours(text));
}

}  // namespace gateway
