#include "gateway/schema.h"

#include "tests/unit/gateway/settings_text.h"
#include "tests/unit/gateway/state_support.h"

#include <fstream>
#include <iterator>
#include <string>

#include <catch2/catch.hpp>

namespace {

using gateway::bind_state;
using gateway::Database;
using gateway::DatabaseError;
using gateway::prepare_schema;
using gateway::Settings;
using namespace gateway::test;

std::string refusal_of(Database& database, const Settings& settings) {
  const auto bound = bind_state(database, settings);
  if (bound.has_value()) return "bound";
  std::string all;
  for (const auto& error : bound.error()) all += error.message + "\n";
  return all;
}

}  // namespace

TEST_CASE("Tables are made once, and what is in them survives the next start") {
  const Folder folder;
  const auto file = folder.path() / "kakehashi.db";
  std::string salt;
  {
    Database database(file, Database::Access::read_write);
    prepare_schema(database);
    salt = gateway::label_salt(database);
  }
  Database database(file, Database::Access::read_write);
  prepare_schema(database);
  CHECK(gateway::label_salt(database) == salt);
  CHECK(salt.size() == 32);
}

TEST_CASE("Every database has a salt of its own") {
  const auto one = empty_state();
  const auto other = empty_state();
  CHECK(gateway::label_salt(one->database) != gateway::label_salt(other->database));
}

TEST_CASE("A database of a newer version is refused with the remedy") {
  Database database(":memory:", Database::Access::read_write);
  database.execute("PRAGMA user_version = 99");
  CHECK_THROWS_WITH(prepare_schema(database), Catch::Contains("newer version") &&
                                                  Catch::Contains("schema 99") &&
                                                  Catch::Contains("restore a backup"));
}

TEST_CASE(
    "A database of before the first release is refused with the remedy, by readers too, and left alone") {
  Database database(":memory:", Database::Access::read_write);
  database.execute("PRAGMA user_version = 1");
  CHECK_THROWS_WITH(prepare_schema(database),
                    Catch::Contains("schema 1") && Catch::Contains("name another state directory"));
  CHECK_THROWS_WITH(gateway::check_schema(database), Catch::Contains("schema 1"));
  CHECK(value_of(database, "SELECT COUNT(*) FROM sqlite_schema") == "0");
}

TEST_CASE("A database of the first release is brought forward and has the tables of a new one") {
  const auto schema = [](Database& database) {
    return value_of(database,
                    "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema ORDER BY name)");
  };
  std::ifstream dump(KAKEHASHI_SOURCE_DIR "/tests/unit/gateway/schema_2.sql", std::ios::binary);
  Database database(":memory:", Database::Access::read_write);
  database.execute(std::string(std::istreambuf_iterator<char>(dump), {}));
  const std::string units = "SELECT group_concat(id || ' ' || date || ' ' || order_no) FROM unit";
  const std::string before = value_of(database, units);
  CHECK_THROWS_WITH(gateway::check_schema(database), Catch::Contains("restart the gateway"));
  prepare_schema(database);
  const auto fresh = empty_state();
  CHECK(schema(database) == schema(fresh->database));
  CHECK(value_of(database, "PRAGMA user_version") == value_of(fresh->database, "PRAGMA user_version"));
  CHECK(value_of(database, units) == before);
  gateway::check_schema(database);
  prepare_schema(database);
}

TEST_CASE("A database of the version before the last is brought forward, too") {
  const auto state = empty_state();
  Database& database = state->database;
  database.execute(
      "DROP INDEX delivery_state; DROP INDEX delivery_in_flight; DROP INDEX delivery_late; "
      "DROP TABLE history; DROP TABLE audit; DROP TABLE known_year; DROP TRIGGER body_more; "
      "DROP TRIGGER body_other; DROP TRIGGER body_less; ALTER TABLE body DROP COLUMN waits; ALTER TABLE "
      "destination DROP COLUMN waiting_bytes; ALTER TABLE destination DROP COLUMN late_window; ALTER TABLE "
      "destination DROP COLUMN result_patience");
  for (const std::string column : {"late_until", "late_operation", "late_hash", "late_person", "by_person",
                                   "rules", "first_time", "last_time"}) {
    database.execute("ALTER TABLE delivery DROP COLUMN " + column);
  }
  database.execute("DROP TABLE change");
  database.execute("DROP TABLE timeliness");
  database.execute("PRAGMA user_version = 4");
  prepare_schema(database);
  CHECK(value_of(database, "SELECT COUNT(*) FROM history") == "0");
  gateway::check_schema(database);
}

TEST_CASE("Who asks while a new state is being made is told to ask again") {
  Database database(":memory:", Database::Access::read_write);
  CHECK_THROWS_WITH(gateway::check_schema(database), Catch::Contains("ask again"));
}

TEST_CASE("Every table is strict, so that no value changes its type") {
  const auto state = empty_state();
  CHECK(value_of(state->database,
                 "SELECT COUNT(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
                 "AND name NOT LIKE 'sqlite_%' AND strict = 0") == "0");
}

TEST_CASE("State is bound at the first start, and the same settings are welcome again") {
  const auto state = empty_state();
  const Settings settings = loaded(kLeast);
  CHECK(refusal_of(state->database, settings) == "bound");
  CHECK(refusal_of(state->database, settings) == "bound");
}

TEST_CASE("Another url for a known destination is refused, and the message says what to do") {
  const auto state = empty_state();
  REQUIRE(bind_state(state->database, loaded(kLeast)).has_value());
  const std::string refusal =
      refusal_of(state->database, loaded(with(kLeast, kUrl, R"(url="https://other.example/fhir")")));
  CHECK_THAT(refusal, Catch::Contains("https://platform.example/fhir"));
  CHECK_THAT(refusal, Catch::Contains("https://other.example/fhir"));
  CHECK_THAT(refusal, Catch::Contains("another state directory"));
  CHECK(refusal_of(state->database, loaded(kLeast)) == "bound");  // and nothing was changed by the refusal
}

TEST_CASE("Another institution number is refused") {
  const auto state = empty_state();
  REQUIRE(bind_state(state->database, loaded(kLeast)).has_value());
  CHECK_THAT(refusal_of(state->database, loaded(with(kLeast, "1319999999", "1311111111"))),
             Catch::Contains("1311111111"));
}

TEST_CASE("Another destination beside the known one is bound, also when the known one comes back later") {
  const auto state = empty_state();
  REQUIRE(bind_state(state->database, loaded(kLeast)).has_value());
  const std::string renamed = with(kLeast, kDestination, R"(<destination id="region")");
  CHECK(refusal_of(state->database, loaded(with(renamed, kUrl, R"(url="https://region.example/fhir")"))) ==
        "bound");
  CHECK(refusal_of(state->database, loaded(kLeast)) == "bound");
  CHECK_THAT(refusal_of(state->database, loaded(renamed)), Catch::Contains("https://region.example/fhir"));
}

TEST_CASE("What is known is made again for a new destination or type, and for nothing else") {
  const auto state = empty_state();
  const auto due = [&state] { return state->units.next_due().has_value(); };
  const auto done = [&state] {
    for (const auto& unit : state->units.due_units(at(100'000'000), 10))
      state->units.settle_due(unit, std::nullopt);
  };
  REQUIRE(bind_state(state->database, loaded(kLeast)).has_value());
  state->units.mark_due(condition_unit(), at(0));
  done();
  Settings settings = loaded(kLeast);
  REQUIRE(bind_state(state->database, settings).has_value());
  CHECK_FALSE(due());
  settings.destinations.push_back(settings.destinations.front());
  settings.destinations.back().id = "region";
  REQUIRE(bind_state(state->database, settings).has_value());
  CHECK(due());
  done();
  settings.destinations.back().types.insert("MedicationRequest");
  REQUIRE(bind_state(state->database, settings).has_value());
  CHECK(due());
}

TEST_CASE("What is known is made again for a destination that was away, and not for those that stayed") {
  const auto state = empty_state();
  const auto due = [&state] { return state->units.next_due().has_value(); };
  const auto done = [&state] {
    for (const auto& unit : state->units.due_units(at(100'000'000), 10))
      state->units.settle_due(unit, std::nullopt);
  };
  const Settings one = loaded(kLeast);
  Settings two = loaded(kLeast);
  two.destinations.push_back(two.destinations.front());
  two.destinations.back().id = "region";
  REQUIRE(bind_state(state->database, two).has_value());
  state->units.mark_due(condition_unit(), at(0));
  done();
  REQUIRE(bind_state(state->database, one).has_value());
  CHECK_FALSE(due());
  two.destinations.back().url =
      loaded(with(kLeast, kUrl, R"(url="https://other.example/fhir")")).destinations.front().url;
  CHECK_THAT(refusal_of(state->database, two), Catch::Contains("destination region"));
  two.destinations.back().url = one.destinations.front().url;
  REQUIRE(bind_state(state->database, two).has_value());
  CHECK(due());
  done();
  REQUIRE(bind_state(state->database, two).has_value());
  CHECK_FALSE(due());
}

TEST_CASE("A refused start binds nothing, not even what was new") {
  const auto state = empty_state();
  REQUIRE(bind_state(state->database, loaded(kLeast)).has_value());
  Settings settings = loaded(with(kLeast, "1319999999", "1311111111"));
  settings.destinations.front().id = "new";
  CHECK_FALSE(bind_state(state->database, settings).has_value());
  CHECK(value_of(state->database, "SELECT value FROM binding WHERE name = 'destination new'") == "none");
}

TEST_CASE("The database lies in the state directory") {
  CHECK(gateway::database_file(loaded(kLeast)) == "/var/lib/kakehashi/kakehashi.db");
}
