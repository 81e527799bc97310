#include "services/studio/content/post_rules.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::content {
namespace {

constexpr std::pair<v1::PostState, std::string_view> kWords[] = {
    {v1::POST_STATE_DRAFT, "draft"},
    {v1::POST_STATE_IN_REVIEW, "in_review"},
    {v1::POST_STATE_APPROVED, "approved"},
    {v1::POST_STATE_SCHEDULED, "scheduled"},
    {v1::POST_STATE_PUBLISHING, "publishing"},
    {v1::POST_STATE_PUBLISHED, "published"},
    {v1::POST_STATE_PARTLY_PUBLISHED, "partly_published"},
    {v1::POST_STATE_FAILED, "failed"},
};

// Letters, marks, digits and "_", of any script.
bool IsHashtag(std::string_view tag) {
  if (text::Characters(tag) < 1 || text::Characters(tag) > kMaxName) return false;
  while (!tag.empty()) {
    const char32_t c = text::TakeCharacter(tag);
    const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
    const bool good =
        c == '_' || (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO);
    if (!good) return false;
  }
  return true;
}

}  // namespace

void CheckText(std::string_view field, std::string_view text, status::FieldViolations& bad) {
  if (text::Trim(text).empty() || text::Characters(text) > kMaxText) {
    bad.Add(field, absl::StrCat("must be 1 to ", kMaxText, " characters"));
  }
}

void CheckBody(const Body& body, status::FieldViolations& bad) {
  if (text::Characters(body.title) > kMaxTitle) {
    bad.Add("title", absl::StrCat("must be at most ", kMaxTitle, " characters"));
  }
  if (text::Characters(body.text) > kMaxText) {
    bad.Add("text", absl::StrCat("must be at most ", kMaxText, " characters"));
  }
  std::set<int> platforms;
  for (int i = 0; i < body.versions.size(); ++i) {
    const v1::Version& version = body.versions[i];
    const bool known = version.platform() != social::v1::PLATFORM_UNSPECIFIED &&
                       social::v1::Platform_IsValid(version.platform());
    if (!known || !platforms.insert(version.platform()).second) {
      bad.Add(absl::StrCat("versions[", i, "].platform"), "must be a Platform, each at most once");
    }
    CheckText(absl::StrCat("versions[", i, "].text"), version.text(), bad);
  }
  const std::set<int64_t> accounts(body.account_ids.begin(), body.account_ids.end());
  if (body.account_ids.size() > kMaxAccounts ||
      static_cast<int>(accounts.size()) != body.account_ids.size()) {
    bad.Add("account_ids", absl::StrCat("must be at most ", kMaxAccounts, " different ones"));
  }
  const bool good_tags =
      body.tags.size() <= kMaxTags &&
      std::all_of(body.tags.begin(), body.tags.end(), [](const std::string& tag) {
        return !text::Trim(tag).empty() && text::Characters(tag) <= kMaxTag;
      });
  if (!good_tags) {
    bad.Add("tags",
            absl::StrCat("must be at most ", kMaxTags, ", each 1 to ", kMaxTag, " characters"));
  }
}

void CheckFollowing(const v1::Post& post, status::FieldViolations& bad) {
  int characters = text::Characters(post.text()) + text::Characters(post.first_comment());
  bool empty_part = false;
  for (const std::string& part : post.thread()) {
    characters += text::Characters(part);
    empty_part = empty_part || text::Trim(part).empty();
  }
  for (const social::v1::Media& media : post.media()) characters += text::Characters(media.alt());
  if (post.thread_size() > kMaxThread || empty_part) {
    bad.Add("thread", absl::StrCat("must be at most ", kMaxThread, ", none of them empty"));
  }
  if (characters > kMaxText && text::Characters(post.text()) <= kMaxText) {
    bad.Add("thread", absl::StrCat("must be at most ", kMaxText,
                                   " characters together with the text, the first comment"
                                   " and what pictures show"));
  }
  const bool good_media =
      post.media_size() <= kMaxMedia &&
      std::all_of(post.media().begin(), post.media().end(), [](const social::v1::Media& media) {
        return media.file_id().size() == 36 && text::Characters(media.alt()) <= kMaxAlt;
      });
  if (!good_media) {
    bad.Add("media", absl::StrCat("must be at most ", kMaxMedia, ", each a file's id and at most ",
                                  kMaxAlt, " characters"));
  }
}

void CheckName(std::string_view name, status::FieldViolations& bad) {
  if (text::Trim(name).empty() || text::Characters(name) > kMaxName) {
    bad.Add("name", absl::StrCat("must be 1 to ", kMaxName, " characters"));
  }
}

void CheckHashtags(const google::protobuf::RepeatedPtrField<std::string>& hashtags,
                   status::FieldViolations& bad) {
  if (hashtags.empty() || hashtags.size() > kMaxHashtags ||
      !std::all_of(hashtags.begin(), hashtags.end(), IsHashtag)) {
    bad.Add("hashtags", absl::StrCat("must be 1 to ", kMaxHashtags,
                                     " of letters, digits and \"_\", without \"#\""));
  }
}

const std::string& TextAt(const v1::Post& post, social::v1::Platform platform) {
  for (const v1::Version& version : post.versions()) {
    if (version.platform() == platform) return version.text();
  }
  return post.text();
}

absl::Status MayChange(v1::PostState state) {
  if (state == v1::POST_STATE_PUBLISHING) {
    return absl::FailedPreconditionError("the post is being published");
  }
  if (state == v1::POST_STATE_PUBLISHED) {
    return absl::FailedPreconditionError("the post is published; make another one");
  }
  return absl::OkStatus();
}

absl::Status MaySchedule(const v1::Post& post) {
  if (absl::Status may = MayChange(post.state()); !may.ok()) return may;
  if (post.account_ids().empty()) {
    return absl::FailedPreconditionError("the post is for no account");
  }
  const bool approved =
      post.state() == v1::POST_STATE_APPROVED || post.state() == v1::POST_STATE_SCHEDULED ||
      post.state() == v1::POST_STATE_PARTLY_PUBLISHED || post.state() == v1::POST_STATE_FAILED;
  if (post.needs_approval() && !approved) {
    return absl::FailedPreconditionError("the post has to be approved first");
  }
  if (post.state() == v1::POST_STATE_IN_REVIEW) {
    return absl::FailedPreconditionError("the post waits for approval");
  }
  return absl::OkStatus();
}

absl::Status MayReview(const v1::ReviewRules& rules, const Writers& writers, int64_t reviewer) {
  if (!rules.others_only()) return absl::OkStatus();
  if (reviewer != writers.begun_by && reviewer != writers.edited_by) return absl::OkStatus();
  return status::Error(mesh::v1::ERROR_CODE_PERMISSION_DENIED,
                       "the team wants others to review what somebody wrote");
}

std::string_view WordOf(v1::PostState state) {
  for (const auto& [known, word] : kWords) {
    if (known == state) return word;
  }
  return "";
}

v1::PostState StateOf(std::string_view word) {
  for (const auto& [state, known] : kWords) {
    if (known == word) return state;
  }
  return v1::POST_STATE_UNSPECIFIED;
}

}  // namespace selfology::content
