#include "ssmix2/field_index.h"

#include "ssmix2/check.h"

#include <algorithm>

namespace ssmix2 {
namespace {

constexpr std::size_t kUsualFields = 256;  // room for most messages at once

std::uint32_t count(std::size_t size) {
  return static_cast<std::uint32_t>(size);
}

}  // namespace

FieldIndex::FieldIndex(const Message& message) : message_(&message), text_(message.segment(0).text().data()) {
  components_.reserve(2 * kUsualFields);
  repetition_ends_.reserve(kUsualFields);
  field_ends_.reserve(kUsualFields);
  segment_ends_.reserve(message.size() + 1);
  const auto byte = [](char c) { return static_cast<unsigned char>(c); };
  EndsByCharacter ends{};
  ends[byte(message.delimiters().component)] = Ends::component;
  ends[byte(message.delimiters().repetition)] = Ends::repetition;
  ends[byte(message.delimiters().field)] = Ends::field;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const std::string_view text = message.segment(i).text();
    const std::size_t before = i == 0 ? add_header(text) : text.find(message.delimiters().field);
    if (before != std::string_view::npos) add_fields(text.substr(before + 1), ends);
    segment_ends_.push_back(count(field_ends_.size() - 1));
  }
}

std::size_t FieldIndex::add_header(std::string_view text) {
  constexpr std::uint32_t kName = 3;
  const std::size_t behind = text.find(text[kName], kName + 1);
  const std::uint32_t end = count(std::min(behind, text.size()));
  close(Ends::field, {kName, kName + 1});
  close(Ends::field, {kName + 1, end});
  unsplit_ = end + 1;
  return behind;
}

void FieldIndex::add_fields(std::string_view text, const EndsByCharacter& ends) {
  has_escapes_ = has_escapes_ || text.find(message_->delimiters().escape) != std::string_view::npos;
  const auto offset = [begin = text_](const char* at) { return count(static_cast<std::size_t>(at - begin)); };
  const char* begin = text.data();
  const char* const end = begin + text.size();
  // Byte by byte: most components are empty or short, and a call for each would cost more.
  for (const char* at = begin; at != end; ++at) {
    const Ends what = ends[static_cast<unsigned char>(*at)];
    if (what == Ends::nothing) continue;
    close(what, {offset(begin), offset(at)});
    begin = at + 1;
  }
  close(Ends::field, {offset(begin), offset(end)});
}

void FieldIndex::close(Ends what, Component component) {
  components_.push_back(component);
  if (what >= Ends::repetition) repetition_ends_.push_back(count(components_.size()));
  if (what == Ends::field) field_ends_.push_back(count(repetition_ends_.size() - 1));
}

std::size_t FieldIndex::fields(std::size_t segment) const {
  KAKEHASHI_CHECK(segment + 1 < segment_ends_.size());
  return segment_ends_[segment + 1] - segment_ends_[segment];
}

Value FieldIndex::field(std::size_t segment, std::size_t number) const {
  const Range all = repetitions_of(segment, number);
  if (all.size() == 0) return {};
  return value(components_[repetition_ends_[all.begin]].begin,
               components_[repetition_ends_[all.end] - 1].end);
}

std::size_t FieldIndex::repetitions(std::size_t segment, std::size_t field) const {
  const Range all = repetitions_of(segment, field);
  const bool is_empty = all.size() == 1 && repetition(segment, field, 1).whole().raw().empty();
  return is_empty ? 0 : all.size();
}

std::string_view FieldIndex::without_escapes(const Value& value) const {
  const auto [known, fresh] = unescaped_.try_emplace({value.raw().data(), value.raw().size()});
  if (fresh) known->second = value.text();
  return known->second;
}

}  // namespace ssmix2
