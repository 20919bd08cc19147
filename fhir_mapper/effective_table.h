#pragma once
// A code table in force, for people: the rows in the order in which they are asked, as a table that reads
// back as the same rows. A comment before each says where it comes from and which shipped row it stands for.

#include "fhir_mapper/config_file.h"

#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper {

/// Of table files that load_mapping took; `name` is one of table_names.
std::string effective_table(const std::vector<ConfigFile>& files, std::string_view name);
std::vector<std::string> table_names(const std::vector<ConfigFile>& files);

}  // namespace fhir_mapper
