#pragma once
// What `codes todo` prints: the codes that no table knows, as a table to fill in. It goes to vendors by mail,
// so a text of a document stands in it only when it cannot be of a person. Pure.

#include "gateway/missing_codes.h"

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

/// Letters, digits and -_./+ only, 32 at most; a single letter, or with a digit and never more than five
/// letters in a row. Names are written in letters, without digits: a rule that looks up the wrong field would
/// list them. Some codes (GLU) look like names, too; of those a hash stands in the list.
bool is_shaped_like_code(std::string_view text);

class CodesList {
 public:
  enum class Reader {
    anybody,  // codes that may be of a person, and documents, by their salted hash
    site,     // a terminal of the hospital: everything as it stands
  };

  CodesList(std::vector<CodeToDo> codes, std::string salt, Reader reader);

  /// Those that hold units first, by table; of a table what most units want first.
  const std::vector<CodeToDo>& codes() const { return codes_; }

  /// With a comment line "# table: departments" before the rows of each table.
  void write_tsv(std::ostream& out) const;
  std::string json() const;

  /// What stands in from_system and from_code: the text itself, or "hash:" and its salted hash.
  std::string system_of(const CodeToDo& code) const;
  std::string code_of(const CodeToDo& code) const;

 private:
  std::string document_of(const CodeToDo& code) const;
  std::string note_of(const CodeToDo& code) const;

  std::vector<CodeToDo> codes_;
  std::string salt_;
  Reader reader_;
};

/// The code that these cells mean, as either reader is shown it; nothing: none that is to do.
const CodeToDo* find_code(const std::vector<CodeToDo>& codes, std::string_view table, std::string_view system,
                          std::string_view code, const std::string& salt);

inline constexpr std::string_view kTableComment = "# table: ";
inline constexpr std::string_view kCodesHeader =
    "from_system\tfrom_code\tto_system\tto_code\tto_display\tnote";
inline constexpr std::string_view kNoteBegin = "todo: ";  // of a note that was not written by a person

}  // namespace gateway
