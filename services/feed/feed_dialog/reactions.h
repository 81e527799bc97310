// What the dialog does when a person does something, and what it answers.
//
//   Reactions reactions(peers);
//   reactions.To(call, {.user_id = 7, .update_key = "42:1", .language = "ru"}, update)
//
// Sent twice with one update_key it has one effect: writes carry that key, or are the same when done
// again.
// Errors: those of the peers that may pass; whatever else a peer refuses is said to the person.
// Threads: thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "selfology/telegram/v1/dialog.pb.h"
#include "services/feed/feed_dialog/cards.h"
#include "services/feed/feed_dialog/peers.h"

namespace selfology::feed_dialog {

struct Turn {
  int64_t user_id = 0;
  std::string update_key = {};
  // Of the person's app (BCP 47); what they chose in the settings goes before.
  std::string app_language = {};
  Language language = Language::kEnglish;
};

class Reactions {
 public:
  // `suggested`: addresses of channels for people of whom the feed knows too little to propose some.
  Reactions(std::shared_ptr<const Peers> peers, std::vector<std::string> suggested)
      : peers_(std::move(peers)), suggested_(std::move(suggested)) {}

  absl::StatusOr<telegram::v1::DialogReaction> To(const Call& call, Turn turn,
                                                  const telegram::v1::DialogUpdate& update) const;
  // There are enough posts to train with, for somebody who waited for them.
  absl::StatusOr<telegram::v1::DialogReaction> ToTrainingReady(const Call& call, Turn turn) const;
  // The language that the person chose, else that of their app.
  Language LanguageFor(const Call& call, int64_t user_id, std::string_view app_language) const;

 private:
  using Reaction = absl::StatusOr<telegram::v1::DialogReaction>;

  Reaction ToCommand(const Call& call, const Turn& turn,
                     const telegram::v1::GivenCommand& command) const;
  Reaction ToPress(const Call& call, const Turn& turn, const Press& press) const;
  Reaction ToRating(const Call& call, const Turn& turn, const Press& press) const;
  Reaction ToWords(const Call& call, const Turn& turn, std::string_view words) const;
  Reaction ToEmoji(const Call& call, const Turn& turn,
                   const telegram::v1::ChangedReaction& change) const;

  // The commands and the buttons that do the same.
  Reaction Open(const Call& call, const Turn& turn) const;
  // What the feed is like and what can be done, also with other dialogs.
  Reaction Greet(const Call& call, const Turn& turn) const;
  // Of who has no channels.
  static telegram::v1::DialogReaction Welcome(const Turn& turn);
  Reaction ShowFeed(const Call& call, const Turn& turn) const;
  Reaction ShowTraining(const Call& call, const Turn& turn, int64_t previous) const;
  Reaction FinishTraining(const Call& call, const Turn& turn) const;
  // Which of the person's channels are being read for the first time, of those of which the feed has no post.
  std::vector<std::string> StillReading(const Call& call, const Turn& turn,
                                        const feed::v1::SelectTrainingPostsResponse& posts) const;
  Reaction ShowChannels(const Call& call, const Turn& turn) const;
  Reaction ShowSaved(const Call& call, const Turn& turn) const;
  Reaction ShowDigest(const Call& call, const Turn& turn) const;
  Reaction ShowSettings(const Call& call, const Turn& turn, std::string_view change) const;
  Reaction Mute(const Call& call, const Turn& turn, std::string_view word, bool mutes) const;
  Reaction Propose(const Call& call, const Turn& turn) const;
  Reaction Why(const Call& call, const Turn& turn, int64_t post_id) const;
  // The post with its address becomes a draft of the studio's.
  Reaction Share(const Call& call, const Turn& turn, int64_t post_id) const;
  Reaction Allow(const Call& call, const Turn& turn, const Press& press) const;
  Reaction DropChannel(const Call& call, const Turn& turn, int64_t channel_id) const;
  Reaction TakeChannel(const Call& call, const Turn& turn, int64_t channel_id) const;

  // The feed could learn from what an untrained person has rated.
  static bool HasRatedEnough(const feed::v1::GetFeedUserResponse& person) {
    return !person.user().is_trained() && person.needed_for_training() > 0 &&
           person.rated_count() >= person.needed_for_training();
  }
  // The person, made known if they were not.
  absl::StatusOr<feed::v1::GetFeedUserResponse> Person(const Call& call, const Turn& turn) const;
  // The same, as one who opens the feed.
  absl::StatusOr<feed::v1::GetFeedUserResponse> Visitor(const Call& call, const Turn& turn) const;
  absl::StatusOr<bool> HasChannels(const Call& call, const Turn& turn) const;
  // Lets the feed learn from what the person has rated.
  absl::StatusOr<feed::v1::TrainResponse> Train(const Call& call, const Turn& turn) const;
  // The post, and why the feed shows it.
  absl::StatusOr<feed::v1::ExplainPostResponse> Explain(const Call& call, const Turn& turn,
                                                        int64_t post_id) const;
  static telegram::v1::DialogReaction NotTrained(const Turn& turn,
                                                 const feed::v1::GetFeedUserResponse& person);
  absl::Status Rate(const Call& call, const Turn& turn, int64_t post_id,
                    feed::v1::InteractionType what) const;

  const std::shared_ptr<const Peers> peers_;
  const std::vector<std::string> suggested_;
};

}  // namespace selfology::feed_dialog
