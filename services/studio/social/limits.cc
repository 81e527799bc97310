#include "services/studio/social/limits.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "services/studio/social/conjuncts.h"
#include "services/studio/social/domains.h"

namespace selfology::social {
namespace {

constexpr int kXLink = 23;

// One row of the table.
struct Row {
  v1::Platform platform;
  std::string_view name;
  int max_text;
  v1::TextUnit unit;
  int max_bytes;
  int link_length;
  int max_images;
  int64_t max_image_bytes;
  bool publishes;
  std::string_view source;
  std::string_view image_types = "";  // With spaces between them.
  int max_text_with_images = 0;
  int max_thread = 1;
  bool comments = false;
  bool edits = false;
  int64_t post_cost = 0;  // Millionths of a US dollar.
  int64_t link_post_cost = 0;
  std::string_view cost_source = "";
};

constexpr int64_t kMb = 1'000'000;
constexpr std::string_view kCheckedOn = "2026-11-30";

constexpr std::string_view kWebTypes = "image/jpeg image/png image/webp";
constexpr std::string_view kJpegAndPng = "image/jpeg image/png";
constexpr int kThread = 25;  // Ours: what a person would still read.

constexpr Row kRows[] = {
    {v1::PLATFORM_TELEGRAM, "Telegram", 4096, v1::TEXT_UNIT_UTF16, 0, 0, 10, 10 * kMb, true,
     "https://core.telegram.org/bots/api#sendmessage", kJpegAndPng, 1024, kThread, true, true},
    {v1::PLATFORM_MASTODON, "Mastodon", 500, v1::TEXT_UNIT_GRAPHEMES, 0, 23, 4, 16 * kMb, true,
     "https://docs.joinmastodon.org/user/posting/", kWebTypes, 0, kThread, true, true},
    {v1::PLATFORM_BLUESKY, "Bluesky", 300, v1::TEXT_UNIT_GRAPHEMES, 3000, 0, 4, 1 * kMb, true,
     "https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json",
     kJpegAndPng, 0, kThread, true, true},
    {v1::PLATFORM_WORDPRESS, "WordPress", 15'000, v1::TEXT_UNIT_CODE_POINTS, 60'000, 0, 10, 2 * kMb,
     true, "https://developer.wordpress.org/rest-api/reference/posts/", kWebTypes, 0, 1, true,
     true},
    {v1::PLATFORM_X, "X", 280, v1::TEXT_UNIT_WEIGHTED, 0, kXLink, 4, 5 * kMb, true,
     "https://developer.x.com/en/docs/counting-characters", kJpegAndPng, 0, kThread, true, false,
     15'000, 200'000, "https://docs.x.com/x-api/getting-started/pricing"},
    {v1::PLATFORM_LINKEDIN, "LinkedIn", 3000, v1::TEXT_UNIT_CODE_POINTS, 0, 0, 20, 8 * kMb, true,
     "https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api",
     kJpegAndPng, 0, 1, false, true},
    {v1::PLATFORM_FACEBOOK, "Facebook", 63'206, v1::TEXT_UNIT_CODE_POINTS, 0, 0, 10, 10 * kMb, true,
     "https://developers.facebook.com/docs/pages-api/posts", kJpegAndPng, 0, 1, false, true},
    {v1::PLATFORM_INSTAGRAM, "Instagram", 2200, v1::TEXT_UNIT_CODE_POINTS, 0, 0, 10, 8 * kMb, true,
     "https://developers.facebook.com/docs/instagram-platform/content-publishing", "image/jpeg"},
    {v1::PLATFORM_THREADS, "Threads", 500, v1::TEXT_UNIT_CODE_POINTS, 0, 0, 10, 8 * kMb, false,
     "https://developers.facebook.com/docs/threads/posts"},
};

const std::vector<v1::PlatformLimits>& Table() {
  static const auto* const table = [] {
    auto* rows = new std::vector<v1::PlatformLimits>();
    for (const Row& row : kRows) {
      v1::PlatformLimits& limits = rows->emplace_back();
      limits.set_platform(row.platform);
      limits.set_max_text(row.max_text);
      limits.set_unit(row.unit);
      limits.set_max_bytes(row.max_bytes);
      limits.set_link_length(row.link_length);
      limits.set_max_images(row.max_images);
      limits.set_max_image_bytes(row.max_image_bytes);
      limits.set_publishes(row.publishes);
      limits.set_source(std::string(row.source));
      limits.set_checked_on(std::string(kCheckedOn));
      for (const std::string_view type : absl::StrSplit(row.image_types, ' ', absl::SkipEmpty())) {
        limits.add_image_types(std::string(type));
      }
      limits.set_max_text_with_images(row.max_text_with_images);
      limits.set_max_thread(row.max_thread);
      limits.set_comments(row.comments);
      limits.set_edits(row.edits);
      limits.set_post_cost_micro_usd(row.post_cost);
      limits.set_link_post_cost_micro_usd(row.link_post_cost);
      limits.set_cost_source(std::string(row.cost_source));
    }
    return rows;
  }();
  return *table;
}

// Letters of most languages of Europe, and punctuation, weigh 1; all others 2.
int WeightOf(char32_t c) {
  const bool light =
      c <= 4351 || (c >= 8192 && c <= 8205) || (c >= 8208 && c <= 8223) || (c >= 8242 && c <= 8247);
  return light ? 1 : 2;
}

// The first grapheme cluster, taken off the front.
std::string_view TakeGrapheme(std::string_view& rest) {
  const std::string_view all = rest;
  utf8proc_int32_t state = 0;
  char32_t before = text::TakeCharacter(rest);
  Conjuncts conjuncts;
  conjuncts.Take(before);
  while (!rest.empty()) {
    std::string_view after = rest;
    const char32_t c = text::TakeCharacter(after);
    if (utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(before),
                                         static_cast<utf8proc_int32_t>(c), &state) &&
        !conjuncts.Joins(c)) {
      break;
    }
    conjuncts.Take(c);
    before = c;
    rest = after;
  }
  return all.substr(0, all.size() - rest.size());
}

bool IsKeycapBase(char32_t c) { return (c >= '0' && c <= '9') || c == '#' || c == '*'; }

// Of what may be shown as an emoji, where U+FE0F follows.
bool IsSymbol(char32_t c) { return c == 0xA9 || c == 0xAE || (c >= 0x203C && c <= 0x3299); }

// A sequence that is shown as one emoji counts as one.
bool IsEmoji(std::string_view grapheme) {
  std::string_view rest = grapheme;
  const char32_t first = text::TakeCharacter(rest);
  if ((first >= 0x2600 && first <= 0x27BF) || first == 0x2B50 || first == 0x2B55 ||
      first == 0x231A || first == 0x231B || (first >= 0x1F000 && first <= 0x1FAFF)) {
    return true;
  }
  while (!rest.empty()) {
    const char32_t c = text::TakeCharacter(rest);
    if ((c == 0xFE0F && IsSymbol(first)) || (c == 0x20E3 && IsKeycapBase(first))) return true;
    if (c >= 0x1F000 && c <= 0x1FAFF) return true;
  }
  return false;
}

// What stands over the emoji that starts with `first`, and is no part of it.
bool IsAccent(char32_t c, char32_t first) {
  if (c == 0xFE0F || (c == 0x20E3 && IsKeycapBase(first))) return false;
  const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME;
}

std::string Composed(std::string_view text) {
  utf8proc_uint8_t* out = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &out,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  if (size < 0) return std::string(text);
  std::string composed(reinterpret_cast<const char*>(out), size);
  std::free(out);
  return composed;
}

int WeightOfText(std::string_view text) {
  int weight = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view grapheme = TakeGrapheme(rest);
    const bool is_emoji = IsEmoji(grapheme);
    std::string_view left = grapheme;
    const char32_t first = text::TakeCharacter(left);
    weight += is_emoji ? 2 : WeightOf(first);
    while (!left.empty()) {
      const char32_t c = text::TakeCharacter(left);
      if (!is_emoji || IsAccent(c, first)) weight += WeightOf(c);
    }
  }
  return weight;
}

// Of "@name@server" Mastodon counts "@name".
std::string WithoutServers(std::string_view text) {
  const auto is_name = [](char c) { return absl::ascii_isalnum(c) || c == '_'; };
  const auto is_server = [](char c) { return absl::ascii_isalnum(c) || c == '.' || c == '-'; };
  std::string without;
  for (size_t i = 0; i < text.size();) {
    const bool starts = text[i] == '@' && (i == 0 || !is_name(text[i - 1]));
    size_t name = i + 1;
    while (starts && name < text.size() && is_name(text[name])) ++name;
    if (!starts || name == i + 1) {
      without += text[i++];
      continue;
    }
    without += text.substr(i, name - i);
    i = name;
    if (i + 1 < text.size() && text[i] == '@' && is_server(text[i + 1])) {
      ++i;
      while (i < text.size() && is_server(text[i])) ++i;
    }
  }
  return without;
}

// The length of the text where each link counts as `link_length`.
template <typename Measure>
int WithLinks(std::string_view text, const std::vector<Link>& links, int link_length,
              Measure measure) {
  int length = 0;
  size_t at = 0;
  for (const Link& link : links) {
    length += measure(text.substr(at, link.begin - at)) + link_length;
    at = link.end;
  }
  return length + measure(text.substr(at));
}

int LengthOf(v1::Platform platform, std::string_view text) {
  if (platform == v1::PLATFORM_MASTODON) {
    return WithLinks(text, FindLinks(text), 23,
                     [](std::string_view part) { return Graphemes(WithoutServers(part)); });
  }
  if (platform == v1::PLATFORM_INSTAGRAM) {
    const std::optional<PictureAndCaption> parts = TakePicture(text);
    return CodePoints(parts.has_value() ? std::string_view(parts->caption) : text);
  }
  switch (LimitsOf(platform).unit()) {
    case v1::TEXT_UNIT_GRAPHEMES:
      return Graphemes(text);
    case v1::TEXT_UNIT_WEIGHTED:
      return WeightedLength(text);
    case v1::TEXT_UNIT_UTF16:
      return Utf16Units(text);
    default:
      return CodePoints(text);
  }
}

std::string_view UnitName(v1::TextUnit unit) {
  switch (unit) {
    case v1::TEXT_UNIT_WEIGHTED:
      return "weighted characters";
    case v1::TEXT_UNIT_UTF16:
      return "UTF-16 units";
    default:
      return "characters";
  }
}

}  // namespace

absl::Span<const v1::PlatformLimits> AllLimits() { return Table(); }

const v1::PlatformLimits& LimitsOf(v1::Platform platform) {
  for (const v1::PlatformLimits& limits : Table()) {
    if (limits.platform() == platform) return limits;
  }
  return v1::PlatformLimits::default_instance();
}

std::string_view NameOf(v1::Platform platform) {
  for (const Row& row : kRows) {
    if (row.platform == platform) return row.name;
  }
  return "the platform";
}

int CodePoints(std::string_view text) { return text::Characters(text); }

int Graphemes(std::string_view text) {
  int count = 0;
  for (; !text.empty(); ++count) TakeGrapheme(text);
  return count;
}

int Utf16Units(std::string_view text) {
  int units = 0;
  while (!text.empty()) units += text::TakeCharacter(text) > 0xFFFF ? 2 : 1;
  return units;
}

int WeightedLength(std::string_view text) {
  const std::string composed = Composed(text);
  return WithLinks(composed, FindXLinks(composed), kXLink, &WeightOfText);
}

std::vector<Link> FindLinks(std::string_view text) {
  std::vector<Link> links;
  for (size_t at = 0; at < text.size();) {
    const size_t http = std::min(text.find("http://", at), text.find("https://", at));
    if (http == std::string_view::npos) break;
    const size_t host = text.find("//", http) + 2;
    // Up to white space, and not the punctuation of the sentence that it stands in.
    size_t end = host;
    while (end < text.size() && !absl::ascii_isspace(text[end]) && text[end] != '<' &&
           text[end] != '>' && text[end] != '"') {
      ++end;
    }
    while (end > host) {
      const char last = text[end - 1];
      const bool opened = last == ')' && absl::StrContains(text.substr(host, end - host), '(');
      if (!absl::StrContains(".,;:!?')", last) || opened) break;
      --end;
    }
    const bool is_link =
        end > host &&
        (absl::ascii_isalnum(text[host]) || static_cast<unsigned char>(text[host]) > 127) &&
        (http == 0 || !absl::ascii_isalnum(text[http - 1]));
    if (is_link) links.push_back({.begin = http, .end = end});
    at = std::max(end, http + 7);
  }
  return links;
}

std::optional<PictureAndCaption> TakePicture(std::string_view text) {
  for (const Link& link : FindLinks(text)) {
    const std::string_view address = text.substr(link.begin, link.end - link.begin);
    const std::string path = absl::AsciiStrToLower(address.substr(0, address.find_first_of("?#")));
    if (!path.ends_with(".jpg") && !path.ends_with(".jpeg")) continue;
    const std::string_view before = text::Trim(text.substr(0, link.begin));
    const std::string_view after = text::Trim(text.substr(link.end));
    return PictureAndCaption{
        .picture = std::string(address),
        .caption = absl::StrCat(before, before.empty() || after.empty() ? "" : "\n", after)};
  }
  return std::nullopt;
}

TextCheck CheckText(v1::Platform platform, std::string_view text, int max_text) {
  const v1::PlatformLimits& limits = LimitsOf(platform);
  TextCheck check;
  if (limits.max_text() == 0) {
    check.issues.emplace_back("there is no such platform");
    return check;
  }
  check.max_length = max_text > 0 ? max_text : limits.max_text();
  check.length = LengthOf(platform, text);
  if (text::Trim(text).empty()) check.issues.emplace_back("the text is empty");
  if (platform == v1::PLATFORM_INSTAGRAM && !TakePicture(text).has_value()) {
    check.issues.emplace_back(
        "Instagram takes no post without a picture: put the public address of a JPEG into the "
        "text");
  }
  if (check.length > check.max_length) {
    check.issues.push_back(absl::StrCat("the text has ", check.length, " ", UnitName(limits.unit()),
                                        ", ", NameOf(platform), " takes ", check.max_length));
  }
  if (limits.max_bytes() > 0 && static_cast<int>(text.size()) > limits.max_bytes()) {
    check.issues.push_back(absl::StrCat("the text has ", text.size(), " bytes, ", NameOf(platform),
                                        " takes ", limits.max_bytes()));
  }
  return check;
}

}  // namespace selfology::social
