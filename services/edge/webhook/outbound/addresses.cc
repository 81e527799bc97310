#include "services/edge/webhook/outbound/addresses.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace selfology::webhook {
namespace {

constexpr int kMappedPrefix = 96;

std::optional<AddressBytes> ParseAddress(const std::string& text) {
  AddressBytes bytes = {};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return bytes;
  bytes[10] = bytes[11] = 0xff;
  if (inet_pton(AF_INET, text.c_str(), bytes.data() + 12) == 1) return bytes;
  return std::nullopt;
}

bool Contains(const Network& network, const AddressBytes& address) {
  const int whole = network.prefix / 8;
  if (!std::equal(address.begin(), address.begin() + whole, network.address.begin())) return false;
  const int rest = network.prefix % 8;
  if (rest == 0) return true;
  const int mask = 0xff << (8 - rest);
  return ((address[whole] ^ network.address[whole]) & mask) == 0;
}

bool AnyContains(absl::Span<const Network> networks, const AddressBytes& address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const Network& network) { return Contains(network, address); });
}

const std::vector<Network>& NotPublic() {
  static const auto& networks = *new std::vector<Network>(*ParseNetworks({
      "0.0.0.0/8",        // This network.
      "10.0.0.0/8",       // Private.
      "100.64.0.0/10",    // Shared, of providers.
      "127.0.0.0/8",      // This machine.
      "169.254.0.0/16",   // Link-local.
      "172.16.0.0/12",    // Private.
      "192.0.0.0/24",     // Protocols.
      "192.0.2.0/24",     // Documentation.
      "192.31.196.0/24",  // AS112.
      "192.52.193.0/24",  // AMT.
      "192.88.99.0/24",   // 6to4 relays.
      "192.168.0.0/16",   // Private.
      "192.175.48.0/24",  // AS112.
      "198.18.0.0/15",    // Benchmarks.
      "198.51.100.0/24",  // Documentation.
      "203.0.113.0/24",   // Documentation.
      "224.0.0.0/4",      // Multicast.
      "240.0.0.0/4",      // Reserved, and broadcast.
      "2001::/23",        // Protocols, Teredo and ORCHID with them.
      "2001:db8::/32",    // Documentation.
      "2620:4f:8000::/48",  // AS112.
      "3fff::/20",        // Documentation.
  }));
  return networks;
}

// What IPv6 addresses are given to people from. All else, such as fc00::/7, fe80::/10 and ::1, is for
// other things.
const Network& GlobalUnicast() {
  static const Network& network = *new Network{*ParseAddress("2000::"), 3};
  return network;
}

// The IPv4 address inside of an IPv6 address, if it has one: of the four bytes from `at`.
std::optional<AddressBytes> Inner(const AddressBytes& address) {
  struct Carrier {
    Network network;
    size_t at;
  };
  static const auto& carriers = *new std::vector<Carrier>{
      {{*ParseAddress("::"), kMappedPrefix}, 12},         // Compatible.
      {{*ParseAddress("64:ff9b::"), kMappedPrefix}, 12},  // NAT64.
      {{*ParseAddress("2002::"), 16}, 2},                 // 6to4.
  };
  for (const auto& [network, at] : carriers) {
    if (!Contains(network, address)) continue;
    AddressBytes inner = {};
    inner[10] = inner[11] = 0xff;
    std::copy_n(address.begin() + at, 4, inner.begin() + 12);
    return inner;
  }
  return std::nullopt;
}

bool IsMapped(const AddressBytes& address) {
  static const Network& mapped = *new Network{*ParseAddress("::ffff:0.0.0.0"), kMappedPrefix};
  return Contains(mapped, address);
}

bool IsPublic(const AddressBytes& address) {
  if (IsMapped(address)) return !AnyContains(NotPublic(), address);
  if (const auto inner = Inner(address)) return IsPublic(*inner);
  return Contains(GlobalUnicast(), address) && !AnyContains(NotPublic(), address);
}

}  // namespace

absl::StatusOr<std::vector<Network>> ParseNetworks(absl::Span<const std::string> texts) {
  std::vector<Network> networks;
  for (const std::string& text : texts) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(text, absl::MaxSplits('/', 1));
    const auto address = ParseAddress(parts.first);
    const bool is_v4 = address.has_value() && parts.first.find(':') == std::string::npos;
    int prefix = 0;
    if (!address.has_value() || !absl::SimpleAtoi(parts.second, &prefix) || prefix < 0 ||
        prefix > (is_v4 ? 32 : 128)) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", text, "\" is no network, such as 10.0.0.0/8"));
    }
    networks.push_back({*address, is_v4 ? kMappedPrefix + prefix : prefix});
  }
  return networks;
}

bool MayReach(std::string_view address, absl::Span<const Network> allowed) {
  const auto bytes = ParseAddress(std::string(address));
  return bytes.has_value() && (AnyContains(allowed, *bytes) || IsPublic(*bytes));
}

}  // namespace selfology::webhook
