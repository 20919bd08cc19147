// Real inotify. What a hint leads to is the sweep's and the settler's business; here only that it comes, and
// for where.

#include "gateway/tree_watch.h"

#include "tests/unit/gateway/coroutine_run.h"
#include "tests/unit/gateway/storage_support.h"

#include <set>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <unistd.h>

namespace {

using gateway::TreeWatch;
using gateway::WatchMode;
using namespace gateway::test;

/// A tree with a watch on its root, and everything it told so far.
class Watching {
 public:
  Watching() {
    ssmix2::SafeText why;
    watch_ = TreeWatch::open(run_.io().get_executor(), folder_.path(), WatchMode::inotify, nullptr, why);
    REQUIRE(watch_);
    std::filesystem::create_directory(folder_.path() / "known");
    watch("known");
    run_.spawn(listen());
  }
  ~Watching() {
    closed_ = true;
    watch_->close();
    run_.to_the_end();
  }
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;

  void watch(const std::string& folder) {
    const int number = watch_->add(folder);
    REQUIRE(number >= 0);
    watch_->know(number, folder);
  }
  void wait_for(const std::set<std::string>& seen, const std::string& folder) {
    CAPTURE(folder);
    run_.until([&] { return seen.contains(folder); });
  }
  void forget() {
    files_.clear();
    subtrees_.clear();
  }

  std::filesystem::path path() const { return folder_.path(); }
  TreeWatch& tree() { return *watch_; }
  CoroutineRun& run() { return run_; }
  const std::set<std::string>& files() const { return files_; }
  const std::set<std::string>& subtrees() const { return subtrees_; }

 private:
  boost::asio::awaitable<void> listen() {
    while (!closed_) {
      const TreeWatch::Hints hints = co_await watch_->next();
      files_.insert(hints.folders.begin(), hints.folders.end());
      subtrees_.insert(hints.subtrees.begin(), hints.subtrees.end());
    }
  }

  Folder folder_;
  CoroutineRun run_;
  std::optional<TreeWatch> watch_;
  std::set<std::string> files_;
  std::set<std::string> subtrees_;
  bool closed_ = false;
};

}  // namespace

TEST_CASE("A file that is created, written, renamed or removed makes its folder worth a look") {
  Watching watching;
  const auto file = watching.path() / "known" / "a";
  write_file(file, "1");
  watching.wait_for(watching.files(), "known");
  watching.forget();
  std::filesystem::rename(file, watching.path() / "known" / "b");
  watching.wait_for(watching.files(), "known");
  watching.forget();
  std::filesystem::remove(watching.path() / "known" / "b");
  watching.wait_for(watching.files(), "known");
  CHECK(watching.subtrees().empty());
}

TEST_CASE("A file renamed into the tree from outside is noticed") {
  const Folder outside;
  write_file(outside.path() / "a", "1");
  Watching watching;
  std::filesystem::rename(outside.path() / "a", watching.path() / "known" / "a");
  watching.wait_for(watching.files(), "known");
}

TEST_CASE("A slow writer is noticed at every piece and at the end, not only at the beginning") {
  Watching watching;
  const int file = ::open((watching.path() / "known" / "a").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  REQUIRE(file >= 0);
  watching.wait_for(watching.files(), "known");
  for (int piece = 0; piece < 3; ++piece) {
    watching.forget();
    REQUIRE(::write(file, "x", 1) == 1);
    watching.wait_for(watching.files(), "known");
  }
  watching.forget();
  ::close(file);
  watching.wait_for(watching.files(), "known");
}

TEST_CASE("A new directory is told as one to be looked at with everything below it") {
  Watching watching;
  std::filesystem::create_directories(watching.path() / "known" / "new" / "deeper");
  watching.wait_for(watching.subtrees(), "known/new");
  CHECK_FALSE(watching.subtrees().contains("known"));
}

TEST_CASE("A directory moved in is told like a new one, a directory that goes like a change of its folder") {
  Watching watching;
  std::filesystem::create_directory(watching.path() / "outside");
  std::filesystem::rename(watching.path() / "outside", watching.path() / "known" / "moved");
  watching.wait_for(watching.subtrees(), "known/moved");
  watching.forget();
  std::filesystem::remove(watching.path() / "known" / "moved");
  watching.wait_for(watching.files(), "known");
}

TEST_CASE("What happens in a folder before its watch has a name is not lost") {
  Watching watching;
  std::filesystem::create_directory(watching.path() / "unknown");
  const int number = watching.tree().add("unknown");
  REQUIRE(number >= 0);
  write_file(watching.path() / "unknown" / "a", "1");
  write_file(watching.path() / "known" / "b", "1");
  watching.wait_for(watching.files(), "known");  // so the event before it has been read, too
  CHECK(watching.tree().know(number, "unknown"));
  CHECK_FALSE(watching.tree().know(number, "unknown"));  // told once
  write_file(watching.path() / "unknown" / "c", "1");
  watching.wait_for(watching.files(), "unknown");
}

TEST_CASE("A folder that is removed is watched no longer, and can be watched again when it is back") {
  Watching watching;
  CHECK(watching.tree().watched() == 1);
  std::filesystem::remove(watching.path() / "known");
  watching.run().until([&] { return watching.tree().watched() == 0; });
  std::filesystem::create_directory(watching.path() / "known");
  watching.watch("known");
  write_file(watching.path() / "known" / "a", "1");
  watching.wait_for(watching.files(), "known");
}

TEST_CASE(
    "A folder that two rounds did not ask for has cooled down and loses its watch, the others keep theirs") {
  Watching watching;
  std::filesystem::create_directory(watching.path() / "hot");
  watching.watch("hot");
  const auto round = [&] {
    watching.tree().begin_round();
    watching.watch("hot");
    watching.tree().end_round();
  };
  round();
  write_file(watching.path() / "known" / "a", "1");  // one round may miss it, by a day's end
  watching.wait_for(watching.files(), "known");
  round();
  watching.run().until([&] { return watching.tree().watched() == 1; });
  watching.forget();
  write_file(watching.path() / "known" / "b", "1");
  write_file(watching.path() / "hot" / "c", "1");
  watching.wait_for(watching.files(), "hot");
  CHECK_FALSE(watching.files().contains("known"));
}

TEST_CASE("A folder that a round asks for again is watched again") {
  Watching watching;
  for (int i = 0; i < 3; ++i) {
    watching.tree().begin_round();
    watching.tree().end_round();
  }
  watching.run().until([&] { return watching.tree().watched() == 0; });
  watching.tree().begin_round();
  watching.watch("known");
  watching.tree().end_round();
  write_file(watching.path() / "known" / "a", "1");
  watching.wait_for(watching.files(), "known");
}

TEST_CASE("A round counts anew what it asked for and what the kernel refused") {
  Watching watching;
  watching.tree().begin_round();
  watching.tree().count(10, 2);
  watching.tree().count(5, 1);
  CHECK(watching.tree().asked() == 15);
  CHECK(watching.tree().refused() == 3);
  watching.tree().begin_round();
  CHECK(watching.tree().asked() == 0);
  CHECK(watching.tree().refused() == 0);
}

TEST_CASE("The root itself can be watched") {
  Watching watching;
  watching.watch("");
  write_file(watching.path() / "a", "1");
  watching.wait_for(watching.files(), "");
  std::filesystem::create_directory(watching.path() / "000");
  watching.wait_for(watching.subtrees(), "000");
}

TEST_CASE("Links and files are not watched, nor what is not there") {
  Watching watching;
  std::filesystem::create_directory_symlink(watching.path() / "known", watching.path() / "link");
  write_file(watching.path() / "file", "1");
  CHECK(watching.tree().add("link") < 0);
  CHECK(watching.tree().add("file") < 0);
  CHECK(watching.tree().add("none") < 0);
}

TEST_CASE("Where watching is switched off the reason is told") {
  const Folder folder;
  CoroutineRun run;
  ssmix2::SafeText why;
  CHECK_FALSE(TreeWatch::open(run.io().get_executor(), folder.path(), WatchMode::sweep, nullptr, why));
  CHECK(why.view() == "watch is set to sweep");
  CHECK(TreeWatch::open(run.io().get_executor(), folder.path(), WatchMode::automatic, nullptr, why));
}
