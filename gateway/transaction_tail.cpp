#include "gateway/transaction_tail.h"

#include "gateway/file_descriptor.h"
#include "ssmix2/transaction_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <tuple>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gateway {
namespace {

using boost::system::error_code;
using boost::system::result;
using ssmix2::TransactionFile;
using ssmix2::TransactionReader;
using ssmix2::TransactionRecord;

constexpr std::size_t kChunkBytes = 64 * 1024;
constexpr int kChunksPerBatch = 16;
// "2026"
constexpr std::size_t kYearLength = 4;

error_code last_error() {
  return {errno, boost::system::system_category()};
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

result<std::vector<std::string>> names_in(FileDescriptor folder) {
  const std::unique_ptr<DIR, CloseDirectory> directory(::fdopendir(folder.number()));
  if (!directory) return last_error();
  folder.release();
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    names.emplace_back(entry->d_name);
  }
  if (errno != 0) return last_error();
  return names;
}

/// The root itself may be a link to where the NAS is mounted; below it links are not followed.
result<FileDescriptor> open_root(const std::filesystem::path& root) {
  return FileDescriptor::open(AT_FDCWD, (root / ".").string(), O_DIRECTORY);
}

result<FileDescriptor> open_folder(const std::filesystem::path& root, const std::string& year) {
  const auto folder = open_root(root);
  if (!folder.has_value()) return folder.error();
  return FileDescriptor::open(folder->number(), year, O_DIRECTORY);
}

/// `name` as TransactionFile reads it: a year, '/', and a name without one.
result<FileDescriptor> open_file(const std::filesystem::path& root, const std::string& name) {
  const auto folder = open_folder(root, name.substr(0, kYearLength));
  if (!folder.has_value()) return folder.error();
  return FileDescriptor::open(folder->number(), name.substr(kYearLength + 1));
}

result<std::uint64_t> size_of(const FileDescriptor& file) {
  struct stat about {};
  if (::fstat(file.number(), &about) != 0) return last_error();
  if (!S_ISREG(about.st_mode)) return error_code(EINVAL, boost::system::system_category());
  return static_cast<std::uint64_t>(about.st_size);
}

bool is_missing(const error_code& error) {
  return error == boost::system::errc::no_such_file_or_directory;
}

bool is_year(const std::string& name) {
  return name.size() == kYearLength &&
         std::all_of(name.begin(), name.end(), [](char digit) { return digit >= '0' && digit <= '9'; });
}

/// In the order in which they were begun; two spellings of one name have an order too.
bool is_before(const std::string& left, const std::string& right) {
  const auto place = [](const std::string& name) {
    return std::tuple(TransactionFile::parse(name), std::string_view(name));
  };
  return place(left) < place(right);
}

}  // namespace

std::string TransactionPosition::text() const {
  return file + '@' + std::to_string(offset);
}

std::optional<TransactionPosition> TransactionPosition::parse(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos) return std::nullopt;
  TransactionPosition position{std::string(text.substr(0, at)), 0};
  const std::string_view digits = text.substr(at + 1);
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), position.offset);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return std::nullopt;
  if (position.file.empty() ? position.offset != 0 : !TransactionFile::parse(position.file)) {
    return std::nullopt;
  }
  return position;
}

TransactionTail::TransactionTail(std::filesystem::path root, const std::optional<TransactionPosition>& stored)
    : root_(std::move(root)), begun_(stored.has_value()) {
  if (stored) go_to(stored->file, stored->offset);
}

TransactionBatch TransactionTail::read() {
  TransactionBatch batch;
  if (!begun_) {
    begin(batch);
  } else {
    const Found found = read_file(batch);
    batch.more = found == Found::more_bytes;  // there may be a next file already
    if (!batch.more) take_next_file(found, batch);
  }
  if (begun_) batch.position = TransactionPosition{file_, reader_.consumed()};
  return batch;
}

void TransactionTail::begin(TransactionBatch& batch) {
  const auto files = list_files("");
  if (!files.has_value()) {
    ++batch.unreadable;
    return;
  }
  if (files->empty()) {
    begun_ = true;
    return;
  }
  const auto file = open_file(root_, files->back());
  const auto size = file.has_value() ? size_of(*file) : file.error();
  if (!size.has_value()) {
    ++batch.unreadable;
    return;
  }
  go_to(files->back(), *size);
  begun_ = true;
}

void TransactionTail::go_to(const std::string& file, std::uint64_t offset) {
  file_ = file;
  reader_ = TransactionReader(offset);
  read_to_ = offset;
}

TransactionTail::Found TransactionTail::read_file(TransactionBatch& batch) {
  if (file_.empty()) return Found::no_file;
  const auto file = open_file(root_, file_);
  if (!file.has_value()) return is_missing(file.error()) ? Found::no_file : Found::unreadable;
  const auto size = size_of(*file);
  if (!size.has_value()) return Found::unreadable;
  if (*size < read_to_) {
    go_to(file_, 0);
    ++batch.restarted;
  }
  if (*size == read_to_) return Found::no_more;
  return read_chunks(file->number(), batch) ? Found::more_bytes : Found::unreadable;
}

/// False when nothing could be read.
bool TransactionTail::read_chunks(int file, TransactionBatch& batch) {
  std::array<char, kChunkBytes> chunk;
  const std::uint64_t begin = read_to_;
  const std::size_t malformed = reader_.malformed_headers();
  bool at_end = false;
  for (int i = 0; i < kChunksPerBatch && !at_end;) {
    const ssize_t got = ::pread(file, chunk.data(), chunk.size(), static_cast<off_t>(read_to_));
    if (got < 0 && errno == EINTR) continue;
    ++i;
    at_end = got <= 0;
    if (at_end) break;
    const auto bytes = static_cast<std::size_t>(got);
    take(reader_.feed({chunk.data(), bytes}), batch);
    read_to_ += bytes;
  }
  batch.malformed += reader_.malformed_headers() - malformed;
  if (at_end) {
    // The last record ends with the next one's header, for which a hint must not wait. A copy gives it out:
    // more of it may come.
    TransactionReader last = reader_;
    for (const TransactionRecord& record : last.finish()) {
      if (record.folder) batch.folders.insert(*record.folder);
    }
  }
  return read_to_ > begin;
}

/// A file ends when there is a newer one: the writer begins one with a new day or when one is large. One that
/// cannot be read holds nobody up either.
void TransactionTail::take_next_file(Found found, TransactionBatch& batch) {
  if (found == Found::unreadable) ++batch.unreadable;
  const auto files = list_files(std::string_view(file_).substr(0, kYearLength));
  if (!files.has_value()) {
    ++batch.unreadable;
    return;
  }
  if (files->empty()) return;
  if (file_.empty()) {
    // The first ever. More than one may be a mount that came late: its newest will do.
    go_to(files->back(), 0);
    batch.more = true;
    return;
  }
  const auto next = std::upper_bound(files->begin(), files->end(), file_, is_before);
  if (next == files->end()) return;
  // What was written between the look at its size and the list.
  if (found == Found::no_more && read_file(batch) == Found::more_bytes) {
    batch.more = true;
    return;
  }
  if (found == Found::no_file) ++batch.lost;
  const std::size_t malformed = reader_.malformed_headers();
  take(reader_.finish(), batch);
  batch.malformed += reader_.malformed_headers() - malformed;
  go_to(*next, 0);
  batch.more = true;
}

void TransactionTail::take(const std::vector<TransactionRecord>& records, TransactionBatch& batch) const {
  for (const TransactionRecord& record : records) {
    if (record.folder) {
      batch.folders.insert(*record.folder);
    } else {
      ++batch.unplaced;
    }
  }
}

result<std::vector<std::string>> TransactionTail::list_files(std::string_view least_year) const {
  auto root = open_root(root_);
  if (!root.has_value()) return root.error();
  auto years = names_in(std::move(*root));
  if (!years.has_value()) return years.error();
  std::erase_if(*years,
                [least_year](const std::string& name) { return !is_year(name) || name < least_year; });
  std::sort(years->begin(), years->end());
  constexpr std::ptrdiff_t kYears = 2;
  if (std::ssize(*years) > kYears) years->erase(years->begin(), years->end() - kYears);
  std::vector<std::string> files;
  for (const std::string& year : *years) {
    auto folder = open_folder(root_, year);
    if (!folder.has_value()) return folder.error();
    const auto names = names_in(std::move(*folder));
    if (!names.has_value()) return names.error();
    for (const std::string& name : *names) {
      std::string path = year + '/' + name;
      if (TransactionFile::parse(path)) files.push_back(std::move(path));
    }
  }
  std::sort(files.begin(), files.end(), is_before);
  return files;
}

}  // namespace gateway
