#include "ssmix2/failure.h"

#include "ssmix2/check.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace ssmix2 {
namespace {

using enum FailureCode;
using enum Disposition;

// In the order of FailureCode. Ids are stable: operators search logs for them.
constexpr auto kFailureKinds = std::to_array<FailureKind>({
    {file_empty, "file:empty", wait, "the file has no bytes",
     "have the sending system write the document again; look for a full disk"},
    {file_too_large, "file:too-large", held, "the file is larger than any message may be",
     "check what the file is; have the sending system write the document again"},
    {file_unreadable, "file:unreadable", wait, "the file cannot be read",
     "check the rights of the service account, the mount and the disk"},
    {file_refused, "file:refused", held, "a document of the unit cannot be used",
     "mend what stands in brackets, or have the sending system write the document again"},
    {file_changed_while_read, "file:changed-while-read", wait, "the file changed while it was read",
     "nothing to do: it is read again by itself"},
    {file_vanished, "file:vanished", wait, "the file is gone and no delete was written",
     "restore it from the storage's backup, or have the sending system write the delete"},
    {file_unterminated, "file:unterminated", wait,
     "the last segment has no end, the file may still be growing",
     "nothing to do: it is read again by itself"},
    {path_unknown_layout, "path:unknown-layout", held, "the file is not where a storage keeps its documents",
     "check that the root is set to the folder above the patient folders; move stray files out of it"},
    {path_bad_name, "path:bad-name", held, "the file name is not that of a document",
     "have the sending system write the document under a standard name; move stray files out of the storage"},
    {path_folder_disagrees, "path:folder-disagrees", held,
     "folder and file name speak of different documents",
     "find out which of them is right; have the sending system write the document in its own folder"},
    {path_unknown_data_type, "path:unknown-data-type", held, "the data type is not one of the standard",
     "tell the vendor of the sending system, or move the folder out of the storage"},
    {path_patient_twins, "path:patient-twins", held,
     "two patient folders differ only by leading zeros of the patient number",
     "find out whether they are one patient; have the sending system keep one of the folders"},
    {text_truncated_character, "text:truncated-character", wait, "a character is cut off in the middle",
     "have the sending system write the document again"},
    {hl7_no_msh, "hl7:no-msh", wait, "the file does not begin with an MSH segment",
     "check what the file is; have the sending system write the document again"},
    {hl7_bad_delimiters, "hl7:bad-delimiters", held, "the delimiters in MSH-1 and MSH-2 cannot be used",
     "have the sending system use the delimiters of the standard"},
    {hl7_bad_segment, "hl7:bad-segment", held, "a segment is not allowed there",
     "have the sending system write one message a file"},
    {hl7_too_many_segments, "hl7:too-many-segments", held, "the message has more segments than any real one",
     "check what the file is; have the sending system split the document"},
    {hl7_wrong_message_type, "hl7:wrong-message-type", held, "the message is not the one its data type names",
     "have the sending system write the document under the right data type"},
    {key_undecided, "key:undecided", wait, "only superseded files are there, the new one is still missing",
     "nothing to do for some minutes; then have the sending system write the document again"},
    {patient_mismatch, "patient:mismatch", held,
     "the patient in the message is not the patient of the folder",
     "find out which patient the document belongs to before anything else; have it written again"},
    {patient_no_master, "patient:no-master", held, "the patient has no valid basic data (ADT-00)",
     "have the sending system write the ADT-00 of the patient"},
    {patient_no_insurance, "patient:no-insurance", held, "the patient has no usable insured identifier",
     "enter the insurance in the sending system; the documents then go out by themselves"},
    {patient_insurance_expired, "patient:insurance-expired", ignored,
     "only an insurance that is not valid today was there, and it was used",
     "enter the insurance that is valid now in the sending system"},
    {map_missing_element, "map:missing-element", held, "a value that must be there is missing",
     "have the value entered in the sending system"},
    {map_bad_value, "map:bad-value", held, "a value cannot be understood",
     "correct the value in the sending system, or add a mapping rule for it"},
    {map_no_code, "map:no-code", held, "a code is in no code table",
     "add the code to the table that the rule names"},
    {map_too_large, "map:too-large", held, "the result is larger than the destination takes",
     "tell the vendor of this gateway; the document must be split"},
    {map_no_rule, "map:no-rule", held, "the mapping has no rules for this kind of document",
     "restore the mapping file that was removed, or write one"},
    {map_data_type_not_mapped, "map:data-type-not-mapped", ignored,
     "nothing is made of documents of this kind", "nothing to do"},
    {code_shared_item, "code:shared-item", held,
     "the item is one that all hospitals share, and its code is none of those it may have",
     "fill in the code on the list of `codes todo`"},
    {profile_broken, "profile:broken", rejected, "the Bundle breaks the rules of the destination's profile",
     "correct the value in the sending system, or the mapping rule that sends it"},
    {profile_warned, "profile:warned", ignored, "a rule of the destination's profile warns of the Bundle",
     "nothing has to be done; a code or value that the profile recommends is missing"},
    {gate_mass_delete, "gate:mass-delete", held,
     "more documents disappeared at once than the delete limit allows",
     "check the storage for an outage or a mistake; kakehashi queue release --deletes lets them go if they "
     "are meant"},
});

constexpr bool in_order_of_enum() {
  for (std::size_t i = 0; i < kFailureKinds.size(); ++i) {
    if (static_cast<std::size_t>(kFailureKinds[i].code) != i) return false;
  }
  return kFailureKinds.size() == static_cast<std::size_t>(gate_mass_delete) + 1;
}
static_assert(in_order_of_enum(), "kind_of() indexes the table by FailureCode");

// A segment name is taken from the file, so it is shown only when it has the shape of one.
bool is_segment_name(std::string_view name) {
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto upper_or_digit = [&](char c) { return upper(c) || (c >= '0' && c <= '9'); };
  return name.size() == 3 && upper(name[0]) && std::ranges::all_of(name.substr(1), upper_or_digit);
}

}  // namespace

SafeText to_text(const Place& place) {
  if (place.segment.empty()) {
    if (place.byte == std::string_view::npos) return {};
    return SafeText("byte ") + place.byte;
  }
  std::string text = is_segment_name(place.segment) ? place.segment : "?";
  const auto append = [&](std::string_view before, std::size_t number, std::string_view after = "") {
    if (number != 0) text.append(before).append(std::to_string(number)).append(after);
  };
  append("[", place.occurrence, "]");
  if (place.field != 0) {
    append("-", place.field);
    append("[", place.repetition, "]");
    append(".", place.component);
    append(".", place.subcomponent);
  }
  return SafeText::vouched(std::move(text));
}

const FailureKind& kind_of(FailureCode code) {
  const auto index = static_cast<std::size_t>(code);
  KAKEHASHI_CHECK(index < kFailureKinds.size());
  return kFailureKinds[index];
}

SafeText to_text(const Failure& failure) {
  const FailureKind& kind = kind_of(failure.code);
  std::string text(kind.id);
  text.append(": ").append(kind.sentence);
  if (!failure.detail.empty()) text.append(" (").append(failure.detail.view()).append(")");
  if (const SafeText place = to_text(failure.place); !place.empty()) text.append(" at ").append(place.view());
  text.append("; ").append(kind.remedy);
  return SafeText::vouched(std::move(text));
}

void throw_exception_from_error(const Failure& failure, const boost::source_location& where) {
  throw std::logic_error("value() of a failed result at " + std::string(where.file_name()) + ":" +
                         std::to_string(where.line()) + ": " + to_text(failure).str());
}

}  // namespace ssmix2
