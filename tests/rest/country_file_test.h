// A MaxMind database of a few networks, for tests: made here, so that no address of anybody is needed.
//
//   WriteCountryFile(path, {{"203.0.113.0/24", "NL"}, {"198.51.100.0/24", "BR"}});
//
// IPv4 only. Source: MaxMind DB file format, version 2.0.
#pragma once

#include <array>
#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace selfology {

class CountryFile {
 public:
  explicit CountryFile(const std::map<std::string, std::string>& countries) {
    nodes_.push_back({kNone, kNone});
    for (const auto& [network, country] : countries) Add(network, country);
  }

  std::string Bytes() const {
    std::string bytes;
    for (const std::array<int64_t, 2>& node : nodes_) {
      for (const int64_t record : node) {
        AppendNumber(bytes,
                     record == kNone ? Count()
                     : record < 0    ? OffsetOf(-record - 2)
                                     : record,
                     kRecordBytes);
      }
    }
    bytes.append(kSeparator, '\0');
    for (const std::string& entry : data_) bytes += entry;
    bytes += "\xAB\xCD\xEFMaxMind.com";
    bytes += Map(9);
    const auto number = [&](std::string_view name, int type, uint64_t value, int size) {
      bytes += Text(name);
      bytes += Head(type, size);
      AppendNumber(bytes, static_cast<int64_t>(value), size);
    };
    number("binary_format_major_version", kUint16, 2, 2);
    number("binary_format_minor_version", kUint16, 0, 2);
    number("build_epoch", kUint64, 1'760'000'000, 8);
    bytes += Text("database_type") + Text("Test-Country");
    bytes += Text("description") + Map(0);
    number("ip_version", kUint16, 4, 2);
    bytes += Text("languages") + Head(kArray, 0);
    number("node_count", kUint32, static_cast<uint64_t>(Count()), 4);
    number("record_size", kUint16, 8 * kRecordBytes, 2);
    return bytes;
  }

 private:
  static constexpr int64_t kNone = -1;
  static constexpr int kRecordBytes = 3;
  static constexpr size_t kSeparator = 16;
  static constexpr int kText = 2, kUint16 = 5, kUint32 = 6, kMap = 7, kUint64 = 9, kArray = 11;

  // A record is the number of a node, kNone, or -2 and below for a place in data_.
  void Add(const std::string& network, const std::string& country) {
    const std::vector<std::string> parts = absl::StrSplit(network, '/');
    uint32_t address = 0;
    const std::vector<std::string> bytes = absl::StrSplit(parts[0], '.');
    for (const std::string& part : bytes) {
      uint32_t byte = 0;
      if (absl::SimpleAtoi(part, &byte)) address = address << 8 | byte;
    }
    int bits = 0;
    if (!absl::SimpleAtoi(parts[1], &bits)) return;
    size_t node = 0;
    for (int bit = 0; bit < bits; ++bit) {
      const size_t side = address >> (31 - bit) & 1;
      if (bit + 1 == bits) {
        nodes_[node][side] = -static_cast<int64_t>(data_.size()) - 2;
      } else if (nodes_[node][side] == kNone) {
        nodes_[node][side] = static_cast<int64_t>(nodes_.size());
        node = nodes_.size();
        nodes_.push_back({kNone, kNone});
      } else {
        node = static_cast<size_t>(nodes_[node][side]);
      }
    }
    data_.push_back(Map(1) + Text("country") + Map(1) + Text("iso_code") + Text(country));
  }

  int64_t Count() const { return static_cast<int64_t>(nodes_.size()); }
  int64_t OffsetOf(int64_t entry) const {
    size_t offset = 0;
    for (int64_t i = 0; i < entry; ++i) offset += data_[static_cast<size_t>(i)].size();
    return Count() + static_cast<int64_t>(kSeparator + offset);
  }

  // Of a value of less than 29 bytes or entries.
  static std::string Head(int type, int size) {
    if (type > 7) return {static_cast<char>(size), static_cast<char>(type - 7)};
    return {static_cast<char>(type << 5 | size)};
  }
  static std::string Map(int entries) { return Head(kMap, entries); }
  static std::string Text(std::string_view text) {
    return absl::StrCat(Head(kText, static_cast<int>(text.size())),
                        absl::string_view(text.data(), text.size()));
  }
  static void AppendNumber(std::string& bytes, int64_t value, int size) {
    for (int i = size - 1; i >= 0; --i) bytes.push_back(static_cast<char>(value >> (8 * i)));
  }

  std::vector<std::array<int64_t, 2>> nodes_;
  std::vector<std::string> data_;
};

inline void WriteCountryFile(const std::string& path,
                             const std::map<std::string, std::string>& countries) {
  std::ofstream(path, std::ios::binary) << CountryFile(countries).Bytes();
}

}  // namespace selfology
