#pragma once
// The end of a トランザクションストレージ: what its writer put on record lately, as hints where to look in
// the standardised storage. A record can be wrong, early, doubled or missing; nothing of it is believed but
// the folder's name, and the sweep finds what no record told.

#include "ssmix2/transaction_record.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/result.hpp>

namespace gateway {

/// Up to where the records were read.
struct TransactionPosition {
  std::string file;          // below the root: "2026/TR_20260401000000000_00001.DAT"; empty: before the first
  std::uint64_t offset = 0;  // of the first byte that is to be read again

  std::string text() const;  // "2026/TR_20260401000000000_00001.DAT@4711"
  static std::optional<TransactionPosition> parse(std::string_view text);

  friend bool operator==(const TransactionPosition&, const TransactionPosition&) = default;
};

/// What one reading gave. Folders hold patient numbers: never to be logged.
struct TransactionBatch {
  /// Below the root of the standardised storage. The last record's is told when it begins and once more when
  /// it has ended: which is written first, the record or the document, no standard says.
  std::set<std::string> folders;
  /// To be stored once the folders were looked at. None: not begun yet.
  std::optional<TransactionPosition> position;
  bool more = false;             // something was read: read on at once
  std::uint64_t unplaced = 0;    // records whose folder only the tree knows (short patient numbers) or nobody
  std::uint64_t malformed = 0;   // lines that should be headers
  std::uint64_t unreadable = 0;  // files and folders
  std::uint64_t restarted = 0;   // files that became shorter: read again from their beginning
  std::uint64_t lost = 0;        // files that went before the next one was begun on
};

/// Files are opened for each reading anew: a writer on Windows could not delete one that is kept open. What
/// cannot be read is tried again the next time, but a file only as long as there is no newer one.
/// Blocking: work pool only, one reading at a time.
class TransactionTail {
 public:
  /// Goes on at `stored`; without it begins at the end of the newest file, because the first sweep sees what
  /// came before anyway.
  TransactionTail(std::filesystem::path root, const std::optional<TransactionPosition>& stored);

  /// At most 1 MB of one file.
  TransactionBatch read();

 private:
  enum class Found { more_bytes, no_more, no_file, unreadable };

  void begin(TransactionBatch& batch);
  Found read_file(TransactionBatch& batch);
  bool read_chunks(int file, TransactionBatch& batch);
  void take_next_file(Found found, TransactionBatch& batch);
  void take(const std::vector<ssmix2::TransactionRecord>& records, TransactionBatch& batch) const;
  void go_to(const std::string& file, std::uint64_t offset);
  /// Files of the two newest years, none before `least_year`, oldest first. An error when one of the folders
  /// cannot be read: what comes next is not known then.
  boost::system::result<std::vector<std::string>> list_files(std::string_view least_year) const;

  std::filesystem::path root_;
  bool begun_ = false;
  std::string file_;  // the one that is read; empty: there was none yet
  ssmix2::TransactionReader reader_;
  std::uint64_t read_to_ = 0;  // further than reader_.consumed() by a record that may go on
};

}  // namespace gateway
