#include "services/edge/telegram_gateway/routing/channel_updates.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/observe/log.h"
#include "common/resilience/retry.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/edge/telegram_gateway/gateway_store.h"
#include "services/edge/telegram_gateway/held_store.h"
#include "services/edge/telegram_gateway/person_store.h"
#include "services/edge/telegram_gateway/routing/dialog_gate.h"
#include "services/edge/telegram_gateway/routing/failure_policy.h"

namespace selfology::telegram_gateway {
namespace {

using postgres::Transaction;

// For what must be written down even when the update's own time is over.
constexpr absl::Duration kCommit = absl::Seconds(5);
// A process that is being replaced is back soon.
constexpr int kAttempts = 3;
constexpr resilience::Backoff kBackoff = {.first = absl::Milliseconds(100),
                                          .max = absl::Seconds(1)};

void TellPost(const Update& update, v1::ChannelPost& post) {
  post.set_message_id(update.message_id);
  if (update.sent_at < absl::InfiniteFuture()) {
    *post.mutable_posted_at() = timestamps::ToProto(update.sent_at);
  }
  if (update.edited_at > absl::InfinitePast()) {
    *post.mutable_edited_at() = timestamps::ToProto(update.edited_at);
  }
  post.set_text(update.content == Content::kText ? update.text : update.caption);
  post.set_album(update.media_group_id);
  if (update.replied_to.has_value()) {
    post.set_reply_to_message_id(update.replied_to->message_id);
  }
  post.set_author_signature(update.author_signature);
}

v1::ChannelRole RoleOf(const std::string& status) {
  if (status == "administrator" || status == "creator") return v1::CHANNEL_ROLE_ADMINISTRATOR;
  if (status == "member" || status == "restricted") return v1::CHANNEL_ROLE_MEMBER;
  if (status == "left" || status == "kicked") return v1::CHANNEL_ROLE_NONE;
  return v1::CHANNEL_ROLE_UNSPECIFIED;
}

}  // namespace

v1::ChannelUpdate ToldOfChannel(const Update& update) {
  v1::ChannelUpdate told;
  told.set_chat_id(update.chat_id);
  switch (update.kind) {
    case UpdateKind::kPost:
      TellPost(update, *told.mutable_post());
      break;
    case UpdateKind::kEditedPost:
      TellPost(update, *told.mutable_edited_post());
      break;
    case UpdateKind::kMembership: {
      v1::ChannelMembership& membership = *told.mutable_membership();
      membership.set_role(RoleOf(update.role));
      membership.set_can_post(update.can_post);
      membership.set_changed_by_user_id(update.user_id);
      break;
    }
    case UpdateKind::kReactionCounts: {
      v1::ReactionCounts& counts = *told.mutable_reaction_counts();
      counts.set_message_id(update.message_id);
      for (const CountedEmoji& emoji : update.emoji) {
        v1::ReactionCount& count = *counts.add_counts();
        count.set_emoji(emoji.emoji);
        count.set_count(emoji.count);
      }
      break;
    }
    default:
      break;
  }
  return told;
}

std::vector<std::string> AllowedUpdates(const Directory& dialogs) {
  std::vector<std::string> kinds = {"message", "edited_message", "callback_query", "my_chat_member",
                                    "message_reaction"};
  const auto add = [&](v1::ChannelUpdateKind kind, const char* name) {
    if (!dialogs.TakersOf(kind).empty()) kinds.emplace_back(name);
  };
  add(v1::CHANNEL_UPDATE_KIND_POST, "channel_post");
  add(v1::CHANNEL_UPDATE_KIND_EDITED_POST, "edited_channel_post");
  add(v1::CHANNEL_UPDATE_KIND_REACTION_COUNTS, "message_reaction_count");
  return kinds;
}

absl::StatusOr<v1::UpdateOutcome> ChannelUpdates::Handle(const Call& call, const Update& update,
                                                         v1::ChannelUpdateKind kind, bool is_held) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const Directory> directory, dialogs_.Await(call));
  const std::vector<std::string> takers = directory->TakersOf(kind);
  if (takers.empty()) return v1::UPDATE_OUTCOME_IGNORED;
  const int64_t bot_id = telegram_.bot_id();
  ASSIGN_OR_RETURN(const store::Situation situation,
                   database_.Read(call,
                                  [&](Transaction& tx) {
                                    return store::ReadSituation(tx, bot_id, update.update_id,
                                                                update.chat_id, 0,
                                                                absl::InfinitePast(), clock_());
                                  },
                                  {.newest = true}));
  if (situation.handled) return v1::UPDATE_OUTCOME_DUPLICATE;
  if (!is_held && (situation.held || situation.first_held != 0)) return v1::UPDATE_OUTCOME_HELD;
  // Nobody's: what is in a channel goes with no person.
  ASSIGN_OR_RETURN(const std::vector<v1::Media> media,
                   media_.Remember(call, bot_id, /*user_id=*/0, update.files));
  v1::ChannelUpdate told = ToldOfChannel(update);
  if (told.has_membership() && update.user_id != 0) {
    ASSIGN_OR_RETURN(
        const int64_t person_id,
        database_.Read(call, [&](Transaction& tx) { return store::PersonOf(tx, update.user_id); },
                       {.newest = true}));
    told.mutable_membership()->set_changed_by_user_id(person_id);
  }
  if (told.has_post()) told.mutable_post()->mutable_media()->Assign(media.begin(), media.end());
  if (told.has_edited_post()) {
    told.mutable_edited_post()->mutable_media()->Assign(media.begin(), media.end());
  }
  RETURN_IF_ERROR(TellAll(call, takers, update, told, is_held));
  ASSIGN_OR_RETURN(
      const bool first,
      database_.Write(
          Call::Background(kCommit, call.trace()), [&](Transaction& tx) -> absl::StatusOr<bool> {
            if (is_held) {
              ASSIGN_OR_RETURN(const bool was_there,
                               store::RemoveHeld(tx, bot_id, update.update_id, update.chat_id));
              if (!was_there) return false;
            }
            return store::MarkHandled(tx, bot_id, update.update_id, v1::UPDATE_OUTCOME_HANDLED,
                                      clock_());
          }));
  return first ? v1::UPDATE_OUTCOME_HANDLED : v1::UPDATE_OUTCOME_DUPLICATE;
}

absl::Status ChannelUpdates::TellAll(const Call& call, const std::vector<std::string>& takers,
                                     const Update& update, const v1::ChannelUpdate& told,
                                     bool is_held) const {
  absl::Status away;
  for (const std::string& dialog : takers) {
    const absl::Status taken = Tell(call, dialog, update, told, is_held);
    if (taken.ok()) continue;
    if (MayPass(taken)) {
      // One that was not asked for a crowd is the least of it.
      if (away.ok() || WasCrowded(away)) away = taken;
      continue;
    }
    // Its own loss: the others', and the channel's later ones, do not wait for it.
    observe::Warning("channel update rejected by dialog",
                     {{"dialog", dialog}, {"update", update.update_id}, {"status", taken}});
  }
  // Those that were told are told again then: they know the key.
  return away;
}

absl::Status ChannelUpdates::Tell(const Call& call, const std::string& dialog, const Update& update,
                                  const v1::ChannelUpdate& told, bool is_held) const {
  v1::TakeChannelUpdateRequest request;
  request.set_dialog(dialog);
  request.set_update_key(absl::StrCat(update_keys_, update.update_id));
  request.set_update_number(update.update_id);
  *request.mutable_update() = told;
  // Who tries held updates sees to it that they are few.
  absl::StatusOr<DialogGate::Permit> permit =
      dialogs_.gate(dialog).Enter(is_held ? DialogGate::Limit::kNone : DialogGate::Limit::kMost);
  if (!permit.ok()) return Blame(permit.status(), dialog);
  const bool has_its_time = call.Remaining() >= patience_;
  const Call ask = call.WithTimeout(patience_);
  const auto response = resilience::Retry(ask, {.attempts = kAttempts, .backoff = kBackoff}, [&] {
    return dialogs_.client(dialog).TakeChannelUpdate(ask, request);
  });
  std::move(*permit).Finish(response.status(), has_its_time);
  if (response.ok()) return absl::OkStatus();
  return Blame(has_its_time ? WithItsTime(response.status()) : response.status(), dialog);
}

}  // namespace selfology::telegram_gateway
