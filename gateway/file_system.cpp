#include "gateway/file_system.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <string_view>

#include <sys/vfs.h>

namespace gateway {

using ssmix2::SafeText;

struct FileSystem::Known {
  std::uint32_t magic;
  std::string_view name;
  Nature nature;
};

// Numbers of linux/magic.h, and of file systems the kernel's headers do not name. What is served by another
// machine or shared with one is remote; FUSE may be either, and cannot be asked.
const FileSystem::Known* FileSystem::known(std::uint32_t magic) {
  static constexpr std::array kTable{
      Known{0x0000EF53, "ext4", Nature::local},  // ext2 and ext3 have the same number
      Known{0x58465342, "xfs", Nature::local},
      Known{0x9123683E, "btrfs", Nature::local},
      Known{0x2FC12FC1, "zfs", Nature::local},
      Known{0xF2F52010, "f2fs", Nature::local},
      Known{0x3153464A, "jfs", Nature::local},
      Known{0x52654973, "reiserfs", Nature::local},
      Known{0xCA451A4E, "bcachefs", Nature::local},
      Known{0x01021994, "tmpfs", Nature::local},
      Known{0x858458F6, "ramfs", Nature::local},
      Known{0x794C7630, "overlay", Nature::local},
      Known{0x5346544E, "ntfs", Nature::local},  // ntfs-3g is FUSE
      Known{0x7366746E, "ntfs", Nature::local},
      // The root of a FAT has no time at all, and Windows does not keep those of its folders.
      Known{0x00004D44, "fat", Nature::local_without_times},
      Known{0x2011BAB0, "exfat", Nature::local_without_times},
      Known{0x00006969, "nfs", Nature::remote},
      Known{0x0000517B, "cifs", Nature::remote},
      Known{0xFF534D42, "cifs", Nature::remote},
      Known{0xFE534D42, "cifs", Nature::remote},
      Known{0x65735546, "fuse", Nature::remote},
      Known{0x5346414F, "afs", Nature::remote},
      Known{0x6B414653, "afs", Nature::remote},
      Known{0x73757245, "coda", Nature::remote},
      Known{0x00C36400, "ceph", Nature::remote},
      Known{0x01021997, "9p", Nature::remote},
      Known{0x0000564C, "ncp", Nature::remote},
      Known{0x7461636F, "ocfs2", Nature::remote},
      Known{0x01161970, "gfs2", Nature::remote},
      Known{0x0BD00BD0, "lustre", Nature::remote},
      Known{0x47504653, "gpfs", Nature::remote},
      Known{0x19830326, "beegfs", Nature::remote},
      Known{0x786F4256, "vboxsf", Nature::remote},
      Known{0xBACBACBC, "vmhgfs", Nature::remote},
  };
  const auto found =
      std::find_if(kTable.begin(), kTable.end(), [magic](const Known& each) { return each.magic == magic; });
  return found == kTable.end() ? nullptr : &*found;
}

FileSystem FileSystem::with_magic(std::uint32_t magic) {
  if (const Known* row = known(magic)) return {SafeText::vouched(std::string(row->name)), row->nature};
  std::array<char, 8> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), magic, 16);
  return {SafeText::vouched("unknown 0x" + std::string(digits.data(), written.ptr)), Nature::unknown};
}

boost::system::result<FileSystem> FileSystem::of(const std::filesystem::path& path) {
  struct statfs about {};
  while (::statfs(path.c_str(), &about) != 0) {
    if (errno != EINTR) return boost::system::error_code(errno, boost::system::system_category());
  }
  return with_magic(static_cast<std::uint32_t>(about.f_type));  // signed on some machines
}

bool FileSystem::keeps_folder_times(MtimeTrust trust) const {
  if (trust == MtimeTrust::automatic) return nature_ == Nature::local;
  return trust == MtimeTrust::yes;
}

Milliseconds FileSystem::time_margin() const {
  return reports_every_change() ? Milliseconds(2'000) : Milliseconds(60'000);
}

SafeText FileSystem::why_not_watched(const FileSystem* file_system, WatchMode mode) {
  if (mode == WatchMode::sweep) return "watch is set to sweep";
  if (mode == WatchMode::inotify || file_system == nullptr || !file_system->is_remote()) return {};
  return SafeText("a network file system (") + file_system->name_ +
         ") does not report what other machines write";
}

SafeText FileSystem::why_all_folders(MtimeTrust trust) const {
  if (keeps_folder_times(trust)) return {};
  if (trust == MtimeTrust::no) return "sweeps list every folder: trust-mtime is set to no";
  const SafeText sweeps("sweeps list every folder: ");
  switch (nature_) {
    case Nature::local:
      break;
    case Nature::local_without_times:
      return sweeps + name_ +
             " does not keep the times of all folders; a storage is better kept on another file system";
    case Nature::remote:
      return sweeps + "a network file system's (" + name_ +
             ") times cannot be trusted; set trust-mtime=yes if its server keeps them";
    case Nature::unknown:
      return sweeps + "whether this file system (" + name_ +
             ") keeps the times of folders is not known; set trust-mtime=yes if it does";
  }
  return {};
}

}  // namespace gateway
