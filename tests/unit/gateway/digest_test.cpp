#include "gateway/digest.h"

#include <regex>
#include <set>

#include <catch2/catch.hpp>

using namespace gateway;

TEST_CASE("SHA-256 is that of FIPS 180-4") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("A label has 12 digits and cannot be made without the salt") {
  CHECK(label("salt", "123/456").view().size() == 12);
  CHECK(label("salt", "123/456") == label("salt", "123/456"));
  CHECK_FALSE(label("salt", "123/456") == label("other", "123/456"));
  CHECK_FALSE(label("salt", "123/456") == label("salt", "123/457"));
}

TEST_CASE("A Bundle-ID is institution, year and at most 36 characters that begin with the kind") {
  const std::string id = bundle_id("1319999999", 2026, 'C', "Condition|0001234");
  CHECK(std::regex_match(id, std::regex("1319999999\\^2026\\^C[0-9a-f]{35}")));
  // Written down once: an id that changes with a release would double every unit.
  CHECK(id == "1319999999^2026^C" + sha256_hex("Condition|0001234").substr(0, 35));
  CHECK(id != bundle_id("1319999999", 2026, 'C', "Condition|0001235"));
}

TEST_CASE("An entry URL is a valid UUID, the same for the same sending, new for the next") {
  const std::regex uuid("urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  std::set<std::string> all;
  for (std::int64_t transmission = 1; transmission <= 20; ++transmission) {
    for (std::size_t index = 0; index < 20; ++index) {
      const std::string url = entry_url("hash", transmission, index);
      CHECK(std::regex_match(url, uuid));
      all.insert(url);
    }
  }
  CHECK(all.size() == 400);
  CHECK(entry_url("hash", 1, 11) == entry_url("hash", 1, 11));
  CHECK(entry_url("hash", 1, 11) != entry_url("hash", 11, 1));
}

TEST_CASE("Random bytes come as hex and differ") {
  CHECK(random_hex(16).size() == 32);
  CHECK(random_hex(16) != random_hex(16));
}
