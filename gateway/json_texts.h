#pragma once
// The JSON texts of a file: the one that it is, or, of a file of JSON lines such as `map` prints, each line.
// Lines are read one after the other, so that a file of any number of Bundles takes the memory of one.

#include <cstddef>
#include <istream>
#include <optional>
#include <string>

namespace gateway {

class JsonTexts {
 public:
  struct Text {
    std::string bytes;     // of one that is larger than the limit: some bytes more than the limit
    std::size_t line = 0;  // where it stands in the file; 0: it is the whole file
  };

  JsonTexts(std::istream& stream, std::size_t limit) : stream_(stream), limit_(limit) {}

  /// A file without anything in it is one text, of nothing.
  std::optional<Text> next();

 private:
  struct Line {
    std::string bytes;
    std::size_t number = 0;
    bool ended = false;  // with a line feed
  };

  /// The next line that is not of white space alone. What was read is added to `read`, unless it is null.
  std::optional<Line> next_line(std::string* read);
  Line read_line();
  Text whole(std::string read);

  std::istream& stream_;
  std::size_t limit_;
  std::size_t lines_read_ = 0;
  bool begun_ = false;
  bool whole_ = false;
  std::optional<Line> ahead_;
};

}  // namespace gateway
