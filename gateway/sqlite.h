#pragma once
// SQLite, owned: connection, statement, transaction. A connection is used by one thread only (the storage
// thread, or a command's own). Errors are exceptions: the caller cannot go on without its database.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace gateway {

class DatabaseError : public std::runtime_error {
 public:
  DatabaseError(int code, const std::string& what) : std::runtime_error(what), code_(code) {}
  /// Of a file beside the database, by errno: what may pass for the one may pass for the other.
  static DatabaseError of_damage(const std::string& what);
  static DatabaseError of_system(int error, const std::string& doing);
  int code() const { return code_; }  // SQLite's extended result code
  /// The disk is full, gone, read-only or locked by somebody else: the same may succeed later, and nothing of
  /// it has happened.
  bool may_pass() const;
  /// What is in the file is not what was written: it never gets better by itself.
  bool damaged() const;
  /// A read failed: of a bad sector, or of a disk that is away for a moment.
  bool unreadable() const;

 private:
  int code_;
};

/// Throws that the database is damaged unless what it says fits together: pages of it may be those of before
/// a power cut on a disk that lied, which SQLite's own check does not see.
void demand_undamaged(bool fits, std::string_view what);

/// Prepared statements that nobody uses at the moment, by their text: preparing one takes longer than most of
/// them run.
class IdleStatements {
 public:
  IdleStatements() = default;
  ~IdleStatements();
  IdleStatements(const IdleStatements&) = delete;
  IdleStatements& operator=(const IdleStatements&) = delete;

  sqlite3_stmt* take(std::string_view sql);
  void give_back(sqlite3_stmt* statement);
  std::vector<std::string> texts() const;

 private:
  std::map<std::string, std::vector<sqlite3_stmt*>, std::less<>> by_text_;
};

/// Reset and its bindings cleared when it goes out of scope or begins anew: a forgotten open SELECT would
/// block checkpoints for ever. Must not outlive its Database.
class Statement {
 public:
  Statement(sqlite3* connection, IdleStatements& idle, std::string_view sql);

  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, std::string_view text);
  Statement& bind(int index, std::span<const unsigned char> blob);
  Statement& bind(int index, std::nullopt_t);
  template <typename Value>
  Statement& bind(int index, const std::optional<Value>& value) {
    return value ? bind(index, *value) : bind(index, std::nullopt);
  }
  /// Binds 1, 2, … in order.
  template <typename... Values>
  Statement& with(const Values&... values) {
    int index = 0;
    (bind(++index, values), ...);
    return *this;
  }

  /// True: a row is there. False: done, and reset.
  bool step();
  /// Steps to the end; for statements without rows.
  void run();

  std::int64_t integer(int column) const;
  std::string text(int column) const;  // of a blob: its bytes
  bool is_null(int column) const;

 private:
  struct GiveBack {
    IdleStatements* idle;
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, GiveBack> statement_;
};

class Database {
 public:
  /// scratch: a file that nobody else opens and that is worth nothing before its maker has synced it: no log,
  /// no syncs.
  enum class Access { read_write, read_only, scratch };
  /// read_write: WAL, synchronous=FULL (set and read back), foreign keys on, busy timeout 5 s.
  Database(const std::filesystem::path& file, Access access);

  Statement prepare(std::string_view sql) { return {connection_.get(), *idle_, sql}; }
  void execute(const std::string& sql);
  /// The text of every statement that was prepared and is not in use.
  std::vector<std::string> statements() const { return idle_->texts(); }
  std::int64_t last_row_id() const;
  int changes() const;
  /// Empties the write-ahead log into the database file.
  void checkpoint();
  bool in_transaction() const;
  /// What SQLite finds wrong with the whole file; nothing when it is right. Reads all of it.
  std::optional<std::string> quick_check();
  /// The same with every index against its table. Takes several times as long.
  std::optional<std::string> integrity_check();
  /// Copies the database as it is at one moment into `copy`, which becomes the same, so many pages at a time.
  /// Others go on writing meanwhile: beside a write-ahead log a reader holds up nobody.
  void copy_to(Database& copy, int pages_at_once, const std::function<void()>& after_each);
  /// Gives free pages at its end back to the file system, at most so many.
  void shrink(int pages);
  /// Statements that run end with an error. The one function that other threads may call.
  void interrupt();
  /// What is there stays as it is for a person to look at: closing it would empty the write-ahead log.
  void leave_as_it_is();

  /// What must be durable together with a transaction but does not lie in the database: called before every
  /// commit, inside of the transaction; when it throws, nothing is committed.
  void before_commit(std::function<void()> what) { before_commit_ = std::move(what); }

 private:
  friend class Transaction;
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  std::optional<std::string> check_with(std::string_view pragma);

  std::unique_ptr<sqlite3, Close> connection_;
  std::unique_ptr<IdleStatements> idle_ =
      std::make_unique<IdleStatements>();  // finalized before the connection
  std::function<void()> before_commit_;
};

/// BEGIN IMMEDIATE (a deferred one would fail at its first write without waiting); rolled back unless
/// committed. Inside of another it is a part of that: undone by itself, durable with the outermost.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool is_part_;
  bool open_ = true;
};

}  // namespace gateway
