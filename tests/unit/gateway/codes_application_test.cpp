#include "gateway/codes_application.h"

#include "gateway/codes_list.h"
#include "gateway/site_tables.h"
#include "tests/unit/gateway/codes_support.h"
#include "tests/unit/gateway/configuration_support.h"
#include "tests/unit/gateway/storage_support.h"

#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace gateway;
using namespace gateway::test;
using Catch::Contains;

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// A site whose units want departments 85 (it holds one) and 8Z, and a department that is a text.
class Site {
 public:
  Site() {
    want(*state_, "0001", {wanted("departments", "85", true)});
    want(*state_, "0002", {wanted("departments", "85"), wanted("departments", "総合")});
    want(*state_, "0003", {wanted("departments", "8Z")});
  }

  std::string todo() {
    std::ostringstream out;
    CodesList(codes_to_do(state_->database), label_salt(state_->database), CodesList::Reader::anybody)
        .write_tsv(out);
    return out.str();
  }

  boost::system::result<AppliedCodes, SettingsErrors> apply(const std::string& bytes) {
    return apply_codes(state_->database, site_.configuration().settings, "todo.tsv", bytes);
  }
  AppliedCodes applied(const std::string& bytes) {
    auto done = apply(bytes);
    if (!done.has_value()) FAIL(done.error().front().place << ": " << done.error().front().message);
    return std::move(*done);
  }
  /// "place: message" lines; the overlay and the requests must be as they were.
  std::string refusal(const std::string& bytes) {
    const auto before = overlay();
    const auto done = apply(bytes);
    CHECK(overlay() == before);
    CHECK(requested() == "0");
    if (done.has_value()) return "applied";
    std::string text;
    for (const SettingsError& each : done.error()) text += each.place + ": " + each.message + "\n";
    return text;
  }

  std::map<std::string, std::string> overlay() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(overlay_path())) {
      files[entry.path().filename()] = bytes_of(entry.path());
    }
    return files;
  }
  std::string requested() { return value_of(state_->database, "SELECT COUNT(*) FROM remake_request"); }
  /// Of the table as the gateway loads it.
  std::string display_of(const std::string& code) const {
    const auto configuration = site_.configuration();
    const auto* row = configuration.mapping->table("departments")->find(code, "HL70069");
    return row == nullptr ? "no row" : row->to_display;
  }
  std::filesystem::path overlay_path() const { return site_.path() / "site"; }
  const SiteFolder& folder() const { return site_; }
  StateStore::Contents& state() { return *state_; }

 private:
  SiteFolder site_;
  std::unique_ptr<StateStore::Contents> state_ = empty_state();
};

const std::string kBegin =
    "from_system\tfrom_code\tto_system\tto_code\tto_display\tnote\n# table: departments\n";

}  // namespace

TEST_CASE(
    "The list as it was printed changes nothing; filled in, its codes are known and their units requested") {
  Site site;
  const std::string list = site.todo();
  const AppliedCodes nothing = site.applied(list);
  CHECK(nothing.added == 0);
  CHECK(nothing.left_empty == 3);
  CHECK(site.overlay().empty());
  CHECK(site.requested() == "0");

  const AppliedCodes done = site.applied(with(list, "\t85\t\t\t\t", "\t85\t\t85\t総合診療科\t"));
  CHECK(done.added == 1);
  CHECK(done.left_empty == 2);
  CHECK(done.held == 1);
  CHECK(done.tables == std::set<std::string>{"departments"});
  CHECK(site.display_of("85") == "総合診療科");
  CHECK(site.display_of("01") == "内科");  // what was shipped is still known
  CHECK(site.display_of("8Z") == "no row");
  CHECK(site.requested() == "2");
}

TEST_CASE("A code that is listed as a hash is applied as it stands in the documents") {
  Site site;
  const std::string list = site.todo();
  REQUIRE_THAT(list, Contains("hash:") && !Contains("総合"));
  const auto at = list.find("hash:");
  const std::string cell = list.substr(at, list.find('\t', at) - at);
  site.applied(with(list, cell + "\t\t\t\t", cell + "\t\t85\t総合診療科\t"));
  CHECK(site.display_of("総合") == "総合診療科");
}

TEST_CASE("Rows are added at the end of the site's table, whose text and mode stay as they were") {
  Site site;
  const auto file = site.overlay_path() / "departments.tsv";
  const std::string before = kBegin + "HL70069\t8A\t\t8A\t架橋科\t";  // a last line without its end
  write_file(file, before);
  REQUIRE(::chmod(file.c_str(), 0640) == 0);
  site.applied(kBegin + "HL70069\t85\t\t85\t総合診療科\tasked the ward\n");
  CHECK(bytes_of(file) == before + "\nHL70069\t85\t\t85\t総合診療科\tasked the ward\n");
  struct stat mode {};
  REQUIRE(::stat(file.c_str(), &mode) == 0);
  CHECK((mode.st_mode & 07777) == 0640);
  CHECK(site.overlay().size() == 1);  // nothing else was left there
}

TEST_CASE("Applied once more, a list adds nothing and requests its units again") {
  Site site;
  const std::string list = kBegin + "HL70069\t85\t\t85\t総合診療科\n";
  site.applied(list);
  const auto after_first = site.overlay();
  site.state().database.execute("DELETE FROM remake_request");
  const AppliedCodes again = site.applied(list);
  CHECK(again.added == 0);
  CHECK(again.already_there == 1);
  CHECK(site.overlay() == after_first);
  CHECK(site.requested() == "2");
}

TEST_CASE("A list with a mistake changes nothing and names its line") {
  Site site;
  const std::string good = kBegin + "HL70069\t85\t\t85\t総合診療科\n";
  CHECK_THAT(site.refusal(good + "HL70069\t5\t\t05\t\n"),
             Contains("todo.tsv:4: this code is not to do") && Contains("zeros"));
  CHECK_THAT(site.refusal(good + "HL70069\t01\t\t77\t\n"), Contains("todo.tsv:4: this code is not to do"));
  CHECK_THAT(site.refusal(good + "# table: no-such\n\tA1\t\tB\n"), Contains("todo.tsv:5: there is no table"));
  CHECK_THAT(site.refusal(good + "# table: ../site\n\tA1\t\tB\n"), Contains("todo.tsv:5: there is no table"));
  CHECK_THAT(site.refusal(good + "HL70069\t*\t\tB\n"), Contains("todo.tsv:4: * stands for every other code"));
  CHECK_THAT(site.refusal(good + good.substr(kBegin.size())), Contains("todo.tsv:4: the same code"));
  CHECK_THAT(site.refusal(good + "HL70069\thash:000000000000\t\tB\n"),
             Contains("todo.tsv:4: this code is not"));
}

TEST_CASE("A table of the site that cannot be read is not written anew without its rows") {
  Site site;
  const auto file = site.overlay_path() / "departments.tsv";
  const auto settings = site.folder().configuration().settings;
  std::string before;
  SECTION("no permission") {
    if (::geteuid() == 0) return;  // root reads everything
    before = kBegin + "HL70069\t8A\t\t8A\t架橋科\t\n";
    write_file(file, before);
    REQUIRE(::chmod(file.c_str(), 0) == 0);
  }
  SECTION("a link to nowhere") {
    std::filesystem::create_symlink("nowhere", file);
  }
  const auto done =
      apply_codes(site.state().database, settings, "todo.tsv", kBegin + "HL70069\t85\t\t85\t総合診療科\n");
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().front().place == file.string());
  CHECK_THAT(done.error().front().message, Contains("cannot be read"));
  if (before.empty()) return;
  REQUIRE(::chmod(file.c_str(), 0600) == 0);
  CHECK(bytes_of(file) == before);
}

TEST_CASE("A link in place of a site's table is refused: what it leads to may be anybody's") {
  Site site;
  const auto shared = site.folder().path() / "shared.tsv";
  write_file(shared, kBegin);
  std::filesystem::create_symlink(shared, site.overlay_path() / "departments.tsv");
  CHECK_THAT(site.refusal(kBegin + "HL70069\t85\t\t85\t総合診療科\n"), Contains("is a link"));
  CHECK(std::filesystem::is_symlink(site.overlay_path() / "departments.tsv"));
  CHECK(bytes_of(shared) == kBegin);
}

TEST_CASE("A row that contradicts one of the site's own is refused with both lines") {
  Site site;
  write_file(site.overlay_path() / "departments.tsv", kBegin + "HL70069\t85\t\t77\t架橋科\t\n");
  CHECK_THAT(site.refusal(kBegin + "HL70069\t85\t\t85\t総合診療科\n"),
             Contains("todo.tsv:3: the code has a row already") && Contains("departments.tsv:3"));
}

TEST_CASE("A text that is no code cannot be given a row") {
  Site site;
  want(site.state(), "0004", {wanted("departments", std::string(65, 'x'))});
  const std::string list = site.todo();
  const auto at = list.find("no code:");
  const auto begin = list.rfind('\n', at) + 1;
  const std::string row = list.substr(begin, list.find("\t\t\t\t", begin) - begin);
  CHECK_THAT(site.refusal(kBegin + row + "\t\tB\n"), Contains("todo.tsv:3: this is no code"));
}

TEST_CASE("Tables with which the configuration does not load are not put in place") {
  Site site;
  // Loaded as it is, but broken for whoever loads it next.
  const auto settings = site.folder().configuration().settings;
  write_file(site.overlay_path() / "gender.tsv", "no header\n");
  const auto done =
      apply_codes(site.state().database, settings, "todo.tsv", kBegin + "HL70069\t85\t\t85\t総合診療科\n");
  REQUIRE_FALSE(done.has_value());
  CHECK_THAT(done.error().front().place, Contains("gender.tsv"));
  CHECK(site.overlay().size() == 1);
  CHECK(site.requested() == "0");
}

TEST_CASE("Without an overlay directory the remedy is told, and one command at a time works in it") {
  Site site;
  const std::string list = kBegin + "HL70069\t85\t\t85\t総合診療科\n";
  {
    const auto settings = site.folder().configuration().settings;
    const auto other = SiteTables::open(settings);
    REQUIRE(other.has_value());
    CHECK_THAT(site.refusal(list), Contains("another `kakehashi codes apply` is at work"));
  }
  site.folder().change_settings(" overlay=\"site\"", "");
  CHECK_THAT(site.refusal(list), Contains("gateway.xml: ") && Contains("<mapping overlay=\"site\"/>"));
}

namespace {

/// Rows of two tables of a site, read and not written yet.
class TwoTables {
 public:
  TwoTables() {
    write_file(first(), kBegin + "HL70069\t8A\t\t8A\t架橋科\t\n");
    settings_ = site_.folder().configuration().settings;
  }
  /// What commit() refuses after `meanwhile`; "written" when it does not.
  std::string refusal(const std::function<void()>& meanwhile) {
    auto tables = SiteTables::open(settings_);
    REQUIRE(tables.has_value());
    REQUIRE(tables->add({"departments", "HL70069", "85", "", "85", "総合診療科", "", 1}) ==
            SiteTables::Add::added);
    REQUIRE(tables->add({"gender", "HL70001", "X", "", "other", "", "", 2}) == SiteTables::Add::added);
    meanwhile();
    const auto done = tables->commit();
    if (done.has_value()) return "written";
    std::string text;
    for (const SettingsError& each : done.error()) text += each.place + ": " + each.message + "\n";
    return text;
  }
  std::filesystem::path first() const { return site_.overlay_path() / "departments.tsv"; }
  std::filesystem::path second() const { return site_.overlay_path() / "gender.tsv"; }
  Site& site() { return site_; }

 private:
  Site site_;
  Settings settings_;
};

ino_t number_of_file(const std::filesystem::path& file) {
  struct stat about {};
  REQUIRE(::stat(file.c_str(), &about) == 0);
  return about.st_ino;
}

}  // namespace

TEST_CASE("When a table cannot be put in its place, those before it go back") {
  TwoTables tables;
  std::string before;
  ino_t number = 0;
  SECTION("a table of the site is the very file that it was") {
    before = bytes_of(tables.first());
    number = number_of_file(tables.first());
  }
  SECTION("a table that was not there is not there") {
    std::filesystem::remove(tables.first());
  }
  const std::string refusal = tables.refusal([&] { std::filesystem::create_directory(tables.second()); });
  CHECK_THAT(refusal,
             Contains("gender.tsv: cannot be written: Is a directory") && !Contains("could not be put back"));
  CHECK(std::filesystem::exists(tables.first()) == !before.empty());
  const std::filesystem::directory_iterator left(tables.site().overlay_path());
  CHECK(std::distance(begin(left), end(left)) == (before.empty() ? 1 : 2));  // nothing of ours
  if (before.empty()) return;
  CHECK(bytes_of(tables.first()) == before);
  CHECK(number_of_file(tables.first()) == number);
}

TEST_CASE("A table that somebody changed since it was read is not written over") {
  TwoTables tables;
  const std::string edited = kBegin + "HL70069\t8B\t\t8B\t架橋外科\t\n";
  const std::string header = kBegin.substr(0, kBegin.find('#'));
  const std::string before = bytes_of(tables.first());
  SECTION("an edited file") {
    CHECK_THAT(tables.refusal([&] { write_file(tables.first(), edited); }),
               Contains("departments.tsv: was changed") && Contains("run the command again"));
    CHECK(bytes_of(tables.first()) == edited);
    CHECK_FALSE(std::filesystem::exists(tables.second()));
  }
  SECTION("a file that went") {
    CHECK_THAT(tables.refusal([&] { std::filesystem::remove(tables.first()); }),
               Contains("departments.tsv: was changed"));
    CHECK(tables.site().overlay().empty());
  }
  SECTION("a new file, behind one that was put in its place") {
    CHECK_THAT(tables.refusal([&] { write_file(tables.second(), header); }),
               Contains("gender.tsv: was changed"));
    CHECK(bytes_of(tables.first()) == before);
    CHECK(bytes_of(tables.second()) == header);
  }
  CHECK(tables.refusal([] {}) == "written");
}
