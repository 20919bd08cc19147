// For LD_PRELOAD: reads at a place of a file end with EIO, as those of a bad sector do, or do not end, as
// those of a dead mount.
//
//   KAKEHASHI_READ_ERROR=FILE   as long as FILE is there, with one line in it: PREFIX INODE FROM TO [hang]
//
// Files whose path begins with PREFIX and whose inode is INODE (0: all of them) cannot be read from byte FROM
// to byte TO; with "hang" a read waits until FILE is gone. SQLite reads with pread64, the gateway
// documents with read.

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

struct BadPlace {
  std::string prefix;
  long inode = 0;
  long from = 0;
  long to = 0;
  bool hangs = false;

  /// False: there is none now.
  bool read() {
    const char* path = std::getenv("KAKEHASHI_READ_ERROR");
    if (path == nullptr) return false;
    std::FILE* file = std::fopen(path, "re");
    if (file == nullptr) return false;
    char line[1024];
    const std::size_t length = std::fread(line, 1, sizeof line, file);
    std::fclose(file);
    std::string_view rest(line, length);
    prefix = next_word(rest);
    inode = to_number(next_word(rest));
    from = to_number(next_word(rest));
    to = to_number(next_word(rest));
    hangs = next_word(rest) == "hang";
    return to > from;
  }

  static std::string next_word(std::string_view& rest) {
    const auto end = rest.find_first_of(" \n");
    const std::string word(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return word;
  }

  static long to_number(const std::string& word) {
    long number = 0;
    std::from_chars(word.data(), word.data() + word.size(), number);
    return number;
  }

  bool covers(int descriptor, std::size_t size, long place) const {
    if (place >= to || place + static_cast<long>(size) <= from) return false;
    const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
    char name[1024];
    const ssize_t length = ::readlink(link.c_str(), name, sizeof name);
    if (length < 0) return false;
    if (!std::string_view(name, static_cast<std::size_t>(length)).starts_with(prefix)) return false;
    struct stat known {};
    return inode == 0 || (::fstat(descriptor, &known) == 0 && static_cast<long>(known.st_ino) == inode);
  }
};

using Pread = ssize_t (*)(int, void*, std::size_t, off64_t);
using Read = ssize_t (*)(int, void*, std::size_t);

/// False: errno says why it cannot be read.
bool is_readable(int descriptor, std::size_t size, off64_t place) {
  for (BadPlace bad; bad.read() && bad.covers(descriptor, size, place);) {
    if (!bad.hangs) {
      errno = EIO;
      return false;
    }
    ::usleep(10'000);
  }
  return true;
}

template <class Function>
Function next_of(const char* name) {
  void* const found = ::dlsym(RTLD_NEXT, name);
  Function next = nullptr;
  static_assert(sizeof next == sizeof found);
  std::memcpy(&next, &found, sizeof next);
  return next;
}

ssize_t read_unless_bad(const char* name, int descriptor, void* bytes, std::size_t size, off64_t place) {
  if (!is_readable(descriptor, size, place)) return -1;
  return next_of<Pread>(name)(descriptor, bytes, size, place);
}

}  // namespace

extern "C" {

ssize_t pread64(int descriptor, void* bytes, std::size_t size, off64_t place) {
  return read_unless_bad("pread64", descriptor, bytes, size, place);
}

ssize_t pread(int descriptor, void* bytes, std::size_t size, off_t place) {
  return read_unless_bad("pread", descriptor, bytes, size, place);
}

ssize_t read(int descriptor, void* bytes, std::size_t size) {
  const off64_t place = ::lseek64(descriptor, 0, SEEK_CUR);  // -1 of what has none: a socket, a pipe
  if (place >= 0 && !is_readable(descriptor, size, place)) return -1;
  return next_of<Read>("read")(descriptor, bytes, size);
}

}  // extern "C"
