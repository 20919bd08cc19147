#include "gateway/fhir_target.h"

#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url.hpp>

namespace gateway {

std::string bundle_target(const DestinationUrl& url, const std::string& bundle_id) {
  const std::string identifier = "http://jpfhir.jp/fhir/clins/bundle-identifier|" + bundle_id;
  return url.path + "/Bundle?identifier=" + boost::urls::encode(identifier, boost::urls::unreserved_chars);
}

std::optional<std::string> result_target(const DestinationUrl& url, const std::string& content_location) {
  const std::string base_text = url.text + "/Bundle";  // outlives the view into it
  const auto base = boost::urls::parse_uri(base_text);
  const auto reference = boost::urls::parse_uri_reference(content_location);
  if (!base || !reference || content_location.empty()) return std::nullopt;
  boost::urls::url place;
  if (!boost::urls::resolve(*base, *reference, place)) return std::nullopt;
  place.normalize();
  boost::urls::url own(*base);
  own.normalize();
  const std::string port = place.has_port() ? std::string(place.port()) : "443";
  if (place.scheme() != "https" || place.encoded_host() != own.encoded_host() || port != url.port) {
    return std::nullopt;
  }
  const std::string target(place.encoded_target());
  return target.starts_with('/') ? target : "/" + target;
}

}  // namespace gateway
