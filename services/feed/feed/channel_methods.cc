// FeedService: channels, and who follows them.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "services/feed/feed/feed_service.h"
#include "services/feed/feed/following.h"
#include "services/feed/feed/learning_terms.h"
#include "services/feed/feed/people/channel_name.h"
#include "services/feed/feed/persons.h"
#include "services/feed/feed/store/channel_store.h"

namespace selfology::feed {
namespace {

using postgres::Transaction;

constexpr int kMaxTitle = 256;
constexpr paging::Limits kChannelsPage = {.default_size = 50, .max_size = 100};
constexpr int kDefaultProposals = 3;
constexpr int kMostProposals = 10;
constexpr int kProposalPool = 50;
constexpr size_t kPostsOfProposal = 20;

v1::UserChannel ToProto(const store::ChannelRow& row, const store::Following& following) {
  v1::UserChannel channel;
  channel.mutable_channel()->set_id(row.id);
  channel.mutable_channel()->set_telegram_id(row.telegram_id);
  channel.mutable_channel()->set_username(row.username);
  channel.mutable_channel()->set_title(row.title);
  channel.mutable_channel()->set_is_default(row.is_default);
  channel.mutable_channel()->set_may_learn_text(row.may_learn);
  channel.set_is_for_training(following.is_for_training);
  channel.set_is_bonus(following.is_bonus);
  channel.set_is_muted(following.is_muted);
  *channel.mutable_followed_at() = timestamps::ToProto(following.followed_at);
  return channel;
}

absl::Status NoChannel() { return status::InvalidField("channel_id", "names no channel"); }

}  // namespace

absl::StatusOr<v1::SyncChannelResponse> FeedService::SyncChannel(
    const Call& call, const v1::SyncChannelRequest& request) {
  status::FieldViolations bad;
  const std::string name = NameOfChannel(request.username());
  if (request.telegram_id() == 0 && name.empty()) {
    bad.Add("username", "must name a channel, unless telegram_id is given");
  } else if (!request.username().empty() && name.empty()) {
    bad.Add("username", "must name a channel");
  }
  if (text::Characters(request.title()) > kMaxTitle) {
    bad.Add("title", "must have at most 256 characters");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  store::ChannelFacts facts = {
      .telegram_id = request.telegram_id(), .username = name, .title = request.title()};
  if (request.has_is_default()) facts.is_default = request.is_default();
  if (request.has_may_learn_text()) facts.may_learn = request.may_learn_text();
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::SyncChannelResponse> {
        ASSIGN_OR_RETURN(const store::Saved saved, store::SaveChannel(tx, facts));
        RETURN_IF_ERROR(KeepTerms(tx, saved));
        v1::SyncChannelResponse response;
        response.set_id(saved.channel.id);
        response.set_telegram_id(saved.channel.telegram_id);
        response.set_username(saved.channel.username);
        response.set_title(saved.channel.title);
        response.set_is_default(saved.channel.is_default);
        response.set_may_learn_text(saved.channel.may_learn);
        return response;
      });
}

absl::StatusOr<v1::FollowChannelResponse> FeedService::FollowChannel(
    const Call& call, const v1::FollowChannelRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.user_telegram_id(), kPersonField);
  const std::string name = NameOfChannel(request.channel_username());
  if (request.channel_id() <= 0 && name.empty()) {
    bad.Add("channel_username", "must name a channel: @name, a link to it, or a feed's address");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::FollowChannelResponse> {
        ASSIGN_OR_RETURN(store::Person person, Enter(tx, request.user_telegram_id(), Now()));
        std::optional<store::ChannelRow> channel;
        if (request.channel_id() > 0) {
          ASSIGN_OR_RETURN(channel, store::FindChannel(tx, request.channel_id()));
          if (!channel.has_value()) return NoChannel();
        } else {
          ASSIGN_OR_RETURN(store::Saved saved, store::SaveChannel(tx, {.username = name}));
          channel = std::move(saved.channel);
        }
        FollowWish wish;
        if (request.has_is_for_training()) wish.is_for_training = request.is_for_training();
        if (request.has_is_muted()) wish.is_muted = request.is_muted();
        ASSIGN_OR_RETURN(const Followed followed, Follow(tx, person, *channel, wish, Now()));
        v1::FollowChannelResponse response;
        *response.mutable_channel() = ToProto(*channel, followed.following);
        response.set_is_new(followed.is_new);
        return response;
      });
}

absl::StatusOr<v1::UnfollowChannelResponse> FeedService::UnfollowChannel(
    const Call& call, const v1::UnfollowChannelRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.user_telegram_id(), kPersonField);
  if (request.channel_id() <= 0) bad.Add("channel_id", "must be above 0");
  RETURN_IF_ERROR(bad.ToStatus());
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::UnfollowChannelResponse> {
        ASSIGN_OR_RETURN(const store::Person person, Enter(tx, request.user_telegram_id(), Now()));
        ASSIGN_OR_RETURN(const auto channel, store::FindChannel(tx, request.channel_id()));
        if (channel.has_value()) {
          RETURN_IF_ERROR(Unfollow(tx, person, *channel, /*reader_knows=*/false, Now()));
        }
        return v1::UnfollowChannelResponse();
      });
}

absl::StatusOr<v1::ListUserChannelsResponse> FeedService::ListUserChannels(
    const Call& call, const v1::ListUserChannelsRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.user_telegram_id(), kPersonField);
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kChannelsPage));
  ASSIGN_OR_RETURN(const int64_t after, page.AfterId(0));
  ASSIGN_OR_RETURN(
      std::vector<v1::UserChannel> channels, parts_.database.Read(call, [&](Transaction& tx) {
        return store::ListUserChannels(tx, request.user_telegram_id(), after, page.limit());
      }));
  v1::ListUserChannelsResponse response;
  response.set_next_page_token(
      page.Cut(channels, [](const v1::UserChannel& one) { return one.channel().id(); }));
  for (v1::UserChannel& channel : channels) *response.add_channels() = std::move(channel);
  return response;
}

absl::StatusOr<v1::ProposeChannelsResponse> FeedService::ProposeChannels(
    const Call& call, const v1::ProposeChannelsRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.user_telegram_id(), kPersonField);
  if (request.limit() < 0 || request.limit() > kMostProposals) {
    bad.Add("limit", "must be 0 to 10");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const int limit = request.limit() == 0 ? kDefaultProposals : request.limit();
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::ProposeChannelsResponse> {
        const absl::Time now = Now();
        ASSIGN_OR_RETURN(const store::Person person, Enter(tx, request.user_telegram_id(), now));
        ASSIGN_OR_RETURN(
            std::vector<v1::Channel> channels,
            store::ListUnfollowed(tx, person.user_id, now - kCandidateAge, kProposalPool));
        std::vector<int64_t> ids;
        for (const v1::Channel& channel : channels) ids.push_back(channel.id());
        v1::ProposeChannelsResponse response;
        if (ids.empty()) return response;
        ASSIGN_OR_RETURN(
            const Ranked ranked,
            parts_.ranked->Rank(
                tx, person,
                {.since = now - kCandidateAge, .channel_ids = ids, .limit = kMaxCandidates}, now));
        std::vector<v1::ChannelProposal> proposals;
        for (v1::Channel& channel : channels) {
          // The candidates are in the order of time, the newest first.
          double sum = 0;
          size_t posts = 0;
          for (const Candidate& candidate : ranked.candidates) {
            if (candidate.channel_id != channel.id() || posts == kPostsOfProposal) continue;
            sum += ranked.RankingAt(now).Score(candidate).relevance;
            ++posts;
          }
          if (posts == 0) continue;
          v1::ChannelProposal& proposal = proposals.emplace_back();
          *proposal.mutable_channel() = std::move(channel);
          proposal.set_relevance_score(sum / static_cast<double>(posts));
        }
        std::sort(proposals.begin(), proposals.end(), [](const auto& a, const auto& b) {
          if (a.relevance_score() != b.relevance_score()) {
            return a.relevance_score() > b.relevance_score();
          }
          return a.channel().id() < b.channel().id();
        });
        for (size_t i = 0; i < proposals.size() && i < static_cast<size_t>(limit); ++i) {
          store::AddProposal(tx, person.user_id, proposals[i].channel().id(), now);
          *response.add_proposals() = std::move(proposals[i]);
        }
        return response;
      });
}

}  // namespace selfology::feed
