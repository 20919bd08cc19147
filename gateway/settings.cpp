#include "gateway/settings.h"

#include "gateway/settings_reader.h"
#include "gateway/settings_rule.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace gateway {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view kIdBounds = "1 to 32 of a-z, 0-9 and -";
constexpr std::string_view kMedicationRequest = "MedicationRequest";

// Elements write to the object their `begin` made last.
FacilitySettings& facility(Settings& settings) {
  return settings.facility;
}
StorageSettings& storage(Settings& settings) {
  return settings.storages.back();
}
DestinationSettings& destination(Settings& settings) {
  return settings.destinations.back();
}
TlsSettings& tls(Settings& settings) {
  return destination(settings).tls;
}
DeliverySettings& delivery(Settings& settings) {
  return destination(settings).delivery;
}
Settings& whole(Settings& settings) {
  return settings;
}

template <typename Part, typename T>
Field<T> in(Part& (*part)(Settings&), T Part::*member) {
  return [=](Settings& settings) -> T& { return part(settings).*member; };
}

/// All but the last of `parts` have their ids looked at already.
template <typename Part>
std::vector<Finding> find_double_id(const std::vector<Part>& parts, std::string_view element) {
  const std::string& id = parts.back().id;
  const bool taken =
      std::any_of(parts.begin(), parts.end() - 1, [&](const Part& part) { return part.id == id; });
  if (!taken) return {};
  return {{{"id"},
           "two <" + std::string(element) + "> have id=" + in_quotes(id) + "; give each an id of its own"}};
}

bool is_inside(const std::filesystem::path& inner, const std::filesystem::path& outer) {
  const auto folder = (outer / "").parent_path();  // "/srv/a" for "/srv/a/" too
  return std::mismatch(folder.begin(), folder.end(), inner.begin(), inner.end()).first == folder.end();
}

// The later one in the file of a storage and the state finds the mistake.
std::vector<Finding> find_state_inside(const Settings& settings, std::string_view attribute,
                                       const StorageSettings& storage) {
  if (storage.root.empty() || settings.state_directory.empty()) return {};
  if (!is_inside(settings.state_directory, storage.root)) return {};
  return {{{attribute},
           "the state directory " + in_quotes(settings.state_directory.string()) + " is inside the root " +
               in_quotes(storage.root.string()) + " of storage " + in_quotes(storage.id) +
               ", which is only ever read; choose a directory outside of every storage"}};
}

std::vector<Finding> check_storage(const Settings& settings) {
  std::vector<Finding> findings = find_double_id(settings.storages, "storage");
  for (Finding& finding : find_state_inside(settings, "root", settings.storages.back())) {
    findings.push_back(std::move(finding));
  }
  return findings;
}

std::vector<Finding> check_state(const Settings& settings) {
  std::vector<Finding> findings;
  for (const StorageSettings& storage : settings.storages) {
    for (Finding& finding : find_state_inside(settings, "directory", storage)) {
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

std::vector<Finding> check_destination(const Settings& settings) {
  std::vector<Finding> findings = find_double_id(settings.destinations, "destination");
  const DestinationSettings& last = settings.destinations.back();
  if (last.profile == DestinationProfile::clins && last.types.contains(std::string(kMedicationRequest))) {
    findings.push_back(
        {{"profile"},
         "MedicationRequest cannot be sent with profile=\"clins\": CLINS takes prescriptions only "
         "inside documents and refuses a Bundle of them (rule R02142); remove it from types of "
         "<send>, or write profile=\"jp-core\""});
  }
  return findings;
}

std::vector<Finding> check_delivery(const Settings& settings) {
  const DeliverySettings& last = settings.destinations.back().delivery;
  if (last.retry_first <= last.retry_max) return {};
  return {{{"retry-first", "retry-max"},
           "retry-first (" + format_duration(last.retry_first) + ") is longer than retry-max (" +
               format_duration(last.retry_max) + "); the first wait must not be longer than the longest"}};
}

ElementRule facility_element() {
  using F = FacilitySettings;
  return {
      .name = "facility",
      .count = Count::one,
      .attributes = {
          required(text("institution-number", in(facility, &F::institution_number), is_institution_number,
                        "10 digits: two of the prefecture (00 to 49), one of the kind (1 to 3), seven more",
                        "number of the medical institution; it is part of every Bundle-ID")),
          required(text("name", in(facility, &F::name), is_printable, "a name", "name of the institution")),
          time_zone("time-zone", in(facility, &F::zone),
                    "offset of the facility's clocks: for times written without one, and for the year in "
                    "Bundle-IDs"),
      }};
}

ElementRule storage_element() {
  using S = StorageSettings;
  return {
      .name = "storage",
      .count = Count::at_least_one,
      .attributes =
          {text("id", in(storage, &S::id), is_id, std::string(kIdBounds),
                "names the storage in logs and commands"),
           required(path("root", in(storage, &S::root),
                         "folder of the 標準化ストレージ, which holds the patient folders")),
           duration("sweep-interval", in(storage, &S::sweep_interval), 1s, 24h,
                    "time between two sweeps of the storage"),
           duration("settle", in(storage, &S::settle), 100ms, 1h,
                    "a document is read when it has not changed for so long"),
           one_of<WatchMode>(
               "watch", in(storage, &S::watch),
               {{"auto", WatchMode::automatic}, {"sweep", WatchMode::sweep}, {"inotify", WatchMode::inotify}},
               "how changes are noticed besides sweeps; network file systems report none by inotify"),
           duration("delete-settle", in(storage, &S::delete_settle), 0s, 168h,
                    "a delete counts when it has stood for so long"),
           percent("delete-limit", in(storage, &S::delete_limit_percent),
                   "more deletes than this share of the live documents in one sweep are held (20 are always "
                   "allowed)"),
           one_of<ProblemList>(
               "problem-list", in(storage, &S::problem_list),
               {{"union", ProblemList::all_documents}, {"newest", ProblemList::newest_document}},
               "a patient's problems: of all live PPR-01 documents together, or of the newest alone"),
           one_of<InsuredNumberRule>(
               "insured-number", in(storage, &S::insured_number),
               {{"repetition", InsuredNumberRule::repetition},
                {"symbol-number", InsuredNumberRule::symbol_number},
                {"joined", InsuredNumberRule::joined}},
               "how 記号, 番号 and 枝番 are written: as repetitions of IN1-10, as IN1-10 and "
               "IN1-11, or joined in IN1-10"),
           one_of<bool>("branch-required", in(storage, &S::branch_required), {{"yes", true}, {"no", false}},
                        "whether a patient without 枝番 is held")},
      .begin = [](Settings& settings) { settings.storages.emplace_back(); },
      .check = check_storage};
}

ElementRule tls_element() {
  using T = TlsSettings;
  return {.name = "tls",
          .count = Count::one,
          .attributes = {
              required(path("ca", in(tls, &T::ca), "PEM file of the authorities trusted for the server")),
              required(
                  path("certificate", in(tls, &T::certificate), "PEM file of our certificate and its chain")),
              required(path("key", in(tls, &T::key), "PEM file of our private key")),
              when_missing(text("server-name", in(tls, &T::server_name), is_host, "a host name or address",
                                "name the server's certificate must have"),
                           "host of `url`"),
          }};
}

ElementRule send_element() {
  using D = DestinationSettings;
  return {.name = "send",
          .attributes = {
              some_of("types", in(destination, &D::types),
                      {"AllergyIntolerance", "Condition", "Observation", kMedicationRequest},
                      "FHIR resource types that are sent; MedicationRequest not with `profile=\"clins\"`"),
              one_of<Untold>("untold", in(destination, &D::untold),
                             {{"all", Untold::all}, {"rules", Untold::rules}, {"none", Untold::none}},
                             "which diagnoses are marked as not told to the patient (UNINFORMED)"),
          }};
}

ElementRule delivery_element() {
  using D = DeliverySettings;
  return {
      .name = "delivery",
      .attributes =
          {
              whole_number("connections", in(delivery, &D::connections), 1, 64,
                           "connections at the same time"),
              duration("timeout", in(delivery, &D::timeout), 1s, 10min, "how long an answer is waited for"),
              duration("retry-first", in(delivery, &D::retry_first), 10ms, 1h, "wait before the first retry"),
              duration("retry-max", in(delivery, &D::retry_max), 10ms, 24h,
                       "longest wait between retries; not shorter than `retry-first`"),
          },
      .check = check_delivery};
}

ElementRule destination_element() {
  using D = DestinationSettings;
  return {.name = "destination",
          .count = Count::at_least_one,
          .attributes =
              {
                  text("id", in(destination, &D::id), is_id, std::string(kIdBounds),
                       "names the destination in logs and commands; its state is bound to it"),
                  one_of<DestinationProfile>(
                      "profile", in(destination, &D::profile),
                      {{"clins", DestinationProfile::clins}, {"jp-core", DestinationProfile::jp_core}},
                      "what Bundles look like: for the national platform, or for a regional FHIR server"),
                  text("pack", in(destination, &D::pack), is_pack, "jp-clins- and a version such as 1.12.0",
                       "profile version that resources name in meta.profile"),
                  required(destination_url("url", in(destination, &D::url), "base URL of the FHIR server")),
                  one_of<DestinationMode>(
                      "mode", in(destination, &D::mode),
                      {{"send", DestinationMode::send}, {"dry-run", DestinationMode::dry_run}},
                      "dry-run does all but send"),
              },
          .children = {tls_element(), send_element(), delivery_element()},
          .begin = [](Settings& settings) { settings.destinations.emplace_back(); },
          .check = check_destination};
}

ElementRule gateway_element() {
  const ElementRule state{.name = "state",
                          .count = Count::one,
                          .attributes = {required(path("directory", in(whole, &Settings::state_directory),
                                                       "folder of the gateway's own database"))},
                          .check = check_state};
  const ElementRule mapping{
      .name = "mapping",
      .count = Count::one,
      .attributes = {
          required(path("directory", in(whole, &Settings::mapping_directory), "folder of the mapping rules")),
          when_missing(path("overlay", in(whole, &Settings::overlay_directory),
                            "folder of this site's changes on top of them"),
                       "none")}};
  const ElementRule admin{.name = "admin",
                          .attributes = {text("listen", in(whole, &Settings::admin_listen), is_host_and_port,
                                              "host:port", "checked, but not served by this version")}};
  const ElementRule log{.name = "log",
                        .attributes = {one_of<LogLevel>("level", in(whole, &Settings::log_level),
                                                        {{"debug", LogLevel::debug},
                                                         {"info", LogLevel::info},
                                                         {"warning", LogLevel::warning},
                                                         {"error", LogLevel::error}},
                                                        "least level that is logged")}};
  return {
      .name = "gateway",
      .count = Count::one,
      .attributes = {required(
          fixed("xmlns", "urn:kakehashi:gateway:1", "namespace of these settings, with their version"))},
      .children = {facility_element(), storage_element(), state, mapping, destination_element(), admin, log}};
}

boost::system::result<std::string, SettingsErrors> read_text(const std::filesystem::path& file) {
  const auto failed = [&](const std::string& why) {
    return SettingsErrors{{file.string(), "the settings file cannot be read: " + why}};
  };
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return failed(std::generic_category().message(errno));
  std::string text;
  std::array<char, 4096> part{};
  while (stream.read(part.data(), part.size()) || stream.gcount() > 0) {
    text.append(part.data(), static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad())
    return failed(std::generic_category().message(errno));  // a folder opens, but does not read
  return text;
}

}  // namespace

boost::system::result<Settings, SettingsErrors> load_settings(const std::filesystem::path& file) {
  const auto text = read_text(file);
  if (!text) return text.error();
  Settings settings;
  settings.file = std::filesystem::absolute(file).lexically_normal();
  SettingsErrors errors = read_settings(*text, gateway_element(), file.string(), settings);
  if (!errors.empty()) return errors;
  for (DestinationSettings& loaded : settings.destinations) {
    if (loaded.tls.server_name.empty()) loaded.tls.server_name = loaded.url.host;
  }
  return settings;
}

void throw_exception_from_error(const SettingsErrors& errors, const boost::source_location& where) {
  std::string message = "value() of settings with mistakes, at ";
  message += where.to_string();
  for (const SettingsError& error : errors) message += "\n" + error.place + ": " + error.message;
  throw std::logic_error(message);
}

std::string DestinationSettings::pack_version() const {
  return pack.substr(pack.rfind('-') + 1);
}

std::string describe_settings() {
  return describe(gateway_element());
}

}  // namespace gateway
