#include "gateway/certificate_watch.h"

#include "gateway/certificate_report.h"
#include "gateway/run_on.h"

#include <algorithm>

namespace gateway {
namespace {

// Who renews writes several files one after the other: what does not fit together at one look may at the
// next.
constexpr Milliseconds kSecondLook{2'000};
constexpr auto kWarnEvery = std::chrono::hours(24);

SafeText sentence(const SettingsErrors& errors) {
  std::string text = "the files that were in use before stay in use";
  for (const SettingsError& error : errors) text.append("; ").append(error.message);
  return SafeText::vouched(std::move(text));
}

}  // namespace

struct CertificateWatch::Look {
  Sha256 files{};
  std::optional<boost::system::result<TlsIdentity, SettingsErrors>> identity;  // of files that changed
};

CertificateWatch::CertificateWatch(const DestinationSettings& settings, const TlsIdentity& in_use,
                                   FhirClient& client, Sender& sender, StateStore& store,
                                   boost::asio::thread_pool& work, const Log& log,
                                   boost::asio::any_io_executor executor)
    : settings_(settings),
      client_(client),
      sender_(sender),
      store_(store),
      work_(work),
      log_(log),
      wake_(std::move(executor)),
      in_use_(in_use) {}

void CertificateWatch::stop() {
  stopping_ = true;
  wake_.ring();
}

boost::asio::awaitable<void> CertificateWatch::run() {
  co_await save_end();
  while (!stopping_) {
    warn_of_dates();
    const bool again_soon = unusable_ && !alarm_raised_;
    const Milliseconds interval = settings_.tls.look_interval;
    const auto rings = wake_.rings();
    co_await wake_.wait_for(again_soon ? std::min(kSecondLook, interval) : interval, rings);
    if (!stopping_) co_await look();
  }
}

boost::asio::awaitable<void> CertificateWatch::look() {
  auto read = [tls = settings_.tls, in_use = in_use_] {
    Look look;
    look.files = fingerprint(tls);
    if (look.files == in_use.files) return look;
    look.identity = load_tls_identity(tls);
    if (!look.identity->has_value() || find_out_of_date(in_use, tls, now())) return look;
    // Those in use are better. Looked at each time: what was not valid yet may be by now.
    const auto out_of_date = find_out_of_date(**look.identity, tls, now());
    if (out_of_date) look.identity = SettingsErrors{*out_of_date};
    return look;
  };
  Look look = co_await run_on(work_, std::move(read));
  if (!look.identity) {
    unusable_.reset();
    co_await clear_alarm();
  } else if (look.identity->has_value()) {
    co_await take(std::move(**look.identity));
  } else {
    const bool seen_before = unusable_ == look.files;
    if (!seen_before) alarm_raised_ = false;
    unusable_ = look.files;
    if (seen_before && !alarm_raised_) co_await refuse(look.identity->error());
  }
}

boost::asio::awaitable<void> CertificateWatch::take(TlsIdentity identity) {
  in_use_ = identity;
  client_.use(std::move(identity));
  sender_.try_now();
  warned_.reset();
  unusable_.reset();
  log_.write(Message::certificates_taken,
             {{"destination", SafeText::vouched(settings_.id)},
              {"days-left", SafeText(days_left(in_use_.certificate_valid_until, now()))}});
  co_await save_end();
  co_await clear_alarm();
}

boost::asio::awaitable<void> CertificateWatch::refuse(const SettingsErrors& errors) {
  alarm_raised_ = true;
  const SafeText why = sentence(errors);
  log_.write(Message::certificates_refused,
             {{"destination", SafeText::vouched(settings_.id)}, {"reason", why}});
  auto raise = [place = alarm_place(settings_.id), why](StateStore::Contents& state) {
    Alarms(state.database).raise(place, AlarmKind::certificate, why, now());
  };
  co_await store_.run(std::move(raise));
}

boost::asio::awaitable<void> CertificateWatch::clear_alarm() {
  alarm_raised_ = false;
  auto clear = [place = alarm_place(settings_.id)](StateStore::Contents& state) {
    return Alarms(state.database).clear(place, AlarmKind::certificate);
  };
  const bool cleared = co_await store_.run(std::move(clear));
  if (cleared)
    log_.write(Message::certificates_good_again, {{"destination", SafeText::vouched(settings_.id)}});
}

boost::asio::awaitable<void> CertificateWatch::save_end() {
  auto save = [id = settings_.id, until = in_use_.certificate_valid_until](StateStore::Contents& state) {
    save_certificate_end(state.database, id, until);
  };
  co_await store_.run(std::move(save));
}

void CertificateWatch::warn_of_dates() {
  const Instant time = now();
  const Instant until = in_use_.certificate_valid_until;
  const bool not_yet = time < in_use_.certificate_valid_from;
  if (!not_yet && until - time > kWarnBeforeExpiry) return;
  if (warned_ && Clock::now() < *warned_ + kWarnEvery) return;
  warned_ = Clock::now();
  log_.write(not_yet || until < time ? Message::certificate_expired : Message::certificate_expires,
             {{"destination", SafeText::vouched(settings_.id)},
              {"file", SafeText::vouched(settings_.tls.certificate.string())},
              {"days-left", SafeText(days_left(until, time))},
              {"remedy", not_yet ? SafeText("check this server's clock")
                                 : SafeText("put a new one in place, it is used without a restart")}});
}

}  // namespace gateway
