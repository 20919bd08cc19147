#pragma once
// A storage of a few files, and documents as short as the gateway takes them.

#include "gateway/ledger.h"
#include "tests/unit/gateway/settings_text.h"

#include <filesystem>
#include <string>

namespace gateway::test {

void write_file(const std::filesystem::path& path, const std::string& bytes);

/// "0001234_-_PPR-01_999999999999999_20260401093000000_01_1" -> "000/123/0001234/-/PPR-01".
std::string folder_of(const std::string& name);
DocumentRef document(const std::string& name, const std::string& root = "main");

/// Writes the document where its name says.
void write_document(const std::filesystem::path& root, const std::string& name, const std::string& bytes);

inline const std::string kMasterName = "0001234_-_ADT-00_999999999999999_20260401080000000_-_1";
inline const std::string kProblemName = "0001234_-_PPR-01_999999999999999_20260402093000123_01_1";

/// ADT-00 and PPR-01 of a made-up patient, in ASCII.
std::string master_bytes(const std::string& family_name = "KAKEHASHI");
std::string problem_bytes(const std::string& disease = "Acute gastritis");

}  // namespace gateway::test
