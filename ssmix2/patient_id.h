#pragma once
// The patient number of a storage, and when two of them are the same patient.

#include <compare>
#include <string>
#include <string_view>
#include <utility>

namespace ssmix2 {

/// As it stands in folder and file name, leading zeros kept. Not printable: it identifies a person.
class PatientId {
 public:
  PatientId() = default;
  explicit PatientId(std::string text) : text_(std::move(text)) {}

  const std::string& reveal() const { return text_; }

  /// Equal but for leading zeros: PID-3 and the path may differ by no more than that.
  bool same_patient(std::string_view other) const;

  /// Without leading zeros ("0" when nothing else is left): equal for two folders that must both be held.
  std::string canonical() const;

  friend auto operator<=>(const PatientId&, const PatientId&) = default;

 private:
  std::string text_;
};

}  // namespace ssmix2
