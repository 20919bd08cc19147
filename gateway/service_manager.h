#pragma once
// What systemd is told (sd_notify(3), by its documented protocol: one datagram a word). Without a
// NOTIFY_SOCKET nothing is told. Never blocks, never fails: a manager that does not listen is no reason to
// stop. Safe to call from every thread.

#include "gateway/instant.h"
#include "ssmix2/safe_text.h"

#include <optional>
#include <string>
#include <string_view>

namespace gateway {

class ServiceManager {
 public:
  /// As the environment says.
  ServiceManager();
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  bool listens() const { return socket_ >= 0; }

  void ready() const { send("READY=1"); }
  /// Until the next ready().
  void reloading() const;
  void stopping() const { send("STOPPING=1"); }
  /// What `systemctl status` shows.
  void status(const ssmix2::SafeText& text) const { send("STATUS=" + text.str()); }
  void keep_alive() const { send("WATCHDOG=1"); }
  /// No ping is missed for `time` from now: what is at work cannot send any.
  void allow_silence(Milliseconds time) const;
  /// Pings are expected again as the unit says.
  void end_silence() const;
  /// A start that takes longer is not given up before `time` from now.
  void extend_start(Milliseconds time) const;

  /// Half of what the watchdog allows; nothing when there is none for this process.
  std::optional<Milliseconds> keep_alive_interval() const { return keep_alive_interval_; }

 private:
  void send(std::string_view state) const;

  int socket_ = -1;
  std::string path_;  // of an abstract socket with '@'
  std::optional<Milliseconds> keep_alive_interval_;
};

}  // namespace gateway
