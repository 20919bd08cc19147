#include "gateway/mapping_fingerprint.h"

#include "fhir_mapper/mapping_loader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

namespace gateway {
namespace {

using fhir_mapper::ConfigFile;
using fhir_mapper::ConfigOrigin;
using Names = std::span<const std::string_view>;

constexpr std::string_view kHeading = "kakehashi rules 1\n";
// Raised when the same rules, tables and settings make something else than before: what was made with an
// earlier one is then made with older rules.
constexpr std::string_view kEngine = "1";
constexpr std::array<std::string_view, 2> kOrigins{"shipped", "site"};
constexpr std::array<std::string_view, 2> kProfiles{"clins", "jp-core"};
constexpr std::array<std::string_view, 3> kUntold{"all", "rules", "none"};
constexpr std::array<std::string_view, 3> kNumberRules{"repetition", "symbol-number", "joined"};
constexpr std::array<std::string_view, 2> kProblemLists{"union", "newest"};
constexpr std::array<std::string_view, 2> kYesNo{"no", "yes"};

template <class Enum>
std::string name_of(Enum value, Names names) {
  return std::string(names[static_cast<std::size_t>(value)]);
}

/// False for a name that is none of them.
template <class Enum>
bool read_name(std::string_view text, Names names, Enum& value) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return false;
  value = static_cast<Enum>(found - names.begin());
  return true;
}

using StorageRules = std::map<std::string, std::string>;

StorageRules rules_of_storage(const StorageSettings& storage) {
  return {{"insured-number", name_of(storage.insured_number, kNumberRules)},
          {"branch-required", name_of(storage.branch_required, kYesNo)},
          {"problem-list", name_of(storage.problem_list, kProblemLists)}};
}

bool set_storage_rule(StorageSettings& storage, std::string_view name, std::string_view value) {
  if (name == "insured-number") return read_name(value, kNumberRules, storage.insured_number);
  if (name == "branch-required") return read_name(value, kYesNo, storage.branch_required);
  if (name == "problem-list") return read_name(value, kProblemLists, storage.problem_list);
  return false;
}

/// Where all storages agree it does not matter from which of them a document comes: one volume more makes
/// nothing older.
void add_storages(const std::vector<StorageSettings>& storages,
                  std::map<std::string, std::string>& settings) {
  const bool agree = std::all_of(storages.begin(), storages.end(), [&](const StorageSettings& each) {
    return rules_of_storage(each) == rules_of_storage(storages.front());
  });
  for (const StorageSettings& storage : storages) {
    const std::string prefix = "storage " + (agree ? "*" : storage.id) + " ";
    for (const auto& [name, value] : rules_of_storage(storage)) settings[prefix + name] = value;
  }
}

/// "storage main insured-number" -> its id ("*": all) and the name.
bool set_in_storages(std::vector<StorageSettings>& storages, std::string_view rest, std::string_view value) {
  const auto space = rest.find(' ');
  if (space == std::string_view::npos) return false;
  const std::string_view id = rest.substr(0, space);
  return std::all_of(storages.begin(), storages.end(), [&](StorageSettings& storage) {
    return (id != "*" && id != storage.id) || set_storage_rule(storage, rest.substr(space + 1), value);
  });
}

bool set(Settings& settings, std::string_view name, const std::string& value) {
  constexpr std::string_view kOfStorage = "storage ";
  DestinationSettings& destination = settings.destinations.front();
  if (name.starts_with(kOfStorage))
    return set_in_storages(settings.storages, name.substr(kOfStorage.size()), value);
  if (name == "engine") return value == kEngine;
  if (name == "pack-files") return true;  // what the rules make is the same under every pack
  if (name == "profile") return read_name(value, kProfiles, destination.profile);
  if (name == "untold") return read_name(value, kUntold, destination.untold);
  if (name == "institution-number") {
    settings.facility.institution_number = value;
  } else if (name == "facility-name") {
    settings.facility.name = value;
  } else if (name == "pack") {
    destination.pack = value;
  } else if (name == "time-zone") {
    const auto zone = TimeZone::named(value);
    if (!zone) return false;
    settings.facility.zone = *zone;
  } else {
    return false;
  }
  return true;
}

void sort(std::vector<ConfigFile>& files) {
  std::sort(files.begin(), files.end(), [](const ConfigFile& left, const ConfigFile& right) {
    return std::tie(left.name, left.origin, left.bytes) < std::tie(right.name, right.origin, right.bytes);
  });
}

/// "setting untold\n3\nall\n": nothing in a value can be taken for what follows it.
void write(std::string& out, std::string_view kind, std::string_view name, std::string_view value) {
  out.append(kind).append(" ").append(name).append("\n");
  out.append(std::to_string(value.size())).append("\n").append(value).append("\n");
}

struct Record {
  std::string kind;
  std::string name;
  std::string value;
};

std::optional<std::string_view> take_line(std::string_view& bytes) {
  const auto end = bytes.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = bytes.substr(0, end);
  bytes.remove_prefix(end + 1);
  return line;
}

std::optional<Record> take_record(std::string_view& bytes) {
  const auto heading = take_line(bytes);
  const auto length = take_line(bytes);
  if (!heading || !length) return std::nullopt;
  const auto space = heading->find(' ');
  std::size_t size = 0;
  const auto parsed = std::from_chars(length->data(), length->data() + length->size(), size);
  if (space == std::string_view::npos || parsed.ec != std::errc() || size >= bytes.size())
    return std::nullopt;
  Record record{std::string(heading->substr(0, space)), std::string(heading->substr(space + 1)),
                std::string(bytes.substr(0, size))};
  bytes.remove_prefix(size + 1);
  return record;
}

bool put(EffectiveRules& rules, Record record) {
  if (record.kind == "setting") return rules.settings.emplace(record.name, record.value).second;
  const auto dash = record.kind.find('-');
  if (dash == std::string::npos) return false;
  ConfigFile file{std::move(record.name), std::move(record.value)};
  if (!read_name(record.kind.substr(0, dash), kOrigins, file.origin)) return false;
  const std::string_view kind = std::string_view(record.kind).substr(dash + 1);
  if (kind != "mapping" && kind != "table") return false;
  (kind == "mapping" ? rules.files.mappings : rules.files.tables).push_back(std::move(file));
  return true;
}

}  // namespace

EffectiveRules effective_rules(const Configuration& configuration, const DestinationSettings& destination) {
  const FacilitySettings& facility = configuration.settings.facility;
  EffectiveRules rules{configuration.files, {}};
  sort(rules.files.mappings);
  sort(rules.files.tables);
  rules.settings = {{"engine", std::string(kEngine)},
                    {"institution-number", facility.institution_number},
                    {"facility-name", facility.name},
                    {"time-zone", facility.zone.text()},
                    {"pack", destination.pack},
                    // It decides whether something is sent, not what: of its files the hash is enough.
                    {"pack-files", configuration.pack_fingerprint},
                    {"profile", name_of(destination.profile, kProfiles)},
                    {"untold", name_of(destination.untold, kUntold)}};
  add_storages(configuration.settings.storages, rules.settings);
  return rules;
}

std::string to_bytes(const EffectiveRules& rules) {
  std::string out(kHeading);
  for (const auto& [name, value] : rules.settings) write(out, "setting", name, value);
  for (const ConfigFile& file : rules.files.mappings) {
    write(out, name_of(file.origin, kOrigins) + "-mapping", file.name, file.bytes);
  }
  for (const ConfigFile& file : rules.files.tables) {
    write(out, name_of(file.origin, kOrigins) + "-table", file.name, file.bytes);
  }
  return out;
}

std::optional<EffectiveRules> rules_of(std::string_view bytes) {
  if (!bytes.starts_with(kHeading)) return std::nullopt;
  bytes.remove_prefix(kHeading.size());
  EffectiveRules rules;
  while (!bytes.empty()) {
    auto record = take_record(bytes);
    if (!record || !put(rules, std::move(*record))) return std::nullopt;
  }
  return rules;
}

Sha256 fingerprint_of(std::string_view rules_bytes) {
  return sha256(rules_bytes);
}

std::optional<Configuration> configuration_under(const EffectiveRules& rules,
                                                 const Configuration& configuration,
                                                 const DestinationSettings& destination) {
  auto mapping = fhir_mapper::load_mapping(rules.files.mappings, rules.files.tables);
  if (!mapping.has_value()) return std::nullopt;
  Configuration then = configuration;
  then.mapping = *mapping;
  then.files = rules.files;
  then.settings.destinations = {destination};
  for (const auto& [name, value] : rules.settings) {
    if (!set(then.settings, name, value)) return std::nullopt;
  }
  return then;
}

}  // namespace gateway
