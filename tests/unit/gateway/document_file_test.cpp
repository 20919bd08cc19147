#include "gateway/document_file.h"

#include "ssmix2/completeness.h"
#include "tests/unit/gateway/storage_support.h"

#include <atomic>
#include <thread>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using gateway::read_document;
using ssmix2::FailureCode;
using namespace gateway::test;

std::string failure_of(const std::filesystem::path& path) {
  const auto content = read_document(path);
  return content.has_value() ? "read" : std::string(kind_of(content.error().code).id);
}

}  // namespace

TEST_CASE("A file is read whole, with the state in which it was read") {
  const Folder folder;
  const std::string bytes = "MSH|\r" + std::string(100'000, 'x') + std::string("\0\x1b$B", 4);
  write_file(folder.path() / "a", bytes);
  const auto content = read_document(folder.path() / "a");
  REQUIRE(content.has_value());
  CHECK(content->bytes == bytes);
  CHECK(content->stat.size == static_cast<std::int64_t>(bytes.size()));
  struct stat about {};
  REQUIRE(::stat((folder.path() / "a").c_str(), &about) == 0);
  CHECK(content->stat.mtime_ns == about.st_mtim.tv_sec * 1'000'000'000 + about.st_mtim.tv_nsec);
}

TEST_CASE("What is no readable document says why") {
  const Folder folder;
  const auto file = folder.path() / "a";
  CHECK(failure_of(file) == "file:vanished");
  CHECK(failure_of(file / "below") == "file:vanished");
  write_file(file, "");
  CHECK(failure_of(file) == "file:empty");
  CHECK(failure_of(folder.path()) == "file:unreadable");
}

TEST_CASE("The largest document is read, one byte more is refused unread") {
  const Folder folder;
  const auto file = folder.path() / "a";
  write_file(file, "x");
  std::filesystem::resize_file(file, ssmix2::kMaxDocumentBytes);
  CHECK(failure_of(file) == "read");
  std::filesystem::resize_file(file, ssmix2::kMaxDocumentBytes + 1);
  CHECK(failure_of(file) == "file:too-large");
}

TEST_CASE("A symbolic link is not followed: nothing outside of the root is read") {
  const Folder folder;
  write_file(folder.path() / "secret", "MSH|");
  std::filesystem::create_symlink(folder.path() / "secret", folder.path() / "link");
  CHECK(failure_of(folder.path() / "link") == "file:unreadable");
}

TEST_CASE("A FIFO with a document's name does not stop the reader") {
  const Folder folder;
  const auto fifo = folder.path() / "a";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(failure_of(fifo) == "file:unreadable");
}

TEST_CASE("A file that may not be read says so") {
  if (::geteuid() == 0) return;  // root reads everything
  const Folder folder;
  write_file(folder.path() / "a", "MSH|");
  std::filesystem::permissions(folder.path() / "a", std::filesystem::perms::none);
  CHECK(failure_of(folder.path() / "a") == "file:unreadable");
}

TEST_CASE("Reading leaves the access time alone") {
  const Folder folder;
  const auto file = folder.path() / "a";
  write_file(file, "MSH|");
  const timespec old[2] = {{1'000'000'000, 0}, {2'000'000'000, 0}};  // accessed long before it was changed
  REQUIRE(::utimensat(AT_FDCWD, file.c_str(), old, 0) == 0);
  REQUIRE(failure_of(file) == "read");
  struct stat about {};
  REQUIRE(::stat(file.c_str(), &about) == 0);
  CHECK(about.st_atim.tv_sec == 1'000'000'000);
}

TEST_CASE("A file that grows while it is read is not taken for a whole one") {
  const Folder folder;
  const auto file = folder.path() / "a";
  write_file(file, std::string(1'000'000, 'a'));
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    for (int i = 0; i < 6'000'000 && !stop; ++i) {
      if (::write(descriptor, "b", 1) != 1) break;
    }
    ::close(descriptor);
  });
  std::string failure;
  for (int i = 0; i < 10'000 && failure != "file:changed-while-read"; ++i) failure = failure_of(file);
  stop = true;
  writer.join();
  CHECK(failure == "file:changed-while-read");
}
