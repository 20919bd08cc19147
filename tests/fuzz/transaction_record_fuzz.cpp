// Any file is read alike in one piece, in chunks and when reading resumes; no record leads out of the root.
// The first byte of an input is the size of the chunks.
#include "ssmix2/check.h"
#include "ssmix2/document_name.h"
#include "ssmix2/transaction_record.h"
#include "tests/fuzz/fuzz_target.h"

#include <algorithm>
#include <iterator>
#include <string_view>

using namespace ssmix2;

namespace {

using Records = std::vector<TransactionRecord>;

void append(Records& all, Records more) {
  std::ranges::move(more, std::back_inserter(all));
}

Records read_whole(std::string_view file, std::size_t from) {
  TransactionReader reader(from);
  Records records = reader.feed(file.substr(from));
  append(records, reader.finish());
  KAKEHASHI_CHECK(reader.consumed() == file.size());
  return records;
}

void check_record(const TransactionRecord& record, std::string_view file) {
  KAKEHASHI_CHECK(file.substr(record.offset).starts_with("#SSMIX,"));
  KAKEHASHI_CHECK(record.offset == 0 ||
                  std::string_view("\r\n\x1C").find(file[record.offset - 1]) != std::string_view::npos);
  if (!record.folder) return;
  const auto folder = DocumentFolder::parse(*record.folder);
  KAKEHASHI_CHECK(folder.has_value());
  KAKEHASHI_CHECK(std::ranges::count(*record.folder, '/') == 4);
  KAKEHASHI_CHECK(("/" + *record.folder + "/").find("/../") == std::string::npos);
  KAKEHASHI_CHECK(folder->patient().reveal().size() >= 6);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t chunk = 1 + data[0] % 64;
  const std::string_view file(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Records whole = read_whole(file, 0);
  for (const TransactionRecord& record : whole) check_record(record, file);

  TransactionReader reader;
  Records in_chunks;
  for (std::size_t at = 0; at < file.size(); at += chunk) {
    append(in_chunks, reader.feed(file.substr(at, chunk)));
    KAKEHASHI_CHECK(reader.consumed() <= std::min(file.size(), at + chunk));
    if (at / chunk % 8 != 0) continue;  // not at each: a file would be read a thousand times
    Records resumed = in_chunks;
    append(resumed, read_whole(file, reader.consumed()));
    KAKEHASHI_CHECK(resumed == whole);
  }
  append(in_chunks, reader.finish());
  KAKEHASHI_CHECK(in_chunks == whole);
  return 0;
}
