#include "ssmix2/transaction_file.h"

#include <catch2/catch.hpp>

using namespace ssmix2;

TEST_CASE("a transaction file is named after its beginning and a serial number") {
  const auto file = TransactionFile::parse("2024/TR_20240401170000123_00042.DAT");
  REQUIRE(file);
  CHECK(file->begun_at == "20240401170000123");
  CHECK(file->number == 42);
  CHECK(TransactionFile::parse("2024/TR_20240401170000_7.dat")->begun_at == "20240401170000000");
}

TEST_CASE("transaction files are in the order in which they were begun") {
  const auto file = [](const char* path) { return *TransactionFile::parse(path); };
  CHECK(file("2023/TR_20231231235959999_00009.DAT") < file("2024/TR_20240101000000000_00001.DAT"));
  CHECK(file("2024/TR_202404011700_00001.DAT") < file("2024/TR_20240401170000001_00001.DAT"));
  CHECK(file("2024/TR_20240401170000000_00009.DAT") < file("2024/TR_20240401170000000_00010.DAT"));
  CHECK(file("2024/TR_20240401170000000_9.DAT") < file("2024/TR_20240401170000000_00010.DAT"));
  CHECK(file("2024/TR_20240401170000_1.DAT") == file("2024/TR_20240401170000000_00001.DAT"));
}

TEST_CASE("other files of a transaction storage are none of its logs") {
  for (const char* path :
       {"", "/", "2024/", "TR_20240401170000123_00042.DAT", "24/TR_20240401170000123_00042.DAT",
        "2024/04/TR_20240401170000123_00042.DAT", "2024/TR_20240401170000123_.DAT",
        "2024/TR_20240401170000123_00042", "2024/TR_20240401170000123_00042.DAT.bak",
        "2024/TR_20240401170000123_0004x.DAT", "2024/TR_20240401170_00042.DAT",
        "2024/TR_202404011700001234_00042.DAT", "2024/TR_20240401170000123_1234567890.DAT",
        "2024/XX_20240401170000123_00042.DAT", "2024/TR_20240401170000123-00042.DAT"}) {
    INFO(path);
    CHECK_FALSE(TransactionFile::parse(path));
  }
}
