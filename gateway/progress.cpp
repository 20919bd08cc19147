#include "gateway/progress.h"

namespace gateway {
namespace {

using ssmix2::SafeText;

SafeText seconds(Progress::Duration duration) {
  return SafeText(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + SafeText(" s");
}

bool is_late(const Progress::Delivery& delivery) {
  // A request may take as long as its timeout, and one that waits for it as long again.
  const auto patience = kPatience + 2 * delivery.timeout;
  return !delivery.paused && delivery.due_since && *delivery.due_since > patience &&
         delivery.since_last > patience;
}

}  // namespace

std::vector<Standstill> standstills(const Progress& progress) {
  std::vector<Standstill> found;
  if (progress.storage_thread_busy > kStorageThreadPatience) {
    found.push_back({"state", SafeText("the database has been at one piece of work for ") +
                                  seconds(progress.storage_thread_busy)});
  }
  if (!progress.status_age || *progress.status_age > kPatience) {
    found.push_back({"status", "what the database says could not be read lately"});
  }
  if (!progress.reads) {
    found.push_back({"back-pressure",
                     "nothing new is read: too much waits to be sent, or too little of the state's disk is "
                     "free"});
  }
  for (const Progress::Sweeps& sweeps : progress.sweeps) {
    if (sweeps.since_last <= kPatience + sweeps.interval) continue;
    found.push_back({"sweeps", SafeText("no folder of storage ") + SafeText::vouched(sweeps.storage) +
                                   SafeText(" answered for ") + seconds(sweeps.since_last)});
  }
  if (progress.look_lasts && *progress.look_lasts > kPatience) {
    found.push_back({"documents", SafeText("documents have been read for ") + seconds(*progress.look_lasts)});
  }
  // What is due waits on purpose while nothing is read.
  const bool units_late = progress.reads && progress.units_due_since &&
                          *progress.units_due_since > kPatience && progress.since_last_unit > kPatience;
  if (units_late) {
    found.push_back({"units", SafeText("report units are due, and none was made for ") +
                                  seconds(progress.since_last_unit)});
  }
  for (const Progress::Delivery& delivery : progress.deliveries) {
    if (!is_late(delivery)) continue;
    found.push_back(
        {"deliveries", SafeText("rows of destination ") + SafeText::vouched(delivery.destination) +
                           SafeText(" are due, and no request ended for ") + seconds(delivery.since_last)});
  }
  return found;
}

}  // namespace gateway
