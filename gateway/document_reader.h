#pragma once
// A file of a storage as a parsed message: read, decoded, split. Blocking: work pool only.

#include "gateway/document_file.h"
#include "ssmix2/document_name.h"
#include "ssmix2/hl7_message.h"
#include "ssmix2/text_decoder.h"

#include <filesystem>

namespace gateway {

struct LoadedDocument {
  FileStat stat;
  ssmix2::Message message;
  ssmix2::TextDeviations deviations;
  bool unterminated = false;  // no segment end behind the last segment: perhaps still being written
};

/// Fails like read_document, and with the codes of completeness, decoder and parser.
ssmix2::Result<LoadedDocument> load_document(const std::filesystem::path& path);

/// SHA-256, as bytes, of what identifies the patient of an ADT-00 (name, birth date, gender, insurance): when
/// it changes, every unit of the patient is made again.
std::string identity_of(const ssmix2::Message& master);

}  // namespace gateway
