#include "gateway/admin_address.h"

#include <charconv>

#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <sys/un.h>

namespace gateway {
namespace {

constexpr std::string_view kUnix = "unix:";
constexpr std::string_view kForms =
    "write 127.0.0.1:9464, [::1]:9464, unix: and the path of a socket, or none";

std::optional<AdminAddress> parse_path(std::string_view path, std::string& why) {
  // The kernel takes the path with a zero behind it.
  constexpr std::size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
  const bool is_file = path.size() > 1 && path.starts_with('/') && !path.ends_with('/');
  if (!is_file || path.find('\0') != std::string_view::npos) {
    why = "does not name a socket by its whole path; write unix:/run/kakehashi/admin.sock";
  } else if (path.size() > kLongest) {
    why = "has a path of more than " + std::to_string(kLongest) + " bytes, which no socket can have";
  } else {
    return AdminAddress{AdminAddress::Kind::local, {}, 0, std::string(path)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<AdminAddress> AdminAddress::parse(std::string_view text, std::string& why) {
  if (text.empty() || text == "none") return AdminAddress{};
  if (text.starts_with(kUnix)) return parse_path(text.substr(kUnix.size()), why);
  const auto authority = boost::urls::parse_authority(text);
  if (!authority || authority->has_userinfo() || !authority->has_port() || authority->port_number() == 0) {
    why = "is not an address with a port; " + std::string(kForms);
    return std::nullopt;
  }
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(authority->host_address()), error);
  if (error) {
    why = "names a host where the address of this machine belongs; " + std::string(kForms);
    return std::nullopt;
  }
  if (!address.is_loopback()) {
    why = "is reachable from other machines, and whoever reaches it may read; " + std::string(kForms);
    return std::nullopt;
  }
  return AdminAddress{Kind::tcp, address.to_string(), authority->port_number(), {}};
}

}  // namespace gateway
