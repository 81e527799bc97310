// What a dynamically linked program or library asks the loader for.
//
//   ASSIGN_OR_RETURN(const ElfFile elf, ReadElf(bytes));
//   elf.needed    // {"libssl.so.3", "libc.so.6"}
//
// Errors: INVALID_ARGUMENT for what is no 64-bit little-endian ELF file, or a damaged one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace selfology::images {

struct ElfFile {
  std::string interpreter = {};          // "/lib64/ld-linux-x86-64.so.2"; empty for a library.
  std::vector<std::string> needed = {};  // In the file's order; empty when linked statically.
};

bool IsElf(std::string_view bytes);
absl::StatusOr<ElfFile> ReadElf(std::string_view bytes);

}  // namespace selfology::images
