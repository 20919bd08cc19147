#pragma once
// `remap --dry-run`: each unit is made twice from the same documents and for the same day, by the rules it
// was made with, which are kept, and by those of now. Reads only. One thread; blocking.

#include "gateway/earlier_rules.h"
#include "gateway/remap_report.h"
#include "gateway/remap_selection.h"
#include "gateway/unit_plan.h"

#include <optional>

namespace gateway {

class RemapComparison {
 public:
  RemapComparison(Database& database, const Configuration& configuration,
                  const DestinationSettings& destination, RemapReport& report);

  void run(RemapSelection selection);

 private:
  std::optional<RemapFinding> compare(const RemapRow& row);
  void compare(const UnitPlan& plan, const RemapRow& row, RemapFinding& finding);

  Database& database_;
  Configuration configuration_;  // with the one destination
  const DestinationSettings& destination_;
  RemapReport& report_;
  PlanSettings plan_settings_;
  EarlierRules earlier_{database_, configuration_};
};

}  // namespace gateway
