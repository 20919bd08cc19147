#include "fhir_mapper/insured_identifier.h"

#include "fhir_mapper/character_width.h"
#include "fhir_mapper/replaced_character.h"
#include "ssmix2/hl7_time.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

namespace fhir_mapper {
namespace {

using ssmix2::Failure;
using ssmix2::FailureCode;
using ssmix2::Place;
using ssmix2::SafeText;
using ssmix2::Segment;
using ssmix2::Value;

bool all_of(std::string_view text, bool (*test)(char)) {
  return std::all_of(text.begin(), text.end(), test);
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter_or_digit(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

std::string without_spaces(std::string_view text) {
  std::string out(text);
  for (const std::string_view space : {" ", "\t", "\r", "\n", "\u00A0", "　"}) {
    for (std::size_t at = out.find(space); at != std::string::npos; at = out.find(space, at)) {
      out.erase(at, space.size());
    }
  }
  return out;
}

/// IN1-11 often holds an employer's name, in Latin letters too: a number has letters and digits, and some
/// digit.
bool has_shape_of_number(std::string_view text) {
  const std::string half = without_spaces(to_half_width_ascii(text));
  return all_of(half, is_letter_or_digit) && std::any_of(half.begin(), half.end(), is_digit);
}

/// 記号・番号 in one field: the middle dot or a hyphen separates them; without one there is no symbol.
InsuredNumbers split_joined(const std::string& insurer, const std::string& text) {
  for (const std::string_view separator : {"・", "･", "-", "－", "ー"}) {
    const std::size_t at = text.find(separator);
    if (at != std::string::npos) return {insurer, text.substr(0, at), text.substr(at + separator.size())};
  }
  return {insurer, "", text};
}

/// Where this storage writes symbol, number and branch.
std::vector<Value> number_values(const Segment& in1, InsuredNumberForm form) {
  const Value first = in1.field(10);
  std::vector<Value> values = {first.component(1)};
  switch (form) {
    case InsuredNumberForm::repetition:
      for (std::size_t i = 2; i <= std::min<std::size_t>(first.repetitions(), 3); ++i) {
        values.push_back(first.repetition(i).component(1));
      }
      break;
    case InsuredNumberForm::symbol_number:
      if (has_shape_of_number(in1.field(11).component(1).text())) {
        values.push_back(in1.field(11).component(1));
      }
      break;
    case InsuredNumberForm::joined:
      break;
  }
  return values;
}

InsuredNumbers numbers_of(const Segment& in1, InsuredNumberForm form) {
  const std::string insurer = in1.field(3).component(1).text();
  const auto values = number_values(in1, form);
  const auto text = [&values](std::size_t i) { return i < values.size() ? values[i].text() : std::string(); };
  switch (form) {
    case InsuredNumberForm::repetition:
      if (values.size() < 2) return {insurer, "", text(0)};
      return {insurer, text(0), text(1), text(2)};
    case InsuredNumberForm::symbol_number:
      return {insurer, text(0), text(1)};
    case InsuredNumberForm::joined:
      return split_joined(insurer, text(0));
  }
  return {};
}

Failure refused(const SafeText& why) {
  return Failure{FailureCode::patient_no_insurance, {}, why};
}

/// A day, or the year or month that is all that is known of it: "20261130", "202611", "2026"; empty without
/// one.
std::string known_digits(const Value& value) {
  const auto time = ssmix2::Hl7Time::parse(value.text());
  if (!time) return "";
  const std::size_t digits = time->precision() == ssmix2::TimePrecision::year    ? 4
                             : time->precision() == ssmix2::TimePrecision::month ? 6
                                                                                 : 8;
  return time->sortable().substr(0, digits);
}

/// An insurance counts from the first day of IN1-12 to the last one of IN1-13.
InsuredIdentifier::Validity validity_on(std::string_view today, std::string_view from,
                                        std::string_view until) {
  if (!until.empty() && until < today.substr(0, until.size())) return InsuredIdentifier::Validity::expired;
  if (!from.empty() && from > today.substr(0, from.size())) return InsuredIdentifier::Validity::not_yet_valid;
  return InsuredIdentifier::Validity::valid;
}

struct Candidate {
  InsuredIdentifier identifier;
  std::string valid_from;  // newer is better
};

class Selection {
 public:
  Selection(const CodeTable& plans, const InsuranceRules& rules) : plans_(plans), rules_(rules) {}

  void consider(const Segment& in1) {
    place_ = {.segment = "IN1", .occurrence = in1.occurrence()};
    const CodeRow* plan = plans_.find(in1.field(2).component(1).text());
    if (plan == nullptr || (plan->to_code != "insurer" && plan->to_code != "public-payer")) {
      place_.field = 2;
      return refuse("its plan (IN1-2) is not one that identifies a person to the platform");
    }
    if (plan->to_code == "public-payer" && !rules_.public_payers) {
      place_.field = 2;
      return refuse(
          "its plan (IN1-2) is a public payer, whom the destination's profile does not know before 1.10");
    }
    if (normalised_insurer_number(in1.field(3).component(1).text()).empty()) {
      place_.field = 3;
      return refuse("IN1-3 is no insurer number of up to 8 digits");
    }
    place_.field = 10;
    auto value = plan->to_code == "insurer" ? insured_value(in1) : public_payer_value(in1);
    if (!value) return refuse(value.error().detail);
    if (plan->to_code == "insurer") {
      add(in1,
          {InsuredIdentifier::Scheme::insurance, std::move(*value), {}, number_values(in1, rules_.form)});
    } else {
      add(in1,
          {InsuredIdentifier::Scheme::public_payer, std::move(*value), {}, {in1.field(10).component(1)}});
    }
  }

  ssmix2::Result<InsuredIdentifier> best() const {
    if (candidates_.empty()) return Failure{FailureCode::patient_no_insurance, place_, reason_};
    const auto better = [](const Candidate& left, const Candidate& right) {
      if (left.identifier.validity != right.identifier.validity) {
        return left.identifier.validity < right.identifier.validity;
      }
      return left.valid_from > right.valid_from;
    };
    return std::min_element(candidates_.begin(), candidates_.end(), better)->identifier;
  }

 private:
  void refuse(const SafeText& why) { reason_ = why; }

  ssmix2::Result<std::string> insured_value(const Segment& in1) const {
    const InsuredNumbers numbers = numbers_of(in1, rules_.form);
    auto value = insured_identifier_text(numbers);
    if (value && rules_.form == InsuredNumberForm::repetition && in1.field(10).repetitions() < 2) {
      if (auto unclear = unclear_single_value(in1)) return *unclear;
    }
    if (value && rules_.branch_required && value->ends_with(':')) {
      return refused("there is no branch number, and branch-required is set for this storage");
    }
    return value;
  }

  /// A single value of IN1-10 is the number of an insurer without symbols, or the symbol where this storage
  /// writes the number elsewhere: sent as a number, that would be of nobody or of another person.
  static std::optional<Failure> unclear_single_value(const Segment& in1) {
    if (!has_shape_of_number(in1.field(10).component(1).text())) {
      return refused(
          "the only value of IN1-10 is no number by itself; insured-number of this <storage> must say "
          "where symbol and number are");
    }
    if (has_shape_of_number(in1.field(11).component(1).text())) {
      return refused(
          "IN1-10 has one value and IN1-11 looks like a number, too; insured-number of this <storage> "
          "must say where symbol and number are");
    }
    return std::nullopt;
  }

  static ssmix2::Result<std::string> public_payer_value(const Segment& in1) {
    return public_payer_identifier_text(in1.field(3).component(1).text(), in1.field(10).component(1).text());
  }

  void add(const Segment& in1, InsuredIdentifier identifier) {
    const std::string from = known_digits(in1.field(12).component(1));
    identifier.taken.push_back(in1.field(3).component(1));
    identifier.validity = validity_on(rules_.today, from, known_digits(in1.field(13).component(1)));
    candidates_.push_back({std::move(identifier), from});
  }

  const CodeTable& plans_;
  InsuranceRules rules_;
  std::vector<Candidate> candidates_;
  Place place_ = {.segment = "IN1"};
  SafeText reason_ = "the patient's ADT-00 has no IN1 segment";
};

}  // namespace

std::string_view InsuredIdentifier::system() const {
  return scheme == Scheme::insurance ? "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID"
                                     : "http://jpfhir.jp/fhir/clins/Idsystem/JP_PublicPayer_memberID";
}

ssmix2::Result<std::string> insured_identifier_text(const InsuredNumbers& numbers) {
  const std::string insurer = normalised_insurer_number(numbers.insurer);
  if (insurer.empty()) return refused("IN1-3 is no insurer number of up to 8 digits");
  const std::string symbol = normalised_insured_text(numbers.symbol);
  const std::string number = normalised_insured_text(numbers.number);
  if (number.empty()) {
    return refused("there is no insured number where this storage's insured-number rule looks for it");
  }
  if (has_replaced_character(symbol + number)) {
    return refused("symbol or number has a character that could not be read");
  }
  // These part the identifier's own parts. Others' symbols are full-width by now.
  if ((symbol + number).find_first_of(":^") != std::string::npos) {
    return refused("symbol or number has a character that the identifier cannot hold");
  }
  const auto branch = normalised_branch_number(numbers.branch);
  if (!branch) return refused("the branch number is not two digits");
  return insurer + ":" + symbol + ":" + number + ":" + *branch;
}

ssmix2::Result<std::string> public_payer_identifier_text(std::string_view payer, std::string_view recipient) {
  const std::string payer_digits = normalised_insurer_number(payer);
  if (payer_digits.empty()) return refused("IN1-3 is no payer number of up to 8 digits");
  const std::string digits = without_spaces(to_half_width_ascii(recipient));
  if (digits.size() != 7 || !all_of(digits, is_digit)) {
    return refused("a public payer needs a recipient number of 7 digits in IN1-10");
  }
  return payer_digits + "::" + digits + ":";
}

std::string normalised_insured_text(std::string_view text) {
  const std::string written = without_spaces(text);
  if (to_full_width(written) == written) return written;
  const std::string half = to_half_width_ascii(written);
  return all_of(half, is_letter_or_digit) ? half : to_full_width(written);
}

std::string normalised_insurer_number(std::string_view text) {
  std::string digits = without_spaces(to_half_width_ascii(text));
  if (digits.empty() || digits.size() > 8 || !all_of(digits, is_digit)) return "";
  return digits.insert(0, 8 - digits.size(), '0');
}

std::optional<std::string> normalised_branch_number(std::string_view text) {
  std::string digits = without_spaces(to_half_width_ascii(text));
  if (digits.empty()) return digits;
  if (digits.size() > 2 || !all_of(digits, is_digit)) return std::nullopt;
  return digits.insert(0, 2 - digits.size(), '0');
}

std::vector<Value> insured_identifier_sources(const ssmix2::Message& master, InsuredNumberForm form) {
  std::vector<Value> all;
  for (const Segment& in1 : master.all("IN1")) {
    for (const std::size_t field : {2, 3, 10, 12, 13}) all.push_back(in1.field(field).component(1));
    for (const Value& value : number_values(in1, form)) all.push_back(value);
  }
  return all;
}

bool has_public_payers(std::string_view pack_version) {
  constexpr std::pair<int, int> kFirst{1, 10};
  std::pair<int, int> version = kFirst;
  const char* const end = pack_version.data() + pack_version.size();
  const auto major = std::from_chars(pack_version.data(), end, version.first);
  if (major.ptr != end) std::from_chars(major.ptr + 1, end, version.second);
  return version >= kFirst;
}

ssmix2::Result<InsuredIdentifier> select_insured_identifier(const ssmix2::Message& master,
                                                            const CodeTable& plans,
                                                            const InsuranceRules& rules) {
  Selection selection(plans, rules);
  for (const Segment& in1 : master.all("IN1")) selection.consider(in1);
  return selection.best();
}

}  // namespace fhir_mapper
