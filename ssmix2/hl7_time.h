#pragma once
// HL7 TS and DT values: partial times stay partial, hours 24 to 47 roll over to the next day.

#include <optional>
#include <string>
#include <string_view>

namespace ssmix2 {

enum class TimePrecision { year, month, day, hour, minute, second, millisecond };

/// A point of the facility's local time, as exact as it was written. No zone: SS-MIX2 has none.
class Hl7Time {
 public:
  /// YYYY[MM[DD[HH[MM[SS[.f+|fff]]]]]] (milliseconds also without the dot, as in file names and some MSH-7).
  /// A zone +hhmm/-hhmm is refused here: nothing in SS-MIX2 has one. Nothing when no such time exists.
  static std::optional<Hl7Time> parse(std::string_view text);

  TimePrecision precision() const { return precision_; }

  /// YYYY-MM-DD, or less where less is known. `parse` has checked that the day exists. Of an hour from 24 on
  /// it is the calendar's day, the next one: a FHIR date has no ward's day, and the date and the dateTime of
  /// one value must not be two days. Who wants the ward's day takes the first 8 digits as text.
  std::string fhir_date() const;
  /// FHIR dateTime: a date alone, or with time, seconds, milliseconds unless zero, and `zone` ("+09:00").
  /// Hours without minutes give the date alone: FHIR has no such precision and minutes are not invented.
  std::string fhir_date_time(std::string_view zone) const;
  /// FHIR instant with milliseconds; nothing when less exact than a second.
  std::optional<std::string> fhir_instant(std::string_view zone) const;

  /// Digits, most significant first, padded with zeros to 17: comparable as text.
  std::string sortable() const;

 private:
  int year_ = 0, month_ = 0, day_ = 0, hour_ = 0, minute_ = 0, second_ = 0, millisecond_ = 0;
  TimePrecision precision_ = TimePrecision::year;
};

}  // namespace ssmix2
