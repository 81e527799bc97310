// How a whole post fits a platform: its words, pictures, thread and first comment, and what it costs.
//
//   PostCheck check = CheckPost(v1::PLATFORM_X, {.text = text, .thread = thread}, /*max_text=*/0);
//   check.issues;          // {"part 2: the text has 291 weighted characters, X takes 280"}
//   check.cost_micro_usd;  // 30,000: two posts
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "selfology/social/v1/social.pb.h"

namespace selfology::social {

inline constexpr int kMaxImages = 10;  // Of any post.
inline constexpr int kMaxThread = 25;  // Parts, with the first.

struct PostToCheck {
  std::string_view text = {};
  std::vector<std::string_view> thread = {};
  std::string_view first_comment = {};
  int images = 0;
};

struct PostCheck {
  int length = 0;  // Of the first part.
  int max_length = 0;
  std::vector<std::string> issues = {};  // One English sentence each.
  int64_t cost_micro_usd = 0;
};

// max_text: of the account's own server; 0: the platform's.
PostCheck CheckPost(v1::Platform platform, const PostToCheck& post, int max_text);

// Whether we bring pictures there.
bool TakesPictures(v1::Platform platform);

}  // namespace selfology::social
