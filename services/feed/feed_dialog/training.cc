// Cards to train with, one after the other, until the feed knows enough. See reactions.h.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status_macros.h"
#include "common/text/html.h"
#include "services/feed/feed_dialog/answers.h"
#include "services/feed/feed_dialog/panels.h"
#include "services/feed/feed_dialog/reactions.h"

namespace selfology::feed_dialog {
namespace {

using telegram::v1::DialogMessage;
using telegram::v1::DialogReaction;

constexpr int kTrainingPosts = 7;  // Of each channel.
// R003-3's three channels of seven posts each; fewer will do (needed_for_training).
constexpr int kTrainingGoal = 21;

}  // namespace

std::vector<std::string> Reactions::StillReading(
    const Call& call, const Turn& turn, const feed::v1::SelectTrainingPostsResponse& posts) const {
  std::vector<std::string> names;
  if (posts.unread_channel_usernames().empty()) return names;
  channel_reader::v1::ListFollowedChannelsRequest request;
  request.set_user_id(turn.user_id);
  const auto followed = peers_->reader.ListFollowedChannels(call.WithTimeout(kPatience), request);
  for (const std::string& name : posts.unread_channel_usernames()) {
    // What cannot be read has nothing to wait for. Without the reader's answer all may come.
    const bool is_hopeless =
        followed.ok() &&
        std::any_of(followed->channels().begin(), followed->channels().end(), [&](const auto& one) {
          return absl::EqualsIgnoreCase(one.handle(), name) &&
                 (one.has_read_at() || !one.advice().empty());
        });
    if (!is_hopeless) names.push_back(name);
  }
  return names;
}

absl::StatusOr<DialogReaction> Reactions::FinishTraining(const Call& call, const Turn& turn) const {
  ASSIGN_OR_RETURN(const feed::v1::TrainResponse trained, Train(call, turn));
  const auto done =
      trained.success()
          ? Fill(Phrase(turn.language, Text::kTrainingDone), {absl::StrCat(trained.rated_count())})
          : Fill(Phrase(turn.language, Text::kTrainingMore),
                 {absl::StrCat(trained.rated_count()), absl::StrCat(trained.needed_count())});
  return Take(MenuPanel(done, turn.language));
}

absl::StatusOr<DialogReaction> Reactions::ShowTraining(const Call& call, const Turn& turn,
                                                       int64_t previous) const {
  ASSIGN_OR_RETURN(const feed::v1::GetFeedUserResponse person, Person(call, turn));
  const bool is_trained = person.user().is_trained();
  const int rated = person.rated_count();
  const bool can_finish = HasRatedEnough(person);
  if (can_finish && rated >= kTrainingGoal) return FinishTraining(call, turn);
  feed::v1::SelectTrainingPostsRequest request;
  request.set_user_telegram_id(turn.user_id);
  request.set_posts_per_channel(kTrainingPosts);
  const auto selected = peers_->feed.SelectTrainingPosts(call.WithTimeout(kLongPatience), request);
  // Somebody without channels has nothing to choose from.
  const bool has_none = selected.status().code() == absl::StatusCode::kInvalidArgument ||
                        selected.status().code() == absl::StatusCode::kFailedPrecondition;
  if (!selected.ok() && !has_none) return selected.status();
  const feed::v1::SelectTrainingPostsResponse posts =
      selected.ok() ? *selected : feed::v1::SelectTrainingPostsResponse();
  const int at_hand = rated + posts.posts_size();
  const std::string reading = absl::StrJoin(StillReading(call, turn, posts), ", ");
  const bool has_enough = is_trained || at_hand >= person.needed_for_training();
  if (!reading.empty() && !has_enough) {
    DialogMessage waits =
        Prompt(Fill(Phrase(turn.language, Text::kTrainingWaits), {text::EscapeHtml(reading)}),
               "training_waits");
    AddButton(waits, turn.language, Text::kButtonLater, "train");
    return Say(std::move(waits));
  }
  if (!posts.posts().empty()) {
    const int of = is_trained ? at_hand : std::min(at_hand, kTrainingGoal);
    DialogReaction reaction = Say(TrainingCard(posts.posts(0),
                                               {.number = rated + 1,
                                                .of = std::max(of, person.needed_for_training()),
                                                .previous = previous,
                                                .reading = reading,
                                                .can_finish = can_finish},
                                               turn.language));
    reaction.set_focus(telegram::v1::FOCUS_CHANGE_TAKE);
    return reaction;
  }
  if (can_finish) return FinishTraining(call, turn);
  if (is_trained) return Take(MenuPanel(Say(turn.language, Text::kTrainingEnough), turn.language));
  feed::v1::ListUserChannelsRequest list;
  list.set_user_telegram_id(turn.user_id);
  list.set_page_size(1);
  ASSIGN_OR_RETURN(const feed::v1::ListUserChannelsResponse channels,
                   peers_->feed.ListUserChannels(call.WithTimeout(kPatience), list));
  if (channels.channels().empty()) return Welcome(turn);
  return Take(MenuPanel(Fill(Phrase(turn.language, Text::kTrainingMore),
                             {absl::StrCat(rated), absl::StrCat(person.needed_for_training())}),
                        turn.language));
}

absl::StatusOr<DialogReaction> Reactions::ToTrainingReady(const Call& call, Turn turn) const {
  turn.language = LanguageFor(call, turn.user_id, turn.app_language);
  return ShowTraining(call, turn, 0);
}

}  // namespace selfology::feed_dialog
