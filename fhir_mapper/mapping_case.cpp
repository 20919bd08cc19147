#include "fhir_mapper/mapping_case.h"

#include "fhir_mapper/case_document.h"
#include "fhir_mapper/case_element.h"
#include "fhir_mapper/case_expectation.h"
#include "fhir_mapper/word_list.h"

#include <algorithm>

namespace fhir_mapper {
namespace {

using ssmix2::DataType;

constexpr std::string_view kNamespace = "urn:kakehashi:mapping-case:1";

/// What a case does not say. Of no site: a case must give the same wherever it runs.
UnitSettings usual_settings() {
  UnitSettings settings;
  settings.institution_number = "1319999999";
  settings.facility_name = "架橋病院";
  settings.zone = "+09:00";
  settings.pack_version = "1.12.0";
  settings.untold = "all";
  settings.today = "20260701";
  settings.explain = true;
  return settings;
}

/// Reads one <case>; what is wrong is told to the file.
class CaseReader {
 public:
  CaseReader(const MappingFile& file, pugi::xml_node node) : file_(file), element_(file, node) {}

  MappingCase read() {
    element_.allow_attributes({"name"});
    element_.refuse_text();
    case_.origin = element_.origin();
    case_.name = element_.required("name");
    case_.settings = usual_settings();
    for (const pugi::xml_node node : element_.node().children()) {
      if (node.type() != pugi::node_element) continue;
      const CaseElement child(file_, node);
      if (child.name() == "document") {
        read_document(child);
      } else if (child.name() == "settings") {
        read_settings(child);
      } else if (child.name() == "expect") {
        auto more = read_expectations(file_, node);
        std::move(more.begin(), more.end(), std::back_inserter(case_.expectations));
      } else {
        child.error("unknown element <" + std::string(child.name()) +
                    ">; <settings>, <document> or <expect> may stand here");
      }
    }
    if (case_.expectations.empty())
      element_.error("a case needs <expect> with something in it: it could not fail");
    add_usual_documents();
    return std::move(case_);
  }

 private:
  void read_settings(const CaseElement& settings) {
    settings.allow_attributes({"untold", "today", "insured-number", "branch-required", "problem-list",
                               "institution-number", "pack"});
    settings.refuse_children();
    settings.refuse_text();
    UnitSettings& of_case = case_.settings;
    of_case.untold = settings.word("untold", {"all", "rules", "none"}, of_case.untold);
    const std::string form =
        settings.word("insured-number", {"repetition", "symbol-number", "joined"}, "repetition");
    of_case.insured_number = form == "joined"          ? InsuredNumberForm::joined
                             : form == "symbol-number" ? InsuredNumberForm::symbol_number
                                                       : InsuredNumberForm::repetition;
    of_case.branch_required = settings.word("branch-required", {"yes", "no"}, "no") == "yes";
    of_case.newest_document_only = settings.word("problem-list", {"union", "newest"}, "union") == "newest";
    of_case.today = digits(settings, "today", 8).value_or(of_case.today);
    of_case.pack_version = settings.has("pack") ? settings.optional("pack") : of_case.pack_version;
    of_case.institution_number =
        digits(settings, "institution-number", 10).value_or(of_case.institution_number);
  }

  static std::optional<std::string> digits(const CaseElement& element, const char* attribute,
                                           std::size_t count) {
    if (!element.has(attribute)) return std::nullopt;
    const std::string value = element.optional(attribute);
    const bool right = value.size() == count &&
                       std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (right) return value;
    element.error(std::string(attribute) + "=\"" + value + "\" must be " + std::to_string(count) + " digits");
    return std::nullopt;
  }

  void read_document(const CaseElement& element) {
    element.allow_attributes({"type", "name", "without"});
    element.refuse_children();
    const std::string text = element.required("type");
    const auto type = ssmix2::data_type_named(text);
    if (!type || (!unit_kind_of(*type) && *type != DataType::ADT_00)) {
      if (!text.empty())
        element.error("nothing is made of documents \"" + text + "\"; write one like PPR-01");
      return;
    }
    const std::size_t before = *type == DataType::ADT_00 ? 0 : case_.documents.size();
    if (*type == DataType::ADT_00 && case_.master) element.error("a case has one ADT-00");
    const bool of_another_kind =
        *type != DataType::ADT_00 && before > 0 && case_.documents.front().name.key.type != *type;
    if (of_another_kind) element.error("besides the ADT-00, the documents of a case are all of one kind");
    const auto written = segments_of(element.text());
    const auto is_allergy = [](const std::string& line) { return line.starts_with("AL1"); };
    has_al1_ |= *type == DataType::ADT_00 && std::any_of(written.begin(), written.end(), is_allergy);
    const std::string name =
        element.has("name") ? element.required("name") : usual_document_name(*type, before);
    if (auto document = build(element, *type, name, written, words_of(element.optional("without")))) {
      add(std::move(*document));
    }
  }

  std::optional<CaseDocument> build(const CaseElement& element, DataType type, const std::string& name,
                                    const std::vector<std::string>& written,
                                    const std::vector<std::string>& without) const {
    const auto parsed = parse_file_name(name);
    if (!parsed.has_value() || parsed->key.type != type) {
      element.error("name=\"" + name + "\" is no file name of a document of this type; they look like " +
                    usual_document_name(type, 0));
      return std::nullopt;
    }
    auto message =
        ssmix2::Message::parse(complete_document(type, written, without, parsed->key.patient.reveal()));
    if (!message.has_value()) {
      element.error("this is no HL7 message: " + to_text(message.error()).str());
      return std::nullopt;
    }
    return CaseDocument{*parsed, std::move(*message)};
  }

  void add(CaseDocument document) {
    if (document.name.key.type == DataType::ADT_00) {
      case_.master = std::move(document);
    } else {
      case_.documents.push_back(std::move(document));
    }
  }

  void add_usual(DataType type, const std::vector<std::string>& segments) {
    if (auto document = build(element_, type, usual_document_name(type, 0), segments, {}))
      add(std::move(*document));
  }

  /// An ADT-00 alone is about the patient's AL1, or about the patient.
  void add_usual_documents() {
    if (case_.documents.empty() && !case_.master) return element_.error("a case needs a <document>");
    if (case_.documents.empty() && has_al1_) {
      case_.unit = UnitKind::allergy_intolerance;
      return;
    }
    if (case_.documents.empty()) add_usual(DataType::PPR_01, {usual_problem()});
    if (!case_.master) add_usual(DataType::ADT_00, {});
    case_.unit = unit_kind_of(case_.documents.front().name.key.type).value_or(UnitKind::condition);
  }

  const MappingFile& file_;
  CaseElement element_;
  MappingCase case_;
  bool has_al1_ = false;
};

/// Cases by name: a site's own stands for the shipped one.
class CaseList {
 public:
  void add(const MappingFile& file, pugi::xml_node node, MappingCase more) {
    const auto same = std::find_if(cases_.begin(), cases_.end(),
                                   [&more](const MappingCase& other) { return other.name == more.name; });
    if (same == cases_.end()) {
      cases_.push_back(std::move(more));
    } else if (same->owner != more.owner) {
      if (more.owner == ConfigOrigin::site) *same = std::move(more);
    } else if (!more.name.empty()) {
      file.error(node, "there is a case \"" + more.name + "\" already, in " + same->origin.text());
    }
  }
  std::vector<MappingCase> take() { return std::move(cases_); }

 private:
  std::vector<MappingCase> cases_;
};

void read_file(const ConfigFile& source, CaseList& cases, ConfigErrors& errors) {
  const MappingFile file(source, errors);
  const pugi::xml_node root = file.root();
  if (!root) return;  // its XML was refused
  const CaseElement element(file, root);
  if (element.name() != "cases" || element.optional("xmlns") != kNamespace) {
    return element.error("the root element must be <cases xmlns=\"" + std::string(kNamespace) + "\">");
  }
  element.allow_attributes({"xmlns"});
  element.refuse_text();
  for (const pugi::xml_node node : root.children()) {
    if (node.type() != pugi::node_element) continue;
    if (std::string_view(node.name()) != "case") {
      file.error(node, "unknown element <" + std::string(node.name()) + ">; <case> may stand here");
      continue;
    }
    MappingCase one = CaseReader(file, node).read();
    one.owner = source.origin;
    cases.add(file, node, std::move(one));
  }
}

}  // namespace

boost::system::result<std::vector<MappingCase>, ConfigErrors> parse_cases(
    const std::vector<ConfigFile>& files) {
  ConfigErrors errors;
  CaseList cases;
  for (const ConfigFile& file : files) read_file(file, cases, errors);
  if (!errors.empty()) return errors;
  return cases.take();
}

}  // namespace fhir_mapper
