// FeedService: the feed itself: its pages, best posts, reasons, digest and RSS.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/http_response.pb.h"
#include "services/feed/feed/digest.h"
#include "services/feed/feed/feed_service.h"
#include "services/feed/feed/persons.h"
#include "services/feed/feed/rss.h"
#include "services/feed/feed/store/interaction_store.h"
#include "services/feed/feed/store/people_store.h"
#include "services/feed/feed/store/post_store.h"

namespace selfology::feed {
namespace {

using postgres::Transaction;

constexpr int kDefaultBest = 10;
constexpr int kMostBest = 100;
constexpr int kDefaultPage = 10;
constexpr int kMostPage = 50;
constexpr int kDefaultDigest = 10;
constexpr int kMostDigest = 30;
constexpr size_t kRssPosts = 30;
constexpr int64_t kDefaultExploration = 10;
constexpr absl::Duration kJustShown = absl::Hours(24);
constexpr size_t kLinkLetters = 64;

void CheckLimit(std::string_view field, int32_t limit, int most, status::FieldViolations& bad) {
  if (limit < 0 || limit > most) bad.Add(field, absl::StrCat("must be 0 to ", most));
}

// Who is not known has no channels, and so no posts.
absl::StatusOr<store::Person> PersonOrNobody(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(auto person, store::ReadPerson(tx, user_id));
  return person.has_value() ? *std::move(person) : store::Person{.user_id = user_id};
}

absl::StatusOr<int64_t> NewestAge(Transaction& tx, int64_t user_id, absl::Time now) {
  ASSIGN_OR_RETURN(const auto newest, store::NewestOf(tx, user_id));
  return newest.has_value() ? std::max(int64_t{1}, absl::ToInt64Seconds(now - *newest)) : 0;
}

std::vector<store::ShownPost> ToLog(const Ranked& ranked, const std::vector<Shown>& page) {
  std::vector<store::ShownPost> shown;
  for (size_t i = 0; i < page.size(); ++i) {
    const Candidate& candidate = ranked.candidates[page[i].scored.candidate];
    shown.push_back({.post_id = candidate.post_id,
                     .story_id = candidate.story_id,
                     .place = static_cast<int>(i) + 1,
                     .propensity = page[i].propensity,
                     .score = page[i].scored.score});
  }
  return shown;
}

mesh::v1::HttpResponse Answer(int status, std::string_view type, std::string body) {
  mesh::v1::HttpResponse response;
  response.set_status(status);
  response.set_content_type(std::string(type));
  response.set_body(std::move(body));
  mesh::v1::HttpHeader& header = *response.add_headers();
  header.set_name("Cache-Control");
  header.set_value("private, max-age=300");
  return response;
}

}  // namespace

absl::StatusOr<v1::GetBestPostsResponse> FeedService::GetBestPosts(
    const Call& call, const v1::GetBestPostsRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.user_telegram_id(), kPersonField);
  CheckLimit("limit", request.limit(), kMostBest, bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const int limit = request.limit() == 0 ? kDefaultBest : request.limit();
  return parts_.database.Read(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::GetBestPostsResponse> {
        const absl::Time now = Now();
        ASSIGN_OR_RETURN(const store::Person person,
                         PersonOrNobody(tx, request.user_telegram_id()));
        ASSIGN_OR_RETURN(const Ranked ranked,
                         parts_.ranked->Rank(tx, person,
                                             {.since = now - kCandidateAge,
                                              .shown_since = now - kCandidateAge,
                                              .limit = kMaxCandidates},
                                             now));
        ASSIGN_OR_RETURN(
            const auto posts,
            parts_.ranked->Show(tx, ranked, ranked.Best(static_cast<size_t>(limit)), now));
        v1::GetBestPostsResponse response;
        response.mutable_posts()->Assign(posts.begin(), posts.end());
        ASSIGN_OR_RETURN(const int64_t age, NewestAge(tx, person.user_id, now));
        response.set_newest_age_seconds(age);
        return response;
      });
}

absl::StatusOr<v1::ListFeedResponse> FeedService::ListFeed(const Call& call,
                                                           const v1::ListFeedRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.user_telegram_id(), kPersonField);
  CheckLimit("page_size", request.page_size(), kMostPage, bad);
  const std::string& session = request.session_key();
  if (session.size() > 64 || !std::all_of(session.begin(), session.end(),
                                          [](unsigned char c) { return absl::ascii_isprint(c); })) {
    bad.Add("session_key", "must be at most 64 printable ASCII characters");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const int size = request.page_size() == 0 ? kDefaultPage : request.page_size();
  return parts_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::ListFeedResponse> {
    const absl::Time now = Now();
    ASSIGN_OR_RETURN(store::Person person, Enter(tx, request.user_telegram_id(), now));
    RETURN_IF_ERROR(OpenedFeed(tx, person, now));
    ASSIGN_OR_RETURN(const Ranked ranked, parts_.ranked->Rank(tx, person,
                                                              {.since = now - kCandidateAge,
                                                               .session = session,
                                                               .shown_since = now - kJustShown,
                                                               .limit = kMaxCandidates},
                                                              now));
    const double exploration =
        static_cast<double>(person.exploration.value_or(kDefaultExploration)) / 100;
    const std::vector<Shown> page =
        ComposePage(ranked.order, ranked.candidates,
                    {.size = static_cast<size_t>(size), .exploration = exploration}, parts_.random);
    store::AddShown(tx, person.user_id, session, ToLog(ranked, page), now);
    ASSIGN_OR_RETURN(const auto posts, parts_.ranked->Show(tx, ranked, page, now));
    v1::ListFeedResponse response;
    response.mutable_posts()->Assign(posts.begin(), posts.end());
    response.set_status(person.status());
    ASSIGN_OR_RETURN(const int64_t age, NewestAge(tx, person.user_id, now));
    response.set_newest_age_seconds(age);
    return response;
  });
}

absl::StatusOr<v1::ExplainPostResponse> FeedService::ExplainPost(
    const Call& call, const v1::ExplainPostRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.user_telegram_id(), kPersonField);
  if (request.post_id() <= 0) bad.Add("post_id", "must be above 0");
  RETURN_IF_ERROR(bad.ToStatus());
  return parts_.database.Read(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::ExplainPostResponse> {
        const absl::Time now = Now();
        ASSIGN_OR_RETURN(const store::Person person,
                         PersonOrNobody(tx, request.user_telegram_id()));
        ASSIGN_OR_RETURN(
            Ranked ranked,
            parts_.ranked->Rank(
                tx, person,
                {.since = now - kCandidateAge, .with_rated = true, .limit = kMaxCandidates}, now));
        // It may be of a channel that they do not follow, or older.
        size_t asked = 0;
        while (asked < ranked.candidates.size() &&
               ranked.candidates[asked].post_id != request.post_id()) {
          ++asked;
        }
        if (asked == ranked.candidates.size()) {
          ASSIGN_OR_RETURN(const auto row, store::FindCandidate(tx, request.post_id()));
          if (!row.has_value()) return status::InvalidField("post_id", "names no post");
          ASSIGN_OR_RETURN(std::vector<Candidate> one, parts_.ranked->cache().Fill(tx, {*row}));
          if (one.empty()) return status::InvalidField("post_id", "names no post");
          ranked.candidates.push_back(std::move(one[0]));
        }
        const Ranking ranking = ranked.RankingAt(now);
        Scored scored = ranking.Score(ranked.candidates[asked]);
        scored.candidate = asked;
        ASSIGN_OR_RETURN(auto posts, parts_.ranked->Show(tx, ranked, {{.scored = scored}}, now));
        if (posts.empty()) return status::InvalidField("post_id", "names no post");
        v1::ExplainPostResponse response;
        *response.mutable_post() = std::move(posts[0]);
        response.set_place(PlaceOf(ranked.order, asked, scored.score));
        for (const v1::Reason& reason : response.post().reasons()) {
          response.add_place_without(
              PlaceOf(ranked.order, asked, scored.score - reason.contribution()));
        }
        response.set_candidate_count(static_cast<int32_t>(ranked.order.size()));
        return response;
      });
}

absl::StatusOr<v1::GetDigestResponse> FeedService::GetDigest(const Call& call,
                                                             const v1::GetDigestRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.user_telegram_id(), kPersonField);
  CheckLimit("limit", request.limit(), kMostDigest, bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const int limit = request.limit() == 0 ? kDefaultDigest : request.limit();
  return parts_.database.Read(call, [&](Transaction& tx) -> absl::StatusOr<v1::GetDigestResponse> {
    const absl::Time now = Now();
    ASSIGN_OR_RETURN(const store::Person person, PersonOrNobody(tx, request.user_telegram_id()));
    ASSIGN_OR_RETURN(const Ranked ranked,
                     parts_.ranked->Rank(
                         tx, person, {.since = now - kDigestSpan, .limit = kMaxCandidates}, now));
    ASSIGN_OR_RETURN(auto posts,
                     parts_.ranked->Show(tx, ranked, ranked.Best(static_cast<size_t>(limit)), now));
    posts = ByChannel(posts);
    v1::GetDigestResponse response;
    response.set_rendered_text(DigestText(posts, person.spoken()));
    response.mutable_posts()->Assign(posts.begin(), posts.end());
    return response;
  });
}

absl::StatusOr<v1::CreateFeedLinkResponse> FeedService::CreateFeedLink(
    const Call& call, const v1::CreateFeedLinkRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.user_telegram_id(), kPersonField);
  RETURN_IF_ERROR(bad.ToStatus());
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::CreateFeedLinkResponse> {
        ASSIGN_OR_RETURN(const store::Person person, Enter(tx, request.user_telegram_id(), Now()));
        ASSIGN_OR_RETURN(const std::string key, store::MakeLink(tx, person.user_id));
        store::AddLog(tx, person.user_id, "link.created", "", Now());
        v1::CreateFeedLinkResponse response;
        response.set_path(absl::StrCat("/api/feed/rss/", key));
        return response;
      });
}

absl::StatusOr<mesh::v1::HttpResponse> FeedService::GetRss(const Call& call,
                                                           const v1::GetRssRequest& request) {
  const std::string& key = request.key();
  if (key.size() != kLinkLetters) {
    return Answer(404, "text/plain; charset=utf-8", "There is no such feed.\n");
  }
  return parts_.database.Read(call, [&](Transaction& tx) -> absl::StatusOr<mesh::v1::HttpResponse> {
    const absl::Time now = Now();
    ASSIGN_OR_RETURN(const auto user_id, store::FindByLink(tx, key));
    if (!user_id.has_value()) {
      return Answer(404, "text/plain; charset=utf-8", "There is no such feed.\n");
    }
    ASSIGN_OR_RETURN(const store::Person person, PersonOrNobody(tx, *user_id));
    ASSIGN_OR_RETURN(const Ranked ranked,
                     parts_.ranked->Rank(
                         tx, person, {.since = now - kCandidateAge, .limit = kMaxCandidates}, now));
    ASSIGN_OR_RETURN(auto posts, parts_.ranked->Show(tx, ranked, ranked.Best(kRssPosts), now));
    const bool is_russian = person.spoken().substr(0, 2) == "ru";
    return Answer(200, "application/rss+xml; charset=utf-8",
                  RssOf(std::move(posts), {.title = is_russian ? "Моя лента" : "My feed",
                                           .description = is_russian ? "Лучшее из моих каналов"
                                                                     : "The best of my channels",
                                           .language = person.spoken(),
                                           .built_at = now}));
  });
}

}  // namespace selfology::feed
