#include "tests/unit/gateway/storage_support.h"

#include <fstream>
#include <stdexcept>

namespace gateway::test {
namespace {

std::string part(const std::string& name, int number) {
  std::size_t begin = 0;
  for (int i = 0; i < number; ++i) begin = name.find('_', begin) + 1;
  return name.substr(begin, name.find('_', begin) - begin);
}

const std::string kPid =
    "PID|0001||0001234^^^^PI||NAME^TARO^^^^^L^I~KANA^TARO^^^^^L^P||19600229|M"
    "|||^^^^422-0000^JPN^H^1-2-3 Kakuucho, Shizuoka\r";

std::string with_name(const std::string& family_name) {
  return with(kPid, "NAME", family_name);
}

}  // namespace

void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << bytes;
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

std::string folder_of(const std::string& name) {
  const std::string patient = part(name, 0);
  return patient.substr(0, 3) + "/" + patient.substr(3, 3) + "/" + patient + "/" + part(name, 1) + "/" +
         part(name, 2);
}

DocumentRef document(const std::string& name, const std::string& root) {
  return {root, folder_of(name), name};
}

void write_document(const std::filesystem::path& root, const std::string& name, const std::string& bytes) {
  write_file(root / folder_of(name) / name, bytes);
}

std::string master_bytes(const std::string& family_name) {
  return "MSH|^~\\&|HIS|SEND|GW|RCV|20260401080000||ADT^A08^ADT_A01|1|P|2.5||||||~ISO IR87||ISO 2022-1994\r"
         "EVN||20260401080000\r" +
         with_name(family_name) +
         "PV1|0001|O\r"
         "IN1|1|06^X^JHSD0001|6139999|||||||12~187~05||20260401\r";
}

std::string problem_bytes(const std::string& disease) {
  return "MSH|^~\\&|HIS|SEND|GW|RCV|20260402093000||PPR^ZD1^PPR_ZD1|2|P|2.5||||||~ISO IR87||ISO 2022-1994\r" +
         with_name("KAKEHASHI") + "PRB|AD|20260402|20054174^" + disease +
         "^MDCDX2|P0001|||20260301|||||||||20260301|" + disease +
         "\rORC|NW|P0001|||||||||||||||||||||||||||O\r";
}

}  // namespace gateway::test
