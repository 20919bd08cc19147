#pragma once
// 被保険者個人識別子: which IN1 of an ADT-00 identifies the patient to the platform, and how it is written.

#include "fhir_mapper/code_table.h"
#include "ssmix2/failure.h"
#include "ssmix2/hl7_message.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper {

/// How a storage writes symbol, number and branch; a setting, because the fields alone do not tell.
enum class InsuredNumberForm {
  repetition,     // IN1-10 is symbol~number~branch (SS-MIX2 1.2h)
  symbol_number,  // IN1-10 is the symbol, IN1-11 the number
  joined,         // IN1-10 is 記号・番号 in one
};

struct InsuredIdentifier {
  enum class Scheme { insurance, public_payer };
  Scheme scheme = Scheme::insurance;
  enum class Validity { valid, expired, not_yet_valid };  // from the best to the worst
  std::string value;                      // "00012345:あいう:１８７:05", "12345678::1234567:"
  Validity validity = Validity::valid;    // today
  std::vector<ssmix2::Value> taken = {};  // what `value` is made of; views into the master

  std::string_view system() const;  // the FHIR identifier system
};

/// Which insurances can be used.
struct InsuranceRules {
  InsuredNumberForm form = InsuredNumberForm::repetition;
  bool branch_required = false;
  bool public_payers = true;    // whether the profile has an identifier for them
  std::string_view today = {};  // "YYYYMMDD", facility's zone
};

/// JP_PublicPayer_memberID came with 1.10.0; before, a Patient must have the identifier of an insured person.
bool has_public_payers(std::string_view pack_version);

/// `plans` says what a JHSD0001 code is: "insurer", "public-payer" or "never"; a plan it does not name is
/// never used. Of several: valid today first, then those that were, last those that will be; of these the
/// newest IN1-12, then the first written. Failure patient_no_insurance says why none could be used; its place
/// is the last IN1 looked at.
ssmix2::Result<InsuredIdentifier> select_insured_identifier(const ssmix2::Message& master,
                                                            const CodeTable& plans,
                                                            const InsuranceRules& rules);

/// Everything that the selection looks at, of every IN1: plan, insurer, number, validity.
std::vector<ssmix2::Value> insured_identifier_sources(const ssmix2::Message& master, InsuredNumberForm form);

/// What a storage wrote of an insured person, in whatever width, with or without zeros.
struct InsuredNumbers {
  std::string insurer;
  std::string symbol = {};
  std::string number = {};
  std::string branch = {};
};

/// 保険者番号:記号:番号:枝番 of an insured person, as JP_Patient_eCS (R1013) wants it: the insurer's 8
/// digits; symbol and number of one width each, without spaces, `:` and `^`; the branch two digits or empty,
/// its colon there all the same. Failure patient_no_insurance, without a place, says which part cannot be
/// written so.
ssmix2::Result<std::string> insured_identifier_text(const InsuredNumbers& numbers);

/// 公費負担者番号::受給者番号: of a person on public assistance: 8 digits and 7.
ssmix2::Result<std::string> public_payer_identifier_text(std::string_view payer, std::string_view recipient);

/// 記号 or 番号 as the identifier wants it: no spaces, and of one width. What is all full-width stays so (the
/// guide's own example has １８７); else half-width when it is ASCII digits and letters only, else all
/// full-width (half-width kana included). Source: JP-CLINS, JP_Patient_eCS.
std::string normalised_insured_text(std::string_view text);

/// 8 half-width digits, padded on the left with zeros; empty when the text is no number of 1 to 8 digits.
std::string normalised_insurer_number(std::string_view text);

/// 枝番: two half-width digits; empty when nothing is written, nothing when it is no branch number.
std::optional<std::string> normalised_branch_number(std::string_view text);

}  // namespace fhir_mapper
