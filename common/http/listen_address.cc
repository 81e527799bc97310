#include "common/http/listen_address.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace selfology::http {
namespace {

// absl::SimpleAtoi alone would take white space and a sign.
bool ParsePort(std::string_view text, uint16_t& port) {
  int value = -1;
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return '0' <= c && c <= '9'; });
  if (!digits || !absl::SimpleAtoi(text, &value) || value > UINT16_MAX) return false;
  port = static_cast<uint16_t>(value);
  return true;
}

}  // namespace

absl::StatusOr<ListenAddress> ParseListenAddress(std::string_view text) {
  const auto refuse = [&](std::string_view rule) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text, "\": ", rule));
  };
  const size_t colon = text.rfind(':');
  ListenAddress address;
  if (colon == std::string_view::npos) return refuse("must be host:port");
  if (!ParsePort(text.substr(colon + 1), address.port)) return refuse("port must be 0 to 65535");
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return refuse("an IPv6 address must be in brackets, such as [::]:8080");
  }
  if (host.empty() || host.find_first_of("[]") != std::string_view::npos) {
    return refuse("must be host:port");
  }
  address.host = std::string(host);
  return address;
}

std::string Format(const ListenAddress& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return v6 ? absl::StrCat("[", address.host, "]:", address.port)
            : absl::StrCat(address.host, ":", address.port);
}

}  // namespace selfology::http
