#include "services/studio/social/publishing.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/events/outbox.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/social.pb.h"
#include "services/studio/social/account_changes.h"
#include "services/studio/social/comment_store.h"
#include "services/studio/social/limits.h"
#include "services/studio/social/post_check.h"
#include "services/studio/social/publication_changes.h"
#include "services/studio/social/timing.h"

namespace selfology::social {
namespace {

using postgres::Transaction;
using store::PublicationRow;
using Kind = Outcome::Kind;

constexpr absl::Duration kLookAgain = absl::Minutes(15);  // At an account that is refused.
// Pictures that cannot be had are asked for again after as long as that has lasted.
constexpr absl::Duration kPicturesAgain = absl::Seconds(30);
constexpr absl::Duration kPicturesAtMost = absl::Minutes(15);

v1::AttemptOutcome ToAttempt(Kind kind) {
  switch (kind) {
    case Kind::kDone:
      return v1::ATTEMPT_OUTCOME_CONFIRMED;
    case Kind::kRefused:
    case Kind::kTokenRefused:
      return v1::ATTEMPT_OUTCOME_REFUSED;
    case Kind::kLater:
    case Kind::kNotThere:
      return v1::ATTEMPT_OUTCOME_NOT_DONE;
    case Kind::kUnknown:
      break;
  }
  return v1::ATTEMPT_OUTCOME_UNKNOWN;
}

std::string_view WordOf(Kind kind) {
  switch (kind) {
    case Kind::kDone:
      return "published";
    case Kind::kRefused:
      return "refused";
    case Kind::kTokenRefused:
      return "token_refused";
    case Kind::kLater:
      return "later";
    case Kind::kNotThere:
      return "not_there";
    case Kind::kUnknown:
      break;
  }
  return "unknown";
}

}  // namespace

void Publishing::Count(v1::Platform platform, std::string_view outcome) const {
  around_.metrics
      .Counter("social_calls_total", "Calls to platforms to publish or to look up, by outcome",
               {{"platform", absl::AsciiStrToLower(NameOf(platform))},
                {"outcome", std::string(outcome)}})
      .Increment();
}

absl::Status Publishing::Refuse(const Call& call, const Row& row, std::string_view reason) {
  return around_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(std::optional<Row> current,
                     store::FindPublication(tx, row.owner(), row.id, /*lock=*/true));
    if (!current.has_value() || !IsWaiting(*current) || current->lease != row.lease) {
      return absl::OkStatus();
    }
    current->state = store::kRefused;
    current->reason = reason;
    store::SavePublication(tx, *current, std::nullopt, std::nullopt);
    return TellRefused(tx, *current);
  });
}

absl::StatusOr<std::optional<store::AccountRow>> Publishing::AccountOf(const Call& call,
                                                                       const Row& row) {
  ASSIGN_OR_RETURN(std::optional<store::AccountRow> account,
                   around_.database.Write(call, [&](Transaction& tx) {
                     return store::FindAccount(tx, row.owner(), row.account_id);
                   }));
  if (!account.has_value()) {
    RETURN_IF_ERROR(Refuse(call, row, "the account is not connected any more"));
    return std::nullopt;
  }
  if (!account->refused) return account;
  // It waits until the account is connected again, which wakes it; looking again now and then makes
  // up for a connection that was made at this moment.
  RETURN_IF_ERROR(around_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    store::SetNext(tx, row.id, around_.clock() + kLookAgain, account->reason);
    return absl::OkStatus();
  }));
  return std::nullopt;
}

absl::StatusOr<bool> Publishing::WorkOnNext(const Call& call, v1::Platform platform) {
  const absl::Time now = around_.clock();
  ASSIGN_OR_RETURN(const std::optional<Row> row, around_.database.Write(call, [&](Transaction& tx) {
    return store::ClaimDue(tx, platform, now, now + kLease);
  }));
  if (!row.has_value()) return false;
  const Publisher* const publisher = around_.publishers.Of(platform);
  if (publisher == nullptr) {
    RETURN_IF_ERROR(Refuse(call, *row, "nothing can be published there yet"));
    return true;
  }
  ASSIGN_OR_RETURN(const std::optional<store::AccountRow> account, AccountOf(call, *row));
  if (!account.has_value()) return true;
  ASSIGN_OR_RETURN(const Login login, around_.accounts.Open(call, *account));
  ASSIGN_OR_RETURN(const std::optional<absl::Time> unsettled,
                   around_.database.Write(
                       call, [&](Transaction& tx) { return store::FirstUnsettled(tx, row->id); }));
  Outgoing outgoing = {.publication_id = row->id,
                       .text = row->text,
                       .created_at = row->created_at,
                       .due_at = row->publish_at,
                       .sent_before = row->attempts > 0,
                       .first_call_at = unsettled.value_or(now),
                       .now = now};
  ASSIGN_OR_RETURN(const bool placed, FindPlace(call, *row, outgoing));
  if (!placed) return true;
  bool goes_on = true;
  // A call is unsettled also when whoever made it came to its end before it could say.
  if (unsettled.has_value()) {
    RETURN_IF_ERROR(LookUp(call, *row, *account, *publisher, login, outgoing, goes_on));
  }
  if (goes_on) {
    ASSIGN_OR_RETURN(const bool complete, AddPictures(call, *row, outgoing));
    if (!complete) return true;
    RETURN_IF_ERROR(Publish(call, *row, *account, *publisher, login, std::move(outgoing)));
  }
  return true;
}

absl::StatusOr<bool> Publishing::FindPlace(const Call& call, const Row& row, Outgoing& outgoing) {
  if (row.part == 0) return true;
  outgoing.part = static_cast<int>(row.part);
  if (row.comment_id != 0) {
    ASSIGN_OR_RETURN(const std::optional<store::CommentRow> comment,
                     around_.database.Write(call, [&](Transaction& tx) {
                       return store::FindComment(tx, row.user_id, row.comment_id);
                     }));
    if (!comment.has_value()) {
      RETURN_IF_ERROR(Refuse(call, row, "what it answers is gone"));
      return false;
    }
    outgoing.parent_id = comment->place;
    outgoing.root_id = comment->root;
    outgoing.audience = comment->audience;
    return true;
  }
  std::optional<Row> parent, root;
  RETURN_IF_ERROR(around_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(parent, store::FindPublication(tx, row.owner(), row.after_id, /*lock=*/false));
    ASSIGN_OR_RETURN(root, store::FindPublication(tx, row.owner(), row.thread_id, /*lock=*/false));
    return absl::OkStatus();
  }));
  const bool known = parent.has_value() && root.has_value() && !parent->remote_id.empty() &&
                     !root->remote_id.empty() && parent->state == store::kPublished;
  if (!known) {
    RETURN_IF_ERROR(Refuse(call, row, "where the part before it stands is not known"));
    return false;
  }
  outgoing.parent_id = parent->remote_id;
  outgoing.root_id = root->remote_id;
  return true;
}

absl::StatusOr<bool> Publishing::AddPictures(const Call& call, const Row& row, Outgoing& outgoing) {
  const auto media = store::MediaOf(row);
  if (media.empty()) return true;
  absl::StatusOr<Pictures::Made> made =
      around_.pictures.Make(call, row.user_id, media, PlatformOf(row));
  if (!made.ok()) {
    if (absl::IsFailedPrecondition(made.status())) {
      RETURN_IF_ERROR(Refuse(call, row, made.status().message()));
      return false;
    }
    const absl::Time now = around_.clock();
    const absl::Duration late = now - row.publish_at;
    const std::string why = absl::StrCat("its pictures cannot be had: ", made.status().message());
    if (late > kGiveUpAfter) {
      RETURN_IF_ERROR(Refuse(call, row, absl::StrCat(why, "; it was given up after a day")));
      return false;
    }
    RETURN_IF_ERROR(around_.database.Write(call, [&](Transaction& tx) -> absl::Status {
      store::SetNext(tx, row.id, now + std::clamp(late, kPicturesAgain, kPicturesAtMost),
                     absl::StrCat(why, "; it is tried again"));
      return absl::OkStatus();
    }));
    return false;
  }
  outgoing.pictures = std::move(made->pictures);
  RETURN_IF_ERROR(around_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    store::SaveRenditions(tx, row.id, made->changes);
    return absl::OkStatus();
  }));
  return true;
}

absl::Status Publishing::LookUp(const Call& call, const Row& row, const store::AccountRow&,
                                const Publisher& publisher, const Login& login, Outgoing outgoing,
                                bool& goes_on) {
  const Outcome outcome = publisher.LookUp(call.WithTimeout(kCallTimeout), login, outgoing);
  Count(PlatformOf(row), absl::StrCat("looked_up_", WordOf(outcome.kind)));
  const absl::Time now = around_.clock();
  goes_on = false;
  return around_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    goes_on = false;
    ASSIGN_OR_RETURN(std::optional<Row> current,
                     store::FindPublication(tx, row.owner(), row.id, /*lock=*/true));
    if (!current.has_value() || !IsWaiting(*current)) return absl::OkStatus();
    if (outcome.kind == Kind::kDone) {
      store::SettleOpen(tx, row.id, v1::ATTEMPT_OUTCOME_CONFIRMED, outcome.evidence, now);
      return Confirm(tx, *current, outcome, now);
    }
    if (current->lease != row.lease) return absl::OkStatus();
    if (outcome.kind == Kind::kNotThere) {
      store::SettleOpen(tx, row.id, v1::ATTEMPT_OUTCOME_NOT_DONE, outcome.evidence, now);
      current->state = store::kPending;
      current->reason.clear();
      store::SavePublication(tx, *current, now + kLease, std::nullopt);
      goes_on = true;
      return absl::OkStatus();
    }
    current->state = store::kUnknown;
    current->reason = outcome.reason;
    store::SavePublication(tx, *current, now + LookUpAfter(now - outgoing.first_call_at),
                           std::nullopt);
    return absl::OkStatus();
  });
}

absl::Status Publishing::Publish(const Call& call, const Row& row, const store::AccountRow& account,
                                 const Publisher& publisher, const Login& login,
                                 Outgoing outgoing) {
  const PostCheck check = CheckPost(
      PlatformOf(row), {.text = row.text, .images = static_cast<int>(outgoing.pictures.size())},
      static_cast<int>(account.max_text));
  if (!check.issues.empty()) return Refuse(call, row, absl::StrJoin(check.issues, "; "));
  int64_t attempt_id = 0;
  RETURN_IF_ERROR(around_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    attempt_id = 0;
    ASSIGN_OR_RETURN(const std::optional<Row> current,
                     store::FindPublication(tx, row.owner(), row.id, /*lock=*/true));
    if (!current.has_value() || current->state != store::kPending || current->lease != row.lease) {
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(attempt_id, store::AddAttempt(tx, row.id, around_.clock()));
    return absl::OkStatus();
  }));
  if (attempt_id == 0) return absl::OkStatus();
  const Outcome outcome = publisher.Publish(call.WithTimeout(kCallTimeout), login, outgoing);
  Count(PlatformOf(row), WordOf(outcome.kind));
  if (outcome.kind == Kind::kUnknown) {
    observe::Warning("post sent, outcome unknown",
                     {{"publication_id", row.id}, {"evidence", outcome.evidence}});
  }
  // The call was made: what came of it is written down although time may be over.
  return Record(Call::Background(kCallTimeout, call.trace()), row, account, attempt_id, outcome);
}

absl::Status Publishing::Record(const Call& call, const Row& row, const store::AccountRow& account,
                                int64_t attempt_id, const Outcome& outcome) {
  const absl::Time now = around_.clock();
  return around_.database.Write(call, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(std::optional<Row> current,
                     store::FindPublication(tx, row.owner(), row.id, /*lock=*/true));
    if (!current.has_value()) return absl::OkStatus();  // Erased meanwhile.
    store::SettleAttempt(tx, attempt_id, ToAttempt(outcome.kind), outcome.evidence, now);
    if (!IsWaiting(*current)) return absl::OkStatus();
    // That the platform has it is so, whoever works on it by now.
    if (outcome.kind == Kind::kDone) return Confirm(tx, *current, outcome, now);
    if (current->lease != row.lease) return absl::OkStatus();
    current->reason = outcome.reason;
    if (outcome.kind == Kind::kUnknown) {
      current->state = store::kUnknown;
      store::SavePublication(tx, *current, now + LookUpAfter(absl::ZeroDuration()), std::nullopt);
      return absl::OkStatus();
    }
    if (outcome.kind == Kind::kTokenRefused) {
      store::SetNext(tx, row.id, now + kLookAgain, outcome.reason);
      return TokenRefused(tx, account, outcome.reason, now);
    }
    const bool gives_up = now - current->publish_at > kGiveUpAfter;
    if (outcome.kind == Kind::kLater && !gives_up) {
      const absl::Duration wait =
          std::max(outcome.retry_after, TryAgainAfter(static_cast<int>(current->attempts)));
      store::SetNext(tx, row.id, now + wait, outcome.reason);
      return absl::OkStatus();
    }
    if (gives_up && outcome.kind == Kind::kLater) {
      absl::StrAppend(&current->reason, "; it was given up after a day");
    }
    current->state = store::kRefused;
    store::SavePublication(tx, *current, std::nullopt, std::nullopt);
    return TellRefused(tx, *current);
  });
}

absl::StatusOr<bool> Publishing::MeasureNext(const Call& call) {
  const absl::Time now = around_.clock();
  ASSIGN_OR_RETURN(const std::optional<Row> row, around_.database.Write(call, [&](Transaction& tx) {
    return store::ClaimMeasure(tx, now, now + kLease);
  }));
  if (!row.has_value()) return false;
  ASSIGN_OR_RETURN(const std::optional<store::AccountRow> account,
                   around_.database.Write(call, [&](Transaction& tx) {
                     return store::FindAccount(tx, row->owner(), row->account_id);
                   }));
  const Publisher* const publisher = around_.publishers.Of(PlatformOf(*row));
  absl::StatusOr<std::optional<v1::Metrics>> metrics = std::optional<v1::Metrics>();
  if (account.has_value() && !account->refused && publisher != nullptr && !row->remote_id.empty()) {
    ASSIGN_OR_RETURN(const Login login, around_.accounts.Open(call, *account));
    metrics = publisher->Measure(call.WithTimeout(kCallTimeout), login,
                                 {.publication_id = row->id, .remote_id = row->remote_id});
  }
  return around_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(std::optional<Row> current,
                     store::FindPublication(tx, row->owner(), row->id, /*lock=*/true));
    if (!current.has_value() || current->state != store::kPublished ||
        current->readings != row->readings || current->lease != row->lease) {
      return true;
    }
    // A post that is gone, or whose platform tells nothing, is not asked about again.
    if (absl::IsNotFound(metrics.status()) || (metrics.ok() && !metrics->has_value())) {
      store::SaveMetrics(tx, *current, std::nullopt);
      return true;
    }
    if (!metrics.ok()) {
      store::SaveMetrics(tx, *current, now + TryAgainAfter(8));
      return true;
    }
    current->likes = (*metrics)->likes();
    current->reposts = (*metrics)->reposts();
    current->replies = (*metrics)->replies();
    current->views = (*metrics)->views();
    current->measured_at = now;
    current->readings += 1;
    const std::optional<absl::Duration> next = MeasureAt(static_cast<int>(current->readings));
    store::SaveMetrics(tx, *current,
                       next.has_value()
                           ? std::optional(std::max(now, *current->published_at + *next))
                           : std::nullopt);
    auto event = About<events::v1::SocialPostMeasured>(*current);
    *event.mutable_metrics() = **metrics;
    *event.mutable_metrics()->mutable_measured_at() = timestamps::ToProto(now);
    event.set_reading(static_cast<int32_t>(current->readings));
    RETURN_IF_ERROR(events::Publish(tx, event));
    return true;
  });
}

}  // namespace selfology::social
