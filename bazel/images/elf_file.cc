#include "bazel/images/elf_file.h"

#include <elf.h>

#include <cstring>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/match.h"

namespace selfology::images {
namespace {

// The structure at a place of the file; nothing when the file ends before.
template <typename T>
std::optional<T> At(std::string_view bytes, uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

std::optional<std::string> TextAt(std::string_view bytes, uint64_t offset) {
  if (offset >= bytes.size()) return std::nullopt;
  const size_t end = bytes.find('\0', offset);
  if (end == bytes.npos) return std::nullopt;
  return std::string(bytes.substr(offset, end - offset));
}

absl::Status Damaged() { return absl::InvalidArgumentError("a damaged ELF file"); }

}  // namespace

bool IsElf(std::string_view bytes) {
  return absl::StartsWith(bytes, std::string_view(ELFMAG, SELFMAG));
}

absl::StatusOr<ElfFile> ReadElf(std::string_view bytes) {
  const auto header = At<Elf64_Ehdr>(bytes, 0);
  if (!header.has_value() || !IsElf(bytes) || header->e_ident[EI_CLASS] != ELFCLASS64 ||
      header->e_ident[EI_DATA] != ELFDATA2LSB) {
    return absl::InvalidArgumentError("not a 64-bit little-endian ELF file");
  }
  ElfFile file;
  std::vector<Elf64_Phdr> loaded;
  std::optional<Elf64_Phdr> dynamic;
  for (int i = 0; i < header->e_phnum; ++i) {
    const auto segment = At<Elf64_Phdr>(bytes, header->e_phoff + i * header->e_phentsize);
    if (!segment.has_value()) return Damaged();
    if (segment->p_type == PT_LOAD) loaded.push_back(*segment);
    if (segment->p_type == PT_DYNAMIC) dynamic = segment;
    if (segment->p_type == PT_INTERP) {
      const auto interpreter = TextAt(bytes, segment->p_offset);
      if (!interpreter.has_value()) return Damaged();
      file.interpreter = *interpreter;
    }
  }
  if (!dynamic.has_value()) return file;

  uint64_t strings_address = 0;
  std::vector<uint64_t> needed;  // Places in the table of strings.
  for (uint64_t at = 0; at < dynamic->p_filesz; at += sizeof(Elf64_Dyn)) {
    const auto entry = At<Elf64_Dyn>(bytes, dynamic->p_offset + at);
    if (!entry.has_value()) return Damaged();
    if (entry->d_tag == DT_NULL) break;
    if (entry->d_tag == DT_STRTAB) strings_address = entry->d_un.d_ptr;
    if (entry->d_tag == DT_NEEDED) needed.push_back(entry->d_un.d_val);
  }
  // The table is named by its address in memory.
  for (const Elf64_Phdr& segment : loaded) {
    if (strings_address < segment.p_vaddr ||
        strings_address - segment.p_vaddr >= segment.p_filesz) {
      continue;
    }
    const uint64_t strings = strings_address - segment.p_vaddr + segment.p_offset;
    for (const uint64_t place : needed) {
      const auto name = TextAt(bytes, strings + place);
      if (!name.has_value()) return Damaged();
      file.needed.push_back(*name);
    }
    return file;
  }
  if (needed.empty()) return file;
  return Damaged();
}

}  // namespace selfology::images
