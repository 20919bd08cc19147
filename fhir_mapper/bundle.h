#pragma once
// A report unit's resources as one Bundle.

#include "fhir_mapper/unit_mapper.h"

#include <string>

namespace fhir_mapper {

enum class BundleFlavour {
  clins,  // JP_Bundle_CLINS with profile, tag and Bundle-ID: for the national platform
  plain,  // a collection without CLINS profile and tag: a prescription, or a regional server
};

/// Bundle-ID of JP-CLINS: institution(10)^year(4)^id(1..36).
inline constexpr LastingText kBundleIdSystem = "http://jpfhir.jp/fhir/clins/bundle-identifier";

/// A MedicationRequest by itself is no CLINS Bundle whoever asks for one.
BundleFlavour flavour_for(UnitKind kind, bool clins_destination);

/// The root is the Bundle. Entry 0 is the Patient; order is that of `unit.resources`.
Tree make_bundle(MappedUnit unit, UnitKind kind, BundleFlavour flavour, const std::string& bundle_id,
                 const std::string& pack_version);

}  // namespace fhir_mapper
