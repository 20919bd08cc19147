#pragma once
// Records of the transaction storage: a log that some storages keep beside the documents, of what was put
// where. Read as a hint where to look, so only the headers matter; the state of a key comes from the tree.
//
//   #SSMIX,2.00,facility,patient,date,type,order,INS|DEL,department,time
//   MSH|...      a whole HL7 message, up to the next line that begins with #SSMIX
//
// Pure; a reader belongs to one thread at a time.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ssmix2 {

enum class TransactionKind { insert, remove };  // INS, DEL

/// Holds a patient number: never to be logged.
struct TransactionRecord {
  std::uint64_t offset = 0;  // of its header in the file
  /// pid[0:3]/pid[3:6]/pid/date/type below a root; always one that DocumentFolder::parse takes, so that it
  /// cannot lead out of the root. Nothing for numbers shorter than six characters, whose levels only the tree
  /// knows, and for what no folder of a standardised storage is called.
  std::optional<std::string> folder;
  std::string order_no;
  TransactionKind kind = TransactionKind::insert;
  std::string time;  // as written, 12 to 17 digits

  friend bool operator==(const TransactionRecord&, const TransactionRecord&) = default;
};

/// Reads a growing TR_*.DAT in chunks of any size and holds no more than one header line and one record.
class TransactionReader {
 public:
  /// A header may be no longer; a longer one is malformed.
  static constexpr std::size_t kLongestHeader = 512;

  /// Begins at a byte that consumed() named, or at 0.
  explicit TransactionReader(std::uint64_t offset = 0) : at_(offset), line_begin_(offset) {}

  /// The records that these bytes completed: those that another header follows.
  std::vector<TransactionRecord> feed(std::string_view bytes);

  /// For a file that will not grow again: the last record. Afterwards everything is consumed.
  std::vector<TransactionRecord> finish();

  /// Where another reader goes on: all before belongs to records given out, or to none.
  std::uint64_t consumed() const { return pending_ ? pending_->offset : line_begin_; }

  /// Lines that begin with #SSMIX and are no header. Counted again when read again.
  std::size_t malformed_headers() const { return malformed_headers_; }

 private:
  enum class Line { undecided, header, other };

  void take(std::string_view part, std::vector<TransactionRecord>& complete);
  void end_line();

  std::uint64_t at_;
  std::uint64_t line_begin_;
  Line line_kind_ = Line::undecided;
  std::string line_;  // of a header, as far as it has been read
  std::optional<TransactionRecord> pending_;
  std::size_t malformed_headers_ = 0;
};

}  // namespace ssmix2
