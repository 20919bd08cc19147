#include "gateway/settings.h"

#include "gateway/settings_delivery.h"
#include "gateway/settings_in_effect.h"
#include "gateway/settings_reader.h"
#include "gateway/settings_rule.h"
#include "gateway/settings_storage.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace gateway {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view kMedicationRequest = "MedicationRequest";

// Elements write to the object their `begin` made last.
FacilitySettings& facility(Settings& settings) {
  return settings.facility;
}
DestinationSettings& destination(Settings& settings) {
  return settings.destinations.back();
}
TlsSettings& tls(Settings& settings) {
  return destination(settings).tls;
}
AdminSettings& admin(Settings& settings) {
  return settings.admin;
}
LogSettings& log(Settings& settings) {
  return settings.log;
}
Settings& whole(Settings& settings) {
  return settings;
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
  for (const StorageSettings& storage : settings.storages) {
    for (Finding& finding : find_allergies_without_lists(storage, last, "id")) {
      findings.push_back(std::move(finding));
    }
  }
  return findings;
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
              when_missing(path("crl", in(tls, &T::crl),
                                "PEM file of what the authorities of `ca` revoked; the server's certificate "
                                "must not be in it"),
                           "none"),
              duration("look-interval", in(tls, &T::look_interval), 100ms, 1h,
                       "how often these files are looked at; changed ones are used without a restart"),
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
                             "which diagnoses are marked as not told to the patient (UNINFORMED)"),
          }};
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
                      "what Bundles look like: for the national platform, or for a regional FHIR server"),
                  text("pack", in(destination, &D::pack), is_pack, "jp-clins- and a version such as 1.12.0",
                       "profile version that resources name in meta.profile"),
                  required(destination_url("url", in(destination, &D::url), "base URL of the FHIR server")),
                  one_of<DestinationMode>("mode", in(destination, &D::mode), "dry-run does all but send"),
              },
          .children = {tls_element(), send_element(), delivery_element()},
          .begin = [](Settings& settings) { settings.destinations.emplace_back(); },
          .check = check_destination};
}

ElementRule admin_element() {
  using A = AdminSettings;
  const AttributeRule listen{
      .name = "listen",
      .bounds = "127.0.0.1:PORT, [::1]:PORT, unix:/PATH or none",
      .set = [](Settings& settings, std::string_view written) -> Complaint {
        settings.admin.listen = written;
        std::string why;
        if (AdminAddress::parse(written, why)) return std::nullopt;
        return why;
      },
      .get = [](Settings& settings) { return settings.admin.listen; },
      .meaning =
          "where metrics and health are served, to this machine only: GET `/metrics`, `/healthz`, "
          "`/readyz`"};
  return {.name = "admin",
          .attributes = {listen,
                         one_of<SocketMode>("mode", in(admin, &A::socket_mode),
                                            "of the socket `unix:/PATH`: for the gateway's user, or for its "
                                            "group as well")}};
}

ElementRule log_element() {
  return {.name = "log",
          .attributes = {
              one_of<LogLevel>("level", in(log, &LogSettings::level), "least level that is logged"),
              one_of<LogFormat>("format", in(log, &LogSettings::format),
                                "form of a line: words and key=value, or one JSON object"),
          }};
}

ElementRule gateway_element() {
  const ElementRule mapping{
      .name = "mapping",
      .count = Count::one,
      .attributes = {
          required(path("directory", in(whole, &Settings::mapping_directory), "folder of the mapping rules")),
          when_missing(path("overlay", in(whole, &Settings::overlay_directory),
                            "folder of this site's changes on top of them"),
                       "none")}};
  return {.name = "gateway",
          .count = Count::one,
          .attributes = {required(
              fixed("xmlns", "urn:kakehashi:gateway:1", "namespace of these settings, with their version"))},
          .children = {facility_element(), storage_element(), state_element(), mapping, destination_element(),
                       admin_element(), log_element()}};
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
  settings.text = *text;
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

AdminAddress AdminSettings::address() const {
  std::string why;
  return AdminAddress::parse(listen, why).value_or(AdminAddress{});
}

std::string DestinationSettings::pack_version() const {
  return pack.substr(pack.rfind('-') + 1);
}

std::string effective_settings(const Settings& settings) {
  std::string lines;
  // A rule finds the last of several: each of them is made the last one of a copy.
  const auto print_each = [&](const ElementRule& rule, auto Settings::*list) {
    for (std::size_t i = 0; i < (settings.*list).size(); ++i) {
      Settings until = settings;
      auto& all = until.*list;
      all.erase(all.begin() + static_cast<std::ptrdiff_t>(i) + 1, all.end());
      print_values(rule, std::string(rule.name) + '[' + all.back().id + ']', until, lines);
    }
  };
  for (const ElementRule& rule : gateway_element().children) {
    Settings copy = settings;
    if (rule.name == "storage") {
      print_each(rule, &Settings::storages);
    } else if (rule.name == "destination") {
      print_each(rule, &Settings::destinations);
    } else {
      print_values(rule, std::string(rule.name), copy, lines);
    }
  }
  return lines;
}

std::string describe_settings() {
  return describe(gateway_element());
}

}  // namespace gateway
