#include "tests/storage_gen/scenario.h"

#include "tests/storage_gen/documents.h"
#include "tests/storage_gen/row_spec.h"
#include "tests/storage_gen/sample_tables.h"
#include "tests/storage_gen/usage_error.h"

#include <chrono>
#include <filesystem>
#include <thread>
#include <vector>

namespace storage_gen {
namespace {

void split_name(const std::string& text, std::string& family, std::string& given) {
  if (text.empty()) return;
  const std::size_t caret = text.find('^');
  family = text.substr(0, caret);
  given = caret == std::string::npos ? "" : text.substr(caret + 1);
}

Insurance stated_insurance(const Arguments& arguments) {
  const StatedPatient& stated = arguments.stated;
  Insurance insurance;
  insurance.form = insurance_form(arguments.name.patient, arguments.wishes.insurance);
  const bool assistance = insurance.form == InsuranceForm::public_assistance;
  insurance.plan_code = !stated.plan.empty() ? stated.plan : assistance ? "12" : "06";
  insurance.plan_name = "見本保険";
  insurance.insurer = stated.insurer;
  insurance.insurer_name = "見本保険者";
  insurance.symbol = stated.symbol;
  insurance.number = stated.number;
  insurance.branch = stated.branch;
  return insurance;
}

Patient stated_patient(const Arguments& arguments) {
  const StatedPatient& stated = arguments.stated;
  Patient patient = sample_patient(arguments.name.patient, arguments.wishes);
  if (!stated.pid3.empty()) patient.pid3 = stated.pid3;
  split_name(stated.name, patient.name.family, patient.name.given);
  split_name(stated.kana, patient.name.family_kana, patient.name.given_kana);
  if (!stated.birth_date.empty()) patient.birth_date = stated.birth_date;
  if (!stated.gender.empty()) patient.gender = stated.gender.front();
  if (!stated.insurer.empty()) patient.insurances = {stated_insurance(arguments)};
  return patient;
}

template <typename Row>
std::vector<Row> parse_rows(const std::vector<std::string>& specs, Row (*parse)(std::string_view)) {
  std::vector<Row> rows;
  for (const std::string& spec : specs) rows.push_back(parse(spec));
  return rows;
}

std::string department_name(const std::string& code) {
  for (const Department& department : sample_departments())
    if (department.code == code) return department.name;
  return "見本科";
}

std::string message_of(const Arguments& arguments) {
  const Patient patient = stated_patient(arguments);
  const DocumentName& name = arguments.name;
  // Inside the message a department stands even where the file name says `-`.
  const std::string code = name.department == "-" ? "01" : name.department;
  const DocumentContext context{
      name, patient, sample_doctors().front(), {code, department_name(code)}, name.flag == 0};
  const std::vector<std::string>& specs = arguments.rows;
  if (name.type == "ADT-00") return write_adt_00(context, parse_rows(specs, parse_allergy));
  if (name.type == "ADT-61") return write_adt_61(context, parse_rows(specs, parse_allergy));
  if (name.type == "PPR-01") return write_ppr_01(context, parse_rows(specs, parse_problem));
  if (name.type == "OML-11")
    return write_oml_11(context, name.date + "0900", parse_rows(specs, parse_lab_row));
  if (name.type == "OMP-01") return write_omp_01(context, parse_rows(specs, parse_drug_row));
  throw UsageError("--type takes ADT-00, ADT-61, PPR-01, OML-11 or OMP-01, not '" + name.type + "'");
}

std::string message_bytes(const Arguments& arguments) {
  return document_bytes(message_of(arguments), arguments.text, Iso2022JpEncoder());
}

/// What the command line left open about the name.
void complete_name(DocumentName& name) {
  const bool dated = name.type == "OML-11" || name.type == "OMP-01";
  if (!dated && name.date != "-") throw UsageError(name.type + " lies in the folder '-' and takes no --date");
  if (name.occurred.empty()) name.occurred = stamp17(now_in_japan());
  if (dated && name.date == "-") name.date = name.occurred.substr(0, 8);
  if (dated && name.order == kNoOrder) name.order = "1";
  name.order.insert(0, 15 - name.order.size(), '0');
  if (name.department == "-" && (dated || name.type == "PPR-01")) name.department = "01";
}

std::vector<DocumentName> documents_of_key(const DocumentFiles& files, const DocumentName& name) {
  std::vector<DocumentName> found;
  const std::string folder = folder_of(name);
  for (const auto& entry : std::filesystem::directory_iterator(files.root() + '/' + folder)) {
    const std::string file = entry.path().filename().string();
    if (file.starts_with(key_prefix(name))) found.push_back(parse_path(folder + '/' + file));
  }
  return found;
}

/// The key and department of --path, with the new 発生日時.
Arguments next_version(const Arguments& arguments, int flag) {
  Arguments next = arguments;
  next.name = parse_path(arguments.path);
  next.name.occurred = arguments.name.occurred;
  next.name.flag = flag;
  return next;
}

void wait_gap(const Arguments& arguments) {
  std::this_thread::sleep_for(std::chrono::milliseconds(arguments.gap_ms));
}

}  // namespace

std::string write_document(const Arguments& arguments) {
  Arguments complete = arguments;
  complete_name(complete.name);
  DocumentFiles(complete.root).write(complete.name, message_bytes(complete), complete.manner);
  return path_of(complete.name);
}

std::string supersede_document(const Arguments& arguments) {
  const DocumentName live = parse_path(arguments.path);
  if (live.flag != 1) throw UsageError("--path must name a live document (flag 1)");
  const Arguments next = next_version(arguments, 1);
  const std::string bytes = message_bytes(next);  // wrong rows are found before anything is renamed
  DocumentFiles files(arguments.root);
  DocumentName superseded = live;
  superseded.flag = 2;
  files.rename(live, superseded);
  wait_gap(arguments);
  files.write(next.name, bytes, arguments.manner);
  return path_of(next.name);
}

std::string delete_document(const Arguments& arguments) {
  const DocumentName live = parse_path(arguments.path);
  const Arguments deletion = next_version(arguments, 0);
  const bool with_message = !arguments.name.occurred.empty();
  const std::string bytes = with_message ? message_bytes(deletion) : std::string();
  DocumentFiles files(arguments.root);
  for (const DocumentName& document : documents_of_key(files, live)) {
    DocumentName dead = document;
    dead.flag = 0;
    if (document.flag != 0) files.rename(document, dead);
  }
  if (with_message) {
    wait_gap(arguments);
    files.write(deletion.name, bytes, arguments.manner);
    return path_of(deletion.name);
  }
  DocumentName dead = live;
  dead.flag = 0;
  return path_of(dead);
}

}  // namespace storage_gen
