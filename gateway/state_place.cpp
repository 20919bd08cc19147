#include "gateway/state_place.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <sstream>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

namespace gateway {
namespace {

using std::filesystem::path;

constexpr std::chrono::seconds kPatience{2};
constexpr const char* kFuse = "fuse";

bool begins_with(const path& whole, const path& start) {
  return std::mismatch(start.begin(), start.end(), whole.begin(), whole.end()).first == start.end();
}

/// The kernel writes blanks and the like as \040.
std::string unescaped(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '\\' && i + 3 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '3';
    if (!escaped) {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
    i += 3;
  }
  return plain;
}

path without_last_slash(const path& directory) {
  return directory.has_filename() ? directory : directory.parent_path();
}

path nearest_existing(path directory) {
  std::error_code error;
  directory = without_last_slash(std::filesystem::absolute(directory, error));
  while (directory.has_relative_path() && !std::filesystem::exists(directory, error)) {
    directory = directory.parent_path();
  }
  return directory;
}

std::string read_mounts() {
  std::ifstream stream("/proc/self/mountinfo", std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// A dead mount does not answer, and a gateway must start beside one: its thread is left behind.
template <class Answer>
std::optional<Answer> within_patience(std::function<std::optional<Answer>()> ask) {
  auto task = std::make_shared<std::packaged_task<std::optional<Answer>()>>(std::move(ask));
  auto answer = task->get_future();
  std::thread([task] { (*task)(); }).detach();
  return answer.wait_for(kPatience) == std::future_status::ready ? answer.get() : std::nullopt;
}

std::optional<FileSystem> file_system_of_state(const Settings& settings) {
  return within_patience<FileSystem>([directory = settings.state_directory]() -> std::optional<FileSystem> {
    auto found = FileSystem::of(nearest_existing(directory));
    return found.has_value() ? std::optional(*found) : std::nullopt;
  });
}

std::optional<PlaceOnDisk> place_in_time(const path& directory, const std::string& mounts) {
  return within_patience<PlaceOnDisk>([directory, mounts] { return place_of(directory, mounts); });
}

bool is_ours(const struct stat& key, const struct stat& state) {
  return key.st_uid == 0 || key.st_uid == ::geteuid() || key.st_uid == state.st_uid;
}

/// root's with mode 640 and the group of the gateway is how it is installed.
bool is_open(const struct stat& key, const struct stat& state) {
  const bool our_group = key.st_gid == ::getegid() || key.st_gid == state.st_gid;
  const auto others = static_cast<unsigned>(our_group ? S_IRWXO | S_IWGRP : S_IRWXO | S_IRGRP | S_IWGRP);
  return (key.st_mode & others) != 0;
}

}  // namespace

std::optional<PlaceOnDisk> place_of(const path& given, const std::string& mounts) {
  std::error_code error;
  const path resolved = without_last_slash(std::filesystem::weakly_canonical(given, error));
  if (error) return std::nullopt;
  PlaceOnDisk place{{}, {}, resolved};
  std::istringstream lines(mounts);
  std::size_t longest = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string id, parent, device, root, point;
    if (!(words >> id >> parent >> device >> root >> point)) continue;
    const path mounted = unescaped(point);
    // Of several at one place the last one is on top.
    if (!begins_with(resolved, mounted) || mounted.native().size() < longest) continue;
    longest = mounted.native().size();
    const path below = resolved.lexically_relative(mounted);
    place.device = device;
    place.path = below == "." ? path(unescaped(root)) : path(unescaped(root)) / below;
  }
  return place;
}

bool lies_inside(const PlaceOnDisk& inner, const PlaceOnDisk& outer) {
  if (begins_with(inner.resolved, outer.resolved)) return true;
  return !inner.device.empty() && inner.device == outer.device && begins_with(inner.path, outer.path);
}

std::optional<std::string> why_no_state_on(const FileSystem& file_system) {
  // FUSE may be a disk of this machine, and cannot be asked.
  if (!file_system.is_remote() || file_system.name().view() == kFuse) return std::nullopt;
  return "is on a network file system (" + file_system.name().str() +
         "), which keeps neither the locks nor the shared memory of a database: choose a directory on a disk "
         "of "
         "this machine";
}

SettingsErrors check_state_place(const Settings& settings) {
  SettingsErrors errors;
  const auto refuse = [&](const std::string& message) {
    errors.push_back({settings.file.string(),
                      "the state directory \"" + settings.state_directory.string() + "\" " + message});
  };
  const auto file_system = file_system_of_state(settings);
  if (const auto why = file_system ? why_no_state_on(*file_system) : std::nullopt) refuse(*why);
  const std::string mounts = read_mounts();
  const auto state = place_in_time(settings.state_directory, mounts);
  if (!state) return errors;
  for (const StorageSettings& storage : settings.storages) {
    for (const path& folder : {storage.root, storage.transactions}) {
      if (folder.empty()) continue;
      const auto place = place_in_time(folder, mounts);
      if (!place || !lies_inside(*state, *place)) continue;
      refuse(
          "lies inside of \"" + folder.string() + "\" of storage \"" + storage.id +
          "\", by a symbolic link or a mount, and a storage is only ever read: choose a directory outside of "
          "every storage");
    }
  }
  return errors;
}

std::vector<PlaceWarning> find_place_warnings(const Settings& settings) {
  std::vector<PlaceWarning> warnings;
  const auto file_system = file_system_of_state(settings);
  if (file_system && file_system->name().view() == kFuse) {
    warnings.push_back(
        {settings.state_directory,
         "the state directory is on a FUSE file system: should another machine serve it, choose a "
         "directory on a disk of this one"});
  }
  struct stat state {};
  if (::stat(nearest_existing(settings.state_directory).c_str(), &state) != 0) return warnings;
  for (const DestinationSettings& destination : settings.destinations) {
    struct stat key {};
    if (::stat(destination.tls.key.c_str(), &key) != 0) continue;
    if (!is_ours(key, state)) {
      warnings.push_back(
          {destination.tls.key,
           "the private key belongs to another user, who can replace it: chown it to root, or to the "
           "user that runs the gateway"});
    }
    if (is_open(key, state)) {
      warnings.push_back(
          {destination.tls.key,
           "others than the gateway can read or change the private key: chmod 400 it, or 640 with "
           "the gateway's own group"});
    }
  }
  return warnings;
}

std::string state_file_system(const Settings& settings) {
  const auto file_system = file_system_of_state(settings);
  return file_system ? file_system->name().str() : std::string();
}

}  // namespace gateway
