#pragma once
// Which rows of a document are sent, and what each is called for its whole life.

#include "fhir_mapper/row_scope.h"
#include "fhir_mapper/trace.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper {

/// What names the row for its whole life; empty: nothing does.
std::string instance_of(const ResourceRule& rule, const RowScope& scope);

/// The values that instance_of() takes from the message.
std::vector<ssmix2::Value> instance_values(const ResourceRule& rule, const RowScope& scope);

struct LeftOut {
  const RuleIdentity* rule = nullptr;
  std::string_view reason;  // of the rule
};

/// The rule that leaves the row out: a <leave-out>, or an end more than five years before `today`
/// ("YYYYMMDD").
std::optional<LeftOut> find_left_out(const ResourceRule& rule, const RowScope& scope, std::string_view today);

/// An end after the month in which the document was written ("YYYYMMDD"): nobody could know it, so it is no
/// end but one that is expected.
std::optional<ssmix2::Failure> find_future_end(const ResourceRule& rule, const RowScope& scope,
                                               std::string_view written);

/// Of its own segment, no field but its number: there is nothing that such a row could have been meant to
/// change.
bool says_nothing(const ssmix2::Row& row);

/// Which row it is and whether it is sent must not hang on a character that could not be read: two allergies
/// would be one, a deleted row would be sent. `may_be_unreadable` as of find_unreadable().
std::optional<ssmix2::Failure> find_unreadable_decision(const ResourceRule& rule, const RowScope& scope,
                                                        const std::string& instance, bool may_be_unreadable);

/// What of the row was looked at to select it.
void trace_selection(const ResourceRule& rule, const RowScope& scope, Trace& trace);

}  // namespace fhir_mapper
