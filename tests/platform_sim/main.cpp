// platform_sim: a stand-in for the platform that keeps what it got and misbehaves on request.

#include "tests/platform_sim/misbehaviour.h"
#include "tests/platform_sim/platform.h"
#include "tests/platform_sim/platform_store.h"
#include "tests/platform_sim/server.h"

#include <charconv>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/program_options.hpp>

namespace {

namespace po = boost::program_options;

po::options_description make_options() {
  po::options_description options("platform_sim");
  auto add = options.add_options();
  add("help", "this text");
  add("listen", po::value<std::string>()->default_value("127.0.0.1:0"), "ADDRESS:PORT of HTTPS, 0 = choose");
  add("control", po::value<std::string>(), "ADDRESS:PORT of the control endpoint, loopback only");
  add("certificate", po::value<std::string>()->required(), "the server's certificate chain (PEM)");
  add("key", po::value<std::string>()->required(), "its key (PEM)");
  add("client-ca", po::value<std::string>()->required(), "who signs client certificates (PEM)");
  add("client-crl", po::value<std::string>(), "what that CA revoked (PEM)");
  add("state", po::value<std::string>()->required(), "directory for what it holds and was sent");
  add("idle-timeout-ms", po::value<unsigned>()->default_value(60'000), "when an idle connection is closed");
  add("misbehave", po::value<std::vector<std::string>>()->default_value({}, ""),
      "SPEC, may be repeated; the grammar is in misbehaviour.h");
  return options;
}

platform_sim::Endpoint parse_endpoint(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon != std::string::npos) {
    platform_sim::Endpoint endpoint{.address = text.substr(0, colon)};
    if (text.starts_with('[') && endpoint.address.ends_with(']')) {  // IPv6, as URLs write it
      endpoint.address = endpoint.address.substr(1, endpoint.address.size() - 2);
    }
    const char* end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data() + colon + 1, end, endpoint.port);
    if (error == std::errc{} && last == end) return endpoint;
  }
  throw std::invalid_argument(text + " is not ADDRESS:PORT");
}

platform_sim::ServerSettings to_settings(const po::variables_map& given) {
  platform_sim::ServerSettings settings;
  settings.listen = parse_endpoint(given["listen"].as<std::string>());
  if (given.count("control") != 0) {
    settings.control = parse_endpoint(given["control"].as<std::string>());
  }
  settings.certificate = given["certificate"].as<std::string>();
  settings.key = given["key"].as<std::string>();
  settings.client_ca = given["client-ca"].as<std::string>();
  if (given.count("client-crl") != 0) settings.client_crl = given["client-crl"].as<std::string>();
  settings.idle_timeout = std::chrono::milliseconds(given["idle-timeout-ms"].as<unsigned>());
  return settings;
}

void run(const po::variables_map& given) {
  std::vector<platform_sim::Spec> specs;
  for (const auto& spec : given["misbehave"].as<std::vector<std::string>>()) {
    specs.push_back(platform_sim::parse_spec(spec));
  }
  platform_sim::Misbehaviour misbehaviour;
  misbehaviour.replace(std::move(specs));
  platform_sim::PlatformStore store(given["state"].as<std::string>());
  platform_sim::Platform platform(store, misbehaviour);
  platform_sim::Server server(to_settings(given), platform, store);
  // The tests read these lines to learn the ports.
  std::cout << "listening on " << server.listening_on() << '\n';
  if (!server.control_on().empty()) std::cout << "control on " << server.control_on() << '\n';
  std::cout << std::flush;
  server.run();
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = make_options();
  po::variables_map given;
  try {
    po::store(po::parse_command_line(argc, argv, options), given);
    if (given.count("help") != 0) {
      std::cout << options;
      return 0;
    }
    po::notify(given);
  } catch (const std::exception& error) {
    std::cerr << "platform_sim: " << error.what() << "; see --help\n";
    return 2;
  }
  try {
    run(given);
  } catch (const std::exception& error) {
    std::cerr << "platform_sim: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
