#include "gateway/codes_application.h"
#include "gateway/codes_list.h"
#include "gateway/command_line.h"
#include "gateway/schema.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>

namespace gateway {
namespace {

std::optional<Settings> settings_or_complain(const CommandLine& line) {
  auto settings = load_settings(line.config());
  if (settings.has_value()) return std::move(*settings);
  complain(settings.error());
  return std::nullopt;
}

int todo(const Arguments& arguments) {
  CommandLine line("codes todo");
  line.flag("json", "as JSON");
  line.flag("local", "codes and documents as they stand: for a terminal of the hospital");
  line.value("table", "of this table only");
  line.parse(arguments);
  const auto settings = settings_or_complain(line);
  if (!settings) return kExitWrongUsage;
  auto database = open_state_or_complain(*settings, Database::Access::read_only);
  if (!database) return kExitNotFound;
  auto codes = codes_to_do(*database);
  if (line.has("table")) {
    std::erase_if(codes, [table = line.text("table")](const CodeToDo& code) { return code.table != table; });
  }
  const CodesList list(std::move(codes), label_salt(*database),
                       line.has("local") ? CodesList::Reader::site : CodesList::Reader::anybody);
  if (line.has("json")) {
    std::cout << list.json();
  } else {
    list.write_tsv(std::cout);
  }
  if (list.codes().empty()) std::cerr << "kakehashi: every code that units want is known; nothing is to do\n";
  return 0;
}

void print(const AppliedCodes& applied, bool as_json) {
  if (as_json) {
    std::cout << "{\"added\": " << applied.added << ", \"already_there\": " << applied.already_there
              << ", \"left_empty\": " << applied.left_empty << ", \"held\": " << applied.held << "}\n";
    return;
  }
  std::cout << applied.added << " rows added";
  for (const std::string& table : applied.tables) {
    std::cout << (table == *applied.tables.begin() ? " to " : ", ") << table << ".tsv";
  }
  std::cout << "; " << applied.already_there << " were there already, " << applied.left_empty
            << " are not filled in\n";
}

int apply(const Arguments& arguments) {
  CommandLine line("codes apply");
  line.flag("json", "as JSON");
  line.paths("the list of `codes todo`, filled in");
  line.parse(arguments);
  if (line.given_paths().size() != 1) {
    throw UsageError{"codes apply: name one file, the list of `kakehashi codes todo` as it was filled in"};
  }
  const std::string file = line.given_paths().front();
  const auto settings = settings_or_complain(line);
  if (!settings) return kExitWrongUsage;
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) throw UsageError{"codes apply: " + file + " cannot be read"};
  auto database = open_state_to_change_or_complain(*settings);
  if (!database) return kExitNotFound;
  const auto applied = apply_codes(*database, *settings, file, bytes);
  if (!applied.has_value()) {
    complain(applied.error());
    std::cerr << "kakehashi: nothing was changed\n";
    return kExitWrongUsage;
  }
  print(*applied, line.has("json"));
  if (applied->added + applied->already_there > 0) {
    std::cerr << "kakehashi: reload or restart the gateway: it takes up the new codes and makes the units "
                 "anew that want "
                 "them\n";
  } else {
    std::cerr << "kakehashi: nothing is filled in; write a to_code where the table shall know the code\n";
  }
  return 0;
}

}  // namespace

int command_codes(const Arguments& arguments) {
  if (arguments.empty() || (arguments.front() != "todo" && arguments.front() != "apply")) {
    throw UsageError{"codes: say todo or apply; see kakehashi --help"};
  }
  const Arguments rest(arguments.begin() + 1, arguments.end());
  return arguments.front() == "todo" ? todo(rest) : apply(rest);
}

}  // namespace gateway
