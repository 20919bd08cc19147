#include "gateway/document_reader.h"

#include "gateway/digest.h"
#include "ssmix2/completeness.h"

namespace gateway {

ssmix2::Result<LoadedDocument> load_document(const std::filesystem::path& path) {
  auto content = read_document(path);
  if (!content.has_value()) return content.error();
  bool unterminated = false;
  if (auto incomplete = ssmix2::find_incompleteness(content->bytes)) {
    if (incomplete->code != ssmix2::FailureCode::file_unterminated) return *incomplete;
    unterminated = true;
  }
  auto decoded = ssmix2::decode_text(content->bytes);
  if (!decoded.has_value()) return decoded.error();
  auto message = ssmix2::Message::parse(std::move(decoded->utf8));
  if (!message.has_value()) return message.error();
  return LoadedDocument{content->stat, std::move(*message), decoded->deviations, unterminated};
}

std::vector<Deviation> deviations_of(const LoadedDocument& document) {
  std::vector<Deviation> deviations;
  const auto add = [&deviations](std::string_view name, std::size_t count) {
    if (count > 0) deviations.push_back({name, static_cast<std::int64_t>(count)});
  };
  for (const auto& kind : ssmix2::kTextDeviationKinds) add(kind.name, document.deviations.*kind.count);
  add("hl7:glued-lines", document.message.glued_lines());
  add("hl7:assumed-delimiters", document.message.delimiters_assumed() ? 1 : 0);
  add("file:unterminated", document.unterminated ? 1 : 0);
  return deviations;
}

std::string identity_of(const ssmix2::Message& master) {
  std::string text;
  if (const auto pid = master.first("PID")) {
    for (const std::size_t field : {3u, 5u, 7u, 8u}) text.append(pid->field(field).raw()).append("|");
  }
  for (const ssmix2::Segment& in1 : master.all("IN1")) {
    for (const std::size_t field : {2u, 3u, 10u, 11u, 12u, 13u})
      text.append(in1.field(field).raw()).append("|");
  }
  const Sha256 digest = sha256(text);
  return {digest.begin(), digest.end()};
}

}  // namespace gateway
