// ChallengeService's RPCs that decide: answers, reports, appeals, and leaving.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "selfology/events/v1/challenge.pb.h"
#include "services/growth/challenge/challenge_service.h"
#include "services/growth/challenge/challenge_store.h"
#include "services/growth/challenge/outcomes.h"
#include "services/growth/challenge/presenting.h"
#include "services/growth/challenge/visibility.h"

namespace selfology::challenge {
namespace {

using postgres::Transaction;
using status::FieldViolations;

constexpr paging::Limits kDecisionsPage = {.default_size = 50, .max_size = 200};
constexpr int64_t kReportsThatHide = 2;
constexpr int64_t kDueAtOnce = 100;

void CheckReason(const std::string& reason, int most, FieldViolations& bad) {
  if (text::Trim(reason).empty() || text::Characters(reason) > most) {
    bad.Add("reason", absl::StrCat("must be 1 to ", most, " characters"));
  }
}

}  // namespace

absl::StatusOr<v1::LeaveChallengeResponse> ChallengeService::LeaveChallenge(
    const Call& call, const v1::LeaveChallengeRequest& request) {
  RETURN_IF_ERROR(CheckBoth(request).ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::LeaveChallengeResponse> {
    store::LockChallenge(tx, request.challenge_id());
    ASSIGN_OR_RETURN(const store::Row row, Visible(tx, request.challenge_id(), request.user_id()));
    ASSIGN_OR_RETURN(std::optional<store::Part> part,
                     store::ReadPart(tx, row.id, request.user_id()));
    if (!part.has_value()) return NoSuchChallenge();
    if (part->state == v1::PARTICIPATION_STATE_JOINED) {
      part->state = v1::PARTICIPATION_STATE_LEFT;
      part->decided_at = clock_();
      store::SavePart(tx, *part);
      events::v1::ChallengeLeft event;
      event.set_user_id(request.user_id());
      event.set_challenge_id(row.id);
      RETURN_IF_ERROR(events::Publish(tx, event));
      const bool alone =
          row.mode == v1::CHALLENGE_MODE_DAILY || row.mode == v1::CHALLENGE_MODE_PERSONAL;
      if (alone) store::SetState(tx, row.id, v1::CHALLENGE_STATE_ENDED);
    } else if (part->state != v1::PARTICIPATION_STATE_LEFT) {
      return absl::FailedPreconditionError("it is decided");
    }
    v1::LeaveChallengeResponse response;
    ASSIGN_OR_RETURN(*response.mutable_participation(), Present(tx, row, *part));
    return response;
  });
}

absl::StatusOr<v1::AnswerQuizResponse> ChallengeService::AnswerQuiz(
    const Call& call, const v1::AnswerQuizRequest& request) {
  FieldViolations bad = CheckBoth(request);
  if (request.option() < 1 || request.option() > kMaxOptions) {
    bad.Add("option", absl::StrCat("must be 1 to ", kMaxOptions));
  }
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::AnswerQuizResponse> {
    store::LockChallenge(tx, request.challenge_id());
    ASSIGN_OR_RETURN(const store::Row row, Visible(tx, request.challenge_id(), request.user_id()));
    ASSIGN_OR_RETURN(std::optional<store::Part> part,
                     store::ReadPart(tx, row.id, request.user_id()));
    if (row.kind != v1::CHALLENGE_KIND_QUIZ || !part.has_value() ||
        part->state == v1::PARTICIPATION_STATE_LEFT) {
      return absl::FailedPreconditionError("it is no quiz that the person takes part in");
    }
    if (part->state == v1::PARTICIPATION_STATE_JOINED) {
      const absl::Time now = clock_();
      if (row.state != v1::CHALLENGE_STATE_OPEN || row.ends_at <= now) {
        return absl::FailedPreconditionError("the challenge is not open");
      }
      if (request.option() > static_cast<int32_t>(row.options.size())) {
        return status::InvalidField("option", "must be the number of an option");
      }
      part->chosen_option = request.option();
      RETURN_IF_ERROR(request.option() == row.right_option
                          ? Succeed(tx, row, *part, /*may_win=*/true, now)
                          : Fail(tx, row, *part, /*time_was_up=*/false, now));
      ASSIGN_OR_RETURN(part, store::ReadPart(tx, row.id, request.user_id()));
    }
    v1::AnswerQuizResponse response;
    ASSIGN_OR_RETURN(*response.mutable_participation(), Present(tx, row, *part));
    return response;
  });
}

absl::StatusOr<v1::ReportChallengeResponse> ChallengeService::ReportChallenge(
    const Call& call, const v1::ReportChallengeRequest& request) {
  FieldViolations bad = CheckBoth(request);
  CheckReason(request.reason(), 500, bad);
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::ReportChallengeResponse> {
    const absl::Time now = clock_();
    store::LockChallenge(tx, request.challenge_id());
    ASSIGN_OR_RETURN(const std::optional<store::Row> row, store::Read(tx, request.challenge_id()));
    if (!row.has_value() || row->generated || row->user_id == request.user_id()) {
      return NoSuchChallenge();  // What was generated is nobody's words.
    }
    RETURN_IF_ERROR(
        Note(tx, *row, request.user_id(), row->user_id, "reported", request.reason(), now)
            .status());
    ASSIGN_OR_RETURN(const int64_t reports, store::CountReports(tx, row->id));
    const bool hides = reports >= kReportsThatHide;
    if (hides && row->state != v1::CHALLENGE_STATE_HIDDEN) {
      RETURN_IF_ERROR(Close(tx, *row, v1::CHALLENGE_STATE_HIDDEN, now));
      RETURN_IF_ERROR(
          Note(tx, *row, 0, row->user_id, "hidden", "reported by two persons", now).status());
      events::v1::ChallengeHidden event;
      event.set_user_id(row->user_id);
      event.set_challenge_id(row->id);
      RETURN_IF_ERROR(events::Publish(tx, event));
    }
    v1::ReportChallengeResponse response;
    response.set_hidden(hides);
    return response;
  });
}

absl::StatusOr<v1::AppealDecisionResponse> ChallengeService::AppealDecision(
    const Call& call, const v1::AppealDecisionRequest& request) {
  FieldViolations bad = CheckBoth(request);
  CheckReason(request.reason(), 1000, bad);
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::AppealDecisionResponse> {
    store::LockChallenge(tx, request.challenge_id());
    ASSIGN_OR_RETURN(const std::optional<store::Row> row, store::Read(tx, request.challenge_id()));
    if (!row.has_value()) return NoSuchChallenge();
    ASSIGN_OR_RETURN(const std::optional<store::Part> part,
                     store::ReadPart(tx, row->id, request.user_id()));
    const bool maker = row->user_id == request.user_id();
    if (!maker && !part.has_value()) return NoSuchChallenge();
    const bool hidden = maker && row->state == v1::CHALLENGE_STATE_HIDDEN;
    const bool failed = part.has_value() && part->state == v1::PARTICIPATION_STATE_FAILED;
    if (!hidden && !failed) return absl::FailedPreconditionError("there is nothing to appeal");
    ASSIGN_OR_RETURN(const store::DecisionRow appeal,
                     Note(tx, *row, request.user_id(), request.user_id(), "appealed",
                          request.reason(), clock_()));
    v1::AppealDecisionResponse response;
    *response.mutable_appeal() = ToProto(appeal);
    return response;
  });
}

absl::StatusOr<v1::DecideAppealResponse> ChallengeService::DecideAppeal(
    const Call& call, const v1::DecideAppealRequest& request) {
  FieldViolations bad;
  if (request.challenge_id() < 1) bad.Add("challenge_id", "must be 1 or more");
  if (request.appellant_id() < 1) bad.Add("appellant_id", "must be 1 or more");
  CheckReason(request.reason(), 1000, bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const int64_t moderator = call.caller()->user_id;
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::DecideAppealResponse> {
    const absl::Time now = clock_();
    store::LockChallenge(tx, request.challenge_id());
    ASSIGN_OR_RETURN(const std::optional<store::Row> row, store::Read(tx, request.challenge_id()));
    if (!row.has_value()) return NoSuchChallenge();
    ASSIGN_OR_RETURN(const std::optional<store::DecisionRow> appeal,
                     store::ReadDecision(tx, row->id, request.appellant_id(), {"appealed"}));
    if (!appeal.has_value()) return absl::NotFoundError("there is no such appeal");
    v1::DecideAppealResponse response;
    ASSIGN_OR_RETURN(
        const std::optional<store::DecisionRow> before,
        store::ReadDecision(tx, row->id, request.appellant_id(), {"upheld", "overturned"}));
    if (before.has_value()) {
      *response.mutable_decision() = ToProto(*before);
      return response;
    }
    if (request.overturn()) {
      ASSIGN_OR_RETURN(const std::optional<store::Part> part,
                       store::ReadPart(tx, row->id, request.appellant_id()));
      if (row->state == v1::CHALLENGE_STATE_HIDDEN && row->user_id == request.appellant_id()) {
        // Without its prize, which has gone back.
        store::SetState(tx, row->id,
                        row->ends_at > now ? v1::CHALLENGE_STATE_OPEN : v1::CHALLENGE_STATE_ENDED);
      } else if (part.has_value() && part->state == v1::PARTICIPATION_STATE_FAILED) {
        RETURN_IF_ERROR(Succeed(tx, *row, *part, /*may_win=*/false, now));
      }
    }
    ASSIGN_OR_RETURN(const store::DecisionRow decision,
                     Note(tx, *row, moderator, request.appellant_id(),
                          request.overturn() ? "overturned" : "upheld", request.reason(), now));
    *response.mutable_decision() = ToProto(decision);
    return response;
  });
}

absl::StatusOr<v1::ListDecisionsResponse> ChallengeService::ListDecisions(
    const Call& call, const v1::ListDecisionsRequest& request) {
  if (request.challenge_id() < 0) {
    return status::InvalidField("challenge_id", "must not be below 0");
  }
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kDecisionsPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<store::DecisionRow> rows, database_.Read(call, [&](Transaction& tx) {
    return store::ListDecisions(tx, request.challenge_id(), request.waiting(), before,
                                page.limit());
  }));
  v1::ListDecisionsResponse response;
  response.set_next_page_token(page.Cut(rows, &store::DecisionRow::id));
  for (const store::DecisionRow& row : rows) *response.add_decisions() = ToProto(row);
  return response;
}

absl::Status ChallengeService::EndDue(const Call& call) {
  ASSIGN_OR_RETURN(
      const std::vector<int64_t> due,
      database_.Read(call, [&](Transaction& tx) { return store::Due(tx, clock_(), kDueAtOnce); },
                     {.newest = true}));
  for (const int64_t id : due) {
    RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) -> absl::Status {
      store::LockChallenge(tx, id);
      ASSIGN_OR_RETURN(const std::optional<store::Row> row, store::Read(tx, id));
      if (!row.has_value() || row->state != v1::CHALLENGE_STATE_OPEN) return absl::OkStatus();
      return End(tx, *row, clock_());
    }));
  }
  return absl::OkStatus();
}

}  // namespace selfology::challenge
