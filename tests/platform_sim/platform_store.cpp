#include "tests/platform_sim/platform_store.h"

#include "tests/platform_sim/content_hash.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <iterator>
#include <stdexcept>

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace platform_sim {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void key(Writer& writer, std::string_view name) {
  writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
}

void member(Writer& writer, std::string_view name, std::string_view value) {
  key(writer, name);
  writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

void member(Writer& writer, std::string_view name, std::int64_t value) {
  key(writer, name);
  writer.Int64(value);
}

void append_line(std::ofstream& file, const rapidjson::StringBuffer& json) {
  file << std::string_view(json.GetString(), json.GetSize()) << '\n' << std::flush;
  if (!file) throw std::runtime_error("cannot write the record of requests");
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (kPlain.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
  }
  return encoded;
}

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// By rename, so that a test that looks while we write never sees half a file.
void write_file(const std::filesystem::path& path, std::string_view bytes) {
  auto temporary = path;
  temporary += ".new";
  std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
  file << bytes << std::flush;
  if (!file) throw std::runtime_error("cannot write " + temporary.string());
  std::filesystem::rename(temporary, path);
}

/// Japan has no summer time, so its clock is a sum.
std::string japanese_time() {
  using namespace std::chrono;
  const auto local = time_point_cast<milliseconds>(system_clock::now()) + hours(9);
  const auto day = floor<days>(local);
  const year_month_day date(day);
  const hh_mm_ss time(local - day);
  std::array<char, 64> text = {};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03d+09:00",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
                static_cast<int>(time.subseconds().count()));
  return text.data();
}

Pending to_pending(std::int64_t number, std::string_view json) {
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) throw std::runtime_error("unreadable pending file");
  Pending pending;
  pending.number = number;
  pending.operation = std::string_view(document["operation"].GetString()) == "delete"
                          ? Operation::delete_bundle
                          : Operation::register_bundle;
  pending.bundle_id = document["bundle_id"].GetString();
  if (!document["due_ms"].IsNull()) pending.due_ms = document["due_ms"].GetInt64();
  pending.has_result = document["has_result"].GetBool();
  pending.result_status = document["result_status"].GetInt();
  return pending;
}

std::int64_t number_in_name(const std::filesystem::path& path) {
  const auto stem = path.stem().string();
  std::int64_t number = 0;
  std::from_chars(stem.data(), stem.data() + stem.size(), number);
  return number;
}

std::filesystem::path numbered(const std::filesystem::path& folder, std::int64_t number) {
  return folder / (std::to_string(number) + ".json");
}

}  // namespace

PlatformStore::PlatformStore(std::filesystem::path directory) : directory_(std::move(directory)) {
  for (const auto* folder : {"bundles", "bodies", "pending"}) {
    std::filesystem::create_directories(directory_ / folder);
  }
  count_earlier_requests();
  requests_.open(directory_ / "requests.jsonl", std::ios::app | std::ios::binary);
  changes_.open(directory_ / "changes.jsonl", std::ios::app | std::ios::binary);
  if (!requests_ || !changes_) throw std::runtime_error("cannot write in " + directory_.string());
}

void PlatformStore::count_earlier_requests() {
  std::ifstream file(directory_ / "requests.jsonl", std::ios::binary);
  for (std::string line; std::getline(file, line);) {
    rapidjson::Document document;
    document.Parse(line.data(), line.size());
    if (document.HasParseError() || !document.IsObject() || !document.HasMember("n")) continue;
    ++request_count_;
    last_number_ = std::max(last_number_, document["n"].GetInt64());
  }
  // A request that was cut off by our own end has a body but no line.
  for (const auto& entry : std::filesystem::directory_iterator(directory_ / "bodies")) {
    last_number_ = std::max(last_number_, number_in_name(entry.path()));
  }
}

std::filesystem::path PlatformStore::bundle_path(std::string_view bundle_id) const {
  return directory_ / "bundles" / (percent_encode(bundle_id) + ".json");
}

void PlatformStore::keep_body(std::int64_t number, std::string_view bytes) const {
  write_file(numbered(directory_ / "bodies", number), bytes);
}

std::string PlatformStore::body(std::int64_t number) const {
  auto bytes = read_file(numbered(directory_ / "bodies", number));
  if (!bytes) throw std::runtime_error("a body that was kept is gone");
  return *std::move(bytes);
}

std::optional<std::string> PlatformStore::bundle(std::string_view bundle_id) const {
  return read_file(bundle_path(bundle_id));
}

bool PlatformStore::put(std::string_view bundle_id, std::int64_t number, std::string_view bytes) {
  const bool stood = std::filesystem::exists(bundle_path(bundle_id));
  write_file(bundle_path(bundle_id), bytes);
  log_change(number, "put", bundle_id, content_hash(bytes));
  return stood;
}

bool PlatformStore::remove(std::string_view bundle_id, std::int64_t number) {
  const bool stood = std::filesystem::remove(bundle_path(bundle_id));
  if (stood) log_change(number, "delete", bundle_id, "");
  return stood;
}

void PlatformStore::log(const RequestLine& line) {
  rapidjson::StringBuffer json;
  Writer writer(json);
  writer.StartObject();
  member(writer, "n", line.number);
  member(writer, "time", japanese_time());
  member(writer, "operation", name_of(line.operation));
  member(writer, "bundle_id", line.bundle_id);
  key(writer, "status");
  line.status == 0 ? writer.Null() : writer.Int(line.status);
  key(writer, "stored");
  writer.Bool(line.stored);
  key(writer, "resources");
  writer.StartObject();
  for (const auto& [type, count] : line.resources) member(writer, type, static_cast<std::int64_t>(count));
  writer.EndObject();
  member(writer, "content_hash", line.content_hash);
  member(writer, "insured_identifier", line.insured_identifier);
  member(writer, "client", line.client);
  member(writer, "note", line.note);
  member(writer, "at_once", std::int64_t{line.at_once});
  key(writer, "specs");
  writer.StartArray();
  for (const std::string& spec : line.specs) {
    writer.String(spec.data(), static_cast<rapidjson::SizeType>(spec.size()));
  }
  writer.EndArray();
  writer.EndObject();
  append_line(requests_, json);
  ++request_count_;
}

void PlatformStore::log_change(std::int64_t number, std::string_view change, std::string_view bundle_id,
                               std::string_view hash) {
  rapidjson::StringBuffer json;
  Writer writer(json);
  writer.StartObject();
  member(writer, "n", number);
  member(writer, "time", japanese_time());
  member(writer, "change", change);
  member(writer, "bundle_id", bundle_id);
  member(writer, "content_hash", hash);
  writer.EndObject();
  append_line(changes_, json);
}

void PlatformStore::keep(const Pending& pending) const {
  rapidjson::StringBuffer json;
  Writer writer(json);
  writer.StartObject();
  member(writer, "operation", name_of(pending.operation));
  member(writer, "bundle_id", pending.bundle_id);
  key(writer, "due_ms");
  pending.due_ms ? writer.Int64(*pending.due_ms) : writer.Null();
  key(writer, "has_result");
  writer.Bool(pending.has_result);
  member(writer, "result_status", static_cast<std::int64_t>(pending.result_status));
  writer.EndObject();
  write_file(numbered(directory_ / "pending", pending.number), {json.GetString(), json.GetSize()});
}

std::optional<Pending> PlatformStore::pending(std::int64_t number) const {
  const auto json = read_file(numbered(directory_ / "pending", number));
  if (!json) return std::nullopt;
  return to_pending(number, *json);
}

std::vector<Pending> PlatformStore::unfinished() const {
  std::vector<Pending> found;
  for (const auto& entry : std::filesystem::directory_iterator(directory_ / "pending")) {
    const auto one = pending(number_in_name(entry.path()));
    if (one && one->result_status == 0) found.push_back(*one);
  }
  std::sort(found.begin(), found.end(),
            [](const Pending& a, const Pending& b) { return a.number < b.number; });
  return found;
}

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace platform_sim
