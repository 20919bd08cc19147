#include "ssmix2/patient_id.h"

namespace ssmix2 {
namespace {

std::string_view without_leading_zeros(std::string_view id) {
  const auto first = id.find_first_not_of('0');
  if (first != std::string_view::npos) return id.substr(first);
  return id.substr(id.empty() ? 0 : id.size() - 1);
}

}  // namespace

bool PatientId::same_patient(std::string_view other) const {
  // Two missing numbers are not one patient.
  if (text_.empty() || other.empty()) return false;
  return without_leading_zeros(text_) == without_leading_zeros(other);
}

std::string PatientId::canonical() const {
  return std::string(without_leading_zeros(text_));
}

}  // namespace ssmix2
