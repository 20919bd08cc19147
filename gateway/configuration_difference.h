#pragma once
// What a reload changes, for the log: settings by element and attribute, files of mappings, tables and packs
// by name. Holds nothing of patients: all of it is configuration.

#include "gateway/configuration.h"

#include <string>
#include <vector>

namespace gateway {

struct ConfigurationChange {
  std::string what;    // "destination[platform]/delivery/@timeout", "site/gender.tsv"
  std::string before;  // as it was written; empty: it was not there. Of files nothing
  std::string after;
};

std::vector<ConfigurationChange> changes_between(const Configuration& before, const Configuration& after);

}  // namespace gateway
