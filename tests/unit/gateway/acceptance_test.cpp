#include "gateway/acceptance.h"

#include "tests/unit/gateway/configuration_support.h"
#include "tests/unit/gateway/coroutine_run.h"
#include "tests/unit/gateway/state_support.h"
#include "tests/unit/gateway/storage_support.h"

#include <catch2/catch.hpp>

namespace {

using gateway::Acceptance;
using gateway::FolderToLookAt;
using gateway::Milliseconds;
using gateway::StateStore;
using gateway::Unsettled;
using namespace gateway::test;

// More than settle at the same time.
constexpr int kMany = 20'001;

gateway::Configuration quickly_settling(const SiteFolder& site) {
  gateway::Configuration configuration = site.configuration();
  configuration.settings.storages.front().settle = Milliseconds(1);
  return configuration;
}

/// A storage on disk, its documents as a sweep tells them, and an acceptance that runs until they are
/// decided.
class Accepting {
 public:
  Accepting() = default;
  ~Accepting() { store_.close(); }
  Accepting(const Accepting&) = delete;
  Accepting& operator=(const Accepting&) = delete;

  std::filesystem::path root() const { return site_.root(); }

  /// As the sweep does: one folder listed and compared.
  std::vector<Unsettled> sweep(const std::string& folder) {
    std::vector<Unsettled> seen;
    auto observe = [&](StateStore::Contents& state) {
      const std::string storage = configuration_.settings.storages.front().id;
      const FolderToLookAt at_folder = state.ledger.add_patient_folder(storage, folder, gateway::now());
      gateway::Transaction transaction(state.database);
      for (const auto& listing : gateway::look_at(root(), {at_folder}, {})) {
        seen = state.ledger.observe(storage, listing, gateway::now()).to_settle;
      }
      transaction.commit();
    };
    ask(observe);
    return seen;
  }

  void decide(const std::vector<Unsettled>& seen) {
    std::size_t decisions = 0;
    Acceptance acceptance(run_.io().get_executor(), context_, [&] { ++decisions; });
    acceptance.see(seen);
    run_.spawn(acceptance.run());
    run_.until([&] { return acceptance.idle(); });
    acceptance.stop();
    run_.to_the_end();
    CHECK(decisions > 0);
  }

  std::string value(const std::string& sql) {
    std::string value;
    auto select = [&](StateStore::Contents& state) { value = value_of(state.database, sql); };
    ask(select);
    return value;
  }

 private:
  void ask(const std::function<void(StateStore::Contents&)>& question) {
    run_.spawn(asking(question));
    run_.to_the_end();
  }
  boost::asio::awaitable<void> asking(std::function<void(StateStore::Contents&)> question) {
    co_await store_.run(std::move(question));
  }

  SiteFolder site_;
  gateway::Configuration configuration_ = quickly_settling(site_);
  StateStore store_{empty_state()};
  boost::asio::thread_pool work_{2};
  gateway::Log log_{{gateway::LogLevel::error}, -1};
  gateway::IntakeContext context_{configuration_, store_, work_, log_};
  CoroutineRun run_;
};

}  // namespace

TEST_CASE("A document that stays the same and is whole is accepted, and is to be looked at once more") {
  Accepting accepting;
  write_document(accepting.root(), kProblemName, problem_bytes());
  accepting.decide(accepting.sweep(folder_of(kProblemName)));
  CHECK(accepting.value("SELECT state FROM document") == "0");
  CHECK(accepting.value("SELECT COUNT(*) FROM relook") == "1");
  CHECK(accepting.value("SELECT COUNT(*) FROM unit WHERE due IS NOT NULL") == "1");
}

TEST_CASE(
    "A document that is no message is refused with its reason, and looked at again, for it may be finished "
    "yet") {
  Accepting accepting;
  write_document(accepting.root(), kProblemName, "%PDF-1.4\r");
  accepting.decide(accepting.sweep(folder_of(kProblemName)));
  CHECK(accepting.value("SELECT state FROM document") == "2");
  CHECK(accepting.value("SELECT failure FROM refusal") == "hl7:no-msh");
  CHECK(accepting.value("SELECT COUNT(*) FROM relook") == "1");
}

TEST_CASE("Documents to settle that only the ledger remembers, from before a start, are accepted") {
  Accepting accepting;
  write_document(accepting.root(), kProblemName, problem_bytes());
  accepting.sweep(folder_of(kProblemName));
  accepting.decide({});
  CHECK(accepting.value("SELECT state FROM document") == "0");
}

TEST_CASE("More documents than fit into memory at once are all accepted") {
  Accepting accepting;
  const auto folder = accepting.root() / folder_of(kProblemName);
  write_document(accepting.root(), kProblemName, problem_bytes());
  for (int i = 1; i < kMany; ++i) {
    const std::string time = std::to_string(10'000 + i);  // seconds and milliseconds
    std::filesystem::create_hard_link(folder / kProblemName,
                                      folder / with(kProblemName, "00123_", time + "_"));
  }
  const auto seen = accepting.sweep(folder_of(kProblemName));
  accepting.decide(seen);
  CHECK(seen.size() == kMany);
  CHECK(accepting.value("SELECT COUNT(*) FROM document WHERE state = 0") == std::to_string(kMany));
}
