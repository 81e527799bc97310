#include "services/feed/feed_dialog/reactions.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/html.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "services/feed/feed_dialog/addresses.h"
#include "services/feed/feed_dialog/answers.h"
#include "services/feed/feed_dialog/panels.h"

namespace selfology::feed_dialog {
namespace {

using telegram::v1::DialogMessage;
using telegram::v1::DialogReaction;
using telegram::v1::DialogUpdate;

bool MayPass(const absl::Status& status) {
  return status::IsRetryable(status) || status.code() == absl::StatusCode::kResourceExhausted;
}

std::optional<feed::v1::InteractionType> TypeOf(std::string_view verb) {
  if (verb == "like") return feed::v1::INTERACTION_TYPE_LIKE;
  if (verb == "dislike") return feed::v1::INTERACTION_TYPE_DISLIKE;
  if (verb == "skip") return feed::v1::INTERACTION_TYPE_SKIP;
  if (verb == "save") return feed::v1::INTERACTION_TYPE_SAVE;
  if (verb == "undo") return feed::v1::INTERACTION_TYPE_UNDO;
  return std::nullopt;
}

Text MarkOf(feed::v1::InteractionType type) {
  switch (type) {
    case feed::v1::INTERACTION_TYPE_LIKE:
      return Text::kLiked;
    case feed::v1::INTERACTION_TYPE_DISLIKE:
      return Text::kDisliked;
    case feed::v1::INTERACTION_TYPE_SKIP:
      return Text::kSkipped;
    case feed::v1::INTERACTION_TYPE_SAVE:
      return Text::kSaved;
    default:
      return Text::kTakenBack;
  }
}

std::string Bold(std::string_view words) { return text::EscapeHtml(text::Prefix(words, 64)); }

}  // namespace

Language Reactions::LanguageFor(const Call& call, int64_t user_id,
                                std::string_view app_language) const {
  feed::v1::GetFeedSettingsRequest request;
  request.set_user_telegram_id(user_id);
  const auto response = peers_->feed.GetFeedSettings(call.WithTimeout(absl::Seconds(1)), request);
  if (response.ok() && !response->settings().language().empty()) {
    return language::LanguageOf(response->settings().language());
  }
  return language::LanguageOf(app_language);
}

absl::StatusOr<DialogReaction> Reactions::To(const Call& call, Turn turn,
                                             const DialogUpdate& update) const {
  turn.language = LanguageFor(call, turn.user_id, turn.app_language);
  switch (update.what_case()) {
    case DialogUpdate::kCommand:
      return ToCommand(call, turn, update.command());
    case DialogUpdate::kButton:
      return ToPress(call, turn, ReadPress(update.button().argument()));
    case DialogUpdate::kWords:
      return ToWords(call, turn, update.words());
    case DialogUpdate::kContent:
      return ToWords(call, turn, update.content().caption());
    case DialogUpdate::kReaction:
      return ToEmoji(call, turn, update.reaction());
    default:
      return DialogReaction();
  }
}

absl::StatusOr<DialogReaction> Reactions::ToCommand(
    const Call& call, const Turn& turn, const telegram::v1::GivenCommand& command) const {
  const std::string& name = command.name();
  if (name == "train") return ShowTraining(call, turn, 0);
  if (name == "saved") return ShowSaved(call, turn);
  if (name == "digest") return ShowDigest(call, turn);
  if (name == "feedsettings") return ShowSettings(call, turn, "");
  if (name == "mute") return Mute(call, turn, command.argument(), true);
  if (name == "unmute") return Mute(call, turn, command.argument(), false);
  if (name == "channels" && text::Trim(command.argument()).empty()) return ShowChannels(call, turn);
  if (name == "channels") return ToWords(call, turn, command.argument());
  // Of who chose this dialog, or is in it.
  if (name == "start") return Greet(call, turn);
  return Open(call, turn);
}

absl::StatusOr<DialogReaction> Reactions::ToPress(const Call& call, const Turn& turn,
                                                  const Press& press) const {
  const std::string& verb = press.verb;
  if (verb == "feed" || verb == "more") return ShowFeed(call, turn);
  if (verb == "train") return ShowTraining(call, turn, 0);
  if (verb == "channels") return ShowChannels(call, turn);
  if (verb == "saved") return ShowSaved(call, turn);
  if (verb == "settings") return ShowSettings(call, turn, "");
  if (verb == "set") return ShowSettings(call, turn, press.argument);
  if (verb == "propose") return Propose(call, turn);
  if (verb == "why") return Why(call, turn, press.number);
  if (verb == "draft") return Share(call, turn, press.number);
  if (verb == "drop") return DropChannel(call, turn, press.number);
  if (verb == "take") return TakeChannel(call, turn, press.number);
  if (verb == "learn" || verb == "show" || verb == "nothing") return Allow(call, turn, press);
  if (verb == "enough") return FinishTraining(call, turn);
  if (verb == "stop") {
    return Take(MenuPanel(std::string(Phrase(turn.language, Text::kFeedHead)), turn.language));
  }
  return ToRating(call, turn, press);
}

absl::Status Reactions::Rate(const Call& call, const Turn& turn, int64_t post_id,
                             feed::v1::InteractionType what) const {
  feed::v1::RecordInteractionRequest request;
  request.set_user_telegram_id(turn.user_id);
  request.set_post_id(post_id);
  request.set_interaction_type(what);
  request.set_idempotency_key(turn.update_key);
  return peers_->feed.RecordInteraction(call.WithTimeout(kPatience), request).status();
}

absl::StatusOr<DialogReaction> Reactions::ToRating(const Call& call, const Turn& turn,
                                                   const Press& press) const {
  std::string_view verb = press.verb;
  const bool is_training = verb.size() > 1 && verb[0] == 't';
  if (is_training) verb.remove_prefix(1);
  const auto type = TypeOf(verb);
  // A button of an older version of ours.
  if (!type.has_value() || press.number <= 0) return Notice(turn.language, Text::kGone);
  const absl::Status rated = Rate(call, turn, press.number, *type);
  if (MayPass(rated)) return rated;
  if (is_training) {
    // A post that is gone is passed over; the next card comes in any case.
    const bool is_undo = *type == feed::v1::INTERACTION_TYPE_UNDO;
    ASSIGN_OR_RETURN(DialogReaction reaction,
                     ShowTraining(call, turn, rated.ok() && !is_undo ? press.number : 0));
    if (!rated.ok()) {
      reaction.set_notice(
          std::string(Phrase(turn.language, is_undo ? Text::kNothingToUndo : Text::kGone)));
    }
    return reaction;
  }
  if (!rated.ok()) return Notice(turn.language, Text::kGone);
  DialogReaction reaction = Notice(turn.language, MarkOf(*type));
  const auto explained = Explain(call, turn, press.number);
  // It is recorded; that the card does not say so is the lesser harm.
  if (explained.ok()) {
    UpdateCard(explained->post(), absl::StrCat("<b>", Phrase(turn.language, MarkOf(*type)), "</b>"),
               turn.language, reaction);
  }
  return reaction;
}

absl::StatusOr<DialogReaction> Reactions::ToEmoji(
    const Call& call, const Turn& turn, const telegram::v1::ChangedReaction& change) const {
  constexpr std::string_view kKey = "post-";
  if (!change.key().starts_with(kKey)) return DialogReaction();
  const Press press = ReadPress(absl::StrCat("like:", change.key().substr(kKey.size())));
  if (press.number <= 0) return DialogReaction();
  feed::v1::InteractionType type = feed::v1::INTERACTION_TYPE_UNDO;
  for (const std::string& emoji : change.emoji()) {
    const bool is_bad = emoji == "👎" || emoji == "💩" || emoji == "🤮" || emoji == "😡";
    type = is_bad ? feed::v1::INTERACTION_TYPE_DISLIKE : feed::v1::INTERACTION_TYPE_LIKE;
  }
  const absl::Status rated = Rate(call, turn, press.number, type);
  if (MayPass(rated)) return rated;
  return DialogReaction();
}

absl::StatusOr<DialogReaction> Reactions::ToWords(const Call& call, const Turn& turn,
                                                  std::string_view words) const {
  auto [addresses, unclear] = FindAddresses(words);
  if (addresses.empty()) {
    return Say(Passing(std::string(Phrase(turn.language, Text::kNoAddress)), "no_address"));
  }
  RETURN_IF_ERROR(Person(call, turn).status());
  std::vector<std::string> lines;
  const bool too_many = addresses.size() > kMaxAddresses;
  if (too_many) addresses.resize(kMaxAddresses);
  for (const std::string& address : addresses) {
    channel_reader::v1::FollowChannelRequest request;
    request.set_user_id(turn.user_id);
    request.set_channel_address(address);
    request.set_language(std::string(TagOf(turn.language)));
    // Of one or two it is known at once whether they can be read; of more, soon.
    request.set_do_not_wait(addresses.size() > 2);
    const auto followed = peers_->reader.FollowChannel(call.WithTimeout(kPatience), request);
    if (!followed.ok()) {
      if (MayPass(followed.status())) return followed.status();
      if (followed.status().code() == absl::StatusCode::kFailedPrecondition) {
        lines.emplace_back(Phrase(turn.language, Text::kTooManyChannels));
        break;
      }
      lines.push_back(Fill(Phrase(turn.language, Text::kChannelRefused), {Bold(address)}));
      continue;
    }
    const channel_reader::v1::Channel& channel = followed->channel();
    // The feed hears of it by an event, too; by then the person may have pressed the next button.
    feed::v1::FollowChannelRequest follow;
    follow.set_user_telegram_id(turn.user_id);
    follow.set_channel_username(channel.handle());
    const auto in_feed = peers_->feed.FollowChannel(call.WithTimeout(kPatience), follow);
    if (!in_feed.ok() && MayPass(in_feed.status())) return in_feed.status();
    const std::string name = Bold(channel.title().empty() ? channel.handle() : channel.title());
    if (!channel.advice().empty()) {
      lines.push_back(Fill(Phrase(turn.language, Text::kChannelUnreadable),
                           {name, text::EscapeHtml(channel.advice())}));
    } else {
      lines.push_back(Fill(
          Phrase(turn.language, followed->is_new() ? Text::kChannelAdded : Text::kChannelKnown),
          {name}));
    }
  }
  if (too_many) {
    lines.push_back(
        Fill(Phrase(turn.language, Text::kTooManyAddresses), {absl::StrCat(kMaxAddresses)}));
  }
  if (!unclear.empty()) {
    lines.push_back(
        Fill(Phrase(turn.language, Text::kUnclearAddresses), {Bold(absl::StrJoin(unclear, ", "))}));
  }
  DialogMessage message = Prompt(absl::StrJoin(lines, "\n"), "channels_added");
  telegram::v1::ButtonRow& row = *message.add_button_rows();
  *row.add_buttons() = ButtonOf(Phrase(turn.language, Text::kButtonTrain), "train");
  *row.add_buttons() = ButtonOf(Phrase(turn.language, Text::kButtonChannels), "channels");
  DialogReaction reaction = Say(std::move(message));
  reaction.set_focus(telegram::v1::FOCUS_CHANGE_TAKE);
  reaction.set_question(telegram::v1::DIALOG_QUESTION_NONE);
  return reaction;
}

}  // namespace selfology::feed_dialog
