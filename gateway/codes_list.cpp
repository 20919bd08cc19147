#include "gateway/codes_list.h"

#include "gateway/digest.h"

#include <algorithm>
#include <map>
#include <ostream>
#include <tuple>

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

namespace gateway {
namespace {

constexpr std::size_t kLongestShown = 32;
constexpr int kMostLettersInARow = 5;

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string hashed(std::string_view text, const std::string& salt) {
  return "hash:" + label(salt, text).str();
}

/// Of a text that was kept as its hash only.
std::string kept_hash(const std::string& hash) {
  return "hash:" + hash;
}

bool may_show_code(const CodeToDo& code) {
  return code.is_code && code.is_anybodys && is_shaped_like_code(code.code);
}

bool may_show_system(const CodeToDo& code) {
  if (!code.is_code) return false;
  return code.system.empty() || (is_shaped_like_code(code.system) && !is_number(code.system));
}

std::string joined(const std::set<std::string>& rules) {
  std::string text;
  for (const std::string& rule : rules) text.append(text.empty() ? "" : " ").append(rule);
  return text;
}

void sort(std::vector<CodeToDo>& codes) {
  std::map<std::tuple<bool, std::string>, std::int64_t> wishes;  // by whether they hold, and table
  const auto part = [](const CodeToDo& code) { return std::tuple(code.held == 0, code.table); };
  for (const CodeToDo& code : codes) wishes[part(code)] += code.held > 0 ? code.held : code.units;
  std::sort(codes.begin(), codes.end(), [&](const CodeToDo& left, const CodeToDo& right) {
    const auto rank = [&](const CodeToDo& code) {
      return std::tuple(code.held == 0, -wishes[part(code)], code.table, -code.held, -code.units, code.system,
                        code.code);
    };
    return rank(left) < rank(right);
  });
}

}  // namespace

bool is_shaped_like_code(std::string_view text) {
  if (text.empty() || text.size() > kLongestShown) return false;
  int letters = 0;
  bool has_digit = false;
  for (const char c : text) {
    letters = is_letter(c) ? letters + 1 : 0;
    has_digit = has_digit || is_digit(c);
    const bool is_usual = is_letter(c) || is_digit(c) || std::string_view("-_./+").find(c) != text.npos;
    if (!is_usual || letters > kMostLettersInARow) return false;
  }
  return has_digit || (text.size() == 1 && letters == 1);
}

CodesList::CodesList(std::vector<CodeToDo> codes, std::string salt, Reader reader)
    : codes_(std::move(codes)), salt_(std::move(salt)), reader_(reader) {
  sort(codes_);
}

std::string CodesList::system_of(const CodeToDo& code) const {
  if (!code.is_code) return kept_hash(code.system);
  return reader_ == Reader::site || may_show_system(code) ? code.system : hashed(code.system, salt_);
}

std::string CodesList::code_of(const CodeToDo& code) const {
  if (!code.is_code) return kept_hash(code.code);
  return reader_ == Reader::site || may_show_code(code) ? code.code : hashed(code.code, salt_);
}

std::string CodesList::document_of(const CodeToDo& code) const {
  return reader_ == Reader::site ? code.document : label(salt_, code.document).str();
}

std::string CodesList::note_of(const CodeToDo& code) const {
  std::string note(kNoteBegin);
  note.append(code.table).append("; ").append(std::to_string(code.units));
  note.append(code.and_more ? " or more units" : code.units == 1 ? " unit" : " units");
  if (code.held > 0) note.append("; ").append(std::to_string(code.held)).append(" held for it");
  note.append("; e.g. document ").append(document_of(code)).append("; by ").append(joined(code.rules));
  if (!code.is_code)
    return note + "; no code: a longer text, or one with signs that no table holds: see the rule";
  if (reader_ == Reader::anybody && !(may_show_code(code) && may_show_system(code))) {
    note.append("; not shown because it may be of a person: codes todo --local shows it at the hospital");
  }
  return note;
}

void CodesList::write_tsv(std::ostream& out) const {
  out << kCodesHeader << "\n";
  const CodeToDo* before = nullptr;
  for (const CodeToDo& code : codes_) {
    if (before == nullptr || before->table != code.table) out << kTableComment << code.table << "\n";
    out << system_of(code) << "\t" << code_of(code) << "\t\t\t\t" << note_of(code) << "\n";
    before = &code;
  }
}

std::string CodesList::json() const {
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
  writer.SetIndent(' ', 2);
  const auto text = [&writer](const char* name, const std::string& value) {
    writer.Key(name);
    writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  writer.StartObject();
  writer.Key("codes");
  writer.StartArray();
  for (const CodeToDo& code : codes_) {
    writer.StartObject();
    text("table", code.table);
    text("from_system", system_of(code));
    text("from_code", code_of(code));
    writer.Key("units");
    writer.Int64(code.units);
    writer.Key("or_more");
    writer.Bool(code.and_more);
    writer.Key("held");
    writer.Int64(code.held);
    text("document", document_of(code));
    writer.Key("rules");
    writer.StartArray();
    for (const std::string& rule : code.rules) writer.String(rule.c_str());
    writer.EndArray();
    writer.Key("is_code");
    writer.Bool(code.is_code);
    writer.EndObject();
  }
  writer.EndArray();
  writer.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

const CodeToDo* find_code(const std::vector<CodeToDo>& codes, std::string_view table, std::string_view system,
                          std::string_view code, const std::string& salt) {
  const auto means = [&](std::string_view cell, const CodeToDo& of, const std::string& text) {
    if (!of.is_code) return cell == kept_hash(text);
    return cell == text || cell == hashed(text, salt);
  };
  const auto found = std::find_if(codes.begin(), codes.end(), [&](const CodeToDo& each) {
    return each.table == table && means(system, each, each.system) && means(code, each, each.code);
  });
  return found == codes.end() ? nullptr : &*found;
}

}  // namespace gateway
