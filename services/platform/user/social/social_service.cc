#include "services/platform/user/social/social_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/events/outbox.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/user.pb.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/user/accounts/account_service.h"
#include "services/platform/user/accounts/profile_rules.h"
#include "services/platform/user/social/social_store.h"

namespace selfology::user {
namespace {

using postgres::Transaction;
using status::FieldViolations;

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 200};
constexpr int kDefaultSuggestions = 20;
constexpr int kMaxSuggestions = 100;

template <typename Request>
absl::Status CheckPair(const Request& request) {
  FieldViolations bad = status::CheckUser(request);
  bad.CheckUserId(request.other_user_id(), "other_user_id");
  if (request.user_id() == request.other_user_id()) {
    bad.Add("other_user_id", "must be another person");
  }
  return bad.ToStatus();
}

template <typename Event, typename Request>
absl::Status Tell(Transaction& tx, const Request& request) {
  Event event;
  event.set_user_id(request.user_id());
  event.set_other_user_id(request.other_user_id());
  return events::Publish(tx, event);
}

template <typename Response, typename Request>
absl::StatusOr<Response> Standing(Transaction& tx, const Request& request) {
  Response response;
  ASSIGN_OR_RETURN(*response.mutable_relation(),
                   store::ReadRelation(tx, request.user_id(), request.other_user_id()));
  return response;
}

std::string PositionOf(const v1::Relation& relation) {
  return absl::StrCat(absl::ToUnixMicros(timestamps::FromProto(relation.since())), ":",
                      relation.other_user_id());
}

absl::StatusOr<store::Position> ToPosition(const std::string& text) {
  if (text.empty()) return store::Position();
  const std::vector<std::string_view> parts = absl::StrSplit(text, ':');
  int64_t micros = 0;
  store::Position position;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &micros) ||
      !absl::SimpleAtoi(parts[1], &position.other)) {
    return status::InvalidField("page_token", "must be one that this list gave");
  }
  position.since = absl::FromUnixMicros(micros);
  return position;
}

template <typename Response, typename Request>
absl::StatusOr<Response> List(postgres::Database& database, const Call& call, store::Kind kind,
                              const Request& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const store::Position after, ToPosition(page.after));
  ASSIGN_OR_RETURN(std::vector<v1::Relation> relations, database.Read(call, [&](Transaction& tx) {
    return store::ListRelations(tx, kind, request.user_id(), after, page.limit());
  }));
  Response response;
  response.set_next_page_token(page.Cut(relations, &PositionOf));
  response.mutable_relations()->Assign(relations.begin(), relations.end());
  return response;
}

}  // namespace

SocialService::SocialService(postgres::Database& database, Clock clock)
    : database_(database), clock_(std::move(clock)) {}

absl::Time SocialService::Now() const { return timestamps::WholeMicroseconds(clock_()); }

absl::StatusOr<v1::FollowResponse> SocialService::Follow(const Call& call,
                                                         const v1::FollowRequest& request) {
  RETURN_IF_ERROR(CheckPair(request));
  const int64_t other = request.other_user_id();
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::FollowResponse> {
    store::LockPair(tx, request.user_id(), other);
    if (other >= kFirstWebId) RETURN_IF_ERROR(ReadLiveAccount(tx, other));
    ASSIGN_OR_RETURN(const bool blocked, store::IsBlockedEitherWay(tx, request.user_id(), other));
    if (blocked) {
      return status::Error(mesh::v1::ERROR_CODE_PERSON_BLOCKED, "one has blocked the other");
    }
    ASSIGN_OR_RETURN(const bool is_new, store::Follow(tx, request.user_id(), other, Now()));
    if (is_new) RETURN_IF_ERROR(Tell<events::v1::PersonFollowed>(tx, request));
    return Standing<v1::FollowResponse>(tx, request);
  });
}

absl::StatusOr<v1::UnfollowResponse> SocialService::Unfollow(const Call& call,
                                                             const v1::UnfollowRequest& request) {
  RETURN_IF_ERROR(CheckPair(request));
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::UnfollowResponse> {
    store::LockPair(tx, request.user_id(), request.other_user_id());
    ASSIGN_OR_RETURN(const bool changed,
                     store::Unfollow(tx, request.user_id(), request.other_user_id()));
    if (changed) RETURN_IF_ERROR(Tell<events::v1::PersonUnfollowed>(tx, request));
    return Standing<v1::UnfollowResponse>(tx, request);
  });
}

absl::StatusOr<v1::BlockResponse> SocialService::Block(const Call& call,
                                                       const v1::BlockRequest& request) {
  RETURN_IF_ERROR(CheckPair(request));
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::BlockResponse> {
    store::LockPair(tx, request.user_id(), request.other_user_id());
    ASSIGN_OR_RETURN(const bool is_new,
                     store::Block(tx, request.user_id(), request.other_user_id(), Now()));
    if (is_new) RETURN_IF_ERROR(Tell<events::v1::PersonBlocked>(tx, request));
    return Standing<v1::BlockResponse>(tx, request);
  });
}

absl::StatusOr<v1::UnblockResponse> SocialService::Unblock(const Call& call,
                                                           const v1::UnblockRequest& request) {
  RETURN_IF_ERROR(CheckPair(request));
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::UnblockResponse> {
    store::LockPair(tx, request.user_id(), request.other_user_id());
    RETURN_IF_ERROR(store::Unblock(tx, request.user_id(), request.other_user_id()));
    return Standing<v1::UnblockResponse>(tx, request);
  });
}

absl::StatusOr<v1::GetRelationResponse> SocialService::GetRelation(
    const Call& call, const v1::GetRelationRequest& request) {
  RETURN_IF_ERROR(CheckPair(request));
  return database_.Read(
      call, [&](Transaction& tx) { return Standing<v1::GetRelationResponse>(tx, request); });
}

absl::StatusOr<v1::ListFollowingResponse> SocialService::ListFollowing(
    const Call& call, const v1::ListFollowingRequest& request) {
  return List<v1::ListFollowingResponse>(database_, call, store::Kind::kFollowing, request);
}

absl::StatusOr<v1::ListFollowersResponse> SocialService::ListFollowers(
    const Call& call, const v1::ListFollowersRequest& request) {
  return List<v1::ListFollowersResponse>(database_, call, store::Kind::kFollowers, request);
}

absl::StatusOr<v1::ListMutualsResponse> SocialService::ListMutuals(
    const Call& call, const v1::ListMutualsRequest& request) {
  return List<v1::ListMutualsResponse>(database_, call, store::Kind::kMutuals, request);
}

absl::StatusOr<v1::ListBlockedResponse> SocialService::ListBlocked(
    const Call& call, const v1::ListBlockedRequest& request) {
  return List<v1::ListBlockedResponse>(database_, call, store::Kind::kBlocked, request);
}

absl::StatusOr<v1::SuggestPeopleResponse> SocialService::SuggestPeople(
    const Call& call, const v1::SuggestPeopleRequest& request) {
  FieldViolations bad = status::CheckUser(request);
  if (request.limit() < 0 || request.limit() > kMaxSuggestions) {
    bad.Add("limit", "must be 0 to 100");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const int limit = request.limit() == 0 ? kDefaultSuggestions : request.limit();
  ASSIGN_OR_RETURN(const std::vector<v1::Suggestion> suggestions,
                   database_.Read(call, [&](Transaction& tx) {
                     return store::Suggest(tx, request.user_id(), limit);
                   }));
  v1::SuggestPeopleResponse response;
  response.mutable_suggestions()->Assign(suggestions.begin(), suggestions.end());
  return response;
}

}  // namespace selfology::user
