#include "tests/storage_gen/document_file.h"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace storage_gen {
namespace {

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw std::system_error(errno, std::generic_category(), what + ' ' + path);
}

class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : path_(path), descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
    if (descriptor_ < 0) fail("cannot create", path);
  }
  ~OpenFile() { ::close(descriptor_); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail("cannot write", path_);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

 private:
  std::string path_;
  int descriptor_;
};

void make_folders(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) == 0 || errno == EEXIST) return;
  const std::size_t slash = path.rfind('/');
  if (errno != ENOENT || slash == std::string::npos || slash == 0) fail("cannot create", path);
  make_folders(path.substr(0, slash));
  if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) fail("cannot create", path);
}

/// Where the second byte of a two-byte character begins, at or after `at`; `at` itself when there is none.
std::size_t inside_character(std::string_view bytes, std::size_t at) {
  bool two_byte = false;
  for (std::size_t i = 0; i + 1 < bytes.size();) {
    if (bytes[i] == '\x1B') {
      two_byte = bytes.substr(i, 3) == "\x1B$B";
      i += 3;
    } else if (two_byte) {
      if (i + 1 >= at) return i + 1;
      i += 2;
    } else {
      ++i;
    }
  }
  return at;
}

/// Even pieces, but every other cut goes into the middle of a character.
std::vector<std::size_t> cuts(std::string_view bytes, unsigned chunks) {
  std::vector<std::size_t> result;
  std::size_t previous = 0;
  for (unsigned i = 1; i < chunks; ++i) {
    const std::size_t even = bytes.size() * i / chunks;
    const std::size_t cut = i % 2 == 1 ? inside_character(bytes, even) : even;
    if (cut > previous && cut < bytes.size()) result.push_back(previous = cut);
  }
  return result;
}

std::vector<std::size_t> middle_segment_end(std::string_view bytes) {
  constexpr std::string_view kLineEnds = "\r\n";
  std::size_t at = bytes.find_first_of(kLineEnds, bytes.size() / 2);
  if (at != std::string_view::npos) at = bytes.find_first_not_of(kLineEnds, at);
  if (at == std::string_view::npos || bytes[at] == '\x1C') {  // the middle lies in the last segment
    at = bytes.find_last_of(kLineEnds, bytes.size() / 2);
    if (at == std::string_view::npos) return {};
    ++at;
  }
  return {at};
}

void write_pieces(const std::string& path, std::string_view bytes, const std::vector<std::size_t>& ends,
                  unsigned pause_ms) {
  OpenFile file(path);
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    file.write(bytes.substr(begin, end - begin));
    std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
    begin = end;
  }
  file.write(bytes.substr(begin));
}

}  // namespace

void DocumentFiles::make_folder(const std::string& folder) {
  if (folder == last_folder_) return;
  make_folders(folder);
  last_folder_ = folder;
}

void DocumentFiles::write(const DocumentName& name, std::string_view bytes, const WriteManner& manner) {
  make_folder(root_ + '/' + folder_of(name));
  const std::string path = root_ + '/' + path_of(name);
  switch (manner.mode) {
    case WriteMode::whole:
      write_pieces(path, bytes, {}, 0);
      break;
    case WriteMode::slow_chunks:
      write_pieces(path, bytes, cuts(bytes, manner.chunks), manner.pause_ms);
      break;
    case WriteMode::pause:
      write_pieces(path, bytes, middle_segment_end(bytes), manner.pause_ms);
      break;
    case WriteMode::rename: {
      // Beside the root: the same file system, and no watcher of the root sees the temporary.
      const std::string temporary = root_ + "/../.storage_gen." + std::to_string(::getpid());
      write_pieces(temporary, bytes, {}, 0);
      if (std::rename(temporary.c_str(), path.c_str()) != 0) fail("cannot rename to", path);
      break;
    }
  }
}

void DocumentFiles::rename(const DocumentName& from, const DocumentName& to) const {
  const std::string old_path = root_ + '/' + path_of(from);
  if (std::rename(old_path.c_str(), (root_ + '/' + path_of(to)).c_str()) != 0)
    fail("cannot rename", old_path);
}

}  // namespace storage_gen
