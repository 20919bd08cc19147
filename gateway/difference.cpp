#include "gateway/difference.h"

#include "ssmix2/check.h"

#include <array>

namespace gateway {
namespace {

using enum DifferenceReason;

// In the order of DifferenceReason. Ids are stable: scripts look for them.
constexpr auto kKinds = std::to_array<DifferenceKind>({
    {storage_outage, "storage:outage", true,
     "the storage is away, or most of it, and an alarm tells so; nothing is taken for deleted"},
    {storage_unreachable, "storage:unreachable", false,
     "the root cannot be listed and no alarm tells so; check the mount, and run this as the gateway's user"},
    {folder_unreadable, "folder:unreadable", true,
     "the folder cannot be listed; the units of its patient are held until it can"},
    {folder_not_compared, "folder:not-compared", false,
     "the folder cannot be listed here, but the gateway does not know that; run this as the gateway's user"},
    {file_ignored_type, "file:ignored-type", true, "nothing is made of documents of this kind"},
    {file_out_of_scope, "file:out-of-scope", true,
     "scope or types in the settings leave these documents out"},
    {file_unknown_name, "file:unknown-name", true, "the name or its place is not that of a document"},
    {file_not_seen_yet, "file:not-seen-yet", true,
     "new since the folder was listed; the next sweep finds it"},
    {file_overlooked, "file:overlooked", false,
     "the file is not known, and no sweep will come for it soon; if this lasts, tell the vendor of this "
     "gateway"},
    {file_settling, "file:settling", true, "its content is looked at again before it is taken"},
    {file_refused, "file:refused", true,
     "its content cannot be used; its unit is held until the file changes"},
    {file_no_reason, "file:no-reason", false,
     "the file was refused, but the reason is not known; if this lasts, tell the vendor of this gateway"},
    {file_changed_lately, "file:changed-lately", true,
     "size or time are not those of what was read; a look at them is still to come"},
    {file_changed, "file:changed", false,
     "size or time are not those of what was read, and no look at them is planned before the cold round"},
    {file_gone_not_seen_yet, "file:gone-not-seen-yet", true,
     "gone or renamed since the folder was listed; the next sweep finds out"},
    {file_gone, "file:gone", false,
     "the file is known and not there, and no sweep will come soon; if this lasts, tell the vendor of this "
     "gateway"},
    {file_missing, "file:missing", true,
     "its folder no longer names it; the end of a sweep decides what that means"},
    {file_vanished, "file:vanished", true,
     "gone without a delete; what was sent of it stands, its unit is held"},
    {unit_due, "unit:due", true, "to be made or made anew; that has not been done yet"},
    {unit_waits, "unit:waits", true,
     "a delete settles, a rename is under way or a document is still looked at"},
    {unit_held, "unit:held", true, "it must not be sent; the reason stands beside it"},
    {unit_rejected, "unit:rejected", true, "the destination refused its content"},
    {unit_pending, "unit:pending", true, "made, and still to be sent"},
    {unit_in_result, "unit:in-result", true, "sent; the destination's result is awaited"},
    {unit_unknown, "unit:unknown", true, "sent, but the answer was lost; it is sent again"},
    {unit_not_compared, "unit:not-compared", true,
     "a document of it is away or not the one that was read, so that it cannot be built; see its file above"},
    {unit_aged, "unit:aged", true,
     "its documents make something else today because time passed, and that alone sends nothing"},
    {unit_other_rules, "unit:other-rules", true,
     "it was made with other rules than these, and still would be by those; kakehashi remap makes it again"},
    {unit_not_made, "unit:not-made", false,
     "its documents are known and were never made into what should be sent; if this lasts, tell the vendor "
     "of "
     "this gateway"},
    {unit_stale, "unit:stale", false,
     "what was sent is not what its documents make, neither now nor with the rules of then"},
});

constexpr bool in_order_of_enum() {
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (static_cast<std::size_t>(kKinds[i].reason) != i) return false;
  }
  return kKinds.size() == kDifferenceReasons;
}
static_assert(in_order_of_enum(), "kind_of() indexes the table by DifferenceReason");

}  // namespace

const DifferenceKind& kind_of(DifferenceReason reason) {
  const auto index = static_cast<std::size_t>(reason);
  KAKEHASHI_CHECK(index < kKinds.size());
  return kKinds[index];
}

}  // namespace gateway
