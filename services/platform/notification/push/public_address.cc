#include "services/platform/notification/push/public_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace selfology::notification {
namespace {

struct Network {
  std::array<uint8_t, 4> begin;
  int bits;
};

constexpr Network kNotPublic[] = {
    {{0, 0, 0, 0}, 8},      {{10, 0, 0, 0}, 8},     {{100, 64, 0, 0}, 10}, {{127, 0, 0, 0}, 8},
    {{169, 254, 0, 0}, 16}, {{172, 16, 0, 0}, 12},  {{192, 0, 0, 0}, 24},  {{192, 0, 2, 0}, 24},
    {{192, 88, 99, 0}, 24}, {{192, 168, 0, 0}, 16}, {{198, 18, 0, 0}, 15}, {{198, 51, 100, 0}, 24},
    {{203, 0, 113, 0}, 24}, {{224, 0, 0, 0}, 3},
};

bool IsPublic4(const uint8_t* address) {
  const auto number = [](const uint8_t* bytes) {
    return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
  };
  for (const Network& network : kNotPublic) {
    const uint32_t mask = ~uint32_t{0} << (32 - network.bits);
    if ((number(address) & mask) == number(network.begin.data())) return false;
  }
  return true;
}

}  // namespace

bool IsPublicAddress(std::string_view address) {
  const std::string text(address);
  std::array<uint8_t, 16> bytes = {};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return IsPublic4(bytes.data());
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return false;
  constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  constexpr std::array<uint8_t, 12> kTranslated = {0, 0x64, 0xff, 0x9b};
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin()) ||
      std::equal(kTranslated.begin(), kTranslated.end(), bytes.begin())) {
    return IsPublic4(bytes.data() + kMapped.size());
  }
  // 2000::/3 is what is given out; of it 2001::/23 (protocols), 2001:db8::/32 (documents) and 2002::/16
  // (6to4, which names an IPv4 address) lead elsewhere or nowhere.
  if ((bytes[0] & 0xe0) != 0x20 || (bytes[0] == 0x20 && bytes[1] == 0x02)) return false;
  const bool is_2001 = bytes[0] == 0x20 && bytes[1] == 0x01;
  return !(is_2001 && (bytes[2] <= 0x01 || (bytes[2] == 0x0d && bytes[3] == 0xb8)));
}

}  // namespace selfology::notification
