// What platforms take: one table, and how long a text is as each of them counts.
//
//   const v1::PlatformLimits& limits = LimitsOf(v1::PLATFORM_BLUESKY);
//   TextCheck check = CheckText(v1::PLATFORM_X, text, /*max_text=*/0);
//   check.length;   // 28
//   check.issues;   // empty: it can be published
//
// Threads: pure functions. Sources: the pages that the table names; UAX #29 for graphemes; for X,
// twitter-text's configuration v3 (https://developer.x.com/en/docs/counting-characters).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "selfology/social/v1/social.pb.h"

namespace selfology::social {

// Of all platforms, in the order of their numbers.
absl::Span<const v1::PlatformLimits> AllLimits();
// A platform that nobody knows has a max_text of 0.
const v1::PlatformLimits& LimitsOf(v1::Platform platform);
// "Bluesky".
std::string_view NameOf(v1::Platform platform);

// The text is valid UTF-8.
int CodePoints(std::string_view text);
int Graphemes(std::string_view text);
int Utf16Units(std::string_view text);
int WeightedLength(std::string_view text);

// http and https links, as they stand in the text: byte positions.
struct Link {
  size_t begin = 0;
  size_t end = 0;
  friend bool operator==(const Link&, const Link&) = default;
};
std::vector<Link> FindLinks(std::string_view text);

// Instagram takes no post without a picture: the first link of the text to a JPEG is it, and the rest
// is what stands below it.
struct PictureAndCaption {
  std::string picture = {};
  std::string caption = {};
};
// nullopt: the text has no link that ends with ".jpg" or ".jpeg", with or without a query.
std::optional<PictureAndCaption> TakePicture(std::string_view text);

struct TextCheck {
  int length = 0;
  int max_length = 0;
  std::vector<std::string> issues = {};  // One English sentence each.
};
// max_text: of the account's own server; 0: the platform's.
TextCheck CheckText(v1::Platform platform, std::string_view text, int max_text);

}  // namespace selfology::social
