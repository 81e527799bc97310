#include "services/studio/social/post_check.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/text/text.h"
#include "services/studio/social/limits.h"

namespace selfology::social {
namespace {

int64_t CostOf(const v1::PlatformLimits& limits, std::string_view text) {
  return FindLinks(text).empty() ? limits.post_cost_micro_usd() : limits.link_post_cost_micro_usd();
}

void CheckPart(v1::Platform platform, std::string_view name, std::string_view text, int max_text,
               PostCheck& check) {
  for (const std::string& issue : CheckText(platform, text, max_text).issues) {
    check.issues.push_back(absl::StrCat(name, ": ", issue));
  }
  check.cost_micro_usd += CostOf(LimitsOf(platform), text);
}

}  // namespace

bool TakesPictures(v1::Platform platform) {
  return platform == v1::PLATFORM_TELEGRAM || platform == v1::PLATFORM_MASTODON ||
         platform == v1::PLATFORM_BLUESKY || platform == v1::PLATFORM_WORDPRESS;
}

PostCheck CheckPost(v1::Platform platform, const PostToCheck& post, int max_text) {
  const v1::PlatformLimits& limits = LimitsOf(platform);
  int first_max = max_text;
  if (post.images > 0 && limits.max_text_with_images() > 0) {
    first_max = limits.max_text_with_images();
  }
  const TextCheck first = CheckText(platform, post.text, first_max);
  PostCheck check{.length = first.length, .max_length = first.max_length, .issues = first.issues};
  if (limits.max_text() == 0) return check;
  const std::string_view name = NameOf(platform);
  check.cost_micro_usd = CostOf(limits, post.text);
  if (post.images > 0 && !TakesPictures(platform)) {
    check.issues.push_back(
        platform == v1::PLATFORM_INSTAGRAM
            ? "at Instagram the text names the picture: put the public address of a JPEG into it"
            : absl::StrCat("pictures cannot be brought to ", name, " yet: leave them out there"));
  } else if (post.images > limits.max_images()) {
    check.issues.push_back(absl::StrCat("the post has ", post.images, " pictures, ", name,
                                        " takes ", limits.max_images()));
  }
  const int parts = static_cast<int>(post.thread.size()) + 1;
  if (parts > std::max(limits.max_thread(), 1)) {
    check.issues.push_back(limits.max_thread() <= 1
                               ? absl::StrCat(name, " has no threads: write one text for it")
                               : absl::StrCat("the thread has ", parts, " parts, ", name, " takes ",
                                              limits.max_thread()));
  }
  for (size_t i = 0; i < post.thread.size(); ++i) {
    CheckPart(platform, absl::StrCat("part ", i + 2), post.thread[i], max_text, check);
  }
  if (!text::Trim(post.first_comment).empty()) {
    if (!limits.comments()) {
      check.issues.push_back(
          absl::StrCat("a first comment cannot be written at ", name, " yet: leave it out there"));
    }
    CheckPart(platform, "the first comment", post.first_comment, max_text, check);
  }
  return check;
}

}  // namespace selfology::social
