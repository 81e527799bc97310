// What the studio says in Telegram, in English and Russian.
//
//   StudioPanel({.drafts = drafts, .planned = planned}, {.language = language, .page = page})
//   DescribeStudio()
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/language/language.h"
#include "selfology/content/v1/content.pb.h"
#include "selfology/telegram/v1/dialog.pb.h"

namespace selfology::content {

namespace telegram_v1 = ::selfology::telegram::v1;
using language::Language;

// The dialog's name: the service's. The action of its buttons.
inline constexpr std::string_view kStudioDialog = "content";
inline constexpr std::string_view kStudioAction = "studio";
inline constexpr size_t kShownPosts = 5;  // Of drafts and of planned ones, each.

struct StudioReader {
  Language language = Language::kEnglish;
  absl::TimeZone zone = absl::UTCTimeZone();
  std::string_view page = {};  // Where the studio's page is; empty: it is not said.
};

struct StudioPosts {
  std::vector<v1::Post> planned = {};  // The next ones, by time.
  std::vector<v1::Post> drafts = {};   // The newest ones.
  bool has_more_drafts = false;
};

inline std::string_view InEither(Language language, std::string_view english,
                                 std::string_view russian) {
  return language == Language::kRussian ? russian : english;
}

telegram_v1::DialogMessage StudioText(std::string_view kind, std::string html);
telegram_v1::DialogMessage StudioPanel(const StudioPosts& posts, const StudioReader& reader);
// One post with all that can be done with it here. `heading`: HTML above it; may be empty.
telegram_v1::DialogMessage PostCard(const v1::Post& post, std::string_view heading,
                                    const StudioReader& reader);
// Asks for the text of a draft.
telegram_v1::DialogMessage AskForDraft(Language language);

telegram_v1::DialogDescription DescribeStudio();

}  // namespace selfology::content
