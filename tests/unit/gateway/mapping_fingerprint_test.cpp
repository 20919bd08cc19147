#include "gateway/mapping_fingerprint.h"

#include "tests/unit/gateway/configuration_support.h"
#include "tests/unit/gateway/storage_support.h"

#include <algorithm>
#include <fstream>

#include <catch2/catch.hpp>

namespace {

using namespace gateway;
using namespace gateway::test;

std::string fingerprint(const Configuration& configuration) {
  return hex(
      fingerprint_of(to_bytes(effective_rules(configuration, configuration.settings.destinations.front()))));
}

StorageSettings storage_like(const StorageSettings& first) {
  StorageSettings storage = first;
  storage.id = "volume2";
  return storage;
}

/// What the mapper is told of facility, storages and destination. Whoever adds a member to UnitSettings finds
/// here that it does not compile: what changes the output belongs to effective_rules().
auto everything_the_mapper_is_told(const Configuration& configuration) {
  const Settings& settings = configuration.settings;
  const auto unit = unit_settings(settings, settings.storages.front(), settings.destinations.front(), {});
  const auto& [institution, name, zone, pack, untold, today, number, branch, newest, explain] = unit;
  static_cast<void>(today);    // the day is no rule
  static_cast<void>(explain);  // shows more, changes nothing
  return std::tuple(institution, name, zone, pack, untold, number, branch, newest);
}

}  // namespace

TEST_CASE("The same rules have the same fingerprint, in whatever order the files were read") {
  const SiteFolder site;
  Configuration configuration = site.configuration();
  const std::string before = fingerprint(configuration);
  std::reverse(configuration.files.mappings.begin(), configuration.files.mappings.end());
  std::reverse(configuration.files.tables.begin(), configuration.files.tables.end());
  CHECK(fingerprint(configuration) == before);
}

TEST_CASE("A byte in a mapping or a table, a name and an overlay make another fingerprint") {
  const SiteFolder site;
  const std::string before = fingerprint(site.configuration());
  Configuration changed = site.configuration();
  SECTION("a byte of a mapping") {
    changed.files.mappings.front().bytes += " ";
  }
  SECTION("a byte of a table") {
    changed.files.tables.back().bytes += "\n";
  }
  SECTION("a name") {
    changed.files.tables.back().name += "x";
  }
  SECTION("whose file it is") {
    changed.files.tables.back().origin = fhir_mapper::ConfigOrigin::site;
  }
  SECTION("bytes that moved to the next file") {
    auto& files = changed.files.tables;
    files[0].bytes += files[1].bytes.substr(0, 1);
    files[1].bytes.erase(0, 1);
  }
  SECTION("an overlay") {
    write_file(site.path() / "site" / "gender.tsv",
               "from_system\tfrom_code\tto_system\tto_code\tto_display\tnote\n\tM\t\tmale\t\t\n");
    changed = site.configuration();
  }
  CHECK(fingerprint(changed) != before);
}

TEST_CASE("Every setting that reaches the output makes another fingerprint, others do not") {
  const SiteFolder site;
  Configuration changed = site.configuration();
  const std::string before = fingerprint(changed);
  Settings& settings = changed.settings;
  bool counts = true;
  SECTION("institution number") {
    settings.facility.institution_number = "1311111111";
  }
  SECTION("facility name") {
    settings.facility.name += "x";
  }
  SECTION("time zone") {
    settings.facility.zone = *TimeZone::named("UTC");
  }
  SECTION("pack") {
    settings.destinations.front().pack = "jp-clins-1.13.0";
  }
  SECTION("profile") {
    settings.destinations.front().profile = DestinationProfile::jp_core;
  }
  SECTION("untold") {
    settings.destinations.front().untold = Untold::none;
  }
  SECTION("form of the insured number") {
    settings.storages.front().insured_number = InsuredNumberRule::joined;
  }
  SECTION("branch") {
    settings.storages.front().branch_required = true;
  }
  SECTION("problem list") {
    settings.storages.front().problem_list = ProblemList::newest_document;
  }
  SECTION("a storage that differs from the others") {
    settings.storages.push_back(storage_like(settings.storages.front()));
    settings.storages.back().branch_required = true;
  }
  SECTION("where documents lie, and how they are looked for and sent") {
    settings.storages.front().root = "/srv/elsewhere";
    settings.storages.front().sweep_interval = Milliseconds(1);
    settings.destinations.front().mode = DestinationMode::dry_run;
    settings.destinations.front().types = {"Condition"};
    counts = false;
  }
  SECTION("one more volume like the first") {
    settings.storages.push_back(storage_like(settings.storages.front()));
    counts = false;
  }
  CHECK((fingerprint(changed) != before) == counts);
}

TEST_CASE("Kept rules come back as they were, and tell the mapper the same") {
  const SiteFolder site;
  Configuration then = site.configuration();
  then.settings.facility.name = "架橋病院\n旧館";
  then.settings.facility.zone = *TimeZone::named("UTC");
  then.settings.destinations.front().untold = Untold::rules;
  then.settings.destinations.front().profile = DestinationProfile::jp_core;
  then.settings.storages.front().insured_number = InsuredNumberRule::joined;
  then.settings.storages.push_back(storage_like(then.settings.storages.front()));
  then.settings.storages.back().problem_list = ProblemList::newest_document;
  const std::string bytes = to_bytes(effective_rules(then, then.settings.destinations.front()));

  const auto kept = rules_of(bytes);
  REQUIRE(kept);
  CHECK(to_bytes(*kept) == bytes);
  Configuration now = site.configuration();
  now.settings.storages.push_back(storage_like(now.settings.storages.front()));
  const auto again = configuration_under(*kept, now, now.settings.destinations.front());
  REQUIRE(again);
  CHECK(again->files.mappings == then.files.mappings);
  CHECK(everything_the_mapper_is_told(*again) == everything_the_mapper_is_told(then));
  CHECK(again->settings.storages.back().problem_list == ProblemList::newest_document);
  CHECK(again->settings.destinations.front().profile == DestinationProfile::jp_core);
}

TEST_CASE("What is not kept rules is refused, wherever it was cut off") {
  const SiteFolder site;
  const Configuration now = site.configuration();
  EffectiveRules rules = effective_rules(now, now.settings.destinations.front());
  rules.files = {};
  const std::string bytes = to_bytes(rules);
  REQUIRE(rules_of(bytes));
  std::size_t whole = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto kept = rules_of(bytes.substr(0, size));
    whole += kept && kept->settings == rules.settings ? 1 : 0;
  }
  CHECK(whole == 0);
  CHECK_FALSE(rules_of("kakehashi rules 1\nrule x\n1\na\n"));
  CHECK_FALSE(rules_of("kakehashi rules 1\nsetting untold\n99999999999999999999999\nall\n"));
}

TEST_CASE("Rules that this program does not understand any more are told from those that it does") {
  const SiteFolder site;
  const Configuration now = site.configuration();
  const DestinationSettings& destination = now.settings.destinations.front();
  EffectiveRules rules = effective_rules(now, destination);
  CHECK(configuration_under(rules, now, destination));
  SECTION("a mapping of another language") {
    rules.files.mappings.front().bytes = "<mapping/>";
  }
  SECTION("a setting that is no more") {
    rules.settings["shoe-size"] = "7";
  }
  SECTION("a value that is no more") {
    rules.settings["untold"] = "some";
  }
  CHECK_FALSE(configuration_under(rules, now, destination));
}
