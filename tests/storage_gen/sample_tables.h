#pragma once
// The figures the samples are drawn from: public codes as facts, people and institutions that do not exist.

#include "tests/storage_gen/records.h"

#include <span>
#include <string_view>

namespace storage_gen {

inline constexpr std::string_view kHospitalName = "架空見本病院";

struct SampleDisease {
  std::string_view code;
  std::string_view name;
  std::string_view exchange_code;
  std::string_view icd;
};

struct SampleAllergen {
  std::string_view type;
  std::string_view code;
  std::string_view name;
  std::string_view system;
  std::string_view reaction;
};

enum class ValueKind { number, operator_text, ordinal_text, verdict, blood_type };

/// Limits count in units of the last decimal: 650 with two decimals is 6.50.
struct SampleItem {
  std::string_view code;
  std::string_view name;
  std::string_view local;
  std::string_view unit;
  ValueKind kind;
  unsigned low;
  unsigned high;
  unsigned decimals;
};

struct SampleDrug {
  std::string_view code;
  std::string_view name;
  std::string_view unit;
  std::string_view unit_name;
  std::string_view form;
  std::string_view form_name;
};

struct SampleUsage {
  std::string_view code;
  std::string_view name;
  std::string_view times_per_day;
};

struct SampleName {
  std::string_view kanji;
  std::string_view kana;
};

std::span<const SampleDisease> sample_diseases();
std::span<const Modifier> sample_prefixes();
std::span<const Modifier> sample_suffixes();
std::span<const SampleAllergen> sample_allergens();
std::span<const SampleItem> core_items();   // in the list of shared lab items
std::span<const SampleItem> other_items();  // JLAC10 codes outside it
std::span<const SampleDrug> sample_drugs();
std::span<const SampleUsage> sample_usages();
std::span<const SampleName> family_names();
std::span<const SampleName> extension_family_names();  // need the IBM kanji
std::span<const SampleName> given_names(char gender);
std::span<const Doctor> sample_doctors();
std::span<const Department> sample_departments();

std::string_view allergy_type_name(std::string_view code);    // HL70127
std::string_view allergy_action_name(std::string_view code);  // HL70323
std::string_view severity_name(std::string_view code);        // HL70128
std::string_view sensitivity_name(std::string_view code);     // HL70436
std::string_view outcome_name(std::string_view code);         // HL70241
std::string_view material_name(std::string_view code);        // JLAC10, three digits
std::string_view usage_name(std::string_view code);           // JAMISDP01, of sample_usages
std::string_view unit_name(std::string_view code);            // MR9P

}  // namespace storage_gen
