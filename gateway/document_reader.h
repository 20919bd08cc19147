#pragma once
// A file of a storage as a parsed message: read, decoded, split. Blocking: work pool only.

#include "gateway/document_file.h"
#include "ssmix2/document_name.h"
#include "ssmix2/hl7_message.h"
#include "ssmix2/text_decoder.h"

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace gateway {

struct LoadedDocument {
  FileStat stat;
  ssmix2::Message message;
  ssmix2::TextDeviations deviations;
  bool unterminated = false;  // no segment end behind the last segment: perhaps still being written
};

/// Fails like read_document, and with the codes of completeness, decoder and parser.
ssmix2::Result<LoadedDocument> load_document(const std::filesystem::path& path);

/// What was read although the standard does not allow it: a stable name such as "text:cp932-file", and how
/// often, never 0.
struct Deviation {
  std::string_view name;
  std::int64_t count;
};
std::vector<Deviation> deviations_of(const LoadedDocument& document);

/// SHA-256, as bytes, of what identifies the patient of an ADT-00 (name, birth date, gender, insurance): when
/// it changes, every unit of the patient is made again.
std::string identity_of(const ssmix2::Message& master);

}  // namespace gateway
