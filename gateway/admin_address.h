#pragma once
// Where the admin listener listens: this machine only, because whoever reaches it may read. Value type.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway {

struct AdminAddress {
  enum class Kind { none, tcp, local };
  Kind kind = Kind::none;
  std::string host;        // tcp: an address of the loopback network, without brackets
  std::uint16_t port = 0;  // tcp
  std::string path;        // local: of the socket

  /// "127.0.0.1:9464", "[::1]:9464", "unix:/run/kakehashi/admin.sock", "none" or nothing for none at all.
  /// Nothing when it is none of these; `why` then says what is wrong, as the rest of a sentence.
  static std::optional<AdminAddress> parse(std::string_view text, std::string& why);
  friend bool operator==(const AdminAddress&, const AdminAddress&) = default;
};

}  // namespace gateway
