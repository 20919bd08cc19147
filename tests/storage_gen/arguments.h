#pragma once
// The command line, as a table: what --help prints and what is accepted cannot differ.

#include "tests/storage_gen/document_bytes.h"
#include "tests/storage_gen/document_file.h"
#include "tests/storage_gen/sample_patient.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace storage_gen {

enum class Command { help, tree, document, supersede, remove };

/// Demographics that a single document states instead of the ones drawn from the patient id.
struct StatedPatient {
  std::string pid3;
  std::string name;  // family^given
  std::string kana;
  std::string birth_date;
  std::string gender;
  std::string plan;
  std::string insurer;
  std::string symbol;
  std::string number;
  std::string branch;
};

struct Arguments {
  Command command = Command::help;
  std::string root;
  PatientWishes wishes;
  TextForm text;

  std::uint64_t patients = 10;
  std::uint64_t labs = 3;
  std::uint64_t prescriptions = 1;
  unsigned updates_percent = 0;
  unsigned deletes_percent = 0;
  unsigned late_percent = 0;
  std::string patient_prefix = "00";
  std::string manifest;

  DocumentName name;
  StatedPatient stated;
  std::vector<std::string> rows;
  WriteManner manner;

  std::string path;
  unsigned gap_ms = 0;
};

/// Throws UsageError.
Arguments parse_arguments(std::span<const char* const> words);

std::string help_text();

}  // namespace storage_gen
