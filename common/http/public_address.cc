#include "common/http/public_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace selfology::http {
namespace {

using Bytes = std::array<uint8_t, 16>;

constexpr int kIpv4At = 96;  // The bit where a mapped IPv4 address begins.

constexpr Network Ipv4(uint8_t a, uint8_t b, uint8_t c, int bits) {
  return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, 0}, kIpv4At + bits};
}

constexpr Network Ipv6(uint16_t a, uint16_t b, uint16_t c, int bits) {
  return {{static_cast<uint8_t>(a >> 8), static_cast<uint8_t>(a), static_cast<uint8_t>(b >> 8),
           static_cast<uint8_t>(b), static_cast<uint8_t>(c >> 8), static_cast<uint8_t>(c)},
          bits};
}

constexpr Network kMapped = Ipv4(0, 0, 0, 0);
constexpr Network kNat64 = Ipv6(0x64, 0xff9b, 0, 96);
constexpr Network kGlobalUnicast = Ipv6(0x2000, 0, 0, 3);

constexpr Network kNotPublic[] = {
    Ipv4(0, 0, 0, 8),        // This network.
    Ipv4(10, 0, 0, 8),       // Private use.
    Ipv4(100, 64, 0, 10),    // Shared address space of providers.
    Ipv4(127, 0, 0, 8),      // Loopback.
    Ipv4(169, 254, 0, 16),   // Link-local; clouds serve credentials there.
    Ipv4(172, 16, 0, 12),    // Private use.
    Ipv4(192, 0, 0, 24),     // Protocol assignments.
    Ipv4(192, 0, 2, 24),     // Documentation.
    Ipv4(192, 31, 196, 24),  // AS112.
    Ipv4(192, 52, 193, 24),  // AMT.
    Ipv4(192, 88, 99, 24),   // 6to4 relays, deprecated.
    Ipv4(192, 168, 0, 16),   // Private use.
    Ipv4(192, 175, 48, 24),  // AS112, direct delegation.
    Ipv4(198, 18, 0, 15),    // Benchmarking.
    Ipv4(198, 51, 100, 24),  // Documentation.
    Ipv4(203, 0, 113, 24),   // Documentation.
    Ipv4(224, 0, 0, 4),      // Multicast.
    Ipv4(240, 0, 0, 4),      // Reserved, with the limited broadcast.
    // Of 2000::/3. All else of IPv6, such as ::1, fc00::/7 and fe80::/10, is outside of it.
    Ipv6(0x2001, 0, 0, 23),          // Protocol assignments: Teredo, ORCHID, benchmarking, …
    Ipv6(0x2001, 0xdb8, 0, 32),      // Documentation.
    Ipv6(0x2002, 0, 0, 16),          // 6to4.
    Ipv6(0x2620, 0x4f, 0x8000, 48),  // AS112, direct delegation.
    Ipv6(0x3fff, 0, 0, 20),          // Documentation.
};

std::optional<Bytes> ParseAddress(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;  // inet_pton would end there.
  const std::string address(text);
  Bytes bytes = kMapped.address;
  if (inet_pton(AF_INET, address.c_str(), bytes.data() + kIpv4At / 8) == 1) return bytes;
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1) return bytes;
  return std::nullopt;
}

bool IsIn(const Network& network, const Bytes& address) {
  const size_t whole = static_cast<size_t>(network.bits) / 8;
  if (!std::equal(address.begin(), address.begin() + whole, network.address.begin())) return false;
  const int rest = network.bits % 8;
  return rest == 0 || (address[whole] ^ network.address[whole]) >> (8 - rest) == 0;
}

bool IsInAny(absl::Span<const Network> networks, const Bytes& address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const Network& network) { return IsIn(network, address); });
}

// RFC 5214, 6.1: the interface identifier says that the last four bytes are an IPv4 address.
bool IsIsatap(const Bytes& address) {
  return (address[8] & ~0x02) == 0 && address[9] == 0 && address[10] == 0x5e && address[11] == 0xfe;
}

bool IsPublic(Bytes address) {
  if (IsIn(kNat64, address)) {
    std::copy_n(kMapped.address.begin(), kIpv4At / 8, address.begin());
  }
  if (IsInAny(kNotPublic, address)) return false;
  return IsIn(kMapped, address) || (IsIn(kGlobalUnicast, address) && !IsIsatap(address));
}

}  // namespace

absl::StatusOr<std::vector<Network>> ParseNetworks(absl::Span<const std::string> texts) {
  std::vector<Network> networks;
  for (const std::string& text : texts) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('/', 1));
    const auto address = ParseAddress(parts.first);
    const int before = parts.first.find(':') == std::string::npos ? kIpv4At : 0;
    int bits = 0;
    if (!address.has_value() || !absl::SimpleAtoi(parts.second, &bits) || bits < 0 ||
        bits > 128 - before) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", text, "\" is no network, such as 10.0.0.0/8"));
    }
    networks.push_back({*address, before + bits});
  }
  return networks;
}

bool IsPublicAddress(std::string_view address) { return IsPublicOrIn(address, {}); }

bool IsPublicOrIn(std::string_view address, absl::Span<const Network> networks) {
  const auto bytes = ParseAddress(address);
  return bytes.has_value() && (IsInAny(networks, *bytes) || IsPublic(*bytes));
}

}  // namespace selfology::http
