#pragma once
// A document of a mapping case: what its author wrote, with the usual segments and the usual name filled in,
// so that a case shows only what it is about. Pure.

#include "ssmix2/document_name.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper {

/// `written` as lines, without the indentation of the XML around them and without empty ones.
std::vector<std::string> segments_of(std::string_view written);

/// The message as HL7 text. Segments that a document of `type` usually has and `written` has none of stand
/// where they belong, except those named in `without`. A document that begins with MSH is taken as it is.
std::string complete_document(ssmix2::DataType type, const std::vector<std::string>& written,
                              const std::vector<std::string>& without, std::string_view patient);

/// The name of the `number`-th (from 0) document of `type` in a case; each is a minute newer than the one
/// before.
std::string usual_document_name(ssmix2::DataType type, std::size_t number);

/// The parts of a file name alone, as if it lay in the folder it belongs to.
ssmix2::Result<ssmix2::DocumentName> parse_file_name(std::string_view file_name);

/// A diagnosis, for cases that are about the patient alone.
std::string usual_problem();

}  // namespace fhir_mapper
