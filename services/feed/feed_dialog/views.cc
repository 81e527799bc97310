// The commands of the dialog, and the buttons that do the same. See reactions.h.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/html.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "services/feed/feed_dialog/answers.h"
#include "services/feed/feed_dialog/panels.h"
#include "services/feed/feed_dialog/reactions.h"

namespace selfology::feed_dialog {
namespace {

using telegram::v1::DialogMessage;
using telegram::v1::DialogReaction;

constexpr int kFeedPage = 3;
constexpr int kSavedPage = 5;
constexpr int kProposals = 5;
constexpr int64_t kStaleSeconds = 6 * 60 * 60;
constexpr int kMaxWord = 64;
// Of a post's characters; the studio takes 15,000, with the address.
constexpr int kMostOfDraft = 12'000;

}  // namespace

absl::StatusOr<feed::v1::GetFeedUserResponse> Reactions::Person(const Call& call,
                                                                const Turn& turn) const {
  feed::v1::GetFeedUserRequest request;
  request.set_user_telegram_id(turn.user_id);
  auto person = peers_->feed.GetFeedUser(call.WithTimeout(kPatience), request);
  if (person.ok() || person.status().code() != absl::StatusCode::kNotFound) return person;
  feed::v1::RegisterUserRequest made;
  made.set_telegram_id(turn.user_id);
  made.set_language(std::string(TagOf(turn.language)));
  RETURN_IF_ERROR(peers_->feed.RegisterUser(call.WithTimeout(kPatience), made).status());
  return peers_->feed.GetFeedUser(call.WithTimeout(kPatience), request);
}

absl::StatusOr<feed::v1::GetFeedUserResponse> Reactions::Visitor(const Call& call,
                                                                 const Turn& turn) const {
  ASSIGN_OR_RETURN(feed::v1::GetFeedUserResponse person, Person(call, turn));
  feed::v1::StartOnboardingRequest start;
  start.set_user_telegram_id(turn.user_id);
  RETURN_IF_ERROR(peers_->feed.StartOnboarding(call.WithTimeout(kPatience), start).status());
  return person;
}

absl::StatusOr<feed::v1::TrainResponse> Reactions::Train(const Call& call, const Turn& turn) const {
  feed::v1::TrainRequest request;
  request.set_user_telegram_id(turn.user_id);
  return peers_->feed.Train(call.WithTimeout(kLongPatience), request);
}

absl::StatusOr<feed::v1::ExplainPostResponse> Reactions::Explain(const Call& call, const Turn& turn,
                                                                 int64_t post_id) const {
  feed::v1::ExplainPostRequest request;
  request.set_user_telegram_id(turn.user_id);
  request.set_post_id(post_id);
  return peers_->feed.ExplainPost(call.WithTimeout(kPatience), request);
}

absl::StatusOr<bool> Reactions::HasChannels(const Call& call, const Turn& turn) const {
  feed::v1::ListUserChannelsRequest request;
  request.set_user_telegram_id(turn.user_id);
  request.set_page_size(1);
  ASSIGN_OR_RETURN(const feed::v1::ListUserChannelsResponse channels,
                   peers_->feed.ListUserChannels(call.WithTimeout(kPatience), request));
  return !channels.channels().empty();
}

absl::StatusOr<DialogReaction> Reactions::Open(const Call& call, const Turn& turn) const {
  ASSIGN_OR_RETURN(const feed::v1::GetFeedUserResponse person, Visitor(call, turn));
  if (person.user().is_trained()) return ShowFeed(call, turn);
  if (HasRatedEnough(person)) {
    ASSIGN_OR_RETURN(const feed::v1::TrainResponse trained, Train(call, turn));
    if (trained.success()) return ShowFeed(call, turn);
  }
  ASSIGN_OR_RETURN(const bool has_channels, HasChannels(call, turn));
  return has_channels ? NotTrained(turn, person) : Welcome(turn);
}

absl::StatusOr<DialogReaction> Reactions::Greet(const Call& call, const Turn& turn) const {
  ASSIGN_OR_RETURN(const feed::v1::GetFeedUserResponse person, Visitor(call, turn));
  ASSIGN_OR_RETURN(const bool has_channels, HasChannels(call, turn));
  const bool knows_taste = person.user().is_trained() || HasRatedEnough(person);
  DialogReaction reaction;
  if (!has_channels) {
    reaction = Welcome(turn);
  } else if (!knows_taste) {
    reaction = NotTrained(turn, person);
  } else {
    reaction = Take(MenuPanel(Say(turn.language, Text::kFeedHead), turn.language));
  }
  // The gateway's button: its menu of dialogs.
  telegram::v1::Button& others = *reaction.mutable_messages(0)->add_button_rows()->add_buttons();
  others.set_text(Say(turn.language, Text::kButtonOthers));
  others.set_callback_data("open:");
  return reaction;
}

DialogReaction Reactions::NotTrained(const Turn& turn,
                                     const feed::v1::GetFeedUserResponse& person) {
  return Take(MenuPanel(
      Fill(Phrase(turn.language, Text::kNotTrained),
           {absl::StrCat(person.rated_count()), absl::StrCat(person.needed_for_training())}),
      turn.language));
}

DialogReaction Reactions::Welcome(const Turn& turn) {
  DialogReaction reaction = Take(WelcomePanel(turn.language));
  AskForChannels(reaction);
  return reaction;
}

absl::StatusOr<DialogReaction> Reactions::ShowFeed(const Call& call, const Turn& turn) const {
  RETURN_IF_ERROR(Person(call, turn).status());
  feed::v1::ListFeedRequest request;
  request.set_user_telegram_id(turn.user_id);
  request.set_page_size(kFeedPage);
  ASSIGN_OR_RETURN(const feed::v1::ListFeedResponse page,
                   peers_->feed.ListFeed(call.WithTimeout(kLongPatience), request));
  if (page.posts().empty()) {
    return Take(MenuPanel(Say(turn.language, Text::kFeedEmpty), turn.language));
  }
  DialogReaction reaction;
  reaction.set_focus(telegram::v1::FOCUS_CHANGE_TAKE);
  for (const feed::v1::Post& post : page.posts()) {
    DialogMessage& card = *reaction.add_messages();
    card = FeedCard(post, turn.language);
    // A person's reaction to the message finds the post by it.
    card.set_key(absl::StrCat("post-", post.id()));
  }
  std::string words = Say(turn.language, Text::kFeedEnd);
  if (page.newest_age_seconds() > kStaleSeconds) {
    words = absl::StrCat(Fill(Phrase(turn.language, Text::kFeedStale),
                              {AgeText(page.newest_age_seconds(), turn.language)}),
                         "\n", words);
  }
  DialogMessage more = Prompt(std::move(words), "feed_more");
  telegram::v1::ButtonRow& row = *more.add_button_rows();
  *row.add_buttons() = ButtonOf(Phrase(turn.language, Text::kButtonMore), "more");
  *row.add_buttons() = ButtonOf(Phrase(turn.language, Text::kButtonChannels), "channels");
  *row.add_buttons() = ButtonOf(Phrase(turn.language, Text::kButtonSettings), "settings");
  *reaction.add_messages() = std::move(more);
  return reaction;
}

absl::StatusOr<DialogReaction> Reactions::ShowChannels(const Call& call, const Turn& turn) const {
  RETURN_IF_ERROR(Person(call, turn).status());
  feed::v1::ListUserChannelsRequest request;
  request.set_user_telegram_id(turn.user_id);
  request.set_page_size(100);
  ASSIGN_OR_RETURN(const feed::v1::ListUserChannelsResponse channels,
                   peers_->feed.ListUserChannels(call.WithTimeout(kPatience), request));
  channel_reader::v1::ListFollowedChannelsRequest followed;
  followed.set_user_id(turn.user_id);
  followed.set_language(std::string(TagOf(turn.language)));
  // Without the reader the list lacks advice only.
  const auto readers = peers_->reader.ListFollowedChannels(call.WithTimeout(kPatience), followed);
  std::vector<channel_reader::v1::Channel> known;
  if (readers.ok()) known.assign(readers->channels().begin(), readers->channels().end());
  DialogReaction reaction = Say(ChannelsPanel(
      {channels.channels().begin(), channels.channels().end()}, known, turn.language));
  AskForChannels(reaction);
  return reaction;
}

absl::StatusOr<DialogReaction> Reactions::DropChannel(const Call& call, const Turn& turn,
                                                      int64_t channel_id) const {
  if (channel_id <= 0) return Notice(turn.language, Text::kGone);
  feed::v1::UnfollowChannelRequest request;
  request.set_user_telegram_id(turn.user_id);
  request.set_channel_id(channel_id);
  RETURN_IF_ERROR(peers_->feed.UnfollowChannel(call.WithTimeout(kPatience), request).status());
  ASSIGN_OR_RETURN(DialogReaction reaction, ShowChannels(call, turn));
  reaction.set_notice(Say(turn.language, Text::kSettingsSaved));
  return reaction;
}

absl::StatusOr<DialogReaction> Reactions::TakeChannel(const Call& call, const Turn& turn,
                                                      int64_t channel_id) const {
  if (channel_id <= 0) return Notice(turn.language, Text::kGone);
  feed::v1::FollowChannelRequest request;
  request.set_user_telegram_id(turn.user_id);
  request.set_channel_id(channel_id);
  const auto followed = peers_->feed.FollowChannel(call.WithTimeout(kPatience), request);
  if (status::IsRetryable(followed.status())) return followed.status();
  if (!followed.ok()) return Notice(turn.language, Text::kTooManyChannels);
  const feed::v1::Channel& channel = followed->channel().channel();
  return Say(Passing(
      Fill(Phrase(turn.language, Text::kChannelAdded),
           {text::EscapeHtml(channel.title().empty() ? channel.username() : channel.title())}),
      "channel_taken"));
}

absl::StatusOr<DialogReaction> Reactions::Propose(const Call& call, const Turn& turn) const {
  RETURN_IF_ERROR(Person(call, turn).status());
  feed::v1::ProposeChannelsRequest request;
  request.set_user_telegram_id(turn.user_id);
  request.set_limit(kProposals);
  ASSIGN_OR_RETURN(const feed::v1::ProposeChannelsResponse response,
                   peers_->feed.ProposeChannels(call.WithTimeout(kPatience), request));
  if (response.proposals().empty() && !suggested_.empty()) {
    DialogReaction reaction = Say(Passing(Fill(Phrase(turn.language, Text::kSuggested),
                                               {text::EscapeHtml(absl::StrJoin(suggested_, "\n"))}),
                                          "proposals"));
    AskForChannels(reaction);
    return reaction;
  }
  return Say(
      ProposalsPanel({response.proposals().begin(), response.proposals().end()}, turn.language));
}

absl::StatusOr<DialogReaction> Reactions::ShowSaved(const Call& call, const Turn& turn) const {
  RETURN_IF_ERROR(Person(call, turn).status());
  feed::v1::ListSavedPostsRequest request;
  request.set_user_telegram_id(turn.user_id);
  request.set_page_size(kSavedPage);
  ASSIGN_OR_RETURN(const feed::v1::ListSavedPostsResponse saved,
                   peers_->feed.ListSavedPosts(call.WithTimeout(kPatience), request));
  if (saved.posts().empty())
    return Say(Passing(Say(turn.language, Text::kSavedEmpty), "saved_empty"));
  DialogReaction reaction;
  // The last kept stands at the bottom, where people look.
  for (int i = saved.posts_size() - 1; i >= 0; --i) {
    *reaction.add_messages() = FeedCard(saved.posts(i), turn.language);
  }
  return reaction;
}

absl::StatusOr<DialogReaction> Reactions::ShowDigest(const Call& call, const Turn& turn) const {
  RETURN_IF_ERROR(Person(call, turn).status());
  feed::v1::GetDigestRequest request;
  request.set_user_telegram_id(turn.user_id);
  ASSIGN_OR_RETURN(const feed::v1::GetDigestResponse digest,
                   peers_->feed.GetDigest(call.WithTimeout(kPatience), request));
  return Say(DigestMessage({digest.posts().begin(), digest.posts().end()}, turn.language));
}

absl::StatusOr<DialogReaction> Reactions::ShowSettings(const Call& call, const Turn& turn,
                                                       std::string_view change) const {
  RETURN_IF_ERROR(Person(call, turn).status());
  feed::v1::GetFeedSettingsRequest get;
  get.set_user_telegram_id(turn.user_id);
  ASSIGN_OR_RETURN(feed::v1::GetFeedSettingsResponse settings,
                   peers_->feed.GetFeedSettings(call.WithTimeout(kPatience), get));
  Language language = turn.language;
  if (!change.empty()) {
    feed::v1::UpdateFeedSettingsRequest update;
    update.set_user_telegram_id(turn.user_id);
    *update.mutable_settings() = settings.settings();
    ChangeSettings(change, *update.mutable_settings());
    ASSIGN_OR_RETURN(const feed::v1::UpdateFeedSettingsResponse updated,
                     peers_->feed.UpdateFeedSettings(call.WithTimeout(kPatience), update));
    *settings.mutable_settings() = updated.settings();
    if (!updated.settings().language().empty()) {
      language = language::LanguageOf(updated.settings().language());
    }
  }
  DialogReaction reaction = Say(SettingsPanel(settings.settings(), language));
  if (!change.empty()) {
    reaction.set_notice(Say(language, Text::kSettingsSaved));
    reaction.set_language(std::string(TagOf(language)));
  }
  return reaction;
}

absl::StatusOr<DialogReaction> Reactions::Mute(const Call& call, const Turn& turn,
                                               std::string_view word, bool mutes) const {
  RETURN_IF_ERROR(Person(call, turn).status());
  feed::v1::GetFeedSettingsRequest get;
  get.set_user_telegram_id(turn.user_id);
  ASSIGN_OR_RETURN(const feed::v1::GetFeedSettingsResponse settings,
                   peers_->feed.GetFeedSettings(call.WithTimeout(kPatience), get));
  const std::string wanted(text::Trim(word));
  if (wanted.empty() || text::Characters(wanted) > kMaxWord) {
    const std::string now = absl::StrJoin(settings.settings().muted_words(), ", ");
    return Say(Passing(Fill(Phrase(turn.language, Text::kMuteHelp),
                            {now.empty() ? "—" : text::EscapeHtml(text::Prefix(now, 500))}),
                       "mute_help"));
  }
  feed::v1::UpdateFeedSettingsRequest update;
  update.set_user_telegram_id(turn.user_id);
  *update.mutable_settings() = settings.settings();
  auto& words = *update.mutable_settings()->mutable_muted_words();
  words.erase(std::remove(words.begin(), words.end(), wanted), words.end());
  if (mutes) *words.Add() = wanted;
  const auto updated = peers_->feed.UpdateFeedSettings(call.WithTimeout(kPatience), update);
  if (status::IsRetryable(updated.status())) return updated.status();
  if (!updated.ok())
    return Say(Passing(Fill(Phrase(turn.language, Text::kMuteHelp), {"…"}), "mute_help"));
  return Say(Passing(Fill(Phrase(turn.language, mutes ? Text::kMuted : Text::kUnmuted),
                          {text::EscapeHtml(wanted)}),
                     "muted"));
}

absl::StatusOr<DialogReaction> Reactions::Why(const Call& call, const Turn& turn,
                                              int64_t post_id) const {
  if (post_id <= 0) return Notice(turn.language, Text::kGone);
  const auto explained = Explain(call, turn, post_id);
  if (status::IsRetryable(explained.status())) return explained.status();
  if (!explained.ok()) return Notice(turn.language, Text::kGone);
  std::string reasons = ReasonsText(explained->post(), turn.language);
  DialogReaction reaction;
  UpdateCard(
      explained->post(),
      absl::StrCat("<b>", Phrase(turn.language, Text::kWhyHead), "</b>\n", reasons,
                   reasons.empty() ? "" : "\n",
                   explained->place() > 0 ? Fill(Phrase(turn.language, Text::kPlace),
                                                 {absl::StrCat(explained->place()),
                                                  absl::StrCat(explained->candidate_count())})
                                          : ""),
      turn.language, reaction);
  return reaction;
}

absl::StatusOr<DialogReaction> Reactions::Share(const Call& call, const Turn& turn,
                                                int64_t post_id) const {
  if (post_id <= 0) return Notice(turn.language, Text::kGone);
  const auto explained = Explain(call, turn, post_id);
  if (status::IsRetryable(explained.status())) return explained.status();
  if (!explained.ok()) return Notice(turn.language, Text::kGone);
  const feed::v1::Post& post = explained->post();
  std::string text(text::Prefix(text::Trim(post.text()), kMostOfDraft));
  if (!post.url().empty()) absl::StrAppend(&text, text.empty() ? "" : "\n\n", post.url());
  content::v1::CreatePostRequest draft;
  draft.set_user_id(turn.user_id);
  draft.set_text(std::move(text));
  draft.set_idempotency_key(turn.update_key);
  RETURN_IF_ERROR(peers_->studio.CreatePost(call.WithTimeout(kPatience), draft).status());
  return Notice(turn.language, Text::kDrafted);
}

absl::StatusOr<DialogReaction> Reactions::Allow(const Call& call, const Turn& turn,
                                                const Press& press) const {
  if (press.number <= 0) return Notice(turn.language, Text::kGone);
  channel_reader::v1::SetChannelScopeRequest request;
  request.set_user_id(turn.user_id);
  request.set_channel_id(press.number);
  channel_reader::v1::UseScope& scope = *request.mutable_scope();
  scope.set_show(press.verb != "nothing");
  scope.set_keep(press.verb != "nothing");
  scope.set_learn_from_text(press.verb == "learn");
  const auto set = peers_->reader.SetChannelScope(call.WithTimeout(kPatience), request);
  if (status::IsRetryable(set.status())) return set.status();
  if (!set.ok()) return Notice(turn.language, Text::kScopeNotYours);
  return Say(Passing(Fill(Phrase(turn.language, Text::kScopeSaved),
                          {text::EscapeHtml(set->channel().title()),
                           ScopeWords(set->channel().scope(), turn.language)}),
                     "scope_saved"));
}

}  // namespace selfology::feed_dialog
