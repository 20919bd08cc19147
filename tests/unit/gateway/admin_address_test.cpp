#include "gateway/admin_address.h"

#include "tests/unit/gateway/settings_text.h"

#include <catch2/catch.hpp>

namespace {

using gateway::AdminAddress;
using namespace gateway::test;

std::string with_admin(const std::string& attributes) {
  return with(kLeast, "</gateway>", "<admin " + attributes + "/></gateway>");
}

AdminAddress address_of(const std::string& listen) {
  return loaded(with_admin("listen=\"" + listen + "\"")).admin.address();
}

void check_refused(const std::string& listen, const std::string& message) {
  CAPTURE(listen);
  check_one_mistake(with_admin("listen=\"" + listen + "\""), "gateway.xml:9", message);
}

}  // namespace

TEST_CASE("The admin listener is on this machine's loopback unless the settings say otherwise") {
  CHECK(loaded(kLeast).admin.address() == AdminAddress{AdminAddress::Kind::tcp, "127.0.0.1", 9464, {}});
  CHECK(loaded(kLeast).admin.socket_mode == gateway::SocketMode::owner);
}

TEST_CASE("Any loopback address will do") {
  CHECK(address_of("127.0.0.53:80") == AdminAddress{AdminAddress::Kind::tcp, "127.0.0.53", 80, {}});
  CHECK(address_of("[::1]:65535") == AdminAddress{AdminAddress::Kind::tcp, "::1", 65535, {}});
}

TEST_CASE("An address that other machines reach is refused") {
  for (const auto* listen : {"0.0.0.0:9464", "[::]:9464", "192.0.2.1:9464", "10.0.0.1:9464",
                             "[2001:db8::1]:9464", "[::ffff:192.0.2.1]:9464"}) {
    check_refused(listen,
                  "is reachable from other machines, and whoever reaches it may read; write 127.0.0.1");
  }
}

TEST_CASE("A name is refused, because nobody knows what it will mean") {
  for (const auto* listen : {"localhost:9464", "gateway.example:9464"}) {
    check_refused(listen, "names a host where the address of this machine belongs; write 127.0.0.1");
  }
}

TEST_CASE("What is no address with a port is refused") {
  for (const auto* listen : {"9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536",
                             "::1:9464", "a@127.0.0.1:80", "http://127.0.0.1:80", " ", "off"}) {
    check_refused(listen, "write 127.0.0.1:9464");
  }
}

TEST_CASE("A socket in the file system is for its owner, or for the group as well") {
  const auto settings = loaded(with_admin(R"(listen="unix:/run/kakehashi/admin.sock" mode="0660")"));
  CHECK(settings.admin.address() ==
        AdminAddress{AdminAddress::Kind::local, {}, 0, "/run/kakehashi/admin.sock"});
  CHECK(settings.admin.socket_mode == gateway::SocketMode::group);
  check_one_mistake(with_admin(R"(mode="0666")"), "gateway.xml:9", "is not one of 0600, 0660");
}

TEST_CASE("A socket is named by its whole path, as short as the kernel takes it") {
  for (const auto* listen : {"unix:", "unix:/", "unix:admin.sock", "unix:/run/"}) {
    check_refused(listen, "does not name a socket by its whole path");
  }
  CHECK(address_of("unix:/" + std::string(106, 'a')).path.size() == 107);
  check_refused("unix:/" + std::string(107, 'a'), "more than 107 bytes");
}

TEST_CASE("Nothing, or none, is no listener") {
  CHECK(address_of("none").kind == AdminAddress::Kind::none);
  CHECK(address_of("").kind == AdminAddress::Kind::none);
}
