#include "tests/storage_gen/arguments.h"

#include "tests/storage_gen/row_spec.h"
#include "tests/storage_gen/usage_error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string_view>

namespace storage_gen {
namespace {

constexpr unsigned kTree = 1;
constexpr unsigned kDocument = 2;
constexpr unsigned kSupersede = 4;
constexpr unsigned kDelete = 8;
constexpr unsigned kOne = kDocument | kSupersede | kDelete;
constexpr unsigned kAll = kTree | kOne;

struct Use {
  std::string_view option;
  std::string_view value;
};

struct Option {
  std::string_view name;
  std::string_view placeholder;  // empty: a switch
  unsigned commands;
  void (*apply)(Arguments&, const Use&);
  std::string_view help;
};

std::uint64_t number(const Use& use, std::uint64_t highest) {
  std::uint64_t value = 0;
  const char* const last = use.value.data() + use.value.size();
  const auto [end, error] = std::from_chars(use.value.data(), last, value);
  if (error != std::errc() || end != last || value > highest)
    throw UsageError(std::string(use.option) + " takes a number up to " + std::to_string(highest) +
                     ", not '" + std::string(use.value) + "'");
  return value;
}

unsigned percent(const Use& use) {
  return static_cast<unsigned>(number(use, 100));
}

std::string digit_text(const Use& use, std::size_t shortest, std::size_t longest) {
  const bool only_digits = use.value.find_first_not_of("0123456789") == std::string_view::npos;
  if (!only_digits || use.value.size() < shortest || use.value.size() > longest)
    throw UsageError(std::string(use.option) + " takes " + std::to_string(shortest) + " to " +
                     std::to_string(longest) + " digits, not '" + std::string(use.value) + "'");
  return std::string(use.value);
}

/// Part of a file name: neither its separator nor a folder's may be in it.
std::string name_part(const Use& use) {
  if (use.value.empty() || use.value.find_first_of("_/") != std::string_view::npos)
    throw UsageError(std::string(use.option) + " becomes part of a file name and cannot hold '_' or '/'");
  return std::string(use.value);
}

std::string gender(const Use& use) {
  if (use.value.size() != 1 || std::string_view("MFOU").find(use.value) == std::string_view::npos)
    throw UsageError("--gender takes M, F, O or U, not '" + std::string(use.value) + "'");
  return std::string(use.value);
}

InsuranceChoice insurance_choice(const Use& use) {
  constexpr auto kNames = std::to_array<std::string_view>(
      {"repetition", "split", "joined", "public", "none", "mixed"});  // in the order of the enum
  const auto found = std::find(kNames.begin(), kNames.end(), use.value);
  if (found == kNames.end())
    throw UsageError("--insurance takes repetition, split, joined, public, none or mixed, not '" +
                     std::string(use.value) + "'");
  return static_cast<InsuranceChoice>(found - kNames.begin());
}

unsigned chunk_number(std::string_view text) {
  const std::uint64_t value = number({"--write slow:CHUNKS:MS", text}, 1'000'000);
  return static_cast<unsigned>(value);
}

WriteManner write_manner(const Use& use) {
  const std::size_t first = use.value.find(':');
  const std::size_t second = use.value.find(':', first == std::string_view::npos ? first : first + 1);
  const std::string_view mode = use.value.substr(0, first);
  if (use.value == "whole") return {};
  if (use.value == "rename") return {WriteMode::rename, 1, 0};
  if (mode == "pause" && first != std::string_view::npos)
    return {WriteMode::pause, 2, chunk_number(use.value.substr(first + 1))};
  if (mode == "slow" && second != std::string_view::npos)
    return {WriteMode::slow_chunks, chunk_number(use.value.substr(first + 1, second - first - 1)),
            chunk_number(use.value.substr(second + 1))};
  throw UsageError("--write takes whole, rename, slow:CHUNKS:MS or pause:MS, not '" + std::string(use.value) +
                   "'");
}

constexpr auto kOptions = std::to_array<Option>({
    {"--root", "DIR", kAll, [](Arguments& a, const Use& u) { a.root = u.value; },
     "the storage's root folder"},
    {"--seed", "N", kAll,
     [](Arguments& a, const Use& u) { a.wishes.seed = number(u, std::numeric_limits<std::uint64_t>::max()); },
     "1 by default; the same seed and switches give the same bytes"},
    {"--today", "YYYYMMDD", kAll,
     [](Arguments& a, const Use& u) { a.wishes.today = parse_date8(u.value, u.option); },
     "the day that the samples end before; 20261001 by default"},
    {"--patients", "N", kTree, [](Arguments& a, const Use& u) { a.patients = number(u, 99'999'999); },
     "10 by default; more patients leave the first ones as they are"},
    {"--labs", "N", kTree, [](Arguments& a, const Use& u) { a.labs = number(u, 100'000); },
     "OML-11 documents a patient, 3 by default"},
    {"--prescriptions", "N", kTree, [](Arguments& a, const Use& u) { a.prescriptions = number(u, 100'000); },
     "OMP-01 documents a patient, 1 by default"},
    {"--updates", "PERCENT", kTree, [](Arguments& a, const Use& u) { a.updates_percent = percent(u); },
     "of the keys have older versions beside the live one (flag 2, some 0)"},
    {"--deletes", "PERCENT", kTree, [](Arguments& a, const Use& u) { a.deletes_percent = percent(u); },
     "of the keys but ADT-00 have only flag 0 left"},
    {"--late", "PERCENT", kTree, [](Arguments& a, const Use& u) { a.late_percent = percent(u); },
     "of the results were filed weeks after the day of their folder"},
    {"--patient-prefix", "DIGITS", kTree,
     [](Arguments& a, const Use& u) { a.patient_prefix = digit_text(u, 0, 9); },
     "what the 10-digit patient ids begin with, 00 by default"},
    {"--manifest", "FILE", kTree, [](Arguments& a, const Use& u) { a.manifest = u.value; },
     "one JSON line for each report unit that must be sent"},
    {"--type", "TYPE", kDocument, [](Arguments& a, const Use& u) { a.name.type = u.value; },
     "ADT-00, ADT-61, PPR-01, OML-11 or OMP-01"},
    {"--patient", "ID", kDocument, [](Arguments& a, const Use& u) { a.name.patient = name_part(u); },
     "patient id, 6 characters or more"},
    {"--date", "YYYYMMDD", kDocument, [](Arguments& a, const Use& u) { a.name.date = digit_text(u, 8, 8); },
     "date folder of OML-11 and OMP-01, by default that of --occurred"},
    {"--order", "NO", kDocument, [](Arguments& a, const Use& u) { a.name.order = digit_text(u, 1, 15); },
     "order number, padded to 15 digits; 1 for orders, 999999999999999 for the rest"},
    {"--department", "CODE", kDocument, [](Arguments& a, const Use& u) { a.name.department = name_part(u); },
     "01 for orders and PPR-01, - for the rest by default"},
    {"--flag", "0|1|2", kDocument,
     [](Arguments& a, const Use& u) { a.name.flag = static_cast<int>(number(u, 2)); },
     "condition flag, 1 by default; 0 makes a delete message"},
    {"--path", "REL", kSupersede | kDelete, [](Arguments& a, const Use& u) { a.path = u.value; },
     "the live document, below the root"},
    {"--occurred", "17DIGITS", kOne,
     [](Arguments& a, const Use& u) { a.name.occurred = digit_text(u, 12, 17); },
     "発生日時 of the new document (12 digits will do); document: now in Japan"},
    {"--gap", "MS", kSupersede | kDelete,
     [](Arguments& a, const Use& u) { a.gap_ms = static_cast<unsigned>(number(u, 3'600'000)); },
     "wait between the rename and the new document"},
    {"--row", "SPEC", kOne, [](Arguments& a, const Use& u) { a.rows.emplace_back(u.value); },
     "one row, repeatable: key=value,key=value (keys below; \\, is a comma)"},
    {"--pid3", "ID", kOne, [](Arguments& a, const Use& u) { a.stated.pid3 = u.value; },
     "patient id inside the message when it shall differ from the path"},
    {"--name", "FAMILY^GIVEN", kOne, [](Arguments& a, const Use& u) { a.stated.name = u.value; },
     "otherwise drawn from seed and patient id, as in the tree"},
    {"--kana", "FAMILY^GIVEN", kOne, [](Arguments& a, const Use& u) { a.stated.kana = u.value; }, "likewise"},
    {"--birth", "YYYYMMDD", kOne,
     [](Arguments& a, const Use& u) { a.stated.birth_date = digit_text(u, 8, 8); }, "likewise"},
    {"--gender", "M|F|O|U", kOne, [](Arguments& a, const Use& u) { a.stated.gender = gender(u); },
     "likewise"},
    {"--plan", "CODE", kOne, [](Arguments& a, const Use& u) { a.stated.plan = u.value; },
     "JHSD0001 code of the insurance, 06 when --insurer is given"},
    {"--insurer", "8DIGITS", kOne, [](Arguments& a, const Use& u) { a.stated.insurer = digit_text(u, 6, 8); },
     "makes this the only insurance of an ADT-00"},
    {"--symbol", "S", kOne, [](Arguments& a, const Use& u) { a.stated.symbol = u.value; },
     "記号, with --insurer"},
    {"--number", "N", kOne, [](Arguments& a, const Use& u) { a.stated.number = u.value; },
     "番号, with --insurer"},
    {"--branch", "B", kOne, [](Arguments& a, const Use& u) { a.stated.branch = u.value; },
     "枝番, with --insurer"},
    {"--insurance", "FORM", kAll,
     [](Arguments& a, const Use& u) { a.wishes.insurance = insurance_choice(u); },
     "repetition (default), split, joined, public, none or mixed"},
    {"--write", "HOW", kOne, [](Arguments& a, const Use& u) { a.manner = write_manner(u); },
     "whole (default), rename, slow:CHUNKS:MS or pause:MS"},
    {"--crlf", "", kAll, [](Arguments& a, const Use&) { a.text.terminator = Terminator::crlf; },
     "segments end with CR LF"},
    {"--lf", "", kAll, [](Arguments& a, const Use&) { a.text.terminator = Terminator::lf; },
     "segments end with LF"},
    {"--fs", "", kAll, [](Arguments& a, const Use&) { a.text.file_separator = true; },
     "documents end with 0x1C"},
    {"--no-last-cr", "", kAll, [](Arguments& a, const Use&) { a.text.no_last_terminator = true; },
     "nothing after the last segment"},
    {"--cp932-extensions", "", kAll, [](Arguments& a, const Use&) { a.wishes.cp932_extensions = true; },
     "names and addresses with NEC row 13 and IBM kanji"},
    {"--half-width-kana", "", kAll, [](Arguments& a, const Use&) { a.text.half_width_kana = true; },
     "katakana as half-width kana (ESC ( I)"},
});

struct CommandWord {
  std::string_view word;
  Command command;
  unsigned bit;
  std::string_view help;
};

constexpr auto kCommands = std::to_array<CommandWord>({
    {"tree", Command::tree, kTree, "a storage of any size; prints counts as JSON"},
    {"document", Command::document, kDocument, "one document; prints its path"},
    {"supersede", Command::supersede, kSupersede,
     "renames the live document to flag 2, then writes the next one"},
    {"delete", Command::remove, kDelete, "renames all of the key to flag 0, then writes the delete message"},
});

/// What each command cannot do without.
void require(const Arguments& arguments) {
  const auto need = [](const std::string& value, const char* option) {
    if (value.empty()) throw UsageError(std::string(option) + " is missing");
  };
  need(arguments.root, "--root");
  const StatedPatient& stated = arguments.stated;
  if (stated.insurer.empty() && !(stated.plan + stated.symbol + stated.number + stated.branch).empty())
    throw UsageError("--plan, --symbol, --number and --branch need --insurer");
  if (arguments.command == Command::document) {
    need(arguments.name.type, "--type");
    need(arguments.name.patient, "--patient");
    if (arguments.name.patient.size() < 6) throw UsageError("--patient takes 6 characters or more");
  }
  if (arguments.command == Command::supersede) need(arguments.name.occurred, "--occurred");
  if (arguments.command == Command::supersede || arguments.command == Command::remove)
    need(arguments.path, "--path");
}

}  // namespace

Arguments parse_arguments(std::span<const char* const> words) {
  if (words.empty()) throw UsageError("no command given: tree, document, supersede or delete (see --help)");
  Arguments arguments;
  arguments.wishes.today = parse_date8("20261001", "--today");
  for (const std::string_view word : words)
    if (word == "--help" || word == "-h") return arguments;
  const auto command = std::find_if(kCommands.begin(), kCommands.end(),
                                    [&](const CommandWord& c) { return c.word == words.front(); });
  if (command == kCommands.end())
    throw UsageError("'" + std::string(words.front()) +
                     "' is no command: tree, document, supersede or delete (see --help)");
  arguments.command = command->command;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const auto option =
        std::find_if(kOptions.begin(), kOptions.end(), [&](const Option& o) { return o.name == word; });
    if (option == kOptions.end() || (option->commands & command->bit) == 0)
      throw UsageError(std::string(command->word) + " has no option '" + std::string(word) +
                       "' (see --help)");
    if (option->placeholder.empty()) {
      option->apply(arguments, {word, {}});
      continue;
    }
    if (++i == words.size()) throw UsageError(std::string(word) + " needs a value");
    option->apply(arguments, {word, words[i]});
  }
  require(arguments);
  return arguments;
}

std::string help_text() {
  std::string text = "storage_gen writes SS-MIX2 standardised storage for tests.\n";
  for (const CommandWord& command : kCommands) {
    text += "\nstorage_gen " + std::string(command.word) + ": " + std::string(command.help) + '\n';
    for (const Option& option : kOptions) {
      if ((option.commands & command.bit) == 0) continue;
      std::string left = "  " + std::string(option.name) + ' ' + std::string(option.placeholder);
      left.resize(std::max<std::size_t>(left.size() + 1, 26), ' ');
      text += left + std::string(option.help) + '\n';
    }
  }
  return text + "\nkeys of --row\n" + row_help() +
         "\nExit code: 0 done, 1 the disk refused, 2 wrong usage (one sentence on stderr).\n";
}

}  // namespace storage_gen
