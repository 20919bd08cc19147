#pragma once
// What a document says, before it becomes segments. All text is UTF-8 and unescaped.

#include <string>
#include <vector>

namespace storage_gen {

struct PersonName {
  std::string family;
  std::string given;
  std::string family_kana;
  std::string given_kana;
};

struct Doctor {
  std::string id;
  PersonName name;
};

struct Department {
  std::string code;  // user-defined table 0069
  std::string name;
};

/// How the insured number stands in IN1: the same number in three shapes, a recipient of public assistance,
/// or nothing usable.
enum class InsuranceForm { repetition, split, joined, public_assistance, none };

struct Insurance {
  InsuranceForm form = InsuranceForm::repetition;
  std::string plan_code;  // JHSD0001
  std::string plan_name;
  std::string insurer;
  std::string insurer_name;
  std::string symbol;
  std::string number;
  std::string branch;
  std::string valid_from;
  std::string valid_to;
};

struct Patient {
  std::string id;
  std::string pid3;  // usually the same; differs when a test wants the safety gate to act
  PersonName name;
  std::string birth_date;
  char gender = 'M';
  std::string postal_code;
  std::string address;
  std::string phone;
  std::vector<Insurance> insurances;
};

struct Allergy {
  std::string type;  // HL70127
  std::string code;
  std::string name;
  std::string system;
  std::string severity;  // HL70128
  std::string reaction;
  std::string action = "A";  // HL70323; D marks a deleted row of a live document
  std::string id;
  std::string sensitivity;  // HL70436; CT is 禁忌
  std::string onset;        // YYYY, YYYYMM or YYYYMMDD
  std::string onset_text;
};

struct Modifier {
  std::string code;  // 修飾語管理番号
  std::string name;
  std::string exchange_code;
};

struct Problem {
  std::string instance;  // PRB-4
  std::string action = "AD";
  std::string code;  // 病名管理番号
  std::string name;
  std::string exchange_code;
  std::string icd;
  std::string text;  // PRB-17, as typed
  std::string start;
  std::string recorded;
  std::string end;
  std::string outcome;    // HL70241, only with an end
  std::string suspected;  // PRB-13: empty, a bare `1`, or all three components
  bool main_diagnosis = false;
  std::vector<Modifier> prefixes;
  std::vector<Modifier> suffixes;
};

struct LabRow {
  std::string code;  // JLAC10, 17 digits; may be empty for a local item
  std::string name;
  std::string local;
  std::string local_name;
  std::string local_system = "99L01";
  std::string value;  // for CWE with its own `^`
  std::string value_type = "NM";
  std::string unit;
  std::string range;
  std::string flag;
  std::string status = "F";
};

struct DrugRow {
  std::string code;
  std::string name;
  std::string system = "HOT9";
  std::string dose;  // empty: none is given, as for an ointment
  std::string unit;  // MR9P
  std::string unit_name;
  std::string form;  // MR9P
  std::string form_name;
  std::string days;
  std::string times_per_day = "1";
  std::string usage;  // JAMISDP01, 16 digits
  std::string usage_name;
  std::string route = "PO";
  std::string route_name = "口";
  unsigned rp = 1;
};

}  // namespace storage_gen
