#include "gateway/mapping_version.h"

#include "tests/unit/gateway/configuration_support.h"
#include "tests/unit/gateway/state_support.h"

#include <fstream>
#include <iterator>
#include <random>

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;

std::string first_release() {
  std::ifstream file(KAKEHASHI_SOURCE_DIR "/tests/unit/gateway/schema_2.sql", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The settings and mapping of a site, changed again and again.
class Rules {
 public:
  explicit Rules(StateStore::Contents& state) : state_(state) { use(); }

  void change() {
    configuration_.files.mappings.front().bytes += " ";
    use();
  }
  void change_back() {
    configuration_.files.mappings.front().bytes.pop_back();
    use();
  }
  void use() { use_rules(state_.database, configuration_, at(0)); }
  MappingVersionId current() { return rules_in_use(state_.database, kPlatform); }
  std::int64_t older() { return count_made_with_older_rules(state_.database, destination(), current()); }
  DestinationSettings& destination() { return configuration_.settings.destinations.front(); }
  const Configuration& configuration() const { return configuration_; }

 private:
  SiteFolder site_;
  Configuration configuration_ = site_.configuration();
  StateStore::Contents& state_;
};

void deliver(StateStore::Contents& state, Instant when) {
  while (const auto claim = state.outbox.claim(kPlatform, when)) {
    state.outbox.record(*claim, Verdict::delivered, {}, when, when);
  }
}

}  // namespace

TEST_CASE("A database of the first release is brought up to date with everything that is in it") {
  Database database(":memory:", Database::Access::read_write);
  database.execute(first_release());
  prepare_schema(database);
  CHECK(value_of(database, "PRAGMA user_version") == "7");
  CHECK(label_salt(database) == "00112233445566778899aabbccddeeff");
  CHECK(value_of(database, "SELECT COUNT(*) FROM outbox") == "4");
  CHECK(value_of(database, "SELECT template FROM body WHERE unit = 2") == "pending body");

  const SiteFolder site;
  const Configuration configuration = site.configuration();
  use_rules(database, configuration, at(0));
  // Nobody knows with what they were made: one was delivered, one is pending. One is held, one deleted.
  const DestinationSettings& destination = configuration.settings.destinations.front();
  CHECK(count_made_with_older_rules(database, destination, rules_in_use(database, destination.id)) == 2);

  Units units(database);
  Outbox outbox(database, units, *TimeZone::named("Asia/Tokyo"));
  const auto claim = outbox.claim(kPlatform, gateway::now());
  REQUIRE(claim);
  CHECK(claim->body == "pending body");
  outbox.record(*claim, Verdict::delivered, {}, at(1), at(1));
  CHECK(outbox.counts(kPlatform).of(OutboxState::delivered) == 3);
}

TEST_CASE("Who only reads leaves a database of the first release alone and says what to do") {
  Database database(":memory:", Database::Access::read_write);
  database.execute(first_release());
  CHECK_THROWS_WITH(check_schema(database), Catch::Contains("schema 2") && Catch::Contains("restart"));
  CHECK(value_of(database, "PRAGMA user_version") == "2");
}

TEST_CASE("The same content made with other rules notes those, and nothing is sent for it") {
  const auto state = empty_state();
  Rules rules(*state);
  put(*state, built(condition_unit(), content("A")), at(1));
  deliver(*state, at(2));
  CHECK(rules.older() == 0);
  rules.change();
  CHECK(rules.older() == 1);
  put(*state, built(condition_unit(), content("A")), at(3));
  CHECK(rules.older() == 0);
  CHECK_FALSE(state->outbox.claim(kPlatform, at(4)));
  rules.change_back();  // is not older than what came in between: it is another
  CHECK(rules.older() == 1);
  put(*state, built(condition_unit(), content("B")), at(5));
  CHECK(rules.older() == 0);
  CHECK(state->outbox.claim(kPlatform, at(6)));
}

TEST_CASE("Held units, deletes and types that are no longer taken do not count as made with older rules") {
  const auto state = empty_state();
  Rules rules(*state);
  put(*state, built(condition_unit(), content("A")), at(1));
  deliver(*state, at(2));
  rules.change();
  REQUIRE(rules.older() == 1);
  SECTION("held") {
    put(*state, built(condition_unit(), held()), at(3));
  }
  SECTION("deleted") {
    put(*state, built(condition_unit(), nothing_left()), at(3));
  }
  SECTION("no longer taken") {
    rules.destination().types = {"Observation"};
  }
  CHECK(rules.older() == 0);
}

TEST_CASE("Files are kept as long as something was made with them, and once") {
  const auto state = empty_state();
  Rules rules(*state);
  put(*state, built(condition_unit(), content("A")), at(1));
  const MappingVersionId first = rules.current();
  const auto files = rules.configuration().files.mappings;
  rules.change();
  rules.change();
  rules.use();
  CHECK(value_of(state->database, "SELECT COUNT(*) FROM mapping_version") == "2");  // none between them
  const auto kept = kept_rules(state->database, first);
  REQUIRE(kept);
  CHECK(kept->files.mappings == files);
  put(*state, built(condition_unit(), content("A")), at(2));
  rules.use();
  CHECK_FALSE(kept_rules(state->database, first));
  CHECK(value_of(state->database, "SELECT COUNT(*) FROM mapping_version") == "1");
  CHECK_FALSE(kept_rules(state->database, kNoMappingVersion));
}

TEST_CASE("What is counted by version is what a look at every row would count") {
  const auto state = empty_state();
  Rules rules(*state);
  std::mt19937 random(7);
  for (int step = 1; step < 400; ++step) {
    const auto unit = condition_unit("000" + std::to_string(random() % 9));
    switch (random() % 6) {
      case 0:
        rules.change();
        break;
      case 1:
        deliver(*state, at(step));
        break;
      case 2:
        put(*state, built(unit, nothing_left()), at(step));
        break;
      case 3:
        put(*state, built(unit, held()), at(step));
        break;
      default:
        put(*state, built(unit, content(std::to_string(random() % 3))), at(step));
    }
    INFO("step " << step);
    REQUIRE(value_of(state->database,
                     "SELECT COALESCE(group_concat(mapping || ':' || units), '') FROM (SELECT mapping, units "
                     "FROM made_with WHERE units <> 0 ORDER BY mapping)") ==
            value_of(state->database,
                     "SELECT COALESCE(group_concat(mapping || ':' || units), '') FROM (SELECT mapping, "
                     "COUNT(*) AS units FROM outbox WHERE content_hash IS NOT NULL GROUP BY mapping ORDER BY "
                     "mapping)"));
  }
  CHECK(rules.older() > 0);
}
