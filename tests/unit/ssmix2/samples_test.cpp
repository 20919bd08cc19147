// Third-party documents, where KAKEHASHI_SAMPLES names a folder with storage roots; they are not part of the
// project.
#include "ssmix2/completeness.h"
#include "ssmix2/document_name.h"
#include "ssmix2/hl7_message.h"
#include "ssmix2/text_decoder.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace ssmix2;
namespace fs = std::filesystem;

namespace {

std::string bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The six last parts of a path, which are a document's path below its root.
std::string below_root(const fs::path& file) {
  const std::vector<fs::path> parts(file.begin(), file.end());
  fs::path path;
  for (std::size_t i = parts.size() - std::min<std::size_t>(6, parts.size()); i < parts.size(); ++i)
    path /= parts[i];
  return path.string();
}

void check_document(const fs::path& file, const DocumentName& name) {
  const std::string bytes = bytes_of(file);
  const auto incomplete = find_incompleteness(bytes);
  CHECK((!incomplete || incomplete->code == FailureCode::file_unterminated));
  auto text = decode_text(bytes);
  REQUIRE(text.has_value());
  CHECK(text->deviations.replaced == 0);
  const auto message = Message::parse(std::move(text->utf8));
  REQUIRE(message.has_value());
  CHECK(message->glued_lines() == 0);
  CHECK(message->first("MSH")->field(9).component(1).text() == info(name.key.type).message_code);
  CHECK(message->all("PID").size() == 1);
}

}  // namespace

TEST_CASE("every third-party sample but the decoy is decoded and parsed") {
  const char* folder = std::getenv("KAKEHASHI_SAMPLES");
  if (folder == nullptr) {
    WARN("skipped: KAKEHASHI_SAMPLES is not set");
    return;
  }
  std::size_t documents = 0, decoys = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().filename().string().find('_') == std::string::npos) continue;
    INFO(entry.path());
    const auto name = parse_document_path(below_root(entry.path()));
    if (name) {
      check_document(entry.path(), *name);
      ++documents;
    } else {
      CHECK(name.error().code == FailureCode::path_folder_disagrees);
      CHECK(find_incompleteness(bytes_of(entry.path())).has_value());
      ++decoys;
    }
  }
  CHECK(documents > 100);
  CHECK(decoys == 1);
}
