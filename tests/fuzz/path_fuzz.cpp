// Any path is a document's or refused; what is a document's is written again from its parts and read alike.
#include "ssmix2/check.h"
#include "ssmix2/document_name.h"
#include "ssmix2/transaction_file.h"
#include "tests/fuzz/fuzz_target.h"

#include <algorithm>
#include <string>
#include <string_view>

using namespace ssmix2;

namespace {

bool is_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

void check_name(const DocumentName& name) {
  for (const std::string* part : {&name.key.patient.reveal(), &name.key.order_no}) {
    KAKEHASHI_CHECK(!part->empty() && part->find('/') == std::string::npos);
    KAKEHASHI_CHECK(std::ranges::all_of(*part, [](char c) { return c >= ' ' && c <= '~'; }));
  }
  KAKEHASHI_CHECK(name.key.date == "-" || (name.key.date.size() == 8 && is_digits(name.key.date)));
  KAKEHASHI_CHECK(name.occurred_at.size() >= 12 && is_digits(name.occurred_at));
  KAKEHASHI_CHECK(name.occurred_at_padded().size() == 17);
  KAKEHASHI_CHECK(name.department.size() <= 5);
}

std::string folder_of(const DocumentName& name) {
  const std::string& patient = name.key.patient.reveal();
  // Of short numbers the first two levels may be anything.
  const std::string levels = patient.size() < 6 ? "x/y" : patient.substr(0, 3) + "/" + patient.substr(3, 3);
  return levels + "/" + patient + "/" + name.key.date + "/" + std::string(info(name.key.type).name);
}

std::string file_of(const DocumentName& name) {
  return name.key.patient.reveal() + "_" + name.key.date + "_" + std::string(info(name.key.type).name) + "_" +
         name.key.order_no + "_" + name.occurred_at + "_" +
         (name.department.empty() ? "" : name.department + "_") + std::to_string(static_cast<int>(name.flag));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view path(reinterpret_cast<const char*>(data), size);
  if (const auto name = parse_document_path(path)) {
    check_name(*name);
    KAKEHASHI_CHECK(*parse_document_path(folder_of(*name) + "/" + file_of(*name)) == *name);
    const auto slash = path.rfind('/');
    KAKEHASHI_CHECK(*DocumentFolder::parse(path.substr(0, slash))->name(path.substr(slash + 1)) == *name);
  }
  const auto folder = DocumentFolder::parse("000/123/0001234/20240401/OML-11");
  if (const auto name = folder->name(path)) {
    check_name(*name);
    KAKEHASHI_CHECK(name->key.patient == folder->patient());
    KAKEHASHI_CHECK(name->key.date == folder->date() && name->key.type == folder->type());
  }
  static_cast<void>(DocumentFolder::parse(path));
  if (const auto file = TransactionFile::parse(path)) {
    KAKEHASHI_CHECK(file->begun_at.size() == 17 && is_digits(file->begun_at));
  }
  return 0;
}
