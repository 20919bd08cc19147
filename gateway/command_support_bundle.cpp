#include "gateway/command_line.h"
#include "gateway/support_bundle.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <iostream>

#include <fcntl.h>
#include <unistd.h>

namespace gateway {
namespace {

std::size_t patients_of(const CommandLine& line) {
  if (!line.has("patients")) return SupportBundleOptions{}.patients;
  const std::string text = line.text("patients");
  std::size_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || number > 100'000) {
    throw UsageError{"support-bundle: --patients takes a number from 0 to 100000"};
  }
  return number;
}

/// 0: written. Else errno.
int write_new_file(const std::string& file, std::string_view text) {
  const int made = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made < 0) return errno;
  int error = 0;
  while (!text.empty() && error == 0) {
    const auto written = ::write(made, text.data(), text.size());
    if (written >= 0) text.remove_prefix(static_cast<std::size_t>(written));
    if (written < 0 && errno != EINTR) error = errno;
  }
  if (::close(made) != 0 && error == 0) error = errno;
  if (error != 0) ::unlink(file.c_str());
  return error;
}

}  // namespace

int command_support_bundle(const Arguments& arguments) {
  CommandLine line("support-bundle");
  line.value("log", "the gateway's log, where it is not in the journal")
      .value("patients", "read the documents of so many patients for the coverage (default 100)")
      .paths("the file to make");
  line.parse(arguments);
  const auto files = line.given_paths();
  if (files.size() != 1) throw UsageError{"support-bundle: name the one file to make"};
  SupportBundleOptions options;
  options.settings_file = line.config();
  if (line.has("log")) options.log = line.text("log");
  options.patients = patients_of(line);
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::symlink_status(files.front(), error))) {
    throw UsageError{"support-bundle: " + files.front() + " is there already; choose another name"};
  }
  const std::string text = make_support_bundle(options, now());
  if (const int failed = write_new_file(files.front(), text); failed != 0) {
    std::cerr << "kakehashi: " << files.front() << " cannot be written: " << std::strerror(failed)
              << "; name a file in a folder that this user may write to\n";
    return kExitWrongUsage;
  }
  std::cout << files.front() << ": " << text.size() << " bytes\n";
  std::cerr
      << "kakehashi: it holds no data of patients, but the settings and the log of this gateway: read it "
         "before you send it\n";
  return 0;
}

}  // namespace gateway
