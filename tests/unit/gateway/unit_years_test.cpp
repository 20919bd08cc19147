#include "gateway/unit_years.h"

#include "gateway/schema.h"
#include "tests/unit/gateway/settings_text.h"
#include "tests/unit/gateway/state_support.h"

#include <csignal>
#include <fstream>

#include <catch2/catch.hpp>
#include <sys/resource.h>

namespace {

using namespace gateway;
using namespace gateway::test;
using Merged = UnitYears::Merged;

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// A state directory over several starts; the first snapshot of a unit gets the year of its build.
class Years {
 public:
  Years() { start(); }

  Merged start() {
    state_.reset();
    state_ = std::make_unique<StateStore::Contents>(database(), *TimeZone::named("Asia/Tokyo"));
    prepare_schema(state_->database);
    remember(state_->database, "institution-number", kInstitution);
    return merged_ = state_->keep_years_in(file());
  }
  void stop() { state_.reset(); }

  /// As the building loop does it: the year that is known, else that of today.
  void build(const std::string& patient, int today) {
    const auto unit = condition_unit(patient);
    Transaction transaction(state_->database);
    make(unit, today);
    transaction.commit();
  }
  /// Without a snapshot, and so without a year.
  void see(const std::string& patient) { state_->units.mark_due(condition_unit(patient), at(0)); }
  /// kill -9 after the file was written, before the commit.
  void build_and_die(const std::string& patient, int today) {
    Transaction transaction(state_->database);
    make(condition_unit(patient), today);
    state_->years->flush();
  }

  /// Of the next request; empty when there is none.
  std::string sent() {
    const auto claim = state_->outbox.claim(kPlatform, at(1'000'000));
    return claim ? claim->bundle_id : std::string();
  }
  std::string year_of(const std::string& patient) {
    const auto known = state_->units.find(unit_named(*state_, condition_unit(patient).key()));
    return known->year ? std::to_string(*known->year) : "none";
  }

  std::filesystem::path file() const { return folder_.path() / "unit-years"; }
  std::filesystem::path database() const { return folder_.path() / "kakehashi.db"; }
  std::filesystem::path backup() const { return folder_.path() / "backup.db"; }
  /// Without its log, as a backup tool leaves it.
  void back_up() {
    state_->database.checkpoint();
    std::filesystem::copy_file(database(), backup(), std::filesystem::copy_options::overwrite_existing);
  }
  void restore() {
    forget_database();
    std::filesystem::copy_file(backup(), database());
  }
  void forget_database() {
    stop();
    for (const auto* ending : {"", "-wal", "-shm"}) std::filesystem::remove(database().concat(ending));
  }
  Merged merged() const { return merged_; }

 private:
  void make(const fhir_mapper::ReportUnit& unit, int today) {
    const UnitId id = state_->units.mark_due(unit, at(0));
    const int year = state_->units.find(id)->year.value_or(today);
    state_->outbox.put(id, built(unit, content("a Bundle"), year), at(0));
  }

  Folder folder_;
  std::unique_ptr<StateStore::Contents> state_;
  Merged merged_ = Merged::nothing_new;
};

}  // namespace

TEST_CASE("A unit keeps its Bundle-ID when the database is lost, over the turn of the year") {
  Years years;
  CHECK(years.merged() == Merged::first);
  years.build("0001", 2026);
  const std::string before = years.sent();
  CHECK(before == bundle_of(condition_unit("0001"), 2026));
  years.forget_database();
  CHECK(years.start() == Merged::imported);
  years.build("0001", 2027);
  years.build("0002", 2027);
  CHECK(years.sent() == before);
  CHECK(years.sent() == bundle_of(condition_unit("0002"), 2027));
}

TEST_CASE("A unit keeps its Bundle-ID when an older backup of the database comes back") {
  Years years;
  years.build("0001", 2026);
  years.back_up();
  years.build("0002", 2026);
  years.restore();
  CHECK(years.start() == Merged::imported);
  CHECK(years.start() == Merged::nothing_new);
  years.build("0002", 2027);
  years.build("0003", 2027);
  CHECK(years.year_of("0001") == "2026");
  CHECK(years.year_of("0002") == "2026");
  CHECK(years.year_of("0003") == "2027");
  SECTION("and once more, older than what was written since") {
    years.restore();
    CHECK(years.start() == Merged::imported);
    years.build("0003", 2028);
    CHECK(years.year_of("0003") == "2027");
  }
}

TEST_CASE("A kill between the file and the commit changes no Bundle-ID") {
  Years years;
  years.build_and_die("0001", 2026);
  CHECK(years.start() == Merged::imported);
  years.build("0001", 2027);
  CHECK(years.sent() == bundle_of(condition_unit("0001"), 2026));
}

TEST_CASE("A commit that failed leaves nothing that binds the unit, once another one succeeded") {
  Years years;
  years.build_and_die("0001", 2026);
  years.build("0001", 2027);  // the same process goes on: nothing was sent under 2026
  CHECK(years.sent() == bundle_of(condition_unit("0001"), 2027));
  years.forget_database();
  years.start();
  years.build("0001", 2028);
  CHECK(years.sent() == bundle_of(condition_unit("0001"), 2027));
}

TEST_CASE("A last line of years that was not written whole is cut off, and the next begins where it began") {
  Years years;
  years.build("0001", 2026);
  const auto size = std::filesystem::file_size(years.file());
  years.stop();
  const std::string torn =
      GENERATE("2026 C0123", "2026 C01234567890123456789012345678901234 01234567\n", "\n");
  std::ofstream(years.file(), std::ios::app | std::ios::binary) << torn;
  CHECK(years.start() == Merged::nothing_new);
  CHECK(std::filesystem::file_size(years.file()) == size);
  years.build("0002", 2026);
  years.forget_database();
  CHECK(years.start() == Merged::imported);
  years.build("0002", 2027);
  CHECK(years.year_of("0002") == "2026");
}

TEST_CASE("A file of years that is missing, cut or damaged is written anew from the database, and told") {
  Years years;
  years.build("0001", 2026);
  years.build("0002", 2026);
  years.stop();
  std::string text = text_of(years.file());
  SECTION("missing") {
    std::filesystem::remove(years.file());
  }
  SECTION("empty") {
    std::ofstream(years.file(), std::ios::trunc | std::ios::binary) << "";
  }
  SECTION("without its last line") {
    std::filesystem::resize_file(years.file(), text.size() - 51);
  }
  SECTION("a byte in the middle is another") {
    text[text.size() - 70] = text[text.size() - 70] == '0' ? '1' : '0';
    std::ofstream(years.file(), std::ios::trunc | std::ios::binary) << text;
  }
  CHECK(years.start() == Merged::rebuilt);
  CHECK(years.start() == Merged::nothing_new);
  years.forget_database();
  CHECK(years.start() == Merged::imported);
  years.build("0001", 2027);
  years.build("0002", 2027);
  CHECK(years.year_of("0001") == "2026");
  CHECK(years.year_of("0002") == "2026");
}

TEST_CASE("A damaged file of years is kept for a person to look at") {
  Years years;
  years.build("0001", 2026);
  years.build("0002", 2026);
  years.stop();
  std::string text = text_of(years.file());
  text[text.size() - 70] = text[text.size() - 70] == '0' ? '1' : '0';
  std::ofstream(years.file(), std::ios::trunc | std::ios::binary) << text;
  years.start();
  std::string kept;
  for (const auto& entry : std::filesystem::directory_iterator(years.file().parent_path())) {
    if (entry.path().filename().string().starts_with("unit-years.damaged-")) kept = text_of(entry.path());
  }
  CHECK(kept == text);
}

TEST_CASE("A file of years that cannot be read is not one that is missing: nothing takes its place") {
  Years years;
  years.build("0001", 2026);
  years.stop();
  std::filesystem::remove(years.file());
  std::filesystem::create_directory(years.file());  // opens, and cannot be read
  CHECK_THROWS_AS(years.start(), DatabaseError);
  CHECK(std::filesystem::is_directory(years.file()));
}

TEST_CASE("An older backup is not taken for the newer file that was written anew meanwhile") {
  Years years;
  years.see("0000");  // so that it comes first when the file is written anew
  years.build("0001", 2026);
  years.back_up();
  years.build("0000", 2026);
  years.stop();
  std::filesystem::remove(years.file());
  years.start();  // other places in the file now
  years.restore();
  years.start();
  years.build("0000", 2027);
  CHECK(years.year_of("0000") == "2026");
}

TEST_CASE("The file of years names no patient and is its owner's alone") {
  Years years;
  years.build("0001234", 2026);
  CHECK_THAT(text_of(years.file()), !Catch::Contains("0001234"));
  const auto permissions = std::filesystem::status(years.file()).permissions();
  CHECK((permissions & (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) ==
        std::filesystem::perms::none);
}

TEST_CASE("A year that cannot be written down is not committed either, and later it can") {
  Years years;
  years.build("0001", 2026);
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const rlimit small{std::filesystem::file_size(years.file()) + 20, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  std::string failed;
  try {
    years.build("0002", 2026);
  } catch (const DatabaseError& error) {
    failed = error.may_pass() ? error.what() : "for ever";
  }
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  CHECK_THAT(failed, Catch::Contains("writing") && Catch::Contains("unit-years"));
  CHECK_THROWS_AS(years.year_of("0002"), std::out_of_range);
  years.build("0002", 2027);
  CHECK(years.year_of("0002") == "2027");
  years.forget_database();
  years.start();
  years.build("0002", 2028);
  CHECK(years.year_of("0002") == "2027");
}
