#pragma once
// The commands of `kakehashi`. stdout carries results, stderr messages. Each returns the process's exit code.

#include <string>
#include <vector>

namespace gateway {

using Arguments = std::vector<std::string>;

int command_run(const Arguments& arguments);
int command_backup(const Arguments& arguments);
int command_check(const Arguments& arguments);
int command_coverage(const Arguments& arguments);
int command_codes(const Arguments& arguments);
int command_explain(const Arguments& arguments);
int command_map(const Arguments& arguments);
int command_mapping(const Arguments& arguments);
int command_queue(const Arguments& arguments);
int command_reconcile(const Arguments& arguments);
int command_remap(const Arguments& arguments);
int command_restore(const Arguments& arguments);
int command_status(const Arguments& arguments);
int command_support_bundle(const Arguments& arguments);
int command_validate(const Arguments& arguments);

constexpr int kExitNotFound = 1;
constexpr int kExitWrongUsage = 2;

}  // namespace gateway
