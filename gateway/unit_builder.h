#pragma once
// A planned unit's documents, read and mapped for each destination. Blocking: work pool only.

#include "gateway/configuration.h"
#include "gateway/digest.h"
#include "gateway/document_coverage.h"
#include "gateway/unit_plan.h"
#include "gateway/wanted_code.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace gateway {

/// What a destination should have of the unit.
struct Snapshot {
  /// rejected: content that breaks the destination's profile.
  enum class Kind { content, empty, held, rejected };
  Kind kind = Kind::held;
  std::optional<Sha256> content_hash;  // content or rejected
  std::string body_template;
  std::string insured_identifier;
  ssmix2::Failure reason{ssmix2::FailureCode::map_missing_element};  // held, rejected: the first of `reasons`
  std::size_t reasons = 0;
  std::optional<DocumentRef> blamed = {};   // rejected: the document whose row breaks the rule of `reason`
  std::set<std::string> broken_rules = {};  // rejected: of the pack, that are errors
  std::set<std::string> warned_rules = {};  // content: of the pack, that it breaks and may break
  /// Nothing of it may be sent: `reason` says why.
  bool is_stopped() const { return kind == Kind::held || kind == Kind::rejected; }
  // Only when asked for: the tree behind `body_template`, and where its elements come from.
  std::shared_ptr<const fhir_mapper::Tree> bundle = {};
  std::vector<fhir_mapper::UnitOutcome::ExplainedResource> explanations = {};
};

struct BuiltUnit {
  fhir_mapper::ReportUnit unit;
  int year = 0;                               // of its Bundle-ID, should this be the first snapshot
  std::map<std::string, Snapshot> snapshots;  // by destination id
  std::vector<DocumentRef> changed;           // not the files the plan was made of: nothing was built
  /// A delete of the plan cannot be confirmed: its folder is away, or holds a live document of the key by
  /// now. Nothing was built.
  bool unconfirmed = false;
  std::vector<ssmix2::Failure> warnings;
  std::optional<std::vector<WantedCode>> wanted_codes;  // nothing: it was not mapped, so nobody knows
  std::vector<DocumentCoverage> coverage;               // only when asked for
};

/// What is made besides the snapshot.
enum class Detail {
  none,
  explanations,
  /// BuiltUnit::coverage, of all documents that could be read, also of a unit that is held. The ADT-00 is
  /// accounted by the patient's unit of AllergyIntolerance alone: every other unit makes the same Patient of
  /// it and nothing else.
  coverage,
};

/// Whether `destination` takes units of this kind at all.
bool takes(const DestinationSettings& destination, fhir_mapper::UnitKind kind);

BuiltUnit build_unit(const UnitPlan& plan, const Configuration& configuration, Instant now,
                     Detail detail = Detail::none);

constexpr std::size_t kMaxBodyBytes = 10u * 1024 * 1024;  // JP-CLINS: 10 MB per transmission

}  // namespace gateway
