#include "gateway/transaction_tail.h"

#include "tests/unit/gateway/storage_support.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>

namespace {

using gateway::TransactionBatch;
using gateway::TransactionPosition;
using gateway::TransactionTail;
using namespace gateway::test;
using Folders = std::set<std::string>;

const std::string kFirst = "2026/TR_20260401000000000_00001.DAT";
const std::string kSecond = "2026/TR_20260401170000000_00002.DAT";

std::string folder_of_patient(int number) {
  const std::string id = std::to_string(1'000'000 + number);
  return id.substr(0, 3) + "/" + id.substr(3, 3) + "/" + id + "/20260401/OML-11";
}

/// A record of patient `number`, with a body of `size` bytes.
std::string record(int number, std::size_t size = 20) {
  return "#SSMIX,2.00,1319999999," + std::to_string(1'000'000 + number) +
         ",20260401,OML-11,000000000000077,INS,01,20260401093000123\r\nMSH|^~\\&|" + std::string(size, 'x') +
         "\r";
}

/// A transaction storage, and everything a tail of it told.
class Log {
 public:
  void append(const std::string& file, const std::string& bytes) const {
    std::filesystem::create_directories((root() / file).parent_path());
    std::ofstream(root() / file, std::ios::binary | std::ios::app) << bytes;
  }
  std::filesystem::path root() const { return folder_.path() / "transactions"; }

 private:
  Folder folder_;
};

/// All that `tail` tells until it has nothing more to read.
TransactionBatch read_all(TransactionTail& tail) {
  TransactionBatch all;
  for (bool more = true; more;) {
    TransactionBatch batch = tail.read();
    more = batch.more;
    all.folders.merge(batch.folders);
    all.position = batch.position;
    all.unplaced += batch.unplaced;
    all.malformed += batch.malformed;
    all.unreadable += batch.unreadable;
    all.restarted += batch.restarted;
    all.lost += batch.lost;
  }
  return all;
}

TransactionTail from_beginning(const Log& log, const std::string& file = kFirst) {
  return TransactionTail(log.root(), TransactionPosition{file, 0});
}

}  // namespace

TEST_CASE("Without a position a tail begins at the end of the newest file") {
  const Log log;
  log.append("2025/TR_20251231000000000_00001.DAT", record(1));
  log.append(kFirst, record(2));
  log.append(kSecond, record(3));
  TransactionTail tail(log.root(), std::nullopt);
  auto batch = read_all(tail);
  CHECK(batch.folders.empty());
  CHECK(batch.position == TransactionPosition{kSecond, record(3).size()});
  log.append(kSecond, record(4));
  batch = read_all(tail);
  CHECK(batch.folders == Folders{folder_of_patient(4)});
}

TEST_CASE("The last record is told at once, and nothing again while nothing comes") {
  const Log log;
  log.append(kFirst, record(1) + record(2));
  TransactionTail tail = from_beginning(log);
  CHECK(read_all(tail).folders == Folders{folder_of_patient(1), folder_of_patient(2)});
  const auto batch = tail.read();
  CHECK(batch.folders.empty());
  CHECK_FALSE(batch.more);
}

TEST_CASE("A position lies before a record that may still grow, and reading goes on there after a restart") {
  const Log log;
  log.append(kFirst, record(1) + record(2));
  TransactionTail before = from_beginning(log);
  const auto position = read_all(before).position;
  CHECK(position == TransactionPosition{kFirst, record(1).size()});
  log.append(kFirst, record(3));
  TransactionTail after(log.root(), position);
  CHECK(read_all(after).folders == Folders{folder_of_patient(2), folder_of_patient(3)});
}

TEST_CASE("A header that is written in two pieces is one record") {
  const Log log;
  const std::string whole = record(7);
  log.append(kFirst, record(1) + whole.substr(0, 30));
  TransactionTail tail = from_beginning(log);
  CHECK(read_all(tail).folders == Folders{folder_of_patient(1)});
  log.append(kFirst, whole.substr(30));
  const auto batch = read_all(tail);
  CHECK(batch.folders == Folders{folder_of_patient(7)});
  CHECK(batch.malformed == 0);
}

TEST_CASE("A folder that many records name is told once a batch") {
  const Log log;
  log.append(kFirst, record(1) + record(1) + record(2) + record(1));
  TransactionTail tail = from_beginning(log);
  CHECK(tail.read().folders == Folders{folder_of_patient(1), folder_of_patient(2)});
}

TEST_CASE("A large file is read in batches, each with a position to go on from") {
  const Log log;
  constexpr int kRecords = 300;
  std::string bytes;
  for (int number = 0; number < kRecords; ++number) bytes += record(number, 10'000);
  log.append(kFirst, bytes);
  auto position = std::optional(TransactionPosition{kFirst, 0});
  Folders folders;
  int batches = 0;
  for (bool more = true; more; ++batches) {
    TransactionTail tail(log.root(), position);  // ends after every batch
    auto batch = tail.read();
    more = batch.folders.size() > 1;
    folders.merge(batch.folders);
    CHECK(batch.position->offset <= position->offset + 1024 * 1024);
    position = batch.position;
  }
  CHECK(folders.size() == kRecords);
  CHECK(batches == 4);
}

TEST_CASE("A body longer than a batch is passed over and does not hold up what follows") {
  const Log log;
  log.append(kFirst, record(1, 3 * 1024 * 1024) + record(2));
  TransactionTail tail = from_beginning(log);
  CHECK(read_all(tail).folders == Folders{folder_of_patient(1), folder_of_patient(2)});
}

TEST_CASE("When there is a newer file the older one has ended, also over New Year") {
  const Log log;
  const std::string last_year = "2025/TR_20251231170000000_00009.DAT";
  log.append(last_year, record(1));
  TransactionTail tail = from_beginning(log, last_year);
  CHECK(read_all(tail).folders == Folders{folder_of_patient(1)});
  log.append(last_year, record(2));
  log.append(kSecond, record(4));
  log.append(kFirst, record(3));
  const auto batch = read_all(tail);
  CHECK(batch.folders.contains(folder_of_patient(2)));
  CHECK(batch.folders.contains(folder_of_patient(3)));
  CHECK(batch.folders.contains(folder_of_patient(4)));
  CHECK(batch.position == TransactionPosition{kSecond, 0});
  CHECK(batch.lost == 0);
}

TEST_CASE("A file that is deleted early is passed over") {
  const Log log;
  log.append(kFirst, record(1));
  TransactionTail tail = from_beginning(log);
  read_all(tail);
  std::filesystem::remove(log.root() / kFirst);
  auto batch = read_all(tail);
  CHECK(batch.lost == 0);  // nothing newer is there yet
  CHECK(batch.position->file == kFirst);
  log.append(kSecond, record(2));
  batch = read_all(tail);
  CHECK(batch.folders.contains(folder_of_patient(2)));
  CHECK(batch.lost == 1);
  CHECK(batch.position->file == kSecond);
}

TEST_CASE("A file that became shorter is read again from its beginning") {
  const Log log;
  log.append(kFirst, record(1) + record(2) + record(3));
  TransactionTail tail = from_beginning(log);
  read_all(tail);
  std::filesystem::remove(log.root() / kFirst);
  log.append(kFirst, record(4));
  auto batch = read_all(tail);
  CHECK(batch.folders == Folders{folder_of_patient(4)});
  CHECK(batch.restarted == 1);
  std::filesystem::resize_file(log.root() / kFirst, 0);
  batch = read_all(tail);
  CHECK(batch.restarted == 1);
  CHECK(batch.position == TransactionPosition{kFirst, 0});
  // Also when that happened while nobody read.
  TransactionTail stored(log.root(), TransactionPosition{kFirst, 5'000});
  log.append(kFirst, record(5));
  CHECK(read_all(stored).folders == Folders{folder_of_patient(5)});
}

TEST_CASE("A root that cannot be read is counted and tried again, without a beginning to forget") {
  const Log log;
  TransactionTail tail(log.root(), std::nullopt);
  auto batch = tail.read();
  CHECK(batch.unreadable == 1);
  CHECK_FALSE(batch.position);
  CHECK_FALSE(batch.more);
  log.append(kFirst, record(1));  // it came while the root was not to be seen: the sweep's business
  batch = read_all(tail);
  CHECK(batch.folders.empty());
  CHECK(batch.position == TransactionPosition{kFirst, record(1).size()});
  std::filesystem::rename(log.root(), log.root().string() + ".gone");
  batch = read_all(tail);
  CHECK(batch.unreadable == 1);
  CHECK(batch.position == TransactionPosition{kFirst, record(1).size()});
  std::filesystem::rename(log.root().string() + ".gone", log.root());
  log.append(kFirst, record(2));
  CHECK(read_all(tail).folders == Folders{folder_of_patient(2)});
}

TEST_CASE("A storage without files begins with the first one, or with the newest when many come at once") {
  const Log log;
  std::filesystem::create_directories(log.root());
  TransactionTail tail(log.root(), std::nullopt);
  CHECK(read_all(tail).position == TransactionPosition{"", 0});
  TransactionTail mounted_late(log.root(), TransactionPosition{"", 0});
  log.append(kFirst, record(1));
  CHECK(read_all(tail).folders == Folders{folder_of_patient(1)});
  log.append(kSecond, record(2));
  CHECK(read_all(mounted_late).folders == Folders{folder_of_patient(2)});
}

TEST_CASE("What is no regular file is counted, and holds nobody up") {
  const Log log;
  log.append("2026/TR_20260331000000000_00001.DAT", record(1));
  log.append("secret", record(2));
  std::filesystem::create_symlink(log.root() / "secret", log.root() / kFirst);
  REQUIRE(::mkfifo((log.root() / kSecond).c_str(), 0600) == 0);
  TransactionTail tail = from_beginning(log, "2026/TR_20260331000000000_00001.DAT");
  auto batch = read_all(tail);
  CHECK(batch.folders == Folders{folder_of_patient(1)});
  CHECK(batch.unreadable == 2);
  log.append("2026/TR_20260402000000000_00001.DAT", record(3));
  CHECK(read_all(tail).folders == Folders{folder_of_patient(3)});
}

TEST_CASE("A year folder that is a link is not followed, a root that is one is") {
  const Log log;
  log.append(kFirst, record(1));
  std::filesystem::create_directory_symlink(log.root(), log.root().string() + ".link");
  TransactionTail linked(log.root().string() + ".link", TransactionPosition{kFirst, 0});
  CHECK(read_all(linked).folders == Folders{folder_of_patient(1)});
  std::filesystem::rename(log.root() / "2026", log.root() / "elsewhere");
  std::filesystem::create_directory_symlink("elsewhere", log.root() / "2026");
  TransactionTail tail = from_beginning(log);
  const auto batch = read_all(tail);
  CHECK(batch.folders.empty());
  CHECK(batch.unreadable > 0);
}

TEST_CASE("Records whose folder is not known and lines that are no headers are counted, others go on") {
  const Log log;
  const std::string shortened =
      "#SSMIX,2.00,1319999999,123,20260401,OML-11,77,INS,01,20260401093000123\r\nMSH|\r";
  const std::string outside =
      "#SSMIX,2.00,1319999999,../../../etc,20260401,OML-11,77,INS,01,20260401093000123\r\n";
  log.append(kFirst, shortened + "#SSMIX,nonsense\r\n" + outside + record(1) + record(2));
  TransactionTail tail = from_beginning(log);
  const auto batch = read_all(tail);
  CHECK(batch.folders == Folders{folder_of_patient(1), folder_of_patient(2)});
  CHECK(batch.unplaced == 2);
  CHECK(batch.malformed == 1);
}

TEST_CASE("Other files beside the transactions are left alone") {
  const Log log;
  log.append(kFirst, record(1));
  TransactionTail tail = from_beginning(log);
  read_all(tail);
  log.append("2026/backup.zip", record(2));
  log.append("2026/TR_20260402000000000_00001.DAT.tmp", record(3));
  log.append("TR_20260402000000000_00001.DAT", record(4));
  log.append("old/TR_20260402000000000_00001.DAT", record(5));
  const auto batch = read_all(tail);
  CHECK(batch.folders.empty());
  CHECK(batch.position->file == kFirst);
  CHECK(batch.unreadable == 0);
}

TEST_CASE("A position is written as text and read again, and nothing else is one") {
  const TransactionPosition position{kFirst, 18'446'744'073'709'551'615u};
  CHECK(position.text() == "2026/TR_20260401000000000_00001.DAT@18446744073709551615");
  CHECK(TransactionPosition::parse(position.text()) == position);
  CHECK(TransactionPosition::parse("@0") == TransactionPosition{"", 0});
  for (const std::string& wrong : {std::string(), std::string("@"), std::string("@1"), kFirst, kFirst + "@",
                                   kFirst + "@-1", kFirst + "@1x", kFirst + "@18446744073709551616",
                                   "../" + kFirst + "@0", std::string("2026/../../etc/passwd@0")}) {
    CAPTURE(wrong);
    CHECK_FALSE(TransactionPosition::parse(wrong));
  }
}

TEST_CASE("Reading leaves the times of what was read as they are") {
  const Log log;
  log.append(kFirst, record(1));
  const auto file = log.root() / kFirst;
  const timespec old_times[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
  REQUIRE(::utimensat(AT_FDCWD, file.c_str(), old_times, 0) == 0);
  TransactionTail tail = from_beginning(log);
  read_all(tail);
  struct stat about {};
  REQUIRE(::stat(file.c_str(), &about) == 0);
  CHECK(about.st_atim.tv_sec == 1'000'000'000);
  CHECK(about.st_mtim.tv_sec == 1'000'000'000);
}
