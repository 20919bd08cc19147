#include "gateway/support_bundle.h"

#include "gateway/certificate_facts.h"
#include "gateway/certificate_report.h"
#include "gateway/configuration.h"
#include "gateway/configuration_check.h"
#include "gateway/coverage_run.h"
#include "gateway/file_system.h"
#include "gateway/own_log.h"
#include "gateway/schema.h"
#include "gateway/settings_in_effect.h"
#include "gateway/state_files.h"
#include "gateway/state_place.h"
#include "gateway/status_report.h"
#include "gateway/version.h"

#include <fstream>
#include <sstream>
#include <typeinfo>

#include <boost/version.hpp>
#include <openssl/crypto.h>
#include <sys/utsname.h>

namespace gateway {
namespace {

using ssmix2::SafeText;

SafeText vouched(std::string text) {
  return SafeText::vouched(std::move(text));
}

/// What throws is told in its place. Its words may quote what it was working on; those of a database do not.
void attempt(BundleText& bundle, const std::function<void()>& what) {
  try {
    what();
  } catch (const DatabaseError& error) {
    bundle.line("this could not be told: the state database failed: " + vouched(error.what()));
  } catch (const std::exception& error) {
    bundle.line("this could not be told: " + vouched(typeid(error).name()));
  }
}

void add_errors(BundleText& bundle, const SettingsErrors& errors) {
  for (const SettingsError& error : errors) bundle.line(vouched(error.place + ": " + error.message));
}

void add_versions(BundleText& bundle) {
  bundle.section("versions");
  bundle.line("kakehashi " + vouched(kVersion));
  Database memory(":memory:", Database::Access::scratch);
  auto sqlite = memory.prepare("SELECT sqlite_version()");
  sqlite.step();
  bundle.line("SQLite " + vouched(sqlite.text(0)));
  bundle.line(vouched(OpenSSL_version(OPENSSL_VERSION)));
  bundle.line("Boost " + vouched(BOOST_LIB_VERSION));
  bundle.line("built by " + vouched(__VERSION__));
  struct utsname machine {};
  if (::uname(&machine) == 0) {
    bundle.line(vouched(std::string(machine.sysname) + " " + machine.release + " " + machine.machine));
  }
  std::ifstream system("/etc/os-release");
  for (std::string line; std::getline(system, line);) {
    if (line.starts_with("PRETTY_NAME=")) bundle.line(vouched(line));
  }
}

void add_settings(BundleText& bundle, const std::filesystem::path& file) {
  bundle.section("settings as they are written, without comments");
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream && text.empty()) return bundle.line(vouched(file.string() + " cannot be read"));
  bundle.block(vouched(settings_for_others(text)));
}

void add_file_systems(BundleText& bundle, const Settings& settings) {
  bundle.section("file systems");
  std::string line = "state " + settings.state_directory.string() + ": " + state_file_system(settings);
  if (const auto space = disk_space(settings.state_directory)) {
    line += ", " + std::to_string(space->free_bytes >> 20) + " MiB free";
    if (space->read_only) line += ", read-only";
  }
  bundle.line(vouched(line));
  for (const StorageSettings& storage : settings.storages) {
    const auto found = FileSystem::of(storage.root);
    bundle.line("storage " + vouched(storage.id + " " + storage.root.string()) + ": " +
                (found.has_value() ? found->name() : SafeText("cannot be reached")));
  }
  for (const auto* name : {"kakehashi.db", "kakehashi.db-wal", "unit-years"}) {
    std::error_code error;
    const auto size = std::filesystem::file_size(settings.state_directory / name, error);
    if (!error) bundle.line(vouched(name) + ": " + SafeText(size) + " bytes");
  }
}

void add_certificates(BundleText& bundle, const Settings& settings, Instant now) {
  bundle.section("certificates");
  for (const DestinationSettings& destination : settings.destinations) {
    for (const auto& file : {destination.tls.certificate, destination.tls.ca}) {
      for (const CertificateFacts& facts : read_certificate_facts(file)) {
        bundle.line("destination " + vouched(destination.id + ": " + file.filename().string()) +
                    ": subject " + vouched(facts.subject) + "; issuer " + vouched(facts.issuer) + "; until " +
                    vouched(to_date(facts.valid_until, settings.facility.zone)) + " (" +
                    SafeText(days_left(facts.valid_until, now)) + " days)");
      }
    }
  }
}

void add_checks(BundleText& bundle, const Configuration& configuration) {
  bundle.section("kakehashi check");
  std::ostringstream text;
  const bool good = check_configuration(configuration, text, text);
  bundle.block(vouched(text.str()));
  bundle.line(good ? SafeText("good") : SafeText("the gateway would not start"));
}

/// By kind, state and the id of the reason; what explains a reason may quote a document.
void add_queue(BundleText& bundle, Database& database) {
  bundle.section("queue: destination, kind, state, reason, rows");
  auto rows = database.prepare(
      "SELECT destination.id, unit.kind, delivery.state, COALESCE(delivery.reason, ''), by_person, COUNT(*) "
      "FROM "
      "delivery JOIN unit ON unit.id = delivery.unit JOIN destination ON destination.number = "
      "delivery.destination GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5");
  while (rows.step()) {
    const auto kind = static_cast<fhir_mapper::UnitKind>(rows.integer(1));
    bundle.line(vouched(rows.text(0)) + " " + vouched(std::string(fhir_mapper::info(kind).resource_type)) +
                " " + vouched(std::string(name_of(outbox_state_of(rows.integer(2))))) + " " +
                vouched(rows.text(3).empty() ? "-" : rows.text(3)) +
                (rows.integer(4) != 0 ? SafeText(" (ordered by a person) ") : SafeText(" ")) +
                SafeText(rows.integer(5)));
  }
}

void add_tables(BundleText& bundle, Database& database) {
  bundle.section("tables of the state: rows");
  bundle.line("schema " + SafeText(schema_version(database)));
  std::vector<std::string> names;
  {
    auto tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    while (tables.step()) names.push_back(tables.text(0));
  }
  for (const std::string& name : names) {
    auto count = database.prepare("SELECT COUNT(*) FROM \"" + name + "\"");
    if (count.step()) bundle.line(vouched(name) + ": " + SafeText(count.integer(0)));
  }
}

void add_state(BundleText& bundle, const Settings& settings, Instant now) {
  Database database(database_file(settings), Database::Access::read_only);
  check_schema(database);
  const StatusReport report = read_status(database, settings, now);
  bundle.section("status");
  bundle.block(vouched(to_text(report)));
  bundle.section("status --json");
  bundle.block(vouched(to_json(report)));
  attempt(bundle, [&] { add_queue(bundle, database); });
  attempt(bundle, [&] { add_tables(bundle, database); });
}

/// Those that something new was seen of last.
std::vector<std::filesystem::path> some_patients(const Settings& settings, std::size_t most) {
  Database database(database_file(settings), Database::Access::read_only);
  auto select =
      database.prepare("SELECT storage, path FROM patient_folder ORDER BY touched DESC, folder LIMIT ?");
  select.with(static_cast<std::int64_t>(most));
  std::vector<std::filesystem::path> folders;
  while (select.step()) {
    for (const StorageSettings& storage : settings.storages) {
      if (storage.id == select.text(0)) folders.push_back(storage.root / select.text(1));
    }
  }
  return folders;
}

void add_coverage(BundleText& bundle, const Configuration& configuration, std::size_t patients) {
  bundle.section("coverage by position, without values");
  const auto folders = some_patients(configuration.settings, patients);
  std::ostringstream results;
  std::ostringstream unheard;  // it names paths
  CoverageRun run(configuration, {}, results, unheard);
  std::size_t read = 0;
  for (const auto& folder : folders) read += run.add(folder) ? 1 : 0;
  run.finish();
  bundle.line("of " + SafeText(read) + " patients, those with the newest documents");
  bundle.block(vouched(results.str()));
}

void add_log(BundleText& bundle, const std::optional<std::filesystem::path>& file) {
  bundle.section("log, newest lines last");
  const auto log = file ? read_own_log(*file) : read_own_journal();
  if (!log) {
    return bundle.line(
        file ? SafeText("the file cannot be read")
             : SafeText("there is no journal of the service for this user; give its log with --log "
                        "FILE, or run this as root"));
  }
  for (const std::string& line : log->lines) bundle.line(vouched(line));
  if (log->left_out > 0)
    bundle.line(SafeText(log->left_out) + " lines that are not the gateway's were left out");
}

}  // namespace

void BundleText::section(const SafeText& title) {
  text_.append(text_.empty() ? "== " : "\n== ").append(title.view()).append("\n");
}

void BundleText::line(const SafeText& text) {
  text_.append(text.view()).append("\n");
}

void BundleText::block(const SafeText& text) {
  text_.append(text.view());
  if (!text.view().ends_with('\n')) text_ += '\n';
}

std::string settings_for_others(std::string_view xml) {
  std::string shown;
  while (!xml.empty()) {
    const auto comment = xml.find("<!--");
    shown.append(xml.substr(0, comment));
    if (comment == std::string_view::npos) break;
    const auto end = xml.find("-->", comment);
    xml.remove_prefix(end == std::string_view::npos ? xml.size() : end + 3);
  }
  // "https://user:password@host": settings refuse it, and are shown also when they are refused.
  for (auto at = shown.find("://"); at != std::string::npos; at = shown.find("://", at + 3)) {
    const auto quote = shown.find_last_of("\"'", at);
    const auto end = quote == std::string::npos ? quote : shown.find(shown[quote], at);
    const auto sign = shown.rfind('@', end);
    if (sign != std::string::npos && sign > at) shown.replace(at + 3, sign - at - 3, "...");
  }
  return shown;
}

std::string make_support_bundle(const SupportBundleOptions& options, Instant now) {
  BundleText bundle;
  bundle.section("kakehashi support bundle");
  bundle.line("made " + vouched(to_fhir_instant(now, *TimeZone::named("UTC"))));
  bundle.line(
      "For whoever helps with this gateway. It holds versions, settings, counts, reasons and the gateway's "
      "log, and "
      "nothing of a patient. Read it before you send it.");
  attempt(bundle, [&] { add_versions(bundle); });
  attempt(bundle, [&] { add_settings(bundle, options.settings_file); });
  attempt(bundle, [&] {
    const auto settings = load_settings(options.settings_file);
    if (!settings.has_value()) {
      bundle.section("the settings are wrong");
      return add_errors(bundle, settings.error());
    }
    bundle.section("settings in effect");
    bundle.block(vouched(effective_settings(*settings)));
    attempt(bundle, [&] { add_file_systems(bundle, *settings); });
    attempt(bundle, [&] { add_certificates(bundle, *settings, now); });
    attempt(bundle, [&] { add_state(bundle, *settings, now); });
    const auto configuration = load_configuration(*settings);
    if (!configuration.has_value()) {
      bundle.section("mapping, tables or packs are wrong");
      return add_errors(bundle, configuration.error());
    }
    attempt(bundle, [&] { add_checks(bundle, *configuration); });
    if (options.patients > 0)
      attempt(bundle, [&] { add_coverage(bundle, *configuration, options.patients); });
  });
  attempt(bundle, [&] { add_log(bundle, options.log); });
  return bundle.text();
}

}  // namespace gateway
