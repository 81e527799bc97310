#include "services/feed/channel_reader/address.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/text/text.h"

namespace selfology::channel_reader {
namespace {

bool IsWordCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// 4 to 32 of letters, digits and "_", a letter first.
bool IsTelegramName(std::string_view name) {
  return name.size() >= 4 && name.size() <= 32 &&
         absl::ascii_isalpha(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(), IsWordCharacter);
}

// A host's name of two labels and more: no address in digits, no port.
bool IsHost(std::string_view host) {
  if (host.size() > 253 || !absl::StrContains(host, '.')) return false;
  const std::vector<std::string_view> labels = absl::StrSplit(host, '.');
  for (const std::string_view label : labels) {
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') {
      return false;
    }
    for (const char c : label) {
      const auto byte = static_cast<unsigned char>(c);
      if (!absl::ascii_isalnum(byte) && c != '-' && byte < 0x80) return false;
    }
  }
  return !absl::ascii_isdigit(static_cast<unsigned char>(labels.back()[0]));
}

// An account of atproto by its number: "did:plc:ewvi7nxzyoun6zhxrhs64oiz".
bool IsDid(std::string_view text) {
  return absl::StartsWith(text, "did:") && text.size() <= 128 &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsWordCharacter(c) || c == ':' || c == '.' || c == '-'; });
}

Address Telegram(std::string_view name) {
  return {v1::SOURCE_KIND_TELEGRAM_PREVIEW, std::string(name), TelegramKey(name, 0), false};
}

// The path of t.me, without its query.
std::optional<Address> ReadTelegramPath(std::string_view path) {
  std::vector<std::string_view> parts = absl::StrSplit(path, '/', absl::SkipEmpty());
  if (!parts.empty() && parts[0] == "s") parts.erase(parts.begin());
  if (parts.empty()) return std::nullopt;
  if (parts[0] == "joinchat" || parts[0] == "c" || absl::StartsWith(parts[0], "+")) {
    return Address{v1::SOURCE_KIND_TELEGRAM_PREVIEW, "", "", true};
  }
  if (!IsTelegramName(parts[0])) return std::nullopt;
  return Telegram(parts[0]);
}

Address Bluesky(std::string_view handle) {
  std::string lower = absl::AsciiStrToLower(handle);
  return {v1::SOURCE_KIND_BLUESKY, lower, absl::StrCat("bluesky:", lower), false};
}

std::optional<Address> Mastodon(std::string_view name, std::string_view server) {
  if (name.empty() || name.size() > 64 || !IsHost(server)) return std::nullopt;
  for (const char c : name) {
    if (!IsWordCharacter(c) && c != '.' && c != '-') return std::nullopt;
  }
  std::string handle = absl::AsciiStrToLower(absl::StrCat(name, "@", server));
  return Address{v1::SOURCE_KIND_MASTODON, handle, absl::StrCat("mastodon:", handle), false};
}

std::optional<Address> ReadUrl(std::string_view scheme, std::string_view rest) {
  const size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view host_and_port = rest.substr(0, end);
  const std::string_view tail = rest.substr(end, rest.find('#') - end);
  const std::string_view path = tail.substr(0, tail.find('?'));
  std::string host = absl::AsciiStrToLower(host_and_port.substr(0, host_and_port.find(':')));
  std::string_view bare = host;
  if (bare.starts_with("www.")) bare.remove_prefix(4);
  if (bare == "t.me" || bare == "telegram.me" || bare == "telegram.dog") {
    return ReadTelegramPath(path);
  }
  // name.t.me is the same as t.me/name.
  if (absl::EndsWith(bare, ".t.me")) {
    const std::string_view name = bare.substr(0, bare.size() - 5);
    if (IsTelegramName(name)) return Telegram(name);
    return std::nullopt;
  }
  if (bare == "bsky.app") {
    const std::vector<std::string_view> parts = absl::StrSplit(path, '/', absl::SkipEmpty());
    if (parts.size() < 2 || parts[0] != "profile") return std::nullopt;
    if (!IsHost(parts[1]) && !IsDid(parts[1])) return std::nullopt;
    return Bluesky(parts[1]);
  }
  // Mastodon's pages are https://server/@name; so are other sites', which serve feeds there.
  const std::vector<std::string_view> parts = absl::StrSplit(path, '/', absl::SkipEmpty());
  if (!parts.empty() && parts[0].size() > 1 && parts[0][0] == '@' && parts.size() <= 2 &&
      bare != "medium.com" && !absl::EndsWith(bare, ".youtube.com") && bare != "youtube.com") {
    const std::vector<std::string_view> name = absl::StrSplit(parts[0].substr(1), '@');
    if (name.size() == 1) return Mastodon(name[0], host);
    if (name.size() == 2) return Mastodon(name[0], name[1]);
  }
  if (absl::StrContains(host_and_port, '@') || host.empty()) return std::nullopt;
  for (const char c : tail) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '<' || c == '>') {
      return std::nullopt;
    }
  }
  for (const char c : host_and_port) {
    const auto byte = static_cast<unsigned char>(c);
    if (!absl::ascii_isalnum(byte) && byte < 0x80 && c != '.' && c != '-' && c != ':' && c != '[' &&
        c != ']') {
      return std::nullopt;
    }
  }
  const std::string_view shown_tail = tail == "/" ? "" : text::Trim(tail);
  const std::string where = absl::StrCat(absl::AsciiStrToLower(host_and_port), shown_tail);
  // http and https are the same feed.
  return Address{v1::SOURCE_KIND_WEB_FEED, absl::StrCat(scheme, where),
                 absl::StrCat("feed:", where), false};
}

}  // namespace

std::string TelegramKey(std::string_view username, int64_t telegram_id) {
  if (username.empty()) return absl::StrCat("telegram:", telegram_id);
  return absl::StrCat("telegram:", absl::AsciiStrToLower(username));
}

std::optional<Address> ReadAddress(std::string_view words) {
  words = text::Trim(words);
  if (words.empty() || words.size() > 2048) return std::nullopt;
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (absl::StartsWithIgnoreCase(words, scheme)) {
      return ReadUrl(scheme, words.substr(scheme.size()));
    }
  }
  if (absl::StartsWithIgnoreCase(words, "tg://resolve?")) {
    for (const std::string_view part : absl::StrSplit(words.substr(13), '&')) {
      std::string_view name = part;
      if (name.starts_with("domain=") && IsTelegramName(name.substr(7)))
        return Telegram(name.substr(7));
    }
    return std::nullopt;
  }
  for (const std::string_view host : {"t.me/", "telegram.me/", "telegram.dog/"}) {
    if (absl::StartsWithIgnoreCase(words, host)) return ReadUrl("https://", words);
  }
  if (absl::StrContains(words, "://")) return std::nullopt;
  std::string_view name = words;
  const bool has_at = name.starts_with("@");
  if (has_at) name.remove_prefix(1);
  if (const size_t at = name.find('@'); at != std::string_view::npos) {
    return Mastodon(name.substr(0, at), name.substr(at + 1));
  }
  if (IsDid(name)) return Bluesky(name);
  if (IsTelegramName(name)) return Telegram(name);
  if (absl::StrContains(name, '/')) {
    if (!has_at && IsHost(name.substr(0, name.find('/')))) return ReadUrl("https://", name);
    return std::nullopt;
  }
  if (!IsHost(name)) return std::nullopt;
  if (has_at || absl::EndsWithIgnoreCase(name, ".bsky.social")) return Bluesky(name);
  return ReadUrl("https://", name);
}

}  // namespace selfology::channel_reader
