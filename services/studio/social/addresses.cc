#include "services/studio/social/addresses.h"

#include <arpa/inet.h>

#include <cstdint>
#include <cstring>
#include <string>

namespace selfology::social {
namespace {

struct Block {
  uint32_t network;
  int bits;
};

// IPv4 that is not global.
constexpr Block kSpecial[] = {
    {0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0x7F000000, 8},  {0xA9FE0000, 16},
    {0xAC100000, 12}, {0xC0000000, 24}, {0xC0000200, 24}, {0xC0586300, 24}, {0xC0A80000, 16},
    {0xC6120000, 15}, {0xC6336400, 24}, {0xCB007100, 24}, {0xE0000000, 3}};

bool IsPublic4(uint32_t address) {
  for (const Block& block : kSpecial) {
    if ((address ^ block.network) >> (32 - block.bits) == 0) return false;
  }
  return true;
}

uint32_t Number(const uint8_t* bytes) {
  uint32_t number = 0;
  std::memcpy(&number, bytes, sizeof(number));
  return ntohl(number);
}

}  // namespace

bool IsPublicAddress(std::string_view address) {
  const std::string text(address);
  uint8_t bytes[16];
  if (inet_pton(AF_INET, text.c_str(), bytes) == 1) return IsPublic4(Number(bytes));
  if (inet_pton(AF_INET6, text.c_str(), bytes) != 1) return false;
  constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::memcmp(bytes, kMapped, sizeof(kMapped)) == 0) return IsPublic4(Number(bytes + 12));
  const uint32_t first = Number(bytes);
  if (first == 0x0064FF9B) return IsPublic4(Number(bytes + 12));  // NAT64.
  if (first >> 16 == 0x2002) return false;                        // 6to4 names an IPv4 address.
  // 2000::/3 without documentation, Teredo and ORCHID.
  return first >> 29 == 1 && first != 0x20010DB8 && first >> 9 != 0x20010000 >> 9;
}

}  // namespace selfology::social
