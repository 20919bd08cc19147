#pragma once
// What the tests of the mapper share: the shipped mapping, messages from readable text, trees as JSON.

#include "fhir_mapper/mapping_loader.h"
#include "fhir_mapper/unit_mapper.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper::test {

/// Every file of config/mapping and config/terminology.
std::vector<ConfigFile> shipped_mappings();
std::vector<ConfigFile> shipped_tables();
const Mapping& shipped_mapping();

/// One mapping file with `body` inside <mapping>, which begins in line 2, and tables as {"name.tsv", rows}.
std::vector<ConfigFile> mapping_of(std::string_view body);
ConfigFile table_of(std::string name, std::string_view rows);

/// Segments separated by LF, as a test writes them.
ssmix2::Message message_of(std::string_view text);

/// Compact JSON with <time> and <url N> where a snapshot is still open.
std::string json_of(const Node& node);
inline std::string json_of(const Tree& tree) {
  return json_of(tree.root());
}

/// "0001234_-_PPR-01_999999999999999_20260401093000000_01_1", as if it lay where it should.
ssmix2::DocumentName document_name(std::string_view file_name);

UnitSettings settings();

std::string read_file(const std::string& path);

}  // namespace fhir_mapper::test
