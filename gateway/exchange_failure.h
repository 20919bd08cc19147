#pragma once
// From an error code of the network or of TLS to an ExchangeFailure, and to the sentence an operator reads.
// Pure.

#include "gateway/destination.h"
#include "gateway/settings.h"

#include <string>

#include <boost/system/error_code.hpp>

namespace gateway {

/// What the sentences name: where, and the files to look at. From the settings, hence never patient data.
struct Peer {
  explicit Peer(const DestinationSettings& settings);

  std::string host_port;  // "platform.example:8443"
  std::string server_name;
  std::string ca_file;
  std::string certificate_file;
  std::string crl_file;        // empty: none
  std::string source_address;  // empty: as the system routes
  Milliseconds timeout;
};

enum class Phase { resolve, connect, handshake, exchange };

/// What the TLS engine knows at the moment of a failure.
struct TlsState {
  long verify_result = 0;          // X509_V_…: why the server's certificate was not accepted
  bool server_has_spoken = false;  // its hello arrived, so that a later alert is about what we sent after it
};

/// A deadline that passed is boost::asio::error::timed_out.
ExchangeFailure classify(Phase phase, const boost::system::error_code& error, const TlsState& tls);

/// One sentence: what, where, what to do.
SafeText describe(ExchangeFailure failure, const boost::system::error_code& error, const TlsState& tls,
                  const Peer& peer);

/// The same of an answer with a status. `phrase`: what HTTP calls the status; may be empty.
SafeText describe_status(const Answer& answer, const std::string& phrase, const Peer& peer);

/// The connection was closed or reset: on a reused one, before any byte of an answer, nothing but its age.
bool is_closed_by_peer(const boost::system::error_code& error);

}  // namespace gateway
