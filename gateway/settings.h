#pragma once
// gateway.xml, read, bounded and checked in one place. Immutable after load; shared by const reference.

#include "gateway/admin_address.h"
#include "gateway/instant.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/result.hpp>

namespace gateway {

/// A mistake in the settings: what is wrong, where, and what to do, in one sentence each.
struct SettingsError {
  std::string place;    // "gateway.xml:12"
  std::string message;  // what is wrong and what would be right
};
using SettingsErrors = std::vector<SettingsError>;

enum class WatchMode { automatic, sweep, inotify };
enum class MtimeTrust { automatic, yes, no };               // automatic: as the file system deserves
enum class ProblemList { all_documents, newest_document };  // problem-list="union|newest"
/// How this storage writes symbol, number and branch of the insured person (DESIGN of IN1 by its writer).
enum class InsuredNumberRule { repetition, symbol_number, joined };
enum class DestinationProfile { clins, jp_core };
enum class DestinationMode { send, dry_run };
enum class Untold { all, rules, none };

struct FacilitySettings {
  std::string institution_number;  // 10 digits, ^[0-4][0-9][1-3][0-9]{7}$
  std::string name;
  TimeZone zone = *TimeZone::named("Asia/Tokyo");
};

/// What of a storage is read; gateway/scope.h makes the answer of it.
struct ScopeSettings {
  std::set<std::string> types;  // データ種別 as in paths; empty: what some destination takes
  std::optional<std::chrono::days> lab_lookback;  // none: however old
  std::optional<std::chrono::days> prescription_lookback;
};

struct StorageSettings {
  std::string id = "main";
  std::filesystem::path root;
  std::filesystem::path transactions;   // root of the トランザクションストレージ; empty: none
  Milliseconds sweep_interval{60'000};  // hot: folders touched lately
  Milliseconds warm_interval{900'000};  // every patient's folder, and all of patients seen lately
  Milliseconds cold_interval{604'800'000};  // everything, whatever modification times say
  MtimeTrust trust_mtime = MtimeTrust::automatic;
  int concurrency = 2;
  int rate_limit = 0;  // folders a second; 0: no limit
  Milliseconds settle{2'000};
  Milliseconds delete_settle{600'000};
  double delete_limit_percent = 1.0;
  WatchMode watch = WatchMode::automatic;
  ProblemList problem_list = ProblemList::all_documents;
  InsuredNumberRule insured_number = InsuredNumberRule::repetition;
  bool branch_required = false;
  ScopeSettings scope;
};

struct TlsSettings {
  std::filesystem::path ca;
  std::filesystem::path certificate;
  std::filesystem::path key;
  std::string server_name;    // default: host of the url
  std::filesystem::path crl;  // what the authorities revoked; empty: not looked at
  Milliseconds look_interval{60'000};
};

/// Whose fault an answer is, where a site knows better than the table of disposition.cpp.
enum class AnswerMeaning { unit, destination, later };

struct AnswerSettings {
  int status = 0;
  AnswerMeaning means = AnswerMeaning::later;
};

/// Waits that double from `first` to `max`.
struct RetrySchedule {
  Milliseconds first;
  Milliseconds max;
};

struct DeliverySettings {
  int connections = 4;
  Milliseconds timeout{30'000};
  Milliseconds retry_first{1'000};
  Milliseconds retry_max{300'000};
  // Not given: as retry_first and retry_max.
  std::optional<Milliseconds> result_first;
  std::optional<Milliseconds> result_max;
  std::optional<Milliseconds> pause_first;
  std::optional<Milliseconds> pause_max;
  std::optional<Milliseconds> late_window_given;
  Milliseconds result_patience = std::chrono::hours(1);
  std::string source_address;  // empty: as the system routes
  std::vector<AnswerSettings> answers;

  RetrySchedule retry() const { return {retry_first, retry_max}; }
  RetrySchedule result() const {
    return {result_first.value_or(retry_first), result_max.value_or(retry_max)};
  }
  RetrySchedule pause() const { return {pause_first.value_or(retry_first), pause_max.value_or(retry_max)}; }
  /// How long a request may still be carried out after it was given up.
  Milliseconds late_window() const { return late_window_given.value_or(2 * timeout); }
};

struct DestinationUrl {
  std::string text;  // as written, without a trailing '/'
  std::string host;  // name, IPv4 or IPv6 without brackets
  std::string port;  // "443" by default
  std::string path;  // "/fhir"; may be empty
};

struct DestinationSettings {
  std::string id = "platform";
  DestinationProfile profile = DestinationProfile::clins;
  std::string pack = "jp-clins-1.12.0";
  DestinationUrl url;
  DestinationMode mode = DestinationMode::send;
  TlsSettings tls;
  std::set<std::string> types{"AllergyIntolerance", "Condition", "Observation"};  // FHIR resource types
  Untold untold = Untold::all;
  DeliverySettings delivery;

  std::string pack_version() const;  // "1.12.0" of "jp-clins-1.12.0"
};

/// When nothing new is read; bytes.
struct StateLimits {
  std::int64_t high_water = std::int64_t{4} << 30;  // of bodies that wait to be sent
  std::int64_t low_water = std::int64_t{3} << 30;
  std::int64_t min_free_space = std::int64_t{256} << 20;  // of the file system; twice that to go on
};

enum class LogLevel { debug, info, warning, error };
enum class LogFormat { text, json };

struct LogSettings {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
};

enum class SocketMode { owner, group };  // who may connect

/// Who may read metrics and health.
struct AdminSettings {
  std::string listen = "127.0.0.1:9464";
  SocketMode socket_mode = SocketMode::owner;

  AdminAddress address() const;
};

struct Settings {
  std::filesystem::path file;
  std::string text;  // of it, as it was read
  FacilitySettings facility;
  std::vector<StorageSettings> storages;
  std::filesystem::path state_directory;
  StateLimits state_limits;
  std::filesystem::path mapping_directory;
  std::filesystem::path overlay_directory;  // empty: none
  std::vector<DestinationSettings> destinations;
  AdminSettings admin;
  LogSettings log;
};

/// Reads `file`. All mistakes are returned, not the first. Relative paths become relative to the file's
/// folder. Unknown elements and attributes, values out of bounds, duplicate ids, roots that
/// overlap, state or transactions inside a root, a MedicationRequest for profile="clins" and allergies
/// without ADT-61 are mistakes; whether files exist is not looked at here.
boost::system::result<Settings, SettingsErrors> load_settings(const std::filesystem::path& file);

[[noreturn]] void throw_exception_from_error(const SettingsErrors& errors,
                                             const boost::source_location& where);

/// Every attribute as a Markdown table, from the rules that read them: config/README.md holds it.
std::string describe_settings();

/// "500ms", "2s", "5m", "1h", "1d"; nothing for every other text, overflow included.
std::optional<Milliseconds> parse_duration(std::string_view text);

/// "0", "500KiB", "256MiB", "4GiB"; nothing for every other text, overflow included.
std::optional<std::int64_t> parse_bytes(std::string_view text);

/// "30d", "1y": days, a year being 366 of them, so that it is never shorter than meant. Nothing for others.
std::optional<std::chrono::days> parse_period(std::string_view text);

}  // namespace gateway
