#include "services/platform/file/media_types.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/text/utf8.h"

namespace selfology::file {
namespace {

using std::string_view_literals::operator""sv;

constexpr size_t kMarkupBytes = 1024;  // In which a browser looks for HTML.

struct Signature {
  size_t at;
  std::string_view bytes;
  std::string_view type;
};

constexpr Signature kSignatures[] = {
    {0, "\xFF\xD8\xFF"sv, "image/jpeg"},
    {0, "\x89PNG\r\n\x1A\n"sv, "image/png"},
    {0, "GIF87a"sv, "image/gif"},
    {0, "GIF89a"sv, "image/gif"},
    {0, "BM"sv, "image/bmp"},
    {0, "II*\0"sv, "image/tiff"},
    {0, "MM\0*"sv, "image/tiff"},
    {0, "\0\0\1\0"sv, "image/x-icon"},
    {0, "%PDF-"sv, "application/pdf"},
    {0, "PK\3\4"sv, "application/zip"},
    {0, "PK\5\6"sv, "application/zip"},
    {0, "\x1F\x8B"sv, "application/gzip"},
    {0, "BZh"sv, "application/x-bzip2"},
    {0,
     "\xFD"
     "7zXZ\0"sv,
     "application/x-xz"},
    {0, "7z\xBC\xAF\x27\x1C"sv, "application/x-7z-compressed"},
    {0, "Rar!\x1A\7"sv, "application/vnd.rar"},
    {0,
     "\x7F"
     "ELF"sv,
     "application/x-executable"},
    {0, "MZ"sv, "application/vnd.microsoft.portable-executable"},
    {0, "#!"sv, "text/x-shellscript"},
    {0, "OggS"sv, "audio/ogg"},
    {0, "fLaC"sv, "audio/flac"},
    {0, "ID3"sv, "audio/mpeg"},
    {0, "\xFF\xFB"sv, "audio/mpeg"},
    {0, "\xFF\xF3"sv, "audio/mpeg"},
    {0, "\x1A\x45\xDF\xA3"sv, "video/webm"},
    {0, "{\\rtf"sv, "application/rtf"},
    {257, "ustar"sv, "application/x-tar"},
};

bool HasAt(std::string_view bytes, size_t at, std::string_view what) {
  return bytes.size() >= at + what.size() && bytes.substr(at, what.size()) == what;
}

std::string_view RiffType(std::string_view head) {
  if (!HasAt(head, 0, "RIFF")) return "";
  if (HasAt(head, 8, "WEBP")) return "image/webp";
  if (HasAt(head, 8, "WAVE")) return "audio/wav";
  if (HasAt(head, 8, "AVI ")) return "video/x-msvideo";
  return "";
}

std::string_view IsoMediaType(std::string_view head) {
  if (!HasAt(head, 4, "ftyp") || head.size() < 12) return "";
  const std::string_view brand = head.substr(8, 4);
  if (brand == "avif" || brand == "avis") return "image/avif";
  if (brand == "heic" || brand == "heix" || brand == "mif1") return "image/heic";
  if (brand == "qt  ") return "video/quicktime";
  if (brand == "M4A ") return "audio/mp4";
  return "video/mp4";
}

std::string_view MarkupType(std::string_view head) {
  std::string_view start = head.substr(0, kMarkupBytes);
  if (absl::StartsWith(start, "\xEF\xBB\xBF")) start.remove_prefix(3);
  start = absl::StripLeadingAsciiWhitespace(start);
  if (!absl::StartsWith(start, "<")) return "";
  const std::string lower = absl::AsciiStrToLower(start);
  if (absl::StrContains(lower, "<svg")) return "image/svg+xml";
  for (const std::string_view tag :
       {"<!doctype html", "<html", "<script", "<body", "<head", "<iframe", "<h1", "<div", "<table",
        "<style", "<title", "<a ", "<p>", "<br", "<b>"}) {
    if (absl::StartsWith(lower, tag)) return "text/html";
  }
  // After a declaration or a comment it may still be a page.
  if (absl::StrContains(lower, "<html") || absl::StrContains(lower, "<script")) return "text/html";
  return absl::StartsWith(lower, "<?xml") ? "text/xml" : "";
}

bool IsText(std::string_view head) {
  if (head.empty()) return true;
  // The last character may be cut off.
  std::string_view rest = head;
  while (!rest.empty()) {
    const size_t left = rest.size();
    const char32_t c = text::TakeCharacter(rest);
    if (c == 0) return left < 4 && head.size() == kHeadBytes;
    if (c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f') return false;
  }
  return true;
}

// Whether the tail holds the end of a ZIP file that ends with it: what an unpacker looks for.
bool EndsAsZip(std::string_view tail) {
  constexpr size_t kRecord = 22;
  for (size_t at = tail.rfind("PK\5\6"sv); at != std::string_view::npos;
       at = at == 0 ? std::string_view::npos : tail.rfind("PK\5\6"sv, at - 1)) {
    if (tail.size() - at < kRecord) continue;
    const size_t comment = static_cast<uint8_t>(tail[at + 20]) |
                           static_cast<size_t>(static_cast<uint8_t>(tail[at + 21])) << 8;
    if (at + kRecord + comment <= tail.size()) return true;
  }
  return false;
}

// What else a picture is, or "".
std::string_view SecondNature(std::string_view head, std::string_view tail) {
  if (absl::StrContains(head.substr(0, kMarkupBytes), "%PDF-")) return "a PDF document";
  if (EndsAsZip(tail)) return "a ZIP archive";
  if (absl::StrContains(tail, "Rar!\x1A\7"sv)) return "a RAR archive";
  if (absl::StrContains(tail, "7z\xBC\xAF\x27\x1C"sv)) return "a 7z archive";
  for (const std::string_view part : {head.substr(0, 4096), tail}) {
    const std::string lower = absl::AsciiStrToLower(part);
    for (const std::string_view mark : {"<script", "<html", "<?php", "<svg", "<iframe"}) {
      if (absl::StrContains(lower, mark)) return "a page with code";
    }
  }
  return "";
}

}  // namespace

std::string SniffMediaType(std::string_view head) {
  for (const std::string_view type : {RiffType(head), IsoMediaType(head)}) {
    if (!type.empty()) return std::string(type);
  }
  for (const Signature& signature : kSignatures) {
    if (HasAt(head, signature.at, signature.bytes)) {
      // Two letters also begin many a text.
      if (signature.bytes.size() == 2 && IsText(head) && signature.type != "text/x-shellscript") {
        continue;
      }
      return std::string(signature.type);
    }
  }
  if (const std::string_view markup = MarkupType(head); !markup.empty()) return std::string(markup);
  return IsText(head) ? "text/plain" : "application/octet-stream";
}

bool IsPicture(std::string_view media_type) {
  return media_type == "image/jpeg" || media_type == "image/png" || media_type == "image/gif" ||
         media_type == "image/webp";
}

bool IsVideo(std::string_view media_type) {
  return media_type == "video/mp4" || media_type == "video/quicktime" || media_type == "video/webm";
}

absl::Status CheckContent(std::string_view media_type, std::string_view head,
                          std::string_view tail) {
  if (media_type == "image/svg+xml") {
    return absl::FailedPreconditionError("SVG is not taken: it can hold code; send PNG or WebP");
  }
  if (!IsPicture(media_type)) return absl::OkStatus();
  if (const std::string_view second = SecondNature(head, tail); !second.empty()) {
    return absl::FailedPreconditionError(absl::StrCat("the picture is ", second, " as well"));
  }
  return absl::OkStatus();
}

}  // namespace selfology::file
