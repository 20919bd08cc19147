#include "tests/storage_gen/manifest.h"

#include "tests/storage_gen/calendar.h"

namespace storage_gen {

void write_unit(std::ostream& out, const ReportUnit& unit) {
  const DocumentName& document = unit.document;
  out << "{\"kind\":\"" << unit.kind << "\",\"patient\":\"" << document.patient << "\",\"key\":{\"date\":\""
      << document.date << "\",\"type\":\"" << document.type << "\",\"order\":\"" << document.order
      << "\"},\"rows\":" << unit.rows << ",\"state\":\"" << (document.flag == 1 ? "live" : "deleted")
      << "\",\"path\":\"" << path_of(document) << "\",\"marker\":\"" << unit.marker << "\",\"insurance\":\""
      << unit.insurance << "\"}\n";
}

std::string text_marker(std::string_view patient_id, unsigned kind, std::uint64_t number, unsigned version) {
  return "KH" + std::string(patient_id) + '-' + std::to_string(kind) + digits(number, 4) + 'V' +
         std::to_string(version);
}

std::string value_marker(std::uint64_t patient_number, std::uint64_t number, unsigned version) {
  return "187." + digits(patient_number, 6) + digits(number, 4) + std::to_string(version) + '0';
}

}  // namespace storage_gen
