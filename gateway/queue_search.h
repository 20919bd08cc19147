#pragma once
// What a person means by one word: a Bundle-ID, a hash of the log, or the path of a file. Reads only. A
// command's own thread.

#include "gateway/document_table.h"
#include "gateway/settings.h"
#include "gateway/units.h"

#include <optional>
#include <string>
#include <vector>

namespace gateway {

struct QueueTarget {
  std::optional<DocumentRef> document;  // when the word names one
  std::vector<UnitId> units;            // itself, or those that the document belongs to
};

/// Nothing when there is no such thing. A path is below a storage's root, written from there or from `/`, or
/// from the folder where the command was given.
std::optional<QueueTarget> find_target(Database& database, const Settings& settings, const std::string& word);

}  // namespace gateway
