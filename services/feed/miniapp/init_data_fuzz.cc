#include <cstddef>
#include <cstdint>
#include <string_view>

#include "services/feed/miniapp/init_data.h"
#include "testing/fuzz.h"

// Whatever a page sends is refused or read, and never more than refused by a key that is not ours.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace selfology::miniapp;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = ParseInitData(text);
  MUST(!CheckSignature(text, 42, kProductionKey).ok());
  MUST(!parsed.ok() || parsed->signed_at >= absl::UnixEpoch());
  return 0;
}
