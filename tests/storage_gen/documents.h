#pragma once
// One function for each data type. A message in UTF-8 comes out, its segments ended by CR.

#include "tests/storage_gen/document_name.h"
#include "tests/storage_gen/records.h"

#include <span>
#include <string>
#include <string_view>

namespace storage_gen {

struct DocumentContext {
  DocumentName name;
  const Patient& patient;
  const Doctor& doctor;
  Department department;
  bool deletion = false;  // the delete message that a writer leaves as flag 0
};

std::string write_adt_00(const DocumentContext& context, std::span<const Allergy> allergies);
std::string write_adt_12(const DocumentContext& context);
std::string write_adt_61(const DocumentContext& context, std::span<const Allergy> allergies);
std::string write_ppr_01(const DocumentContext& context, std::span<const Problem> problems);
/// `collected` is YYYYMMDDHHMM.
std::string write_oml_11(const DocumentContext& context, std::string_view collected,
                         std::span<const LabRow> rows);
std::string write_omp_01(const DocumentContext& context, std::span<const DrugRow> drugs);

}  // namespace storage_gen
