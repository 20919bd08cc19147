#include "fhir_mapper/entry_index.h"

#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

namespace fhir_mapper {
namespace {

TEST_CASE("an entry is found by its key, and of several with one key the first") {
  EntryIndex<std::string_view> index;
  index.add("urn:b", 0);
  index.add("urn:a", 1);
  index.add("urn:b", 2);
  index.add("urn:b", 3);
  std::vector<std::uint32_t> repeats;
  index.close([&repeats](std::uint32_t entry) { repeats.push_back(entry); });
  REQUIRE(index.find("urn:b") != nullptr);
  CHECK(*index.find("urn:b") == 0);
  REQUIRE(index.find("urn:a") != nullptr);
  CHECK(*index.find("urn:a") == 1);
  CHECK(repeats == std::vector<std::uint32_t>{2, 3});
}

TEST_CASE("what no entry has is not found, between others and behind them") {
  EntryIndex<std::uint32_t> index;
  CHECK(index.find(1) == nullptr);
  index.add(2, 0);
  index.add(4, 1);
  index.close([](std::uint32_t) { FAIL("no two are the same"); });
  for (const std::uint32_t missing : {1u, 3u, 5u}) CHECK(index.find(missing) == nullptr);
}

}  // namespace
}  // namespace fhir_mapper
