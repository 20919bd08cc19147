#pragma once
// What the parts of the intake share: configuration, the two places for blocking work, the log. References
// only; all of it outlives the intake.

#include "gateway/configuration.h"
#include "gateway/digest.h"
#include "gateway/ledger.h"
#include "gateway/log.h"
#include "gateway/state_store.h"

#include <functional>
#include <string>

#include <boost/asio/thread_pool.hpp>

namespace gateway {

struct IntakeContext {
  const Configuration& configuration;
  StateStore& store;
  boost::asio::thread_pool& work;
  const Log& log;
  std::function<bool()> may_read = [] { return true; };  // false: nothing new is taken in for now
  std::string salt = {};                                 // for labels; known after the start

  SafeText document_label(const DocumentRef& document) const {
    return label(salt, document.root + "/" + document.relative_path());
  }

  void log_refusal(const DocumentRef& document, const ssmix2::Failure& failure) const {
    log.write(Message::document_refused, {{"document", document_label(document)},
                                          {"storage", SafeText::vouched(document.root)},
                                          {"reason", to_text(failure)}});
  }
};

}  // namespace gateway
