#include "tests/storage_gen/sample_patient.h"

#include "tests/storage_gen/random.h"
#include "tests/storage_gen/sample_tables.h"

namespace storage_gen {
namespace {

using std::chrono::days;

PersonName draw_name(Random& random, char gender, bool cp932_extensions) {
  // Both draws happen with and without the switch: it must change the names and nothing else.
  const SampleName& plain = random.pick(family_names());
  const SampleName& extended = random.pick(extension_family_names());
  const bool use_extended = random.percent(40) && cp932_extensions;
  const SampleName& family = use_extended ? extended : plain;
  const SampleName& given = random.pick(given_names(gender));
  return {std::string(family.kanji), std::string(given.kanji), std::string(family.kana),
          std::string(given.kana)};
}

Insurance draw_insurer_plan(Random& random, const PatientWishes& wishes) {
  Insurance insurance;
  switch (random.below(3)) {
    case 0:  // 国保: six digits, to be padded to eight
      insurance.plan_code = "C0";
      insurance.plan_name = "国民健康保険";
      insurance.insurer = "1399" + digits(random.below(100), 2);
      insurance.insurer_name = "架空市国民健康保険";
      break;
    case 1:
      insurance.plan_code = "01";
      insurance.plan_name = "全国健康保険協会管掌健康保険";
      insurance.insurer = "011399" + digits(random.below(100), 2);
      insurance.insurer_name = "架空協会見本支部";
      break;
    default:
      insurance.plan_code = "06";
      insurance.plan_name = "組合管掌健康保険";
      insurance.insurer = "061399" + digits(random.below(100), 2);
      insurance.insurer_name = wishes.cp932_extensions ? "㈱見本健康保険組合" : "見本健康保険組合";
  }
  const std::uint64_t symbol = random.between(1, 9999);
  insurance.symbol = random.percent(25) ? "架見" : std::to_string(symbol);
  insurance.number = std::to_string(random.between(1, 9'999'999));
  const std::uint64_t branch = random.below(5);  // one in five has none
  if (branch != 0) insurance.branch = digits(branch, 2);
  insurance.valid_from = date8(wishes.today - days(400 + random.below(800)));
  if (random.percent(50)) insurance.valid_to = date8(wishes.today + days(1500));
  return insurance;
}

Insurance public_assistance(Random& random, const PatientWishes& wishes) {
  Insurance insurance;
  insurance.form = InsuranceForm::public_assistance;
  insurance.plan_code = "12";
  insurance.plan_name = "生活保護法による医療扶助";
  insurance.insurer = "121399" + digits(random.below(100), 2);
  insurance.number = digits(random.between(1, 9'999'999), 7);
  insurance.valid_from = date8(wishes.today - days(400 + random.below(800)));
  return insurance;
}

/// Neither of these two may ever become the insured identity.
Insurance public_expense(Random& random) {
  Insurance insurance;
  insurance.form = InsuranceForm::public_assistance;
  insurance.plan_code = "51";
  insurance.plan_name = "特定疾患治療研究事業";
  insurance.insurer = "511399" + digits(random.below(100), 2);
  insurance.number = digits(random.between(1, 9'999'999), 7);
  return insurance;
}

Insurance self_pay() {
  Insurance insurance;
  insurance.form = InsuranceForm::none;
  insurance.plan_code = "OE";
  insurance.plan_name = "自費";
  return insurance;
}

Insurance expired_copy(const Insurance& valid, const PatientWishes& wishes) {
  Insurance expired = valid;
  expired.number.back() = valid.number.back() == '9' ? '0' : static_cast<char>(valid.number.back() + 1);
  expired.valid_from = date8(wishes.today - days(3000));
  expired.valid_to = date8(wishes.today - days(1201));
  return expired;
}

std::vector<Insurance> draw_insurances(Random& random, InsuranceForm form, const PatientWishes& wishes) {
  Insurance usual = draw_insurer_plan(random, wishes);
  usual.form = form;
  const Insurance assistance = public_assistance(random, wishes);
  const bool with_expired = random.percent(25);
  const bool with_public_expense = random.percent(15);
  std::vector<Insurance> insurances;
  if (form == InsuranceForm::none) {
    if (random.percent(50)) insurances.push_back(self_pay());
    return insurances;
  }
  const Insurance& valid = form == InsuranceForm::public_assistance ? assistance : usual;
  if (with_expired) insurances.push_back(expired_copy(valid, wishes));
  insurances.push_back(valid);
  if (with_public_expense) insurances.push_back(public_expense(random));
  return insurances;
}

}  // namespace

InsuranceForm insurance_form(std::string_view id, InsuranceChoice choice) {
  switch (choice) {
    case InsuranceChoice::repetition:
      return InsuranceForm::repetition;
    case InsuranceChoice::split:
      return InsuranceForm::split;
    case InsuranceChoice::joined:
      return InsuranceForm::joined;
    case InsuranceChoice::public_assistance:
      return InsuranceForm::public_assistance;
    case InsuranceChoice::none:
      return InsuranceForm::none;
    case InsuranceChoice::mixed:
      break;
  }
  Random random{hash_text(id)};
  return static_cast<InsuranceForm>(random.below(5));
}

Patient sample_patient(std::string_view id, const PatientWishes& wishes) {
  Random random{wishes.seed, hash_text(id)};
  Patient patient;
  patient.id = id;
  patient.pid3 = id;
  patient.gender = random.percent(50) ? 'F' : 'M';
  patient.name = draw_name(random, patient.gender, wishes.cp932_extensions);
  // One draw a statement: the order inside one expression would be the compiler's choice.
  const std::uint64_t year = random.between(1930, 2015);
  const std::uint64_t month = random.between(1, 12);
  patient.birth_date = digits(year, 4) + digits(month, 2) + digits(random.between(1, 28), 2);
  patient.postal_code = "999-" + digits(random.below(10000), 4);
  const std::string block = std::to_string(random.between(1, 9));
  patient.address = "架空県見本市試験町" + block + "丁目" + std::to_string(random.between(1, 99)) + "番" +
                    (wishes.cp932_extensions ? "①号棟" : "1号棟");
  patient.phone = "000-0000-" + digits(random.below(10000), 4);
  patient.insurances = draw_insurances(random, insurance_form(id, wishes.insurance), wishes);
  return patient;
}

}  // namespace storage_gen
