#include "fhir_mapper/narrative.h"

#include <array>

namespace fhir_mapper {
namespace {

bool is_space(char byte) {
  return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

}  // namespace

PrimitiveFlaw narrative_flaw(std::string_view div) {
  while (!div.empty() && is_space(div.front())) div.remove_prefix(1);
  while (!div.empty() && is_space(div.back())) div.remove_suffix(1);
  if (!div.starts_with("<div") || !div.ends_with("</div>")) {
    return {"must be one <div> element", "1つの<div>要素でなければなりません"};
  }
  const std::string_view begin = div.substr(0, div.find('>'));
  if (begin.find(" xmlns=\"http://www.w3.org/1999/xhtml\"") == std::string_view::npos) {
    return {"the div is not in the XHTML namespace", "divがXHTMLの名前空間にありません"};
  }
  constexpr std::array<std::string_view, 6> kNever = {"<script", "<form",  "<iframe",
                                                      "<object", "<input", "<style"};
  for (const std::string_view never : kNever) {
    if (div.find(never) != std::string_view::npos) {
      return {"holds an element that a narrative must not have", "使えない要素を含んでいます"};
    }
  }
  bool inside = false;
  bool has_text = false;
  for (const char byte : div) {
    if (byte == '<') inside = true;
    if (!inside && !is_space(byte)) has_text = true;
    if (byte == '>') inside = false;
  }
  if (!has_text && div.find("<img") == std::string_view::npos) {
    return {"holds no text", "文章がありません"};
  }
  return {};
}

}  // namespace fhir_mapper
