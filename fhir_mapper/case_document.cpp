#include "fhir_mapper/case_document.h"

#include <algorithm>
#include <array>
#include <span>

namespace fhir_mapper {
namespace {

using ssmix2::DataType;

constexpr std::string_view kPid =
    "|0001||{patient}^^^^PI||架橋^太郎^^^^^L^I~カケハシ^タロウ^^^^^L^P||19600229|M|||"
    "^^^^422-0000^JPN^H^静岡県静岡市駿河区架空町１−２−３||^PRN^PH^^^^^^^^^054-000-0000";
constexpr std::string_view kVisit = "|0001|O|01^^^^^C|||||||01";
constexpr std::string_view kPerson = "607^医師^一郎";

/// A segment of a kind of document, in the order of its message; without text it is never filled in and only
/// says where others stand.
struct UsualSegment {
  std::string_view name;
  std::string_view fields = {};
};

constexpr std::array kMaster{
    UsualSegment{"EVN", "||20260401080000"},
    UsualSegment{"PID", kPid},
    UsualSegment{"PV1", "|0001|O"},
    UsualSegment{"AL1"},
    UsualSegment{"IN1",
                 "|1|06^組合管掌健康保険^JHSD0001|6139999|架空健康保険組合||||||あいう~１８７~05||20250401"},
};
constexpr std::array kAllergies{UsualSegment{"EVN", "||20260401093000"}, UsualSegment{"PID", kPid},
                                UsualSegment{"IAM"}};
constexpr std::array kProblems{UsualSegment{"PID", kPid}, UsualSegment{"PV1", kVisit}, UsualSegment{"PRB"}};
constexpr std::array kResults{
    UsualSegment{"PID", kPid},
    UsualSegment{"PV1", kVisit},
    UsualSegment{"SPM", "|1|S001||023^血清^JC10|||||||||||||202604010900"},
    UsualSegment{"ORC",
                 "|SC|000000000000001|||CM||||20260401093000|||{doctor}|||||01^内科^HL70069"
                 "||||||||||||O^外来患者オーダ^HL70482"},
    UsualSegment{"OBR",
                 "|1|000000000000001||E001^生化学検査^99O03|||202604010900|||||||||{doctor}"
                 "||||||20260401093000"},
    UsualSegment{"OBX"},
};
constexpr std::array kPrescription{
    UsualSegment{"PID", kPid},
    UsualSegment{"PV1", kVisit},
    UsualSegment{"ORC",
                 "|NW|000000000000001||000000000000001_01_001|||||20260401093000|||{doctor}"
                 "|||||01^内科^HL70069||||||||||||O^外来患者オーダ^HL70482"},
    UsualSegment{"RXE"},
    UsualSegment{"TQ1", "|1||1013044400000000&内服・経口・１日３回朝昼夕食後&JAMISDP01|||5^d|20260401"},
    UsualSegment{"RXR", "|PO^口^HL70162"},
};
constexpr std::array kOther{UsualSegment{"PID", kPid}};

std::span<const UsualSegment> usual_segments(DataType type) {
  if (type == DataType::ADT_00) return kMaster;
  if (type == DataType::ADT_61) return kAllergies;
  if (type == DataType::PPR_01) return kProblems;
  if (type == DataType::OML_11) return kResults;
  if (type == DataType::OMP_01) return kPrescription;
  return kOther;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

std::string header(const ssmix2::DataTypeInfo& type) {
  std::string message(type.message_code);
  if (!type.event.empty()) message.append("^").append(type.event);
  return "MSH|^~\\&|HIS|SEND|GW|RCV|20260401093000||" + message + "|1|P|2.5||||||~ISO IR87||ISO 2022-1994";
}

bool is_named(const std::string& segment, std::string_view name) {
  return std::string_view(segment).substr(0, 3) == name;
}

/// Before the first segment that belongs behind it.
void insert(std::vector<std::string>& segments, std::span<const UsualSegment> behind, std::string segment) {
  const auto at = std::find_if(segments.begin(), segments.end(), [behind](const std::string& other) {
    return std::any_of(behind.begin(), behind.end(),
                       [&other](const UsualSegment& usual) { return is_named(other, usual.name); });
  });
  segments.insert(at, std::move(segment));
}

}  // namespace

std::vector<std::string> segments_of(std::string_view written) {
  std::vector<std::string> segments;
  while (!written.empty()) {
    const std::size_t end = written.find_first_of("\r\n");
    std::string_view line = written.substr(0, end);
    written.remove_prefix(end == std::string_view::npos ? written.size() : end + 1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.empty()) segments.emplace_back(line);
  }
  return segments;
}

std::string complete_document(DataType type, const std::vector<std::string>& written,
                              const std::vector<std::string>& without, std::string_view patient) {
  std::vector<std::string> segments = written;
  if (segments.empty() || !is_named(segments.front(), "MSH")) {
    const auto usual = usual_segments(type);
    for (std::size_t i = 0; i < usual.size(); ++i) {
      const auto is_it = [&](const std::string& segment) { return is_named(segment, usual[i].name); };
      if (usual[i].fields.empty() || std::any_of(segments.begin(), segments.end(), is_it) ||
          std::any_of(without.begin(), without.end(), is_it)) {
        continue;
      }
      std::string segment = std::string(usual[i].name).append(usual[i].fields);
      segment = replaced(replaced(std::move(segment), "{patient}", patient), "{doctor}", kPerson);
      insert(segments, usual.subspan(i + 1), std::move(segment));
    }
    segments.insert(segments.begin(), header(info(type)));
  }
  std::string text;
  for (const std::string& segment : segments) text.append(segment).append("\r");
  return text;
}

std::string usual_document_name(DataType type, std::size_t number) {
  const bool dated = info(type).name.starts_with("OM");
  const std::string minute = std::to_string(10 + number % 50);
  return "0001234_" + std::string(dated ? "20260401" : "-") + "_" + std::string(info(type).name) + "_" +
         (dated ? "000000000000001" : "999999999999999") + "_2026040109" + minute + "00000_" +
         (type == DataType::ADT_00 ? "-" : "01") + "_1";
}

ssmix2::Result<ssmix2::DocumentName> parse_file_name(std::string_view file_name) {
  std::array<std::string, 3> parts;
  std::string_view rest = file_name;
  for (std::string& part : parts) {
    const std::size_t end = rest.find('_');
    part = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  const std::string& patient = parts[0];
  const std::string second = patient.size() > 3 ? patient.substr(3, 3) : "000";
  return ssmix2::parse_document_path(patient.substr(0, 3) + "/" + second + "/" + patient + "/" + parts[1] +
                                     "/" + parts[2] + "/" + std::string(file_name));
}

std::string usual_problem() {
  return "PRB|AD|20260401|20054174^胃炎^MDCDX2|P0001|||20260401";
}

}  // namespace fhir_mapper
