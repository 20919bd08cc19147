#include "gateway/application.h"
#include "gateway/command_line.h"

#include <csignal>
#include <utility>

namespace gateway {

int command_run(const Arguments& arguments) {
  CommandLine line("run");
  line.flag("once", "sweep everything, deliver, print a summary, end")
      .value("timeout", "with --once: how long to wait for backoff and results (default 10m)");
  line.parse(arguments);
  RunOptions options;
  options.once = line.has("once");
  if (line.has("timeout")) {
    const auto timeout = parse_duration(line.text("timeout"));
    if (!timeout || !options.once) {
      throw UsageError{"run: --timeout goes with --once and takes a duration like 500ms, 30s or 10m"};
    }
    options.timeout = *timeout;
  }
  // Until it is obeyed: a reload that comes before the daemon listens must not end it.
  if (!options.once) std::signal(SIGHUP, SIG_IGN);
  auto configuration = load_or_complain(line.config());
  if (!configuration) return kExitWrongUsage;
  return static_cast<int>(run(std::move(*configuration), options));
}

}  // namespace gateway
