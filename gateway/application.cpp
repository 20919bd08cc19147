#include "gateway/application.h"

#include "gateway/admin.h"
#include "gateway/control_socket.h"
#include "gateway/database_check.h"
#include "gateway/heartbeat.h"
#include "gateway/intake.h"
#include "gateway/load_progress.h"
#include "gateway/process.h"
#include "gateway/queue_service.h"
#include "gateway/reload.h"
#include "gateway/restarts.h"
#include "gateway/routes.h"
#include "gateway/schema.h"
#include "gateway/single_run.h"
#include "gateway/start_report.h"
#include "gateway/state_opening.h"
#include "gateway/state_watch.h"
#include "gateway/stop_deadline.h"

#include <csignal>
#include <typeinfo>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <unistd.h>

namespace gateway {
namespace {

// A look at folders may block on a dead mount; the others go on.
constexpr int kWorkThreads = 4;
// A stop takes 10 s at most: answers are awaited first, then what is under way is cut off, then the process
// ends.
constexpr Milliseconds kDrainTime{7'000};
constexpr Milliseconds kStopTime{9'500};

class Application {
 public:
  /// `damaged`: the one before this found the state unusable. `identities`: those that a reload has read.
  Application(Process& process, const Configuration& configuration, std::optional<TlsIdentities> identities,
              const RunOptions& options, const Log& log, bool damaged)
      : process_(process),
        configuration_(configuration),
        identities_(std::move(identities)),
        options_(options),
        log_(log),
        reloaded_(identities_.has_value()),
        begins_anew_(damaged) {}

  /// The state is unusable, and nobody asked to stop: another one goes on without it.
  bool found_damage() const { return damaged_ && !signalled_; }
  /// What another one goes on with, after a reload.
  std::optional<ReadAnew> take_next() { return std::exchange(next_, std::nullopt); }

  RunResult run() {
    // Steps 1 to 3, settings, mapping and tables, were done by the caller: nothing is opened when they are
    // wrong. 4. Certificates.
    if (!identities_) {
      auto loaded = load_identities(configuration_.settings);
      if (!loaded.has_value()) {
        log_errors(log_, Message::certificates_unusable, loaded.error());
        return RunResult::wrong_settings;
      }
      identities_ = std::move(*loaded);
    }
    // 5. State directory, locked. 6. Database.
    auto state = open_state();
    if (!state) return begin_failed_;
    // 7. Threads.
    StateStore store(std::move(state->contents), [this](Database& database, const DatabaseError* error) {
      note_disk(database, error, log_);
    });
    store_ = &store;
    // Whoever waits for a single run hears of a failing disk at once.
    if (options_.once) store.give_up_waiting();
    boost::asio::thread_pool work(kWorkThreads);
    // 8. Senders, 9. intake, 10. control socket, 11. admin pages, 12. signals.
    start(store, work, state->begin);
    tell_started();
    process_.io.run();
    // Reverse: the loops have ended; now their threads, the database last.
    work.join();
    // No signal is heard any more; a summary of many units takes its time.
    if (options_.once && !signalled_) begin_deadline();
    const RunResult result = failed_       ? RunResult::failed
                             : single_run_ ? single_run_->tell()
                                           : RunResult::done;
    // The result is known now: no end that takes long may change it.
    if (single_run_ && !failed_ && !signalled_) deadline_.emplace(kStopTime, static_cast<int>(result), log_);
    end(store);
    deadline_.reset();
    if (failed_ && !damaged_) next_.reset();
    process_.io.restart();
    if (next_ || found_damage()) process_.lock.emplace(std::move(state->lock));
    if (!next_) log_.write(Message::stopped);
    return result;
  }

 private:
  /// Nothing: it ends.
  std::optional<OpenState> open_state() {
    StateOpening::Wait wait = [this](Milliseconds time) { return !process_.signalled_within(time); };
    StateOpening opening(configuration_, process_.service, log_, options_.once ? StateOpening::Wait() : wait);
    try {
      auto state = opening.open(begins_anew_, process_.take_lock());
      if (!state && process_.is_signalled()) begin_failed_ = RunResult::done;
      return state;
    } catch (const DatabaseError& error) {
      if (!error.damaged()) throw;
      note_failure(std::current_exception());
      begin_failed_ = RunResult::failed;
      return std::nullopt;
    }
  }

  void start(StateStore& store, boost::asio::thread_pool& work, const StateBegin& begin) {
    const auto executor = process_.io.get_executor();
    const auto hand_over = [this](boost::asio::awaitable<void> loop) { spawn(std::move(loop)); };
    routes_.emplace(executor, configuration_.settings, *identities_, store, work, log_);
    routes_->start(hand_over);
    watch_.emplace(executor, configuration_.settings, store, log_);
    spawn(watch_->run());
    check_.emplace(executor, database_file(configuration_.settings), begin.in_doubt, store, log_);
    if (!options_.once) spawn(check_->run());
    intake_.emplace(
        executor, configuration_, store, work, log_, [this] { routes_->wake(); },
        [this] { return watch_->may_read(); });
    spawn(intake_->start(hand_over));
    heartbeat_.emplace(executor, configuration_.settings, store, process_.service, log_);
    spawn(heartbeat_->run_pulse());
    spawn(heartbeat_->run_status());
    progress_.emplace(executor, configuration_.settings, store, log_);
    spawn(progress_->run());
    start_control(store, work);
    if (!options_.once) {
      admin_.emplace(executor,
                     AdminSources{process_, configuration_.settings, store, *routes_, *intake_, *watch_,
                                  *heartbeat_, log_},
                     work);
      if (admin_->open()) spawn(admin_->run());
    }
    if (options_.once) {
      single_run_.emplace(executor, configuration_.settings, store, *intake_, *routes_);
      spawn(end_when_done());
    }
    wait_for_signal(work);
    if (std::exchange(process_.reload_asked, false)) begin_reload(work);
  }

  void tell_started() {
    log_started(configuration_.settings, log_);
    process_.service.ready();
    if (!reloaded_) return;
    log_.write(Message::reloaded);
    process_.reloads.note_done();
  }

  /// A gateway that takes no orders still does its work.
  void start_control(StateStore& store, boost::asio::thread_pool& work) {
    const Settings& settings = configuration_.settings;
    queue_service_.emplace(settings, store, work, log_, [this] {
      intake_->wake();
      routes_->wake();
    });
    control_.emplace(process_.io.get_executor(), settings.state_directory, ConnectionLimits{kLongestRequest},
                     [this](std::string line, std::int64_t uid, ControlSocket::StillWaits waits) {
                       return queue_service_->answer(std::move(line), uid, std::move(waits));
                     });
    const auto error = control_->open();
    if (!error) return spawn(control_->run());
    control_.reset();
    log_.write(Message::no_orders, {{"error", SafeText::vouched(error.message())},
                                    {"consequence", "kakehashi queue reaches this gateway by no socket"},
                                    {"remedy", "let control.sock be made in the state directory"}});
  }

  /// Every task is watched: one that ends by an exception ends the daemon, in order.
  void spawn(boost::asio::awaitable<void> task) {
    ++tasks_;
    boost::asio::co_spawn(process_.io, std::move(task), [this](std::exception_ptr error) {
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
      log_.write(Message::database_failed, {{"error", SafeText::vouched(database.what())}});
    } catch (const std::exception& bug) {
      // what() of a library may quote its input: the type is enough to find the place, the text is not shown.
      log_.write(Message::unexpected_error, {{"type", SafeText::vouched(typeid(bug).name())}});
    }
  }

  void wait_for_signal(boost::asio::thread_pool& work) {
    process_.signals.async_wait([this, &work](const boost::system::error_code& error, int signal) {
      if (error) return;
      if (signal == SIGHUP) {
        begin_reload(work);
      } else {
        obey(signal);
      }
      const bool is_over = stopping_ && tasks_ == 0;
      if (!is_over) wait_for_signal(work);
    });
  }

  void obey(int signal) {
    log_.write(signalled_ ? Message::stopping_at_once : Message::stopping, {{"signal", SafeText(signal)}});
    if (signalled_) std::_Exit(128 + signal);  // the database is made for that
    signalled_ = true;
    next_.reset();
    process_.service.stopping();
    if (stopping_) begin_deadline();  // what it stops for ends otherwise
    stop();
  }

  void begin_reload(boost::asio::thread_pool& work) {
    if (reloading_ || stopping_) {
      process_.reload_asked = true;  // since what is read just now was read
      return;
    }
    reloading_ = true;
    process_.service.reloading();
    log_.write(Message::reloading);
    spawn(reload(work));
  }

  /// All of it is good, or nothing changes. The next one goes on with what is good, in this process.
  boost::asio::awaitable<void> reload(boost::asio::thread_pool& work) {
    auto read = [this, in_use = routes_->certificates_in_use()] { return read_anew(configuration_, in_use); };
    auto next = co_await run_on(work, std::move(read));
    SettingsErrors errors;
    if (!next.has_value()) errors = next.error();
    if (errors.empty()) {
      auto look = [&settings = next->configuration.settings](StateStore::Contents& state) {
        return find_other_bindings(state.database, settings);
      };
      errors = co_await store_->run(std::move(look));
    }
    reloading_ = false;
    if (stopping_) co_return;
    if (errors.empty()) {
      log_changes(configuration_, next->configuration, log_);
      next_ = std::move(*next);
      stop();
    } else {
      log_errors(log_, Message::reload_refused, errors);
      ++process_.reloads.refused;
      process_.service.ready();
      if (std::exchange(process_.reload_asked, false)) begin_reload(work);
    }
  }

  void stop() {
    if (stopping_) return;
    stopping_ = true;
    begin_deadline();
    if (single_run_) single_run_->stop();
    intake_->stop();
    progress_->stop();
    heartbeat_->stop();
    watch_->stop();
    check_->stop();
    store_->give_up_waiting();
    if (admin_) admin_->stop();
    if (control_) control_->stop();
    routes_->stop();
    cut_off_later();
    finish_when_idle();
  }

  void begin_deadline() {
    // What a reload cannot end goes on in a process that systemd starts anew. A single run that is cut short
    // has left something.
    const RunResult result = next_ || failed_ ? RunResult::failed
                             : options_.once  ? RunResult::something_left
                                              : RunResult::done;
    deadline_.emplace(kStopTime, static_cast<int>(result), log_);
  }

  void cut_off_later() {
    drain_timer_.expires_after(kDrainTime);
    drain_timer_.async_wait([this](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      log_.write(Message::requests_cut_off);
      routes_->give_up();
    });
  }

  void finish_when_idle() {
    if (tasks_ > 0) return;
    routes_->close();
    drain_timer_.cancel();
    process_.signals.cancel();
  }

  /// The loops and their threads have ended.
  void end(StateStore& store) {
    single_run_.reset();
    admin_.reset();
    control_.reset();
    progress_.reset();
    heartbeat_.reset();
    intake_.reset();
    check_.reset();
    watch_.reset();
    routes_.reset();
    if (damaged_) {
      store.abandon();
    } else {
      store.close([this](StateStore::Contents& state) {
        if (!failed_) note_end_in_order(state.database);
      });
    }
  }

  boost::asio::awaitable<void> end_when_done() {
    co_await single_run_->run(options_.timeout);
    stop();
  }

  Process& process_;
  const Configuration& configuration_;
  std::optional<TlsIdentities> identities_;
  const RunOptions& options_;
  const Log& log_;
  std::optional<Routes> routes_;
  std::optional<Intake> intake_;
  std::optional<SingleRun> single_run_;
  std::optional<LoadProgress> progress_;
  std::optional<Heartbeat> heartbeat_;
  std::optional<StateWatch> watch_;
  std::optional<DatabaseCheck> check_;
  StateStore* store_ = nullptr;
  std::optional<QueueService> queue_service_;
  std::optional<ControlSocket> control_;
  std::optional<Admin> admin_;
  boost::asio::steady_timer drain_timer_{process_.io};
  std::optional<ReadAnew> next_;
  int tasks_ = 0;
  bool stopping_ = false;
  bool reloading_ = false;
  bool failed_ = false;
  bool damaged_ = false;
  bool signalled_ = false;
  bool reloaded_;
  bool begins_anew_;
  RunResult begin_failed_ = RunResult::wrong_settings;
  std::optional<StopDeadline> deadline_;
};

}  // namespace

RunResult run(Configuration configuration, const RunOptions& options) {
  Process process(options.once ? Process::Hangup::ends : Process::Hangup::is_heard);
  Restarts restarts;
  std::optional<TlsIdentities> identities;
  for (bool damaged = false;;) {
    const Log log(configuration.settings.log, STDERR_FILENO);
    Application application(process, configuration, std::exchange(identities, {}), options, log, damaged);
    const RunResult result = application.run();
    damaged = application.found_damage();
    auto next = application.take_next();
    if (!damaged && !next) return result;
    if (damaged && !restarts.allow_another()) {
      log.write(Message::damaged_too_often, {{"remedy", "look at the disk that holds the state directory"}});
      return result;
    }
    if (!next) continue;
    configuration = std::move(next->configuration);
    identities = std::move(next->identities);
  }
}

}  // namespace gateway
