#include "fhir_mapper/fhir_type.h"

#include "fhir_mapper/fhir_element.h"
#include "fhir_mapper/text_index.h"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

namespace fhir_mapper {
namespace {

// What the table of elements does not hold, because no mapping writes it, and rules of profiles name all the
// same: Bundle's bdl-11 asks for a Composition.
constexpr std::string_view kOtherResources =
    "Account ActivityDefinition AdverseEvent Appointment AppointmentResponse AuditEvent Basic Binary "
    "BiologicallyDerivedProduct BodyStructure CapabilityStatement CarePlan CareTeam CatalogEntry ChargeItem "
    "ChargeItemDefinition Claim ClaimResponse ClinicalImpression CodeSystem Communication "
    "CommunicationRequest CompartmentDefinition Composition ConceptMap Consent Contract "
    "CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue DeviceDefinition DeviceMetric "
    "DeviceRequest DeviceUseStatement DocumentManifest DocumentReference EffectEvidenceSynthesis Endpoint "
    "EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceVariable "
    "ExampleScenario ExplanationOfBenefit FamilyMemberHistory Flag Goal GraphDefinition Group "
    "GuidanceResponse HealthcareService ImmunizationEvaluation ImmunizationRecommendation "
    "ImplementationGuide InsurancePlan Invoice Library Linkage List Measure MeasureReport Media "
    "MedicationDispense MedicationKnowledge MedicationStatement MedicinalProduct "
    "MedicinalProductAuthorization MedicinalProductContraindication MedicinalProductIndication "
    "MedicinalProductIngredient MedicinalProductInteraction MedicinalProductManufactured "
    "MedicinalProductPackaged MedicinalProductPharmaceutical MedicinalProductUndesirableEffect "
    "MessageDefinition MessageHeader MolecularSequence NamingSystem ObservationDefinition "
    "OperationDefinition OperationOutcome OrganizationAffiliation Parameters PaymentNotice "
    "PaymentReconciliation Person PlanDefinition Provenance Questionnaire QuestionnaireResponse "
    "RequestGroup ResearchDefinition ResearchElementDefinition ResearchStudy ResearchSubject RiskAssessment "
    "RiskEvidenceSynthesis Schedule SearchParameter Slot SpecimenDefinition StructureDefinition "
    "StructureMap Subscription Substance SubstanceNucleicAcid SubstancePolymer SubstanceProtein "
    "SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification SupplyDelivery "
    "SupplyRequest Task TerminologyCapabilities TestReport TestScript ValueSet VerificationResult "
    "VisionPrescription";
constexpr std::string_view kOtherTypes =
    "BackboneElement DomainResource Element ElementDefinition MarketingStatus Population ProdCharacteristic "
    "ProductShelfLife Resource SubstanceAmount "
    "base64Binary boolean canonical code date dateTime decimal id instant integer markdown oid positiveInt "
    "string time unsignedInt uri url uuid xhtml";

constexpr std::pair<std::string_view, std::string_view> kKinds[] = {
    {"Age", "Quantity"},
    {"Binary", "Resource"},
    {"Bundle", "Resource"},
    {"Count", "Quantity"},
    {"Distance", "Quantity"},
    {"DomainResource", "Resource"},
    {"Dosage", "BackboneElement"},
    {"Duration", "Quantity"},
    {"Element", ""},
    {"ElementDefinition", "BackboneElement"},
    {"MarketingStatus", "BackboneElement"},
    {"Parameters", "Resource"},
    {"Population", "BackboneElement"},
    {"ProdCharacteristic", "BackboneElement"},
    {"ProductShelfLife", "BackboneElement"},
    {"Resource", ""},
    {"SubstanceAmount", "BackboneElement"},
    {"Timing", "BackboneElement"},
    {"canonical", "uri"},
    {"code", "string"},
    {"id", "string"},
    {"markdown", "string"},
    {"oid", "uri"},
    {"positiveInt", "integer"},
    {"unsignedInt", "integer"},
    {"url", "uri"},
    {"uuid", "uri"},
};

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

/// What a type is a kind of where kKinds does not say.
std::string_view usual_base_of(std::string_view type, const std::vector<std::string_view>& resources) {
  if (std::ranges::binary_search(resources, type)) return "DomainResource";
  return type.find('.') == std::string_view::npos ? "Element" : "BackboneElement";
}

std::string_view base_of(std::string_view type, const std::vector<std::string_view>& resources) {
  for (const auto& [kind, base] : kKinds) {
    if (kind == type) return base;
  }
  return usual_base_of(type, resources);
}

std::vector<std::string_view> all_resources() {
  std::vector<std::string_view> resources = words_of(kOtherResources);
  const std::vector<std::string_view> own = resource_types();
  resources.insert(resources.end(), own.begin(), own.end());
  std::ranges::sort(resources);
  return resources;
}

std::vector<std::string_view> all_names() {
  std::vector<std::string_view> names = element_types();
  for (const std::string_view list : {kOtherResources, kOtherTypes}) {
    for (const std::string_view name : words_of(list)) names.push_back(name);
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

/// "dateTime" as it ends the names of choices' members.
std::string suffix_of(std::string_view type) {
  std::string suffix(type);
  if (suffix.front() >= 'a' && suffix.front() <= 'z') suffix.front() = static_cast<char>(suffix.front() - 32);
  return suffix;
}

class TypeTable {
 public:
  TypeTable();

  FhirType find(std::string_view name) const {
    const FhirType* const found = by_name_.find(name);
    return found == nullptr ? FhirType::unknown : *found;
  }
  std::string_view name_of(FhirType type) const {
    return type == FhirType::unknown ? std::string_view() : names_[static_cast<std::size_t>(type) - 1];
  }
  FhirType base_of(FhirType type) const { return bases_[static_cast<std::size_t>(type)]; }
  std::span<const std::string_view> names() const { return names_; }
  std::span<const FhirMember> members(std::string_view name) const;
  FhirType of_suffix(std::string_view suffix) const;

 private:
  struct Name {
    std::string_view name;
    std::size_t first = 0;
    std::size_t count = 0;
  };
  void add_members();

  std::vector<std::string_view> names_;  // ascending
  std::vector<FhirType> bases_;
  TextIndex<FhirType> by_name_;
  std::deque<std::string> suffixes_;
  TextIndex<FhirType> by_suffix_;
  std::vector<Name> elements_;  // ascending
  std::vector<FhirMember> members_;
};

TypeTable::TypeTable() : names_(all_names()), bases_(names_.size() + 1) {
  const std::vector<std::string_view> resources = all_resources();
  for (std::size_t i = 0; i < names_.size(); ++i) by_name_.insert(names_[i], static_cast<FhirType>(i + 1));
  for (const std::string_view name : names_) {
    bases_[static_cast<std::size_t>(find(name))] = find(fhir_mapper::base_of(name, resources));
    if (name.find('.') != std::string_view::npos) continue;
    by_suffix_.insert(suffixes_.emplace_back(suffix_of(name)), find(name));
  }
  add_members();
}

void TypeTable::add_members() {
  std::vector<std::pair<std::string_view, FhirMember>> all;
  for (const std::string_view owner : element_types()) {
    std::string_view choice;
    for (const FhirElement& element : elements_of(owner)) {
      all.push_back({element.name, {find(owner), find(element.type), false}});
      if (element.choice.empty() || element.choice == choice) continue;
      choice = element.choice;
      all.push_back({choice.substr(0, choice.find('[')), {find(owner), FhirType::unknown, true}});
    }
  }
  // Members of one choice may stand apart in the order of names.
  const auto order = [](const auto& each) { return std::pair(each.first, each.second.owner); };
  std::ranges::sort(all, {}, order);
  const auto same = [&](const auto& left, const auto& right) { return order(left) == order(right); };
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  for (const auto& [name, member] : all) {
    if (elements_.empty() || elements_.back().name != name) elements_.push_back({name, members_.size(), 0});
    ++elements_.back().count;
    members_.push_back(member);
  }
}

std::span<const FhirMember> TypeTable::members(std::string_view name) const {
  const auto found = std::ranges::lower_bound(elements_, name, {}, &Name::name);
  if (found == elements_.end() || found->name != name) return {};
  return std::span(members_).subspan(found->first, found->count);
}

FhirType TypeTable::of_suffix(std::string_view suffix) const {
  const FhirType* const found = by_suffix_.find(suffix);
  return found == nullptr ? FhirType::unknown : *found;
}

/// Made when it is first asked for, which is safe in any thread, and constant from then on.
const TypeTable& table() {
  static const TypeTable made;
  return made;
}

}  // namespace

FhirType fhir_type(std::string_view name) {
  return table().find(name);
}

std::string_view name_of(FhirType type) {
  return table().name_of(type);
}

bool is_kind_of(FhirType type, FhirType base) {
  while (type != FhirType::unknown && type != base) type = table().base_of(type);
  return type != FhirType::unknown;
}

std::span<const std::string_view> fhir_type_names() {
  return table().names();
}

const FhirKnownTypes& known_types() {
  static const FhirKnownTypes known{
      .resource = fhir_type("Resource"),
      .domain_resource = fhir_type("DomainResource"),
      .date = fhir_type("date"),
      .date_time = fhir_type("dateTime"),
      .instant = fhir_type("instant"),
      .time = fhir_type("time"),
      .integer = fhir_type("integer"),
      .positive_int = fhir_type("positiveInt"),
      .unsigned_int = fhir_type("unsignedInt"),
      .boolean = fhir_type("boolean"),
      .extension = fhir_type("Extension"),
      .quantity = fhir_type("Quantity"),
  };
  return known;
}

bool is_time_type(FhirType type) {
  const FhirKnownTypes& known = known_types();
  return type == known.date || type == known.date_time || type == known.instant || type == known.time;
}

std::span<const FhirMember> members_named(std::string_view name) {
  return table().members(name);
}

FhirType choice_type(std::string_view member, std::string_view stem) {
  if (member.size() <= stem.size() || !member.starts_with(stem)) return FhirType::unknown;
  return table().of_suffix(member.substr(stem.size()));
}

}  // namespace fhir_mapper
