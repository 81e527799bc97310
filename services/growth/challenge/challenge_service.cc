#include "services/growth/challenge/challenge_service.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/events/outbox.h"
#include "common/idempotency/once.h"
#include "common/observe/log.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/challenge.pb.h"
#include "services/growth/challenge/challenge_store.h"
#include "services/growth/challenge/presenting.h"
#include "services/growth/challenge/visibility.h"

namespace selfology::challenge {
namespace {

using postgres::Transaction;
using status::FieldViolations;

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 200};
constexpr int kMaxGenerated = 5;
constexpr int64_t kMaxPrize = 1'000'000;

template <typename Event>
absl::Status Tell(Transaction& tx, int64_t user_id, int64_t challenge_id) {
  Event event;
  event.set_user_id(user_id);
  event.set_challenge_id(challenge_id);
  return events::Publish(tx, event);
}

void GiveIds(store::Row& row, absl::Time now) {
  absl::BitGen random;
  row.hold_id = uuid::V7(now, random);
  row.post_id = uuid::V7(now, random);
  row.pay_id = uuid::V7(now, random);
}

void CheckText(const std::string& text, std::string_view field, int most, FieldViolations& bad) {
  if (text::Trim(text).empty() || text::Characters(text) > most) {
    bad.Add(field, absl::StrCat("must be 1 to ", most, " characters"));
  }
}

FieldViolations Check(const v1::CreateChallengeRequest& request) {
  FieldViolations bad = status::CheckUser(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  if (request.mode() != v1::CHALLENGE_MODE_DUEL && request.mode() != v1::CHALLENGE_MODE_TEAM) {
    bad.Add("mode", "must be DUEL or TEAM");
  }
  CheckText(request.title(), "title", kMaxTitle, bad);
  CheckText(request.text(), "text", kMaxText, bad);
  if (request.kind() == v1::CHALLENGE_KIND_QUIZ) {
    std::vector<std::string> options(request.options().begin(), request.options().end());
    std::sort(options.begin(), options.end());
    const bool twice = std::adjacent_find(options.begin(), options.end()) != options.end();
    if (options.size() < 2 || options.size() > kMaxOptions || twice) {
      bad.Add("options", absl::StrCat("must be 2 to ", kMaxOptions, " different ones"));
    }
    for (int i = 0; i < request.options_size(); ++i) {
      CheckText(request.options(i), absl::StrCat("options[", i, "]"), kMaxOption, bad);
    }
    if (request.right_option() < 1 || request.right_option() > request.options_size()) {
      bad.Add("right_option", "must be the number of an option");
    }
  } else if (request.kind() == v1::CHALLENGE_KIND_DEED) {
    if (request.task_count() < 1 || request.task_count() > kMaxCount) {
      bad.Add("task_count", absl::StrCat("must be 1 to ", kMaxCount));
    }
    if (request.options_size() > 0) bad.Add("options", "must be empty for a deed");
  } else {
    bad.Add("kind", "must be QUIZ or DEED");
  }
  if (request.prize() < 0 || request.prize() > kMaxPrize) {
    bad.Add("prize", absl::StrCat("must be 0 to ", kMaxPrize));
  }
  if (request.days() < 0 || request.days() > 30) bad.Add("days", "must be 0 to 30");
  return bad;
}

store::NewRow ToRow(const Chosen& chosen, const v1::GenerateChallengesRequest& request,
                    const std::string& key, int ordinal, absl::Time now) {
  store::NewRow added;
  store::Row& row = added.row;
  const Draft& draft = chosen.draft;
  row.user_id = request.user_id();
  row.kind = draft.kind;
  row.mode = request.mode() == v1::CHALLENGE_MODE_DAILY ? v1::CHALLENGE_MODE_DAILY
                                                        : v1::CHALLENGE_MODE_PERSONAL;
  row.state = v1::CHALLENGE_STATE_OPEN;
  row.generated = true;
  row.title = draft.title;
  row.text = draft.text;
  row.options = draft.options;
  row.right_option = draft.right;
  row.proof_tasks = draft.proof_tasks;
  row.goal = std::max(1, draft.count);
  row.item = draft.item.empty()
                 ? absl::StrCat("written.", request.user_id(), ".", key, ".", ordinal)
                 : draft.item;
  row.language = request.language().empty() ? "en" : request.language();
  row.model = chosen.model;
  row.created_at = now;
  row.ends_at = now + draft.lasts;
  GiveIds(row, now);
  added.key = key;
  added.ordinal = ordinal;
  added.fingerprint = Fingerprint(draft);
  added.evidence = draft.evidence;
  return added;
}

}  // namespace

ChallengeService::ChallengeService(postgres::Database& database, Clock clock,
                                   std::shared_ptr<Generator> generator,
                                   std::shared_ptr<Prizes> prizes)
    : database_(database),
      clock_(std::move(clock)),
      generator_(std::move(generator)),
      prizes_(std::move(prizes)) {}

absl::StatusOr<v1::GenerateChallengesResponse> ChallengeService::GenerateChallenges(
    const Call& call, const v1::GenerateChallengesRequest& request) {
  FieldViolations bad = status::CheckUser(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  if (request.count() < 0 || request.count() > kMaxGenerated) {
    bad.Add("count", absl::StrCat("must be 0 to ", kMaxGenerated));
  }
  if (request.mode() == v1::CHALLENGE_MODE_DUEL || request.mode() == v1::CHALLENGE_MODE_TEAM) {
    bad.Add("mode", "must be DAILY or PERSONAL");
  }
  if (request.language().size() > 35) bad.Add("language", "must be a BCP 47 tag");
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = clock_();
  const bool daily = request.mode() == v1::CHALLENGE_MODE_DAILY;
  const std::string key =
      daily ? absl::StrCat("daily ",
                           absl::FormatCivilTime(absl::ToCivilDay(now, absl::UTCTimeZone())))
            : request.idempotency_key();
  const auto known = [&](Transaction& tx) -> absl::StatusOr<v1::GenerateChallengesResponse> {
    v1::GenerateChallengesResponse response;
    ASSIGN_OR_RETURN(const std::vector<store::Row> rows,
                     store::ReadByKey(tx, request.user_id(), key));
    for (const store::Row& row : rows) {
      ASSIGN_OR_RETURN(*response.add_challenges(), Present(tx, row, request.user_id()));
    }
    return response;
  };
  ASSIGN_OR_RETURN(const v1::GenerateChallengesResponse before,
                   database_.Read(call, known, {.newest = true}));
  if (before.challenges_size() > 0) return before;
  ASSIGN_OR_RETURN(const Generated generated,
                   generator_->Generate(call, request, daily ? 1 : std::max(1, request.count())));
  return database_.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::GenerateChallengesResponse> {
        store::LockUser(tx, request.user_id());
        ASSIGN_OR_RETURN(v1::GenerateChallengesResponse response, known(tx));
        if (response.challenges_size() > 0) return response;
        Tally tally;
        int ordinal = 0;
        for (const Chosen& chosen : generated.chosen) {
          // A task may have gone while the model was asked.
          ASSIGN_OR_RETURN(const bool gone,
                           store::IsAnyGone(tx, request.user_id(), chosen.draft.evidence));
          if (gone) continue;
          const store::NewRow row = ToRow(chosen, request, key, ++ordinal, now);
          store::AddItem(tx, row.row.item, chosen.item);
          ASSIGN_OR_RETURN(const int64_t id, store::Insert(tx, row));
          store::SavePart(tx, {.challenge_id = id,
                               .user_id = request.user_id(),
                               .state = v1::PARTICIPATION_STATE_JOINED,
                               .joined_at = now});
          tally = WithQuiz(tally, chosen.draft);
          events::v1::ChallengeCreated event;
          event.set_user_id(request.user_id());
          event.set_challenge_id(id);
          event.set_kind(chosen.draft.kind);
          event.set_mode(static_cast<v1::ChallengeMode>(row.row.mode));
          event.set_generated(true);
          RETURN_IF_ERROR(events::Publish(tx, event));
        }
        store::AddToTally(tx, tally);
        ASSIGN_OR_RETURN(response, known(tx));
        for (const auto& [gate, count] : generated.refused) {
          (*response.mutable_refused())[gate] = count;
        }
        return response;
      });
}

absl::StatusOr<v1::CreateChallengeResponse> ChallengeService::CreateChallenge(
    const Call& call, const v1::CreateChallengeRequest& request) {
  RETURN_IF_ERROR(Check(request).ToStatus());
  ASSIGN_OR_RETURN(const bool safe,
                   generator_->IsSafe(call,
                                      absl::StrCat(request.title(), "\n", request.text(), "\n",
                                                   absl::StrJoin(request.options(), "\n")),
                                      request.language(), /*written=*/true));
  if (!safe) return absl::FailedPreconditionError("the safety gate refused its words");
  const std::string key = absl::StrCat("made ", request.idempotency_key());
  int64_t id = 0;
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) -> absl::Status {
    const absl::Time now = clock_();
    store::LockUser(tx, request.user_id());
    ASSIGN_OR_RETURN(const std::vector<store::Row> known,
                     store::ReadByKey(tx, request.user_id(), key));
    if (!known.empty()) {
      id = known[0].id;
      return absl::OkStatus();
    }
    store::NewRow added;
    store::Row& row = added.row;
    row.user_id = request.user_id();
    row.kind = request.kind();
    row.mode = request.mode();
    row.state = request.prize() > 0 ? v1::CHALLENGE_STATE_FUNDING : v1::CHALLENGE_STATE_OPEN;
    row.title = request.title();
    row.text = request.text();
    row.options = {request.options().begin(), request.options().end()};
    row.right_option = request.right_option();
    row.goal = std::max(1, request.task_count());
    row.item = absl::StrCat("made.", request.user_id(), ".", request.idempotency_key());
    row.language = request.language().empty() ? "en" : request.language();
    row.created_at = now;
    row.ends_at = now + absl::Hours(24 * (request.days() == 0 ? 7 : request.days()));
    row.prize = request.prize();
    row.prize_state =
        static_cast<int32_t>(request.prize() > 0 ? store::Prize::kWanted : store::Prize::kNone);
    GiveIds(row, now);
    added.key = key;
    ASSIGN_OR_RETURN(id, store::Insert(tx, added));
    if (request.prize() > 0) return absl::OkStatus();
    events::v1::ChallengeCreated event;
    event.set_user_id(request.user_id());
    event.set_challenge_id(id);
    event.set_kind(request.kind());
    event.set_mode(request.mode());
    return events::Publish(tx, event);
  }));
  if (request.prize() > 0) {
    // If the ledger is away now, the challenge opens once it is back.
    const absl::Status held = prizes_->Move(call, id);
    if (!held.ok()) observe::Warning("prize not held yet", {{"status", held}});
  }
  v1::CreateChallengeResponse response;
  ASSIGN_OR_RETURN(*response.mutable_challenge(),
                   database_.Read(call,
                                  [&](Transaction& tx) -> absl::StatusOr<v1::Challenge> {
                                    ASSIGN_OR_RETURN(const std::optional<store::Row> row,
                                                     store::Read(tx, id));
                                    if (!row.has_value()) return NoSuchChallenge();
                                    return Present(tx, *row, request.user_id());
                                  },
                                  {.newest = true}));
  return response;
}

absl::StatusOr<v1::GetChallengeResponse> ChallengeService::GetChallenge(
    const Call& call, const v1::GetChallengeRequest& request) {
  RETURN_IF_ERROR(CheckBoth(request).ToStatus());
  return database_.Read(
      call,
      [&](Transaction& tx) -> absl::StatusOr<v1::GetChallengeResponse> {
        ASSIGN_OR_RETURN(const store::Row row,
                         Visible(tx, request.challenge_id(), request.user_id()));
        v1::GetChallengeResponse response;
        ASSIGN_OR_RETURN(*response.mutable_challenge(), Present(tx, row, request.user_id()));
        ASSIGN_OR_RETURN(const std::vector<store::Part> parts, store::ReadParts(tx, row.id));
        for (const store::Part& part : parts) {
          response.set_participants(response.participants() +
                                    (part.state != v1::PARTICIPATION_STATE_LEFT));
          if (part.user_id != request.user_id()) continue;
          ASSIGN_OR_RETURN(*response.mutable_participation(), Present(tx, row, part));
        }
        return response;
      },
      {.newest = true});
}

absl::StatusOr<v1::ListChallengesResponse> ChallengeService::ListChallenges(
    const Call& call, const v1::ListChallengesRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  return database_.Read(call, [&](Transaction& tx) -> absl::StatusOr<v1::ListChallengesResponse> {
    ASSIGN_OR_RETURN(std::vector<store::Row> rows,
                     store::List(tx, request.user_id(), request.state(), before, page.limit()));
    v1::ListChallengesResponse response;
    response.set_next_page_token(page.Cut(rows, &store::Row::id));
    for (const store::Row& row : rows) {
      v1::ListedChallenge& listed = *response.add_challenges();
      ASSIGN_OR_RETURN(*listed.mutable_challenge(), Present(tx, row, request.user_id()));
      ASSIGN_OR_RETURN(const std::optional<store::Part> part,
                       store::ReadPart(tx, row.id, request.user_id()));
      if (part.has_value()) {
        ASSIGN_OR_RETURN(*listed.mutable_participation(), Present(tx, row, *part));
      }
    }
    return response;
  });
}

absl::StatusOr<v1::JoinChallengeResponse> ChallengeService::JoinChallenge(
    const Call& call, const v1::JoinChallengeRequest& request) {
  RETURN_IF_ERROR(CheckBoth(request).ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::JoinChallengeResponse> {
    store::LockChallenge(tx, request.challenge_id());
    ASSIGN_OR_RETURN(const store::Row row, Visible(tx, request.challenge_id(), request.user_id()));
    ASSIGN_OR_RETURN(const std::vector<store::Part> parts, store::ReadParts(tx, row.id));
    const store::Part* own = nullptr;
    int taken = 0;
    for (const store::Part& part : parts) {
      if (part.user_id == request.user_id()) own = &part;
      taken += part.state != v1::PARTICIPATION_STATE_LEFT;
    }
    v1::JoinChallengeResponse response;
    if (own != nullptr && own->state != v1::PARTICIPATION_STATE_LEFT) {
      ASSIGN_OR_RETURN(*response.mutable_participation(), Present(tx, row, *own));
      return response;
    }
    const absl::Time now = clock_();
    if (row.state != v1::CHALLENGE_STATE_OPEN || row.ends_at <= now) {
      return absl::FailedPreconditionError("the challenge is not open");
    }
    // Who made a quiz knows the answer.
    if (row.kind == v1::CHALLENGE_KIND_QUIZ && !row.generated && row.user_id == request.user_id()) {
      return absl::FailedPreconditionError("the maker of a quiz cannot take part");
    }
    if (row.mode == v1::CHALLENGE_MODE_DUEL && taken >= 2) {
      return absl::FailedPreconditionError("the duel has its two");
    }
    const store::Part part = {.challenge_id = row.id,
                              .user_id = request.user_id(),
                              .state = v1::PARTICIPATION_STATE_JOINED,
                              .joined_at = now};
    store::SavePart(tx, part);
    RETURN_IF_ERROR(Tell<events::v1::ChallengeJoined>(tx, request.user_id(), row.id));
    ASSIGN_OR_RETURN(*response.mutable_participation(), Present(tx, row, part));
    return response;
  });
}

}  // namespace selfology::challenge
