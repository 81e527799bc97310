// For fuzz targets (bazel/fuzz.bzl): what must be true of any input.
//
//   extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
//     const auto update = ParseUpdate(selfology::testing::InputText(data, size));
//     if (update.ok()) MUST(update->update_id > 0);
//     return 0;
//   }
//
// A MUST that does not hold ends the program, which the fuzzer counts as a crash and keeps the
// input of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#define MUST(condition)                                                                   \
  do {                                                                                    \
    if (!(condition)) {                                                                   \
      std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                       \
    }                                                                                     \
  } while (false)

namespace selfology::testing {

inline std::string_view InputText(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace selfology::testing
