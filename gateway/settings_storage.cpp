#include "gateway/settings_storage.h"

#include "fhir_mapper/report_unit.h"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace gateway {

namespace {

using namespace std::chrono_literals;
using std::chrono::days;

StorageSettings& storage(Settings& settings) {
  return settings.storages.back();
}
ScopeSettings& scope(Settings& settings) {
  return storage(settings).scope;
}
StateLimits& limits(Settings& settings) {
  return settings.state_limits;
}
Settings& whole(Settings& settings) {
  return settings;
}

std::filesystem::path without_last_slash(const std::filesystem::path& path) {
  return (path / "").parent_path();  // "/srv/a" for "/srv/a/" too
}

/// False when one of them is not given.
bool is_inside(const std::filesystem::path& inner, const std::filesystem::path& outer) {
  if (inner.empty() || outer.empty()) return false;
  const auto folder = without_last_slash(outer);
  return std::mismatch(folder.begin(), folder.end(), inner.begin(), inner.end()).first == folder.end();
}

void append(std::vector<Finding>& findings, std::vector<Finding> more) {
  std::move(more.begin(), more.end(), std::back_inserter(findings));
}

std::string named(const StorageSettings& storage) {
  return "storage " + in_quotes(storage.id);
}

// The later one in the file of a storage and the state finds the mistake.
std::vector<Finding> find_state_inside(const Settings& settings, const StorageSettings& storage,
                                       bool found_at_state) {
  std::vector<Finding> findings;
  const auto look = [&](std::string_view attribute, const std::filesystem::path& folder) {
    if (!is_inside(settings.state_directory, folder)) return;
    const std::string_view place = found_at_state ? "directory" : attribute;
    findings.push_back({{place},
                        "the state directory " + in_quotes(settings.state_directory.string()) +
                            " is inside the " + std::string(attribute) + " " + in_quotes(folder.string()) +
                            " of " + named(storage) +
                            ", which is only ever read; choose a directory outside of every storage"});
  };
  look("root", storage.root);
  look("transactions", storage.transactions);
  return findings;
}

/// Every document below both roots would be read twice, once under a path that cannot be one.
std::vector<Finding> find_roots_that_overlap(const StorageSettings& last, const StorageSettings& earlier) {
  const bool below = is_inside(last.root, earlier.root);
  const bool above = is_inside(earlier.root, last.root);
  if (!below && !above) return {};
  const std::string ours = "the root " + in_quotes(last.root.string());
  if (below && above) {
    return {{{"root"}, ours + " is that of " + named(earlier) + " too; keep one <storage> for it"}};
  }
  return {{{"root"},
           ours + " is " + (below ? "inside" : "around") + " the root " + in_quotes(earlier.root.string()) +
               " of " + named(earlier) +
               ", so that documents would be read twice; write the folders that hold patient folders, or "
               "keep the outer one alone"}};
}

std::vector<Finding> find_transactions_inside(const StorageSettings& owner, const StorageSettings& storage,
                                              std::string_view attribute) {
  if (!is_inside(owner.transactions, storage.root)) return {};
  return {{{attribute},
           "the transactions " + in_quotes(owner.transactions.string()) + " of " + named(owner) +
               " are inside the root " + in_quotes(storage.root.string()) + " of " + named(storage) +
               ", where only patient folders belong; write the root of the トランザクションストレージ, which "
               "is a folder of its own, or leave the attribute out"}};
}

std::vector<Finding> check_storage(const Settings& settings) {
  const StorageSettings& last = settings.storages.back();
  std::vector<Finding> findings = find_double_id(settings.storages, "storage");
  append(findings, find_state_inside(settings, last, false));
  append(findings, find_transactions_inside(last, last, "transactions"));
  for (const StorageSettings& earlier : settings.storages) {
    if (&earlier == &last) break;
    append(findings, find_roots_that_overlap(last, earlier));
    append(findings, find_transactions_inside(last, earlier, "transactions"));
    append(findings, find_transactions_inside(earlier, last, "root"));
  }
  return findings;
}

std::vector<Finding> check_state(const Settings& settings) {
  std::vector<Finding> findings;
  for (const StorageSettings& each : settings.storages) {
    append(findings, find_state_inside(settings, each, true));
  }
  const StateLimits& limits = settings.state_limits;
  if (limits.high_water > 0 && limits.low_water >= limits.high_water) {
    findings.push_back({{"high-water", "low-water"},
                        "low-water (" + format_bytes(limits.low_water) + ") is not below high-water (" +
                            format_bytes(limits.high_water) + ")"});
  }
  return findings;
}

std::vector<Finding> check_scope(const Settings& settings) {
  std::vector<Finding> findings;
  for (const DestinationSettings& destination : settings.destinations) {
    append(findings, find_allergies_without_lists(settings.storages.back(), destination, "types"));
  }
  return findings;
}

std::vector<std::string_view> types_of_units() {
  std::vector<std::string_view> names;
  for (const fhir_mapper::UnitKindInfo& kind : fhir_mapper::unit_kinds()) {
    names.push_back(ssmix2::info(kind.document).name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

ElementRule scope_element() {
  using S = ScopeSettings;
  const auto lookback = [](std::string_view name, std::optional<days> S::*member, std::string_view meaning) {
    return when_missing(period(name, in(scope, member), days(1), days(100 * 366), meaning), "none");
  };
  return {.name = "scope",
          .attributes = {when_missing(some_of("types", in(scope, &S::types), types_of_units(),
                                              "データ種別 that are read; ADT-00 always is. Without OML-11 "
                                              "and OMP-01 no date folder is entered"),
                                      "what some destination takes"),
                         lookback("lab-lookback", &S::lab_lookback,
                                  "OML-11 in older date folders are not read, unless they were before"),
                         lookback("prescription-lookback", &S::prescription_lookback,
                                  "OMP-01 in older date folders are not read, unless they were before")},
          .check = check_scope};
}

/// When the storage is looked at, and how hard.
std::vector<AttributeRule> attributes_of_reading() {
  using S = StorageSettings;
  return {duration("sweep-interval", in(storage, &S::sweep_interval), 1s, 24h,
                   "time between two looks at the folders touched lately"),
          duration("warm-interval", in(storage, &S::warm_interval), 1min, 24h,
                   "time between two looks at every patient's folder and at the folders of patients seen in "
                   "the last 90 days"),
          duration("cold-interval", in(storage, &S::cold_interval), 1h, days(60),
                   "in this time everything is listed once, whatever the modification times say"),
          one_of<MtimeTrust>(
              "trust-mtime", in(storage, &S::trust_mtime),
              "whether a folder whose modification time is unchanged counts as unchanged; auto: yes on local "
              "file systems, no on network ones"),
          whole_number("concurrency", in(storage, &S::concurrency), 1, 16,
                       "folders that are read at the same time"),
          whole_number("rate-limit", in(storage, &S::rate_limit), 0, 1'000'000,
                       "folders looked at per second at most, for a NAS that others need too; 0: no limit"),
          one_of<WatchMode>(
              "watch", in(storage, &S::watch),
              "how changes are noticed besides sweeps; network file systems report none by inotify"),
          when_missing(path("transactions", in(storage, &S::transactions),
                            "root of the トランザクションストレージ, which tells where to look sooner; only "
                            "ever read"),
                       "none")};
}

/// What is made of what was read.
std::vector<AttributeRule> attributes_of_documents() {
  using S = StorageSettings;
  return {duration("settle", in(storage, &S::settle), 100ms, 1h,
                   "a document is read when it has not changed for so long"),
          duration("delete-settle", in(storage, &S::delete_settle), 0s, 168h,
                   "a delete counts when it has stood for so long"),
          percent("delete-limit", in(storage, &S::delete_limit_percent),
                  "more deletes than this share of the live documents in one sweep are held (20 are always "
                  "allowed)"),
          one_of<ProblemList>(
              "problem-list", in(storage, &S::problem_list),
              "a patient's problems: of all live PPR-01 documents together, or of the newest alone"),
          one_of<InsuredNumberRule>(
              "insured-number", in(storage, &S::insured_number),
              "how 記号, 番号 and 枝番 are written: as repetitions of IN1-10, as IN1-10 and "
              "IN1-11, or joined in IN1-10. A number in another form holds the patient"),
          one_of<bool>("branch-required", in(storage, &S::branch_required),
                       "whether a patient without 枝番 is held")};
}

}  // namespace

ElementRule storage_element() {
  using S = StorageSettings;
  std::vector<AttributeRule> attributes{
      text("id", in(storage, &S::id), is_id, std::string(kIdBounds),
           "names the storage in logs and commands"),
      required(path("root", in(storage, &S::root),
                    "folder of the 標準化ストレージ, which holds the patient folders; no other root lies in "
                    "it"))};
  for (auto& more : {attributes_of_reading(), attributes_of_documents()}) {
    attributes.insert(attributes.end(), more.begin(), more.end());
  }
  return {.name = "storage",
          .count = Count::at_least_one,
          .attributes = std::move(attributes),
          .children = {scope_element()},
          .begin = [](Settings& settings) { settings.storages.emplace_back(); },
          .check = check_storage};
}

ElementRule state_element() {
  using L = StateLimits;
  return {.name = "state",
          .count = Count::one,
          .attributes =
              {
                  required(path("directory", in(whole, &Settings::state_directory),
                                "folder of the gateway's own database")),
                  byte_count("high-water", in(limits, &L::high_water),
                             "bodies that wait to be sent to destinations with `mode=\"send\"`: above that "
                             "nothing new is "
                             "read; 0: no limit"),
                  byte_count("low-water", in(limits, &L::low_water),
                             "bodies that wait to be sent: below that new documents are read again"),
                  byte_count("min-free-space", in(limits, &L::min_free_space),
                             "free space of the state's file system: below that nothing new is read, from "
                             "twice that on again; 0: no limit"),
              },
          .check = check_state};
}

std::vector<Finding> find_allergies_without_lists(const StorageSettings& storage,
                                                  const DestinationSettings& destination,
                                                  std::string_view attribute) {
  const std::string list(ssmix2::info(ssmix2::DataType::ADT_61).name);
  const std::set<std::string>& types = storage.scope.types;
  if (types.empty() || types.contains(list)) return {};
  if (!destination.types.contains("AllergyIntolerance")) return {};
  return {{{attribute},
           "types of <scope> of " + named(storage) + " leaves out ADT-61, but destination " +
               in_quotes(destination.id) +
               " takes AllergyIntolerance: AL1 of ADT-00 would be sent in place of the patients' lists; add "
               "ADT-61, or remove AllergyIntolerance from types of <send>"}};
}

}  // namespace gateway
