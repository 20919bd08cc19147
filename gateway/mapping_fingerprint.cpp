#include "gateway/mapping_fingerprint.h"

#include "fhir_mapper/mapping_loader.h"
#include "gateway/choice_words.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

namespace gateway {

template <>
inline constexpr std::array<std::string_view, 2> kWords<fhir_mapper::ConfigOrigin>{"shipped", "site"};

namespace {

using fhir_mapper::ConfigFile;
using fhir_mapper::ConfigOrigin;

constexpr std::string_view kHeading = "kakehashi rules 1\n";
// Raised when the same rules, tables and settings make something else than before: what was made with an
// earlier one is then made with older rules.
constexpr std::string_view kEngine = "1";

/// False for a word that is none of them.
template <class Choice>
bool read_choice(std::string_view word, Choice& choice) {
  const auto read = choice_of<Choice>(word);
  if (read) choice = *read;
  return read.has_value();
}

using StorageRules = std::map<std::string, std::string>;

StorageRules rules_of_storage(const StorageSettings& storage) {
  return {{"insured-number", std::string(word_of(storage.insured_number))},
          {"branch-required", std::string(word_of(storage.branch_required))},
          {"problem-list", std::string(word_of(storage.problem_list))}};
}

bool set_storage_rule(StorageSettings& storage, std::string_view name, std::string_view value) {
  if (name == "insured-number") return read_choice(value, storage.insured_number);
  if (name == "branch-required") return read_choice(value, storage.branch_required);
  if (name == "problem-list") return read_choice(value, storage.problem_list);
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
  if (name == "profile") return read_choice(value, destination.profile);
  if (name == "untold") return read_choice(value, destination.untold);
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
  if (!read_choice(std::string_view(record.kind).substr(0, dash), file.origin)) return false;
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
                    {"profile", std::string(word_of(destination.profile))},
                    {"untold", std::string(word_of(destination.untold))}};
  add_storages(configuration.settings.storages, rules.settings);
  return rules;
}

std::string to_bytes(const EffectiveRules& rules) {
  std::string out(kHeading);
  for (const auto& [name, value] : rules.settings) write(out, "setting", name, value);
  for (const ConfigFile& file : rules.files.mappings) {
    write(out, std::string(word_of(file.origin)) + "-mapping", file.name, file.bytes);
  }
  for (const ConfigFile& file : rules.files.tables) {
    write(out, std::string(word_of(file.origin)) + "-table", file.name, file.bytes);
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
