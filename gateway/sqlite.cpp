#include "gateway/sqlite.h"

#include "ssmix2/check.h"

#include <cerrno>
#include <charconv>
#include <system_error>

#include <sqlite3.h>

namespace gateway {
namespace {

/// Of the last read of the database or its log that failed, by errno; 0: none did.
int read_error(sqlite3* connection) {
  int error = 0;
  sqlite3_file_control(connection, "main", SQLITE_FCNTL_LAST_ERRNO, &error);
  sqlite3_file* log = nullptr;
  if (error != 0 || sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK)
    return error;
  if (log != nullptr && log->pMethods != nullptr)
    log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &error);
  return error;
}

/// A statement that meets EIO ends as one that meets a damaged page does; but a disk that is away for a
/// moment is no damage.
bool is_read_error(sqlite3* connection, int code) {
  return (code & 0xFF) == SQLITE_CORRUPT && read_error(connection) == EIO;
}

[[noreturn]] void fail(sqlite3* connection, int code, const std::string& doing) {
  if (connection == nullptr) throw DatabaseError(code, doing + ": " + sqlite3_errstr(code));
  if (is_read_error(connection, sqlite3_errcode(connection))) {
    throw DatabaseError(SQLITE_IOERR_CORRUPTFS, doing + ": " + sqlite3_errstr(SQLITE_IOERR) + " (" +
                                                    std::generic_category().message(EIO) + ")");
  }
  std::string what = doing + ": " + sqlite3_errmsg(connection);
  const int primary = sqlite3_errcode(connection) & 0xFF;
  const int system = sqlite3_system_errno(connection);
  if ((primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN) && system != 0)
    what += " (" + std::generic_category().message(system) + ")";
  throw DatabaseError(sqlite3_extended_errcode(connection), what);
}

/// The code in a finding of quick_check: "... unable to get the page. error code=266". 0: none.
int code_in(std::string_view finding) {
  constexpr std::string_view kBefore = "error code=";
  const auto at = finding.find(kBefore);
  int code = 0;
  if (at != std::string_view::npos)
    std::from_chars(finding.data() + at + kBefore.size(), finding.data() + finding.size(), code);
  return code;
}

}  // namespace

DatabaseError DatabaseError::of_damage(const std::string& what) {
  return {SQLITE_CORRUPT, what};
}

DatabaseError DatabaseError::of_system(int error, const std::string& doing) {
  const bool full = error == ENOSPC || error == EDQUOT;
  const int code = full ? SQLITE_FULL : error == EROFS ? SQLITE_READONLY : SQLITE_IOERR;
  return {code, doing + ": " + std::generic_category().message(error)};
}

bool DatabaseError::may_pass() const {
  if (damaged()) return false;
  switch (code_ & 0xFF) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_BUSY:
    case SQLITE_NOLFS:
      return true;
    default:
      return false;
  }
}

bool DatabaseError::damaged() const {
  const int primary = code_ & 0xFF;
  // Somebody took the file away: what is written from now on goes nowhere.
  return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || code_ == SQLITE_READONLY_DBMOVED;
}

bool DatabaseError::unreadable() const {
  // EIO is SQLITE_IOERR_CORRUPTFS, whatever its cause.
  return code_ == SQLITE_IOERR_CORRUPTFS || code_ == SQLITE_IOERR_READ || code_ == SQLITE_IOERR_SHORT_READ;
}

void demand_undamaged(bool fits, std::string_view what) {
  if (!fits)
    throw DatabaseError(SQLITE_CORRUPT, "what the state database says does not fit: " + std::string(what));
}

IdleStatements::~IdleStatements() {
  for (auto& [sql, statements] : by_text_) {
    for (sqlite3_stmt* statement : statements) sqlite3_finalize(statement);
  }
}

sqlite3_stmt* IdleStatements::take(std::string_view sql) {
  const auto found = by_text_.find(sql);
  if (found == by_text_.end() || found->second.empty()) return nullptr;
  sqlite3_stmt* statement = found->second.back();
  found->second.pop_back();
  return statement;
}

void IdleStatements::give_back(sqlite3_stmt* statement) {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  by_text_[sqlite3_sql(statement)].push_back(statement);
}

std::vector<std::string> IdleStatements::texts() const {
  std::vector<std::string> texts;
  for (const auto& [text, statements] : by_text_) texts.push_back(text);
  return texts;
}

void Statement::GiveBack::operator()(sqlite3_stmt* statement) const {
  idle->give_back(statement);
}
void Database::Close::operator()(sqlite3* connection) const {
  sqlite3_close_v2(connection);
}

Statement::Statement(sqlite3* connection, IdleStatements& idle, std::string_view sql)
    : statement_(idle.take(sql), GiveBack{&idle}) {
  if (statement_) return;
  sqlite3_stmt* prepared = nullptr;
  const int code =
      sqlite3_prepare_v2(connection, sql.data(), static_cast<int>(sql.size()), &prepared, nullptr);
  if (code != SQLITE_OK) fail(connection, code, "preparing a statement");
  statement_.reset(prepared);
}

Statement& Statement::bind(int index, std::int64_t value) {
  const int code = sqlite3_bind_int64(statement_.get(), index, value);
  if (code != SQLITE_OK) fail(sqlite3_db_handle(statement_.get()), code, "binding a number");
  return *this;
}

Statement& Statement::bind(int index, std::string_view text) {
  const int code = sqlite3_bind_text(statement_.get(), index, text.data() != nullptr ? text.data() : "",
                                     static_cast<int>(text.size()), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) fail(sqlite3_db_handle(statement_.get()), code, "binding a text");
  return *this;
}

Statement& Statement::bind(int index, std::span<const unsigned char> blob) {
  // A null pointer would be NULL, not an empty blob.
  const int code =
      sqlite3_bind_blob(statement_.get(), index, blob.empty() ? "" : static_cast<const void*>(blob.data()),
                        static_cast<int>(blob.size()), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) fail(sqlite3_db_handle(statement_.get()), code, "binding bytes");
  return *this;
}

Statement& Statement::bind(int index, std::nullopt_t) {
  const int code = sqlite3_bind_null(statement_.get(), index);
  if (code != SQLITE_OK) fail(sqlite3_db_handle(statement_.get()), code, "binding a null");
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  sqlite3* connection = sqlite3_db_handle(statement_.get());
  if (code != SQLITE_DONE) fail(connection, code, "running a statement");
  sqlite3_reset(statement_.get());
  return false;
}

void Statement::run() {
  while (step()) {
  }
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

Database::Database(const std::filesystem::path& file, Access access) {
  const int flags =
      access == Access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &connection, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  connection_.reset(connection);
  if (code != SQLITE_OK) fail(connection, code, "opening " + file.string());
  sqlite3_busy_timeout(connection, 5'000);
  if (access == Access::read_only) return;
  if (access == Access::scratch) {
    execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF");
    return;
  }
  execute("PRAGMA auto_vacuum=INCREMENTAL");  // of a new file only, and before its first page
  execute("PRAGMA journal_mode=WAL");
  execute("PRAGMA synchronous=FULL");
  execute("PRAGMA foreign_keys=ON");
  auto synchronous = prepare("PRAGMA synchronous");
  if (!synchronous.step() || synchronous.integer(0) != 2) {
    throw DatabaseError(SQLITE_ERROR, file.string() + " does not accept synchronous=FULL");
  }
}

void Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(connection_.get(), code, "running SQL");
}

std::int64_t Database::last_row_id() const {
  return sqlite3_last_insert_rowid(connection_.get());
}
int Database::changes() const {
  return sqlite3_changes(connection_.get());
}

void Database::checkpoint() {
  sqlite3_wal_checkpoint_v2(connection_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(connection_.get()) == 0;
}

std::optional<std::string> Database::quick_check() {
  return check_with("PRAGMA quick_check(1)");
}

std::optional<std::string> Database::integrity_check() {
  return check_with("PRAGMA integrity_check(1)");
}

std::optional<std::string> Database::check_with(std::string_view pragma) {
  auto check = prepare(pragma);
  if (!check.step()) return "it tells nothing";
  const std::string found = check.text(0);
  if (found == "ok") return std::nullopt;
  // A page that cannot be read is a finding like any other to SQLite, but says nothing of what is in it.
  if (const int code = code_in(found); (code & 0xFF) == SQLITE_IOERR)
    throw DatabaseError(code, sqlite3_errstr(code) + (", " + found));
  return found;
}

void Database::copy_to(Database& copy, int pages_at_once, const std::function<void()>& after_each) {
  // One reading from the first page to the last: without it every commit of others would begin the copy anew.
  execute("BEGIN; SELECT COUNT(*) FROM sqlite_master");
  struct Finish {
    void operator()(sqlite3_backup* copying) const { sqlite3_backup_finish(copying); }
  };
  std::unique_ptr<sqlite3_backup, Finish> copying(
      sqlite3_backup_init(copy.connection_.get(), "main", connection_.get(), "main"));
  if (!copying) fail(copy.connection_.get(), SQLITE_ERROR, "copying");
  int code = SQLITE_OK;
  while (code == SQLITE_OK) {
    code = sqlite3_backup_step(copying.get(), pages_at_once);
    after_each();
  }
  copying.reset();
  execute("COMMIT");
  if (code != SQLITE_DONE) throw DatabaseError(code, std::string("copying: ") + sqlite3_errstr(code));
}

void Database::shrink(int pages) {
  execute("PRAGMA incremental_vacuum(" + std::to_string(pages) + ")");
}

void Database::interrupt() {
  sqlite3_interrupt(connection_.get());
}

void Database::leave_as_it_is() {
  sqlite3_db_config(connection_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

Transaction::Transaction(Database& database) : database_(database), is_part_(database.in_transaction()) {
  database_.execute(is_part_ ? "SAVEPOINT part" : "BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (!open_) return;
  const auto undo = [this](const char* sql) {
    try {
      database_.execute(sql);
      return true;
    } catch (const DatabaseError&) {
      return false;
    }
  };
  // SQLite may have undone all of it by itself, e.g. on a full disk.
  if (undo(is_part_ ? "ROLLBACK TO part; RELEASE part" : "ROLLBACK") || !database_.in_transaction()) return;
  // A part that is still there would be committed with the whole: then nothing of that is.
  undo("ROLLBACK");
  // And what cannot be undone at all would be committed with whatever comes next. The next start undoes it.
  KAKEHASHI_CHECK(!database_.in_transaction());
}

void Transaction::commit() {
  if (!is_part_ && database_.before_commit_) database_.before_commit_();
  database_.execute(is_part_ ? "RELEASE part" : "COMMIT");
  open_ = false;
}

}  // namespace gateway
