#pragma once
// The files of a profile pack, as they were written: XML whose nodes know where they stand, tables, and the
// order in which files include each other. Before anything of them means something.

#include "fhir_mapper/mapping_file.h"

#include <deque>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fhir_mapper {

constexpr std::size_t kMostPackFiles = 50;
constexpr std::size_t kMostPackMistakes = 500;

/// An element of a pack, with what its attributes may say.
class PackNode {
 public:
  PackNode(const MappingFile& file, pugi::xml_node node) : file_(&file), node_(node) {}

  std::string_view kind() const { return node_.name(); }
  std::string_view text() const { return node_.text().get(); }
  bool has(const char* attribute) const { return !node_.attribute(attribute).empty(); }
  std::string_view get(const char* attribute) const { return node_.attribute(attribute).value(); }
  /// A mistake when there is none.
  std::string_view required(const char* attribute) const;
  /// yes or no; `otherwise` when it does not stand there.
  bool flag(const char* attribute, bool otherwise) const;
  std::optional<std::uint32_t> number(const char* attribute) const;
  std::vector<std::string_view> words(const char* attribute) const { return split(get(attribute)); }
  std::vector<std::string_view> words() const { return split(text()); }

  /// Which attributes there may be; others are mistakes.
  void allow(std::initializer_list<std::string_view> attributes) const;
  /// The elements inside; text, and elements that are none of `kinds`, are mistakes.
  std::vector<PackNode> children(std::initializer_list<std::string_view> kinds) const;
  void error(std::string message) const { file_->error(node_, std::move(message)); }
  std::string place() const { return file_->origin(node_).text(); }

  static std::vector<std::string_view> split(std::string_view text);

 private:
  const MappingFile* file_;
  pugi::xml_node node_;
};

/// A TSV file with a header: the rows of each group, in their order.
struct PackTable {
  std::string name;
  std::vector<std::string_view> columns;
  std::map<std::string_view, std::vector<std::vector<std::string_view>>> groups;
};

class PackFiles {
 public:
  /// `files` and `errors` must outlive this. Reads the file of pack `id` and those that it includes.
  PackFiles(const std::vector<ConfigFile>& files, std::string_view id, ConfigErrors& errors);

  /// The roots of the files, what is included before what includes it; the pack's own is the last.
  const std::vector<PackNode>& roots() const { return roots_; }
  /// Null: there is none, and that was told at `user`.
  const PackTable* table(const PackNode& user, std::string_view name);

 private:
  const ConfigFile* find(std::string_view name) const;
  void read(const ConfigFile& file, std::vector<std::string_view>& open);
  PackTable read_table(const ConfigFile& file);
  std::string known_names(std::string_view extension) const;

  const std::vector<ConfigFile>& files_;
  ConfigErrors& errors_;
  std::deque<MappingFile> xml_;
  std::vector<std::string_view> read_;
  std::vector<PackNode> roots_;
  std::map<std::string_view, PackTable> tables_;
};

}  // namespace fhir_mapper
