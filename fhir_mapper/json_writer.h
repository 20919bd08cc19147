#pragma once
// A tree as JSON: compact UTF-8, the same bytes for the same tree.

#include "fhir_mapper/fhir_node.h"

#include <functional>
#include <string>
#include <string_view>

namespace fhir_mapper {

/// JSON whose times and entry URLs are still open. They are marked by a control character that JSON never has
/// unescaped, so no text of a document can be taken for a mark. Storable; made into a body by render().
class SnapshotTemplate {
 public:
  static SnapshotTemplate of(const Node& node);
  /// From the database: what text() gave before.
  static SnapshotTemplate stored(std::string text) { return SnapshotTemplate(std::move(text)); }

  const std::string& text() const { return text_; }

  /// `snapshot_time` is a FHIR instant, `entry_url` gives "urn:uuid:…" for an entry's index.
  std::string render(std::string_view snapshot_time,
                     const std::function<std::string(std::size_t)>& entry_url) const;

 private:
  explicit SnapshotTemplate(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// What two snapshots are compared by: the tree without timestamps, lastUpdated and entry URLs.
std::string content_of(const Node& node);

}  // namespace fhir_mapper
