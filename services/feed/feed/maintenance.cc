#include "services/feed/feed/maintenance.h"

#include <algorithm>
#include <vector>

#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/feed.pb.h"
#include "services/feed/feed/digest.h"
#include "services/feed/feed/learning_terms.h"
#include "services/feed/feed/model/learning.h"
#include "services/feed/feed/model/training_set.h"
#include "services/feed/feed/people/nudging.h"
#include "services/feed/feed/people/status_machine.h"
#include "services/feed/feed/persons.h"
#include "services/feed/feed/store/interaction_store.h"
#include "services/feed/feed/store/people_store.h"
#include "services/feed/feed/store/post_store.h"

namespace selfology::feed {
namespace {

using postgres::Transaction;

constexpr int64_t kBatch = 200;
constexpr absl::Duration kDay = absl::Hours(24);
constexpr absl::Duration kLogLasts = absl::Hours(90 * 24);
constexpr absl::Duration kTextLasts = absl::Hours(30 * 24);
constexpr absl::Duration kNudgeLasts = absl::Hours(12);
constexpr absl::Duration kLatestDigest = absl::Hours(3);
constexpr int64_t kMostTrainingPosts = 1000;
constexpr size_t kNudgeText = 1000;
constexpr size_t kDigestText = 300;
constexpr size_t kDigestPosts = 10;

// Runs `each` for all persons that `list` gives, batch by batch.
template <typename List, typename Each>
absl::Status ForAll(postgres::Database& database, const Call& call, List list, Each each) {
  int64_t after = 0;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<int64_t> persons,
                     database.Read(call, [&](Transaction& tx) { return list(tx, after); }));
    for (const int64_t user_id : persons) RETURN_IF_ERROR(each(user_id));
    if (persons.size() < static_cast<size_t>(kBatch)) return absl::OkStatus();
    after = persons.back();
  }
}

v1::Post Shortened(v1::Post post, size_t characters) {
  post.set_text(Cut(post.text(), characters));
  return post;
}

}  // namespace

absl::Status Maintenance::Churn(const Call& call) {
  const absl::Time seen_before = parts_.clock() - parts_.churned_after;
  return ForAll(
      parts_.database, call,
      [&](Transaction& tx, int64_t after) {
        return store::ListIdle(tx, seen_before, after, kBatch);
      },
      [&](int64_t user_id) { return ChurnOne(call, user_id); });
}

absl::Status Maintenance::ChurnOne(const Call& call, int64_t user_id) {
  return parts_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    const absl::Time now = parts_.clock();
    ASSIGN_OR_RETURN(auto person, store::LockKnown(tx, user_id));
    if (!person.has_value()) return absl::OkStatus();
    const bool is_idle =
        person->last_seen_at.has_value() && *person->last_seen_at < now - parts_.churned_after;
    const auto away = After(person->status(), Step::kStayAway);
    return is_idle && away.ok() ? MoveTo(tx, *person, *away, now) : absl::OkStatus();
  });
}

absl::Status Maintenance::TellReady(const Call& call) {
  return ForAll(
      parts_.database, call,
      [](Transaction& tx, int64_t after) { return store::ListAwaitingTraining(tx, after, kBatch); },
      [&](int64_t user_id) { return TellReadyOne(call, user_id); });
}

absl::Status Maintenance::TellReadyOne(const Call& call, int64_t user_id) {
  return parts_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const auto person, store::LockKnown(tx, user_id));
    if (!person.has_value()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::optional<int64_t> posts,
                     store::CountForTraining(tx, user_id, parts_.clock() - kTrainingAge,
                                             kMostTrainingChannels, kMostTrainingPosts));
    if (!posts.has_value()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const store::Model model, store::ReadModel(tx, user_id));
    if (*posts + model.rated_count < kNeededRatings) return absl::OkStatus();
    store::SetAwaitsTraining(tx, user_id, false);
    events::v1::FeedTrainingReady event;
    event.set_user_id(user_id);
    event.set_post_count(static_cast<int32_t>(*posts));
    event.set_language(person->spoken());
    return events::Publish(tx, event);
  });
}

absl::Status Maintenance::ForgetWords(const Call& call) {
  ASSIGN_OR_RETURN(
      const std::vector<int64_t> channels,
      parts_.database.Read(call, [](Transaction& tx) { return store::ListForgetting(tx); }));
  for (const int64_t channel_id : channels) {
    while (true) {
      ASSIGN_OR_RETURN(const std::vector<store::Forgetter> persons,
                       parts_.database.Read(call, [&](Transaction& tx) {
                         return store::ListToForget(tx, channel_id, kBatch);
                       }));
      for (const store::Forgetter& one : persons) {
        RETURN_IF_ERROR(parts_.database.Write(
            call, [&](Transaction& tx) { return ForgetWordsOf(tx, channel_id, one); }));
      }
      if (persons.size() == static_cast<size_t>(kBatch)) continue;
      RETURN_IF_ERROR(parts_.database.Write(call, [&](Transaction& tx) {
        store::EndForgetting(tx, channel_id);
        return absl::OkStatus();
      }));
      break;
    }
  }
  return absl::OkStatus();
}

absl::Status Maintenance::Nudge(const Call& call) {
  const absl::Time now = parts_.clock();
  return ForAll(
      parts_.database, call,
      [&](Transaction& tx, int64_t after) {
        return store::ListToNudge(tx, now - kDay, now - kDay, after, kBatch);
      },
      [&](int64_t user_id) { return NudgeOne(call, user_id); });
}

absl::Status Maintenance::NudgeOne(const Call& call, int64_t user_id) {
  return parts_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    const absl::Time now = parts_.clock();
    ASSIGN_OR_RETURN(const auto person, store::LockKnown(tx, user_id));
    if (!person.has_value() || person->nudges_off || !person->last_seen_at.has_value()) {
      return absl::OkStatus();
    }
    NudgeFacts facts = {
        .now = now, .last_seen_at = *person->last_seen_at, .time_zone = person->zone()};
    ASSIGN_OR_RETURN(facts.nudges,
                     store::ListNudges(tx, user_id, std::min(facts.last_seen_at, now - 7 * kDay)));
    // Everything that they could have read in 30 days is the measure; what they have not is the choice.
    ASSIGN_OR_RETURN(
        const Ranked all,
        parts_.ranked->Rank(
            tx, *person,
            {.since = now - kCandidateAge, .with_rated = true, .limit = kMaxCandidates}, now));
    for (const Scored& scored : all.order) facts.scores.push_back(scored.score);
    ASSIGN_OR_RETURN(const Ranked unseen, parts_.ranked->Rank(tx, *person,
                                                              {.since = now - kCandidateAge,
                                                               .shown_since = now - kCandidateAge,
                                                               .limit = kMaxCandidates},
                                                              now));
    if (unseen.order.empty()) return absl::OkStatus();
    facts.score = unseen.order[0].score;
    if (Decide(facts) != Nudge::kYes) return absl::OkStatus();
    ASSIGN_OR_RETURN(const auto posts, parts_.ranked->Show(tx, unseen, unseen.Best(1), now));
    if (posts.empty()) return absl::OkStatus();
    events::v1::FeedNudgeDue event;
    event.set_user_id(user_id);
    ASSIGN_OR_RETURN(const int64_t nudge_id, store::AddNudge(tx, user_id, posts[0].id(), now));
    event.set_nudge_id(nudge_id);
    *event.mutable_post() = Shortened(posts[0], kNudgeText);
    event.set_language(person->spoken());
    event.set_score_quantile(QuantileOf(facts.score, facts.scores));
    *event.mutable_expires_at() = timestamps::ToProto(now + kNudgeLasts);
    return events::Publish(tx, event);
  });
}

std::optional<absl::CivilDay> DigestDue(absl::Time now, absl::TimeZone zone, int64_t hour,
                                        std::optional<absl::CivilDay> made_on) {
  const absl::CivilSecond here = absl::ToCivilSecond(now, zone);
  const absl::CivilDay today(here);
  const int64_t from = hour == 24 ? 0 : hour;
  // After an outage a digest of the morning does not come in the evening.
  const bool is_time =
      here.hour() >= from && here.hour() < from + absl::ToInt64Hours(kLatestDigest);
  if (!is_time || (made_on.has_value() && *made_on >= today)) return std::nullopt;
  return today;
}

absl::Status Maintenance::MakeDigests(const Call& call) {
  int64_t after = 0;
  while (true) {
    ASSIGN_OR_RETURN(const auto readers, parts_.database.Read(call, [&](Transaction& tx) {
      return store::ListDigestReaders(tx, after, kBatch);
    }));
    for (const store::DigestReader& reader : readers) {
      const store::Person person = {.time_zone = reader.time_zone};
      const auto day = DigestDue(parts_.clock(), person.zone(), reader.hour, reader.made_on);
      if (day.has_value()) RETURN_IF_ERROR(MakeDigest(call, reader.user_id, *day));
    }
    if (readers.size() < static_cast<size_t>(kBatch)) return absl::OkStatus();
    after = readers.back().user_id;
  }
}

absl::Status Maintenance::MakeDigest(const Call& call, int64_t user_id, absl::CivilDay day) {
  return parts_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    const absl::Time now = parts_.clock();
    ASSIGN_OR_RETURN(const auto person, store::LockKnown(tx, user_id));
    if (!person.has_value()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const bool is_first, store::MarkDigestMade(tx, user_id, day));
    if (!is_first) return absl::OkStatus();
    ASSIGN_OR_RETURN(const Ranked ranked,
                     parts_.ranked->Rank(
                         tx, *person, {.since = now - kDigestSpan, .limit = kMaxCandidates}, now));
    ASSIGN_OR_RETURN(auto posts, parts_.ranked->Show(tx, ranked, ranked.Best(kDigestPosts), now));
    if (posts.empty()) return absl::OkStatus();
    events::v1::FeedDigestReady event;
    event.set_user_id(user_id);
    for (v1::Post& post : ByChannel(posts)) {
      *event.add_posts() = Shortened(std::move(post), kDigestText);
    }
    event.set_language(person->spoken());
    return events::Publish(tx, event);
  });
}

absl::Status Maintenance::ForgetOld(const Call& call) {
  return parts_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    const absl::Time now = parts_.clock();
    RETURN_IF_ERROR(store::ForgetOld(tx, now - kLogLasts).status());
    return store::ForgetTexts(tx, now - kTextLasts).status();
  });
}

}  // namespace selfology::feed
