#pragma once
// What is known of the file system below a path, and so what of it can be believed: whether the kernel tells
// of every change, and whether a folder whose modification time is unchanged is unchanged. Immutable value.

#include "gateway/settings.h"
#include "ssmix2/safe_text.h"

#include <cstdint>
#include <filesystem>

#include <boost/system/result.hpp>

namespace gateway {

class FileSystem {
 public:
  /// Asks the kernel, which asks the server: a dead mount does not answer. Blocking: work pool only. Fails
  /// when there is no such path.
  static boost::system::result<FileSystem> of(const std::filesystem::path& path);

  /// By the number statfs gives; of() without a disk.
  static FileSystem with_magic(std::uint32_t magic);

  /// "ext4", "nfs", "unknown 0x1234".
  const ssmix2::SafeText& name() const { return name_; }

  /// Other machines write to it too.
  bool is_remote() const { return nature_ == Nature::remote; }

  /// inotify tells of every change, whoever makes it. Else its events are a part of the truth.
  bool reports_every_change() const {
    return nature_ == Nature::local || nature_ == Nature::local_without_times;
  }

  /// A folder with an unchanged modification time has unchanged entries.
  bool keeps_folder_times(MtimeTrust trust) const;

  /// A folder read less than this after its modification time may have changed again under the same time:
  /// for local ones the steps of the coarsest clock (FAT: 2 s), for the others how far the server's clock may
  /// be from ours.
  Milliseconds time_margin() const;

  /// Why no watch is set with `mode`, on a file system or one of which nothing is known; empty: it is set.
  static ssmix2::SafeText why_not_watched(const FileSystem* file_system, WatchMode mode);

  /// Why sweeps list folders whose time is unchanged, and what to do; empty: they do not.
  ssmix2::SafeText why_all_folders(MtimeTrust trust) const;

 private:
  enum class Nature { local, local_without_times, remote, unknown };
  FileSystem(ssmix2::SafeText name, Nature nature) : name_(std::move(name)), nature_(nature) {}

  struct Known;
  static const Known* known(std::uint32_t magic);

  ssmix2::SafeText name_;
  Nature nature_;
};

}  // namespace gateway
