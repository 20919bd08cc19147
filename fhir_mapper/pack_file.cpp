#include "fhir_mapper/pack_file.h"

#include "fhir_mapper/closest_name.h"
#include "fhir_mapper/well_formed_utf8.h"

#include <algorithm>
#include <charconv>

namespace fhir_mapper {
namespace {

constexpr std::string_view kNamespace = "urn:kakehashi:profiles:1";

std::string listed(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  for (std::size_t tab = line.find('\t'); tab != std::string_view::npos; tab = line.find('\t')) {
    cells.push_back(line.substr(0, tab));
    line.remove_prefix(tab + 1);
  }
  cells.push_back(line);
  return cells;
}

}  // namespace

std::string_view PackNode::required(const char* attribute) const {
  if (!has(attribute) || get(attribute).empty()) {
    error("<" + std::string(kind()) + "> needs " + attribute + "=\"...\"");
  }
  return get(attribute);
}

bool PackNode::flag(const char* attribute, bool otherwise) const {
  if (!has(attribute)) return otherwise;
  const std::string_view given = get(attribute);
  if (given != "yes" && given != "no") {
    error(std::string(attribute) + "=\"" + std::string(given) + "\" must be yes or no");
  }
  return given == "yes";
}

std::optional<std::uint32_t> PackNode::number(const char* attribute) const {
  if (!has(attribute)) return std::nullopt;
  const std::string_view given = get(attribute);
  std::uint32_t value = 0;
  const auto parsed = std::from_chars(given.data(), given.data() + given.size(), value);
  if (given.empty() || parsed.ec != std::errc() || parsed.ptr != given.data() + given.size() ||
      value > 1'000'000) {
    error(std::string(attribute) + "=\"" + std::string(given) + "\" must be a number from 0 to 1000000");
    return std::nullopt;
  }
  return value;
}

void PackNode::allow(std::initializer_list<std::string_view> attributes) const {
  for (const pugi::xml_attribute attribute : node_.attributes()) {
    const std::string_view name = attribute.name();
    if (name == "xmlns" || std::find(attributes.begin(), attributes.end(), name) != attributes.end())
      continue;
    error("<" + std::string(kind()) + "> has no attribute " + std::string(name) +
          did_you_mean(name, std::span(attributes.begin(), attributes.size())));
  }
}

std::vector<PackNode> PackNode::children(std::initializer_list<std::string_view> kinds) const {
  std::vector<PackNode> found;
  for (const pugi::xml_node child : node_.children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
      file_->error(child, "only elements may stand here, no text");
    }
    if (child.type() != pugi::node_element) continue;
    const std::string_view name = child.name();
    if (std::find(kinds.begin(), kinds.end(), name) == kinds.end()) {
      const std::span<const std::string_view> known(kinds.begin(), kinds.size());
      file_->error(child, "<" + std::string(kind()) + "> holds no <" + std::string(name) + ">" +
                              (known.empty() ? "" : ", only " + listed(known)) + did_you_mean(name, known));
      continue;
    }
    found.emplace_back(*file_, child);
  }
  return found;
}

std::vector<std::string_view> PackNode::split(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  std::vector<std::string_view> words;
  for (std::size_t begin = text.find_first_not_of(kSpace); begin != std::string_view::npos;
       begin = text.find_first_not_of(kSpace)) {
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(kSpace), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

PackFiles::PackFiles(const std::vector<ConfigFile>& files, std::string_view id, ConfigErrors& errors)
    : files_(files), errors_(errors) {
  const std::string name = std::string(id) + ".xml";
  const ConfigFile* const file = find(name);
  if (file == nullptr) {
    errors_.push_back(
        {name, "there is no profile pack " + std::string(id) + "; there are: " + known_names(".xml")});
    return;
  }
  std::vector<std::string_view> open;
  read(*file, open);
}

const ConfigFile* PackFiles::find(std::string_view name) const {
  const auto found = std::find_if(files_.begin(), files_.end(),
                                  [name](const ConfigFile& file) { return file.name == name; });
  return found == files_.end() ? nullptr : &*found;
}

std::string PackFiles::known_names(std::string_view extension) const {
  std::vector<std::string_view> names;
  for (const ConfigFile& file : files_) {
    if (file.name.ends_with(extension)) names.push_back(file.name);
  }
  return names.empty() ? "none" : listed(names);
}

void PackFiles::read(const ConfigFile& file, std::vector<std::string_view>& open) {
  if (std::find(read_.begin(), read_.end(), file.name) != read_.end()) return;
  open.push_back(file.name);
  const MappingFile& xml = xml_.emplace_back(file, errors_);
  if (!xml.root()) {
    open.pop_back();
    return;
  }
  const PackNode root(xml, xml.root());
  if (root.kind() != "profiles" || root.get("xmlns") != kNamespace) {
    root.error("a profile pack begins with <profiles xmlns=\"" + std::string(kNamespace) + "\">");
  }
  for (const pugi::xml_node child : xml.root().children("include")) {
    const PackNode include(xml, child);
    include.allow({"file"});
    const std::string_view name = include.required("file");
    if (name.empty()) continue;
    const ConfigFile* const other = find(name);
    if (other == nullptr) {
      include.error("there is no file " + std::string(name) + "; there are: " + known_names(".xml"));
    } else if (std::find(open.begin(), open.end(), name) != open.end()) {
      include.error(std::string(name) + " includes this file already");
    } else if (open.size() >= kMostPackFiles) {
      include.error("files include each other more than " + std::to_string(kMostPackFiles) + " deep");
    } else {
      read(*other, open);
    }
  }
  open.pop_back();
  read_.push_back(file.name);
  roots_.push_back(root);
}

const PackTable* PackFiles::table(const PackNode& user, std::string_view name) {
  const auto known = tables_.find(name);
  if (known != tables_.end()) return &known->second;
  const ConfigFile* const file = find(name);
  if (file == nullptr) {
    user.error("there is no table " + std::string(name) + "; there are: " + known_names(".tsv"));
    return nullptr;
  }
  return &tables_.emplace(file->name, read_table(*file)).first->second;
}

PackTable PackFiles::read_table(const ConfigFile& file) {
  PackTable table{file.name, {}, {}};
  std::size_t line_number = 0;
  std::string_view rest = file.bytes;
  const auto error = [&](std::size_t column, std::string message) {
    errors_.push_back(
        {file.name + ":" + std::to_string(line_number) + ":" + std::to_string(column), std::move(message)});
  };
  if (const auto bad = find_bad_utf8(rest)) {
    line_number = 1 + static_cast<std::size_t>(
                          std::count(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(*bad), '\n'));
    error(1, "a byte that is not UTF-8 stands in this line; save the file as UTF-8");
    return table;
  }
  while (!rest.empty() && errors_.size() < kMostPackMistakes) {
    ++line_number;
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    std::vector<std::string_view> cells = cells_of(line);
    if (table.columns.empty()) {
      if (cells.front() != "group" || cells.size() < 2)
        error(1, "the header must begin with the column group");
      table.columns = std::move(cells);
    } else if (cells.size() != table.columns.size()) {
      error(1, "a row has " + std::to_string(table.columns.size()) + " cells, this one " +
                   std::to_string(cells.size()));
    } else {
      table.groups[cells.front()].push_back(std::move(cells));
    }
  }
  return table;
}

}  // namespace fhir_mapper
