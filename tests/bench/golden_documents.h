#pragma once
// The documents of tests/golden for programs that measure: each with what it takes to map it.

#include "fhir_mapper/config_file.h"
#include "fhir_mapper/mapping.h"
#include "fhir_mapper/unit_mapper.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace bench {

/// A unit of one document, and the patient's master. The messages live as long as this.
struct GoldenDocument {
  std::string label;  // "Condition"
  std::shared_ptr<const ssmix2::Message> message;
  std::shared_ptr<const ssmix2::Message> master;
  fhir_mapper::UnitInput input;
};

std::vector<fhir_mapper::ConfigFile> files_of(const std::filesystem::path& folder,
                                              const std::string& extension);
std::vector<GoldenDocument> golden_documents(const std::filesystem::path& folder);
fhir_mapper::UnitSettings golden_settings(const std::string& pack_version);
/// With times and fullUrls still open.
fhir_mapper::Tree golden_bundle(const GoldenDocument& document, const fhir_mapper::Mapping& mapping,
                                const fhir_mapper::UnitSettings& settings);
/// As it is sent.
std::string golden_json(const fhir_mapper::Tree& bundle);

/// Of RapidJSON, with a fresh Document. The size of what was written.
std::size_t parsed_and_written(const std::string& json);

}  // namespace bench
