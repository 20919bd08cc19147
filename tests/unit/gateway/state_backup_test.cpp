#include "gateway/state_backup.h"

#include "gateway/unit_years.h"
#include "tests/unit/gateway/settings_text.h"
#include "tests/unit/gateway/state_support.h"

#include <fstream>

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// A state directory with a gateway at work in it.
class AtWork {
 public:
  AtWork() : settings_(loaded(kLeast)) {
    settings_.state_directory = folder_.path();
    state_ = std::make_unique<StateStore::Contents>(database_file(settings_), settings_.facility.zone);
    prepare_schema(state_->database);
    REQUIRE(bind_state(state_->database, settings_).has_value());
    state_->keep_years_in(unit_years_file(folder_.path()));
    give("1");
  }

  void give(const std::string& patient) {
    put(*state_, built(condition_unit(patient), content(patient)), at(0));
  }
  const Settings& settings() const { return settings_; }
  StateStore::Contents& state() { return *state_; }
  std::filesystem::path file() const { return folder_.path() / "backup"; }
  std::filesystem::path other() const { return folder_.path() / "other"; }

 private:
  const Folder folder_;
  Settings settings_;
  std::unique_ptr<StateStore::Contents> state_;
};

}  // namespace

TEST_CASE("A backup holds what was committed when it began, and the years of it") {
  AtWork gateway;
  const Transaction open(gateway.state().database);
  gateway.give("2");  // not committed
  const auto made = make_backup(gateway.settings(), gateway.file(), at(5));
  REQUIRE(made.has_value());
  CHECK(made->units == 1);
  const auto found = look_at_backup(gateway.file(), gateway.file(), gateway.settings());
  REQUIRE(found.has_value());
  CHECK(found->made == at(5));
  CHECK(found->units == 1);
  CHECK(found->bytes == std::filesystem::file_size(gateway.file()));
  CHECK((std::filesystem::status(gateway.file()).permissions() & std::filesystem::perms(077)) ==
        std::filesystem::perms::none);
  Database copy(gateway.file(), Database::Access::scratch);
  take_years_out(copy, gateway.other());
  CHECK(text_of(gateway.other()) == text_of(unit_years_file(gateway.settings().state_directory)));
  CHECK(value_of(copy, "SELECT COUNT(*) FROM sqlite_schema WHERE name LIKE 'backup%'") == "0");
}

TEST_CASE("A backup that cannot be made whole leaves nothing behind") {
  AtWork gateway;
  gateway.state().database.execute("PRAGMA user_version = 999");
  CHECK_THROWS_AS(make_backup(gateway.settings(), gateway.file(), at(0)), DatabaseError);
  CHECK_FALSE(std::filesystem::exists(gateway.file()));
  CHECK_FALSE(std::filesystem::exists(gateway.file().concat(".part")));
}

TEST_CASE("A backup overwrites nothing") {
  AtWork gateway;
  const std::string what = GENERATE("", ".part");
  std::ofstream(gateway.file().concat(what)) << "something";
  CHECK_FALSE(make_backup(gateway.settings(), gateway.file(), at(0)).has_value());
  CHECK(text_of(gateway.file().concat(what)) == "something");
}

TEST_CASE("A backup of others, of nobody and a broken one are told apart") {
  AtWork gateway;
  REQUIRE(make_backup(gateway.settings(), gateway.file(), at(0)).has_value());
  const auto complaint = [&](const Settings& settings) {
    const auto found = look_at_backup(gateway.file(), "BACKUP", settings);
    REQUIRE_FALSE(found.has_value());
    REQUIRE(found.error().size() == 1);
    CHECK(found.error().front().place == "BACKUP");
    return found.error().front().message;
  };
  SECTION("another institution's") {
    Settings other = gateway.settings();
    other.facility.institution_number = "1310000000";
    CHECK_THAT(complaint(other), Catch::Contains("institution-number"));
  }
  SECTION("a database that is none") {
    std::filesystem::copy_file(database_file(gateway.settings()), gateway.file(),
                               std::filesystem::copy_options::overwrite_existing);
    CHECK_THAT(complaint(gateway.settings()), Catch::Contains("no backup"));
  }
  SECTION("half of one") {
    std::filesystem::resize_file(gateway.file(), std::filesystem::file_size(gateway.file()) / 2);
    CHECK_THAT(complaint(gateway.settings()), Catch::Contains("backup"));
  }
  SECTION("text") {
    std::ofstream(gateway.file()) << std::string(5'000, 'x');
    CHECK_THAT(complaint(gateway.settings()), Catch::Contains("cannot be used"));
  }
}
