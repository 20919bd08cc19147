#include "gateway/application.h"

#include "gateway/certificate_watch.h"
#include "gateway/control_socket.h"
#include "gateway/database_check.h"
#include "gateway/fhir_client.h"
#include "gateway/intake.h"
#include "gateway/load_progress.h"
#include "gateway/queue_service.h"
#include "gateway/read_failure.h"
#include "gateway/schema.h"
#include "gateway/sender.h"
#include "gateway/start_report.h"
#include "gateway/state_begin.h"
#include "gateway/state_directory.h"
#include "gateway/state_files.h"
#include "gateway/state_watch.h"
#include "gateway/tls_identity.h"

#include <csignal>
#include <iostream>
#include <list>
#include <map>
#include <typeinfo>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <sys/stat.h>

namespace gateway {
namespace {

// A look at folders may block on a dead mount; the others go on.
constexpr int kWorkThreads = 4;
constexpr Milliseconds kCompletionPoll{50};
constexpr Milliseconds kFirstOpenWait{200};
constexpr Milliseconds kLongestOpenWait{10'000};
// A state that is damaged again and again is a disk that a person must look at.
constexpr std::size_t kRestartsAnHour = 3;

/// One destination that is sent to.
struct Route {
  Route(boost::asio::any_io_executor executor, const DestinationSettings& settings,
        const TlsIdentity& identity, StateStore& store, boost::asio::thread_pool& work, const Log& log)
      : client(executor, settings, identity),
        sender(executor, settings, store, client, log),
        certificates(settings, identity, client, sender, store, work, log, executor) {}
  FhirClient client;
  Sender sender;
  CertificateWatch certificates;
};

class Application {
 public:
  /// `damaged`: the one before this found the state unusable.
  Application(const Configuration& configuration, const RunOptions& options, const Log& log, bool damaged)
      : configuration_(configuration), options_(options), log_(log), begins_anew_(damaged) {}

  /// The state is unusable, and nobody asked to stop: another one goes on without it.
  bool found_damage() const { return damaged_ && !signalled_; }

  RunResult run() {
    // Steps 1 to 3, settings, mapping and tables, were done by the caller: nothing is opened when they are
    // wrong.
    // From here on a signal stops in order, however early it comes.
    signals_.emplace(io_, SIGTERM, SIGINT);
    // 4. Certificates.
    if (!load_identities()) return RunResult::wrong_settings;
    // 5. State directory, locked.
    const Settings& settings = configuration_.settings;
    const auto lock = lock_when_possible(settings.state_directory);
    if (!lock) return begin_failed_;
    // 6. Database.
    auto contents = open_when_possible();
    if (!contents) return begin_failed_;
    // 7. Threads.
    StateStore store(std::move(contents), [this](Database& database, const DatabaseError* error) {
      note_disk(database, error, log_);
    });
    store_ = &store;
    // Whoever waits for a single run hears of a failing disk at once.
    if (options_.once) store.give_up_waiting();
    boost::asio::thread_pool work(kWorkThreads);
    // 8. Senders, 9. intake, 10. control socket, 11. signals.
    start(store, work);
    log_started(settings, log_);
    io_.run();
    // Reverse: the loops have ended; now their threads, the database last.
    work.join();
    const RunResult result = failed_         ? RunResult::failed
                             : options_.once ? once_result(store)
                                             : RunResult::done;
    control_.reset();
    progress_.reset();
    intake_.reset();
    check_.reset();
    watch_.reset();
    routes_.clear();
    if (damaged_) {
      store.abandon();
    } else {
      store.close([this](StateStore::Contents& state) {
        if (!failed_) note_end_in_order(state.database);
      });
    }
    log_.info("stopped");
    return result;
  }

 private:
  bool load_identities() {
    bool good = true;
    for (const DestinationSettings& destination : configuration_.settings.destinations) {
      if (destination.mode == DestinationMode::dry_run) continue;
      auto identity = load_tls_identity(destination.tls, now());
      if (identity.has_value()) {
        identities_.emplace(destination.id, std::move(*identity));
      } else {
        log_errors(log_, identity.error());
        good = false;
      }
    }
    return good;
  }

  /// Nothing: it ends.
  std::optional<StateDirectoryLock> lock_when_possible(const std::filesystem::path& directory) {
    for (Milliseconds wait = kFirstOpenWait;; wait = std::min(2 * wait, kLongestOpenWait)) {
      auto lock = StateDirectoryLock::acquire(directory);
      if (lock.has_value()) return std::move(*lock);
      if (wait == kFirstOpenWait) log_errors(log_, lock.error());
      const auto space = disk_space(directory);
      const bool may_pass = space && (space->read_only || space->free_bytes == 0 || !space->has_free_files);
      if (may_pass && !options_.once) {
        if (wait_at_start(wait)) continue;
        return std::nullopt;
      }
      begin_failed_ = RunResult::wrong_settings;
      return std::nullopt;
    }
  }

  /// A disk that is full or not there yet is waited for: nobody starts a daemon twice. Nothing: it ends.
  std::unique_ptr<StateStore::Contents> open_when_possible() {
    int tries = 0;
    for (Milliseconds wait = kFirstOpenWait;; wait = std::min(2 * wait, kLongestOpenWait)) {
      try {
        return judging_reads(database_file(configuration_.settings), ++tries,
                             [this] { return open_database(); });
      } catch (const DatabaseError& error) {
        if (error.damaged()) note_failure(std::current_exception());
        if (error.damaged()) return nullptr;
        if (!error.may_pass() || options_.once) throw;
        if (wait == kFirstOpenWait) {
          log_.error("the state database cannot be opened, waiting for the disk",
                     {{"error", SafeText::vouched(error.what())}});
        }
      }
      if (!wait_at_start(wait)) return nullptr;
    }
  }

  /// False when a signal came.
  bool wait_at_start(Milliseconds duration) {
    signals_->async_wait([this](const boost::system::error_code& error, int) { signalled_ = !error; });
    io_.run_for(duration);
    signals_->cancel();
    io_.restart();
    io_.run();
    io_.restart();
    if (signalled_) begin_failed_ = RunResult::done;
    return !signalled_;
  }

  std::unique_ptr<StateStore::Contents> open_database() {
    const Settings& settings = configuration_.settings;
    ::umask(0077);
    if (begins_anew_) {
      leave_aside(settings, log_);
      begins_anew_ = false;
    }
    auto contents = std::make_unique<StateStore::Contents>(database_file(settings), settings.facility.zone);
    try {
      begin_ = begin_state(*contents, settings, log_);
      const auto bound = bind_state(contents->database, settings);
      if (!bound.has_value()) {
        log_errors(log_, bound.error());
        begin_failed_ = RunResult::wrong_settings;
        return nullptr;
      }
      resume_state(*contents, configuration_, log_);
    } catch (const DatabaseError& error) {
      if (error.damaged() || error.unreadable()) contents->database.leave_as_it_is();
      throw;
    }
    return contents;
  }

  void start(StateStore& store, boost::asio::thread_pool& work) {
    const auto executor = io_.get_executor();
    for (const DestinationSettings& destination : configuration_.settings.destinations) {
      if (destination.mode == DestinationMode::dry_run) continue;
      Route& route =
          routes_.emplace_back(executor, destination, identities_.at(destination.id), store, work, log_);
      spawn(route.certificates.run());
      for (int i = 0; i < destination.delivery.connections; ++i) spawn(route.sender.run_worker());
    }
    watch_.emplace(executor, configuration_.settings, store, log_);
    spawn(watch_->run());
    check_.emplace(executor, database_file(configuration_.settings), begin_.in_doubt, store, log_);
    if (!options_.once) spawn(check_->run());
    intake_.emplace(
        executor, configuration_, store, work, log_, [this] { wake_senders(); },
        [this] { return watch_->may_read(); });
    spawn(intake_->start([this](boost::asio::awaitable<void> loop) { spawn(std::move(loop)); }));
    progress_.emplace(executor, configuration_.settings, store, log_);
    spawn(progress_->run());
    start_control(store, work);
    if (options_.once) spawn(end_when_done(store));
    wait_for_signal();
  }

  /// A gateway that takes no orders still does its work.
  void start_control(StateStore& store, boost::asio::thread_pool& work) {
    const Settings& settings = configuration_.settings;
    queue_service_.emplace(settings, store, work, log_, [this] {
      intake_->wake();
      wake_senders();
    });
    control_.emplace(
        io_.get_executor(), settings.state_directory, ControlLimits{kLongestRequest},
        [this](std::string line, std::int64_t uid) { return queue_service_->answer(std::move(line), uid); });
    const auto error = control_->open();
    if (!error) return spawn(control_->run());
    control_.reset();
    log_.error("no orders can be taken",
               {{"error", SafeText::vouched(error.message())},
                {"consequence", "kakehashi queue reaches this gateway by no socket"},
                {"remedy", "let control.sock be made in the state directory"}});
  }

  void wake_senders() {
    for (Route& route : routes_) route.sender.wake();
  }

  /// Every task is watched: one that ends by an exception ends the daemon, in order.
  void spawn(boost::asio::awaitable<void> task) {
    ++tasks_;
    boost::asio::co_spawn(io_, std::move(task), [this](std::exception_ptr error) {
      --tasks_;
      if (error) note_failure(error);
      if (error) stop();
      if (stopping_) finish_when_idle();
    });
  }

  void note_failure(const std::exception_ptr& error) {
    failed_ = true;
    try {
      std::rethrow_exception(error);
    } catch (const DatabaseError& database) {
      damaged_ = damaged_ || database.damaged();
      log_.error("the state database failed, stopping", {{"error", SafeText::vouched(database.what())}});
    } catch (const std::exception& bug) {
      // what() of a library may quote its input: the type is enough to find the place, the text is not shown.
      log_.error("stopping after an unexpected error", {{"type", SafeText::vouched(typeid(bug).name())}});
    }
  }

  void wait_for_signal() {
    signals_->async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      log_.info(stopping_ ? SafeText("second signal, stopping at once") : SafeText("stopping"),
                {{"signal", SafeText(signal)}});
      if (stopping_) std::_Exit(128 + signal);  // the database is made for that
      signalled_ = true;
      stop();
      wait_for_signal();
    });
  }

  void stop() {
    if (stopping_) return;
    stopping_ = true;
    intake_->stop();
    progress_->stop();
    watch_->stop();
    check_->stop();
    store_->give_up_waiting();
    if (control_) control_->stop();
    for (Route& route : routes_) {
      route.sender.stop();
      route.certificates.stop();
    }
    finish_when_idle();
  }

  void finish_when_idle() {
    if (tasks_ > 0) return;
    for (Route& route : routes_) route.client.close();
    signals_->cancel();
  }

  boost::asio::awaitable<void> end_when_done(StateStore& store) {
    boost::asio::steady_timer timer(io_);
    const auto deadline = std::chrono::steady_clock::now() + options_.timeout;
    while (!stopping_ && std::chrono::steady_clock::now() < deadline) {
      if (co_await nothing_left_to_do(store, deadline)) break;
      timer.expires_after(kCompletionPoll);
      co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    stop();
  }

  boost::asio::awaitable<bool> nothing_left_to_do(StateStore& store,
                                                  std::chrono::steady_clock::time_point deadline) {
    if (!co_await intake_->idle()) co_return false;
    auto ask = [](StateStore::Contents& state) { return state.units.next_due(); };
    const auto next_due = co_await store.run(std::move(ask));
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline - std::chrono::steady_clock::now());
    if (next_due && *next_due < now() + left) co_return false;  // a delete that settles in time is waited for
    for (const DestinationSettings& destination : configuration_.settings.destinations) {
      if (destination.mode == DestinationMode::dry_run) continue;
      auto count = [id = destination.id](StateStore::Contents& state) {
        return state.outbox.counts(id).unfinished();
      };
      if (co_await store.run(std::move(count)) > 0) co_return false;
    }
    for (const Route& route : routes_) {
      if (route.sender.busy()) co_return false;
    }
    co_return true;
  }

  RunResult once_result(StateStore& store) {
    boost::asio::io_context own;
    StatusReport report;
    auto read = [this](StateStore::Contents& state) {
      return read_status(state.database, configuration_.settings, now());
    };
    boost::asio::co_spawn(own, store.run(std::move(read)),
                          [&report](std::exception_ptr error, StatusReport got) {
                            if (error) std::rethrow_exception(error);
                            report = std::move(got);
                          });
    own.run();
    std::cout << to_text(report);
    return result_of_once(report, configuration_.settings, intake_->finished());
  }

  const Configuration& configuration_;
  const RunOptions& options_;
  const Log& log_;
  std::map<std::string, TlsIdentity> identities_;
  boost::asio::io_context io_{1};
  std::list<Route> routes_;  // nodes are stable: workers keep references
  std::optional<Intake> intake_;
  std::optional<LoadProgress> progress_;
  std::optional<StateWatch> watch_;
  std::optional<DatabaseCheck> check_;
  StateStore* store_ = nullptr;
  StateBegin begin_;
  std::optional<QueueService> queue_service_;
  std::optional<ControlSocket> control_;
  std::optional<boost::asio::signal_set> signals_;
  int tasks_ = 0;
  bool stopping_ = false;
  bool failed_ = false;
  bool damaged_ = false;
  bool signalled_ = false;
  bool begins_anew_;
  RunResult begin_failed_ = RunResult::failed;
};

}  // namespace

RunResult run(const Configuration& configuration, const RunOptions& options, const Log& log) {
  using SteadyClock = std::chrono::steady_clock;
  std::vector<SteadyClock::time_point> restarts;
  for (bool damaged = false;;) {
    Application application(configuration, options, log, damaged);
    const RunResult result = application.run();
    damaged = application.found_damage();
    if (!damaged) return result;
    std::erase_if(restarts, [](auto when) { return SteadyClock::now() - when > std::chrono::hours(1); });
    if (restarts.size() == kRestartsAnHour) {
      log.error("the state was damaged too often within an hour",
                {{"remedy", "look at the disk that holds the state directory"}});
      return result;
    }
    restarts.push_back(SteadyClock::now());
  }
}

}  // namespace gateway
