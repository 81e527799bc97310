#include "services/coaching/profile/profile_service.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/idempotency/once.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/coaching/lib/trait_evidence/pool.h"
#include "services/coaching/profile/evidence_store.h"
#include "services/coaching/profile/layers.h"
#include "services/coaching/profile/profile_store.h"

namespace selfology::profile {
namespace {

using postgres::Transaction;
using status::CheckUser;
using status::FieldViolations;
using trait::v1::TraitEvidence;

constexpr int kMostProfiles = 100;
constexpr int kMostMatches = 100;
constexpr int kDefaultMatches = 10;
constexpr int kMostEvidence = 50;
constexpr int kMostQueryCharacters = 1000;
// How soon a watcher sees a change made by another process.
constexpr absl::Duration kWatchLook = absl::Seconds(1);

absl::Status NotFound() {
  return status::Error(mesh::v1::ERROR_CODE_PROFILE_NOT_FOUND, "no profile yet");
}

std::optional<trait_evidence::Verdict> VerdictOf(v1::TraitFit fit) {
  switch (fit) {
    case v1::TRAIT_FIT_RIGHT:
      return trait_evidence::Verdict::kRight;
    case v1::TRAIT_FIT_TOO_HIGH:
      return trait_evidence::Verdict::kTooHigh;
    case v1::TRAIT_FIT_TOO_LOW:
      return trait_evidence::Verdict::kTooLow;
    default:
      return std::nullopt;
  }
}

// PROFILE_UPDATE_FAILED for a database that is unavailable or a transaction that kept conflicting;
// other errors keep their reasons.
absl::Status UpdateFailed(const absl::Status& cause) {
  const std::string reason = status::Reason(cause);
  if (reason != "SERVICE_UNAVAILABLE" && reason != "ABORTED") return cause;
  observe::Warning("profile not stored", {{"status", cause}});
  return status::Error(mesh::v1::ERROR_CODE_PROFILE_UPDATE_FAILED,
                       "the profile could not be written; repeat with the same idempotency key");
}

absl::StatusOr<v1::Profile> Apply(const v1::Profile& before, bool exists,
                                  const v1::UpdateProfileRequest& request) {
  if (!exists && !request.allow_missing()) return NotFound();
  if (request.profile().version() != 0 && request.profile().version() != before.version()) {
    return status::Error(mesh::v1::ERROR_CODE_VERSION_CONFLICT,
                         "the profile has changed; read it again",
                         {{"version", absl::StrCat(before.version())}});
  }
  return Change(before, request);
}

}  // namespace

ProfileService::ProfileService(postgres::Database& database, Clock clock, ProfileCache& cache,
                               ProfileIndex& index, Watchers& watchers)
    : database_(database),
      clock_(std::move(clock)),
      cache_(cache),
      index_(index),
      watchers_(watchers) {}

absl::StatusOr<v1::Profile> ProfileService::Load(const Call& call, int64_t user_id) {
  return cache_.Get(call, absl::StrCat(user_id), [&]() -> absl::StatusOr<v1::Profile> {
    ASSIGN_OR_RETURN(std::optional<v1::Profile> profile,
                     database_.Read(call, [&](Transaction& tx) { return store::Read(tx, user_id); },
                                    {.newest = true}));
    if (!profile.has_value()) return NotFound();
    return *std::move(profile);
  });
}

void ProfileService::Forget(int64_t user_id) {
  watchers_.Wake(user_id);
  const absl::Status status =
      cache_.Invalidate(Call::Background(absl::Seconds(1)), absl::StrCat(user_id));
  // The event of the change does it again, and is tried until it succeeds.
  if (!status.ok()) observe::Warning("profile cache not invalidated", {{"status", status}});
}

absl::StatusOr<v1::GetProfileResponse> ProfileService::GetProfile(
    const Call& call, const v1::GetProfileRequest& request) {
  RETURN_IF_ERROR(CheckUser(request).ToStatus());
  v1::GetProfileResponse response;
  ASSIGN_OR_RETURN(*response.mutable_profile(), Load(call, request.user_id()));
  return response;
}

absl::StatusOr<v1::BatchGetProfilesResponse> ProfileService::BatchGetProfiles(
    const Call& call, const v1::BatchGetProfilesRequest& request) {
  if (request.user_ids().empty() || request.user_ids_size() > kMostProfiles) {
    return status::InvalidField("user_ids", absl::StrCat("must be 1 to ", kMostProfiles, " ids"));
  }
  const std::vector<int64_t> ids(request.user_ids().begin(), request.user_ids().end());
  ASSIGN_OR_RETURN(const std::vector<v1::Profile> found,
                   database_.Read(call, [&](Transaction& tx) { return store::ReadAll(tx, ids); }));
  std::map<int64_t, const v1::Profile*> by_user;
  for (const v1::Profile& profile : found) by_user[profile.user_id()] = &profile;
  v1::BatchGetProfilesResponse response;
  for (const int64_t id : ids) {
    if (const auto profile = by_user.find(id); profile != by_user.end()) {
      *response.add_profiles() = *profile->second;
    }
  }
  return response;
}

absl::StatusOr<v1::UpdateProfileResponse> ProfileService::UpdateProfile(
    const Call& call, const v1::UpdateProfileRequest& request) {
  const int64_t user_id = request.profile().user_id();
  FieldViolations bad;
  bad.CheckUserId(user_id, "profile.user_id");
  idempotency::CheckKey(request.idempotency_key(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = clock_();

  const auto update = [&](Transaction& tx) -> absl::StatusOr<v1::UpdateProfileResponse> {
    ASSIGN_OR_RETURN(Changed changed,
                     ChangeProfile(tx, user_id, now, {.trigger = request.trigger()},
                                   [&](const v1::Profile& before, bool exists) {
                                     return Apply(before, exists, request);
                                   }));
    v1::UpdateProfileResponse response;
    *response.mutable_profile() = std::move(changed.profile);
    response.mutable_changed_fields()->Assign(changed.fields.begin(), changed.fields.end());
    return response;
  };
  absl::StatusOr<v1::UpdateProfileResponse> response = database_.Write(call, [&](Transaction& tx) {
    store::LockUser(tx, user_id);
    tx.AfterCommit([this, user_id] { Forget(user_id); });
    return idempotency::Once<v1::UpdateProfileResponse>(
        tx, {store::kRequests, user_id, "UpdateProfile", request.idempotency_key(), now},
        [&] { return update(tx); });
  });
  if (!response.ok()) return UpdateFailed(response.status());
  return response;
}

absl::StatusOr<v1::SearchSimilarProfilesResponse> ProfileService::SearchSimilarProfiles(
    const Call& call, const v1::SearchSimilarProfilesRequest& request) {
  FieldViolations bad;
  const bool by_user = request.query_case() == v1::SearchSimilarProfilesRequest::kUserId;
  std::string text(text::Trim(request.text()));
  if (by_user) {
    bad.CheckUserId(request.user_id());
  } else if (text.empty() || text::Characters(text) > kMostQueryCharacters) {
    bad.Add("text", absl::StrCat("must be 1 to ", kMostQueryCharacters, " characters"));
  }
  if (request.limit() < 0 || request.limit() > kMostMatches) {
    bad.Add("limit", absl::StrCat("must be 0 to ", kMostMatches));
  }
  if (request.has_min_score() && !(request.min_score() >= -1 && request.min_score() <= 1)) {
    bad.Add("min_score", "must be -1 to 1");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  if (by_user) {
    ASSIGN_OR_RETURN(const v1::Profile profile, Load(call, request.user_id()));
    text = Summarize(profile);
  }
  SearchOptions options = {.limit = request.limit() == 0 ? kDefaultMatches : request.limit(),
                           .except_user = request.user_id()};
  if (request.has_min_score()) options.min_score = request.min_score();
  ASSIGN_OR_RETURN(const std::vector<Match> matches, index_.Search(call, text, options));
  v1::SearchSimilarProfilesResponse response;
  for (const Match& match : matches) {
    v1::SimilarProfile& similar = *response.add_profiles();
    similar.set_user_id(match.user_id);
    similar.set_score(match.score);
    similar.set_profile_summary(match.summary);
  }
  return response;
}

absl::StatusOr<v1::ListEvidenceResponse> ProfileService::ListEvidence(
    const Call& call, const v1::ListEvidenceRequest& request) {
  FieldViolations bad = CheckUser(request);
  if (request.limit() < 0 || request.limit() > kMostEvidence) {
    bad.Add("limit", absl::StrCat("must be 0 to ", kMostEvidence));
  }
  RETURN_IF_ERROR(bad.ToStatus());
  v1::ListEvidenceResponse response;
  RETURN_IF_ERROR(database_.Read(
      call,
      [&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(const std::optional<v1::Profile> profile,
                         store::Read(tx, request.user_id()));
        if (!profile.has_value()) return NotFound();
        ASSIGN_OR_RETURN(std::vector<TraitEvidence> evidence,
                         store::ReadEvidence(tx, request.user_id()));
        // All of it without a limit: that is what a person's export asks for.
        const int limit =
            request.limit() == 0 ? static_cast<int>(evidence.size()) : request.limit();
        response.clear_evidence();
        for (TraitEvidence& one : Weightiest(std::move(evidence), request.trait_name(), limit)) {
          *response.add_evidence() = std::move(one);
        }
        return absl::OkStatus();
      },
      {.newest = true}));
  return response;
}

absl::StatusOr<v1::CorrectTraitResponse> ProfileService::CorrectTrait(
    const Call& call, const v1::CorrectTraitRequest& request) {
  FieldViolations bad = CheckUser(request);
  if (request.trait_name().empty()) bad.Add("trait_name", "must be set");
  const std::optional<trait_evidence::Verdict> verdict = VerdictOf(request.fit());
  if (!verdict.has_value()) bad.Add("fit", "must be right, too high or too low");
  RETURN_IF_ERROR(bad.ToStatus());
  const int64_t user_id = request.user_id();
  const absl::Time now = clock_();
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::CorrectTraitResponse> {
    store::LockUser(tx, user_id);
    ASSIGN_OR_RETURN(const std::optional<v1::Profile> profile, store::Read(tx, user_id));
    if (!profile.has_value()) return NotFound();
    const trait::v1::TraitEstimate* const shown = FindTrait(*profile, request.trait_name());
    if (shown == nullptr) {
      return status::Error(mesh::v1::ERROR_CODE_TRAIT_NOT_FOUND, "the profile has no such trait");
    }
    const TraitEvidence correction =
        trait_evidence::CorrectionEvidence(request.trait_name(), *verdict, shown->value());
    ASSIGN_OR_RETURN(std::vector<TraitEvidence> evidence, store::ReadEvidence(tx, user_id));
    std::erase_if(evidence, [&](const TraitEvidence& one) {
      return one.kind() == correction.kind() && one.trait_name() == correction.trait_name();
    });
    evidence.push_back(correction);
    store::ReplaceCorrection(tx, user_id, correction, now);
    ASSIGN_OR_RETURN(Changed changed,
                     ChangeProfile(tx, user_id, now, {.trigger = "trait_corrected"},
                                   [&](const v1::Profile& before, bool) {
                                     return WithTraits(before, evidence, {request.trait_name()});
                                   }));
    tx.AfterCommit([this, user_id] { Forget(user_id); });
    v1::CorrectTraitResponse response;
    *response.mutable_profile() = std::move(changed.profile);
    return response;
  });
}

absl::Status ProfileService::WatchProfile(const Call& call, const v1::WatchProfileRequest& request,
                                          rpc::Writer<v1::WatchProfileResponse>& replies) {
  RETURN_IF_ERROR(CheckUser(request).ToStatus());
  std::optional<v1::Profile> shown;
  int64_t version = request.after_version();
  while (!call.Cancelled() && call.Remaining() > absl::ZeroDuration()) {
    const Call look = call.WithTimeout(absl::Seconds(5));
    ASSIGN_OR_RETURN(
        const std::optional<v1::Profile> profile,
        database_.Read(look, [&](Transaction& tx) { return store::Read(tx, request.user_id()); },
                       {.newest = true}));
    if (!profile.has_value() && version > 0) {
      replies.Write(v1::WatchProfileResponse());  // Erased.
      return absl::OkStatus();
    }
    if (profile.has_value() && profile->version() > version) {
      v1::WatchProfileResponse response;
      *response.mutable_profile() = *profile;
      if (shown.has_value()) {
        const std::vector<std::string> changed = ChangedFields(*shown, *profile);
        response.mutable_changed_fields()->Assign(changed.begin(), changed.end());
      }
      if (!replies.Write(response)) return absl::OkStatus();
      shown = profile;
      version = profile->version();
    }
    watchers_.Await(request.user_id(), std::min(kWatchLook, call.Remaining()));
  }
  return absl::OkStatus();
}

}  // namespace selfology::profile
