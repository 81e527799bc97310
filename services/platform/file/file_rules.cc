#include "services/platform/file/file_rules.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/text/text.h"
#include "common/text/utf8.h"

namespace selfology::file {
namespace {

constexpr int kMaxPurpose = 32;

bool IsNameCharacter(char32_t c) {
  const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
  // Marks that change the direction make "gpj.exe" look like "exe.jpg".
  const bool direction = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  return !control && !direction && c != '/' && c != '\\';
}

}  // namespace

void CheckName(std::string_view name, status::FieldViolations& bad) {
  bool good = text::Characters(name) <= kMaxName;
  for (std::string_view rest = name; good && !rest.empty();) {
    good = IsNameCharacter(text::TakeCharacter(rest));
  }
  if (!good) {
    bad.Add("name", absl::StrCat("must be at most ", kMaxName,
                                 " characters without \"/\", \"\\\" and control characters"));
  }
}

std::string CleanName(std::string_view name) {
  if (const size_t slash = name.find_last_of("/\\"); slash != std::string_view::npos) {
    name.remove_prefix(slash + 1);
  }
  std::string clean;
  for (std::string_view rest = name; !rest.empty();) {
    const char32_t c = text::TakeCharacter(rest);
    if (c != 0 && IsNameCharacter(c)) text::AppendCharacter(c, clean);
  }
  return std::string(text::Prefix(text::Trim(clean), kMaxName));
}

void CheckPurpose(std::string_view purpose, status::FieldViolations& bad) {
  const bool good =
      purpose.size() <= kMaxPurpose && std::all_of(purpose.begin(), purpose.end(), [](char c) {
        return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' || c == '.';
      });
  if (!good) {
    bad.Add("purpose",
            absl::StrCat("must be at most ", kMaxPurpose, " of a to z, 0 to 9, \"_\" and \".\""));
  }
}

absl::StatusOr<uuid::Uuid> ReadId(std::string_view field, std::string_view text) {
  absl::StatusOr<uuid::Uuid> id = uuid::Uuid::Parse(text);
  if (!id.ok() || id->nil()) return status::InvalidField(field, "must be a UUID");
  return id;
}

std::string KeyOf(const uuid::Uuid& random) {
  uuid::Uuid::Bytes bytes = random.bytes();
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3F) | 0x80);
  const std::string id = uuid::Uuid(bytes).ToString();
  return absl::StrCat(id.substr(0, 2), "/", id);
}

bool IsKey(std::string_view key) {
  return key.size() == 39 && key[2] == '/' && key.substr(0, 2) == key.substr(3, 2) &&
         uuid::Uuid::Parse(key.substr(3)).ok();
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::vector<Slice> SlicesOf(const std::vector<Piece>& pieces, int64_t offset, int64_t limit) {
  std::vector<Slice> slices;
  // No sum: the end may lie beyond what an int64_t holds.
  for (const Piece& piece : pieces) {
    if (limit <= 0) break;
    if (piece.begins + piece.size <= offset) continue;
    const int64_t inside = std::max<int64_t>(offset - piece.begins, 0);
    const int64_t size = std::min(piece.size - inside, limit);
    slices.push_back({.key = piece.key, .offset = inside, .size = size});
    limit -= size;
  }
  return slices;
}

ByteRange ReadRange(std::string_view header, int64_t size) {
  const ByteRange whole{.offset = 0, .length = size};
  if (!TakePrefix(header, "bytes=") || absl::StrContains(header, ',')) return whole;
  header = absl::StripAsciiWhitespace(header);
  const size_t dash = header.find('-');
  if (dash == std::string_view::npos) return whole;
  const std::string_view first = header.substr(0, dash);
  const std::string_view last = header.substr(dash + 1);
  const auto is_number = [](std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  };
  int64_t from = 0;
  int64_t to = size - 1;
  if (first.empty()) {  // The last so many bytes.
    int64_t count = 0;
    if (!is_number(last) || !absl::SimpleAtoi(last, &count)) return whole;
    from = size - std::min(count, size);
    if (count == 0) return {.kind = ByteRange::Kind::kUnsatisfiable};
  } else {
    if (!is_number(first) || !absl::SimpleAtoi(first, &from)) return whole;
    if (!last.empty()) {
      if (!is_number(last) || !absl::SimpleAtoi(last, &to) || to < from) return whole;
      to = std::min(to, size - 1);
    }
  }
  if (from >= size) return {.kind = ByteRange::Kind::kUnsatisfiable};
  return {.kind = ByteRange::Kind::kPart, .offset = from, .length = to - from + 1};
}

std::string DispositionOf(std::string_view media_type, std::string_view name,
                          bool is_page_of_ours) {
  const bool shown = is_page_of_ours || media_type == "image/jpeg" || media_type == "image/png" ||
                     media_type == "image/gif" || media_type == "image/webp" ||
                     absl::StartsWith(media_type, "video/") ||
                     absl::StartsWith(media_type, "audio/");
  std::string disposition = shown ? "inline" : "attachment";
  if (name.empty()) return disposition;
  absl::StrAppend(&disposition, "; filename*=UTF-8''");
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '.' || c == '_') {
      disposition += c;
    } else {
      disposition += '%';
      disposition += kDigits[byte >> 4];
      disposition += kDigits[byte & 15];
    }
  }
  return disposition;
}

absl::Duration CheckAgainAfter(int checks) {
  return std::min(absl::Seconds(5) * (1 << std::clamp(checks - 1, 0, 7)), absl::Minutes(10));
}

}  // namespace selfology::file
