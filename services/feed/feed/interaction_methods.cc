// FeedService: what persons do with posts, and what their models make of it.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/events/outbox.h"
#include "common/idempotency/once.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/feed.pb.h"
#include "services/feed/feed/feed_service.h"
#include "services/feed/feed/learning_terms.h"
#include "services/feed/feed/model/learning.h"
#include "services/feed/feed/people/status_machine.h"
#include "services/feed/feed/persons.h"
#include "services/feed/feed/store/interaction_store.h"

namespace selfology::feed {
namespace {

using postgres::Transaction;

constexpr absl::Duration kLongestAgo = absl::Hours(30 * 24);
constexpr absl::Duration kClocksDiffer = absl::Minutes(5);
constexpr paging::Limits kInteractionsPage = {.default_size = 100, .max_size = 500};
// The next card: of these candidates, and not one of those that were just shown.
constexpr int64_t kNextCandidates = 300;
constexpr absl::Duration kJustShown = absl::Hours(24);

const store::Done* Last(const std::vector<store::Done>& done, bool (*fits)(v1::InteractionType)) {
  const auto found = std::find_if(done.rbegin(), done.rend(),
                                  [&](const store::Done& one) { return fits(one.type); });
  return found == done.rend() ? nullptr : &*found;
}

bool IsView(v1::InteractionType type) { return type == v1::INTERACTION_TYPE_VIEW; }
bool IsSave(v1::InteractionType type) { return type == v1::INTERACTION_TYPE_SAVE; }

// The model after one more lesson, without reading the others.
absl::StatusOr<store::Model> Learn(Transaction& tx, int64_t user_id, const Lesson& lesson) {
  ASSIGN_OR_RETURN(store::Model model, store::ReadModel(tx, user_id));
  ASSIGN_OR_RETURN(Taste taste, Taste::Decode(model.state));
  Apply(lesson, taste);
  model.state = taste.Encode();
  model.rated_count += IsRating(lesson.type) ? 1 : 0;
  store::SaveModel(tx, user_id, model);
  return model;
}

absl::Status PublishRecorded(Transaction& tx, const v1::RecordInteractionResponse& recorded,
                             int64_t channel_id) {
  events::v1::FeedInteractionRecorded event;
  event.set_user_id(recorded.user_id());
  event.set_interaction_id(recorded.id());
  event.set_post_id(recorded.post_id());
  event.set_channel_id(channel_id);
  event.set_interaction_type(recorded.interaction_type());
  event.set_rated_count(recorded.rated_count());
  return events::Publish(tx, event);
}

}  // namespace

absl::StatusOr<v1::RecordInteractionResponse> FeedService::Record(
    Transaction& tx, const v1::RecordInteractionRequest& request) {
  const absl::Time now = Now();
  const int64_t user_id = request.user_telegram_id();
  const v1::InteractionType type = request.interaction_type();
  ASSIGN_OR_RETURN(store::Person person, Enter(tx, user_id, now));
  ASSIGN_OR_RETURN(const auto post, store::FindPost(tx, request.post_id()));
  if (!post.has_value()) return status::InvalidField("post_id", "names no post");
  ASSIGN_OR_RETURN(const std::vector<store::Done> done, store::ListDone(tx, user_id, post->id));
  const absl::Time at =
      request.has_happened_at()
          ? std::min(now,
                     timestamps::WholeMicroseconds(timestamps::FromProto(request.happened_at())))
          : timestamps::WholeMicroseconds(now);

  v1::RecordInteractionResponse response;
  response.set_user_id(user_id);
  response.set_post_id(post->id);
  response.set_interaction_type(type);
  *response.mutable_created_at() = timestamps::ToProto(at);
  store::Model model;
  const store::Done* const before = IsRating(type) ? Last(done, &IsRating)
                                    : IsView(type) ? Last(done, &IsView)
                                    : IsSave(type) ? Last(done, &IsSave)
                                                   : Last(done, &Teaches);
  const bool is_repeated = before != nullptr && before->type == type;
  if (type == v1::INTERACTION_TYPE_UNDO) {
    if (before == nullptr) {
      return status::InvalidField("interaction_type", "there is nothing to undo for this post");
    }
    store::UndoInteraction(tx, post->id, *before);
    response.set_id(before->id);
    ASSIGN_OR_RETURN(model, RebuildModel(tx, user_id));
  } else if (is_repeated) {
    response.set_id(before->id);
    *response.mutable_created_at() = timestamps::ToProto(before->happened_at);
    ASSIGN_OR_RETURN(model, store::ReadModel(tx, user_id));
  } else {
    if (before != nullptr) store::UndoInteraction(tx, post->id, *before);
    ASSIGN_OR_RETURN(const int64_t id, store::AddInteraction(tx, user_id, *post, type, at));
    response.set_id(id);
    if (before != nullptr) {
      // A judgement was replaced: what was learned from it has to go.
      ASSIGN_OR_RETURN(model, RebuildModel(tx, user_id));
    } else if (Teaches(type)) {
      ASSIGN_OR_RETURN(Features features, DecodeFeatures(post->features));
      ASSIGN_OR_RETURN(model, Learn(tx, user_id, {type, std::move(features)}));
    } else {
      ASSIGN_OR_RETURN(model, store::ReadModel(tx, user_id));
    }
  }
  response.set_rated_count(static_cast<int32_t>(model.rated_count));
  if (!is_repeated) {
    store::AddLog(tx, user_id, absl::StrCat("interaction.", enums::LowerWord(type)),
                  absl::StrCat(post->id), now);
    RETURN_IF_ERROR(PublishRecorded(tx, response, post->channel_id));
  }
  RETURN_IF_ERROR(WasSeen(tx, person, now));
  if (request.want_next()) {
    ASSIGN_OR_RETURN(const Ranked ranked, parts_.ranked->Rank(tx, person,
                                                              {.since = now - kCandidateAge,
                                                               .shown_since = now - kJustShown,
                                                               .limit = kNextCandidates},
                                                              now));
    ASSIGN_OR_RETURN(auto next, parts_.ranked->Show(tx, ranked, ranked.Best(1), now));
    if (!next.empty()) *response.mutable_next_post() = std::move(next[0]);
  }
  return response;
}

absl::StatusOr<v1::RecordInteractionResponse> FeedService::RecordInteraction(
    const Call& call, const v1::RecordInteractionRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.user_telegram_id(), kPersonField);
  if (request.post_id() <= 0) bad.Add("post_id", "must be above 0");
  if (!enums::IsNamed(request.interaction_type())) {
    bad.Add("interaction_type", "must be like, dislike, skip, view, save or undo");
  }
  if (!request.idempotency_key().empty()) {
    idempotency::CheckKey(request.idempotency_key(), bad);
  }
  if (request.has_happened_at()) {
    const absl::Time at = timestamps::FromProto(request.happened_at());
    if (at < Now() - kLongestAgo || at > Now() + kClocksDiffer) {
      bad.Add("happened_at", "must be within the last 30 days");
    }
  }
  RETURN_IF_ERROR(bad.ToStatus());
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::RecordInteractionResponse> {
        if (request.idempotency_key().empty()) return Record(tx, request);
        return idempotency::Once<v1::RecordInteractionResponse>(
            tx,
            {.table = store::kRequests,
             .user_id = request.user_telegram_id(),
             .rpc = "RecordInteraction",
             .key = request.idempotency_key(),
             .now = Now()},
            [&] { return Record(tx, request); });
      });
}

absl::StatusOr<v1::TrainResponse> FeedService::Train(const Call& call,
                                                     const v1::TrainRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.user_telegram_id(), kPersonField);
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time begun = Now();
  ASSIGN_OR_RETURN(
      v1::TrainResponse response,
      parts_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::TrainResponse> {
        const absl::Time now = Now();
        ASSIGN_OR_RETURN(store::Person person, Enter(tx, request.user_telegram_id(), now));
        ASSIGN_OR_RETURN(const store::Model model, RebuildModel(tx, person.user_id));
        v1::TrainResponse trained;
        trained.set_rated_count(static_cast<int32_t>(model.rated_count));
        trained.set_needed_count(static_cast<int32_t>(kNeededRatings));
        if (model.rated_count < kNeededRatings) {
          trained.set_status(person.status());
          trained.set_message(absl::StrCat("Rate at least ", kNeededRatings,
                                           " posts first; rated so far: ", model.rated_count));
          return trained;
        }
        RETURN_IF_ERROR(Bring(tx, person, v1::USER_STATUS_TRAINING, now));
        if (const auto next = After(person.status(), Step::kCompleteTraining); next.ok()) {
          RETURN_IF_ERROR(MoveTo(tx, person, *next, now));
        }
        RETURN_IF_ERROR(WasSeen(tx, person, now));
        store::SetTrained(tx, person.user_id);
        store::AddLog(tx, person.user_id, "model.trained", absl::StrCat(model.rated_count), now);
        events::v1::FeedModelTrained event;
        event.set_user_id(person.user_id);
        event.set_rated_count(static_cast<int32_t>(model.rated_count));
        RETURN_IF_ERROR(events::Publish(tx, event));
        trained.set_success(true);
        trained.set_message("Model trained successfully");
        trained.set_status(person.status());
        return trained;
      }));
  response.set_training_time(absl::ToDoubleSeconds(Now() - begun));
  return response;
}

absl::StatusOr<v1::ListInteractionsResponse> FeedService::ListInteractions(
    const Call& call, const v1::ListInteractionsRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.user_telegram_id(), kPersonField);
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kInteractionsPage));
  ASSIGN_OR_RETURN(const int64_t after, page.AfterId(0));
  ASSIGN_OR_RETURN(
      std::vector<v1::Interaction> interactions, parts_.database.Read(call, [&](Transaction& tx) {
        return store::ListInteractions(tx, request.user_telegram_id(), after, page.limit());
      }));
  v1::ListInteractionsResponse response;
  response.set_next_page_token(page.Cut(interactions, &v1::Interaction::id));
  for (v1::Interaction& one : interactions) *response.add_interactions() = std::move(one);
  return response;
}

}  // namespace selfology::feed
