#include "tests/storage_gen/document_name.h"

#include "tests/storage_gen/usage_error.h"

#include <algorithm>
#include <vector>

namespace storage_gen {

std::string folder_of(const DocumentName& name) {
  return name.patient.substr(0, 3) + '/' + name.patient.substr(3, 3) + '/' + name.patient + '/' + name.date +
         '/' + name.type;
}

std::string key_prefix(const DocumentName& name) {
  return name.patient + '_' + name.date + '_' + name.type + '_' + name.order + '_';
}

std::string path_of(const DocumentName& name) {
  return folder_of(name) + '/' + key_prefix(name) + name.occurred + '_' + name.department + '_' +
         std::to_string(name.flag);
}

DocumentName parse_path(std::string_view relative_path) {
  std::vector<std::string> parts(1);
  const std::size_t slash = relative_path.rfind('/');
  for (const char c : relative_path.substr(slash == std::string_view::npos ? 0 : slash + 1)) {
    if (c == '_')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  DocumentName name;
  const bool well_formed =
      parts.size() == 7 && parts[0].size() >= 6 && parts[6].size() == 1 && parts[6] >= "0" && parts[6] <= "2";
  if (well_formed) name = {parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], parts[6][0] - '0'};
  if (!well_formed || path_of(name) != relative_path)
    throw UsageError("--path takes the path of a document below the root, not '" +
                     std::string(relative_path) + "'");
  return name;
}

}  // namespace storage_gen
