#pragma once
// Putting bytes at a path the ways SS-MIX2 writers do.

#include "tests/storage_gen/document_name.h"

#include <string>
#include <string_view>

namespace storage_gen {

enum class WriteMode {
  whole,        // final name, one write: what most writers do
  rename,       // a temporary beside the root, then a rename
  slow_chunks,  // final name, in pieces that respect neither segments nor characters
  pause         // final name, stopping once at the end of a segment
};

struct WriteManner {
  WriteMode mode = WriteMode::whole;
  unsigned chunks = 1;
  unsigned pause_ms = 0;
};

class DocumentFiles {
 public:
  explicit DocumentFiles(std::string root) : root_(std::move(root)) {}

  /// Overwrites. Throws std::system_error.
  void write(const DocumentName& name, std::string_view bytes, const WriteManner& manner);

  void rename(const DocumentName& from, const DocumentName& to) const;

  const std::string& root() const { return root_; }

 private:
  void make_folder(const std::string& folder);

  std::string root_;
  std::string last_folder_;  // trees write folder by folder: most documents need no mkdir
};

}  // namespace storage_gen
