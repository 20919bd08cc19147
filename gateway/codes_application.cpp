#include "gateway/codes_application.h"

#include "gateway/codes_list.h"
#include "gateway/instant.h"
#include "gateway/remake_requests.h"
#include "gateway/schema.h"
#include "gateway/site_tables.h"

namespace gateway {
namespace {

class Application {
 public:
  Application(const std::string& name, SiteTables& tables, std::vector<CodeToDo> codes, std::string salt)
      : name_(name), tables_(tables), codes_(std::move(codes)), salt_(std::move(salt)) {}

  void take(FilledInRow row) {
    const CodeToDo* code = find_code(codes_, row.table, row.from_system, row.from_code, salt_);
    if (code != nullptr && !code->is_code) {
      return mistake(row,
                     "this is no code but a longer text, or one with signs that no table can hold; see the "
                     "rule that looks it up, or leave the row empty");
    }
    if (code != nullptr) {
      row.from_system = code->system;  // a hash stands for them
      row.from_code = code->code;
    }
    if (row.from_code == "*") {
      return mistake(row, "* stands for every other code; write such a row into the table yourself");
    }
    const auto added = tables_.add(row);
    switch (added) {
      case SiteTables::Add::no_table:
        return mistake(row, "there is no table of that name");
      case SiteTables::Add::contradicts:
        return mistake(row, "the code has a row already that says something else, " + tables_.place() +
                                "; change that one, or leave this one empty");
      case SiteTables::Add::already_there:
        ++applied_.already_there;
        break;
      case SiteTables::Add::added:
        // Checked last, so that what was applied before may be applied again.
        if (code == nullptr) {
          return mistake(row,
                         "this code is not to do; compare it with `kakehashi codes todo`: spreadsheets drop "
                         "zeros at the beginning");
        }
        ++applied_.added;
        applied_.tables.insert(row.table);
        break;
    }
    if (code == nullptr) return;
    applied_.held += code->held;
    concerned_.push_back(*code);
  }

  AppliedCodes& applied() { return applied_; }
  const std::vector<CodeToDo>& concerned() const { return concerned_; }
  const SettingsErrors& mistakes() const { return mistakes_; }

 private:
  void mistake(const FilledInRow& row, const std::string& message) {
    mistakes_.push_back({name_ + ":" + std::to_string(row.line), message});
  }

  const std::string& name_;
  SiteTables& tables_;
  std::vector<CodeToDo> codes_;
  std::string salt_;
  AppliedCodes applied_;
  std::vector<CodeToDo> concerned_;
  SettingsErrors mistakes_;
};

}  // namespace

boost::system::result<AppliedCodes, SettingsErrors> apply_codes(Database& database, const Settings& settings,
                                                                const std::string& name,
                                                                std::string_view bytes) {
  auto tables = SiteTables::open(settings);
  if (!tables.has_value()) return tables.error();
  auto filled_in = read_filled_in(name, bytes);
  if (!filled_in.has_value()) return filled_in.error();
  Application application(name, *tables, codes_to_do(database), label_salt(database));
  application.applied().left_empty = filled_in->left_empty;
  for (FilledInRow& row : filled_in->rows) application.take(std::move(row));
  if (!application.mistakes().empty()) return application.mistakes();
  if (application.applied().added > 0) {
    if (auto written = tables->commit(); !written.has_value()) return written.error();
  }
  // Only now that the rows are in place. A daemon that started in between has made with them what was held;
  // it is asked for all of it at its next start, which costs a look.
  Transaction transaction(database);
  request_remake(database, application.concerned(), now());
  transaction.commit();
  return std::move(application.applied());
}

}  // namespace gateway
