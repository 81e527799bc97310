// The module in a process of the mesh over real PostgreSQL, Redis and relay, with a clock of its own
// and a social graph that the test says.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/service/mesh.h"
#include "common/uuid/uuid.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/gamification.pb.h"
#include "selfology/events/v1/user.pb.h"
#include "selfology/gamification/v1/badge_service_client.h"
#include "selfology/gamification/v1/leaderboard_service_client.h"
#include "selfology/gamification/v1/ledger_service_client.h"
#include "selfology/gamification/v1/progress_service_client.h"
#include "selfology/gamification/v1/rating_service_client.h"
#include "selfology/gamification/v1/rule_service_client.h"
#include "selfology/user/v1/social_service_endpoints.h"
#include "services/growth/gamification/ledger/engine.h"
#include "services/growth/gamification/module.h"
#include "testing/mesh_test.h"

namespace selfology::gamification {

inline constexpr int64_t kUser = 123456;

// Who follows whom and is followed, as the user service would say.
class SocialFake final : public user::v1::SocialServiceEndpoints {
 public:
  explicit SocialFake(std::shared_ptr<std::vector<int64_t>> friends)
      : friends_(std::move(friends)) {}
  absl::StatusOr<user::v1::ListMutualsResponse> ListMutuals(
      const Call&, const user::v1::ListMutualsRequest&) override {
    user::v1::ListMutualsResponse response;
    for (const int64_t id : *friends_) response.add_relations()->set_other_user_id(id);
    return response;
  }
  absl::StatusOr<user::v1::FollowResponse> Follow(const Call&,
                                                  const user::v1::FollowRequest&) override {
    return absl::UnimplementedError("not asked by gamification");
  }
  absl::StatusOr<user::v1::UnfollowResponse> Unfollow(const Call&,
                                                      const user::v1::UnfollowRequest&) override {
    return absl::UnimplementedError("not asked by gamification");
  }
  absl::StatusOr<user::v1::BlockResponse> Block(const Call&,
                                                const user::v1::BlockRequest&) override {
    return absl::UnimplementedError("not asked by gamification");
  }
  absl::StatusOr<user::v1::UnblockResponse> Unblock(const Call&,
                                                    const user::v1::UnblockRequest&) override {
    return absl::UnimplementedError("not asked by gamification");
  }
  absl::StatusOr<user::v1::GetRelationResponse> GetRelation(
      const Call&, const user::v1::GetRelationRequest&) override {
    return absl::UnimplementedError("not asked by gamification");
  }
  absl::StatusOr<user::v1::ListFollowingResponse> ListFollowing(
      const Call&, const user::v1::ListFollowingRequest&) override {
    return absl::UnimplementedError("not asked by gamification");
  }
  absl::StatusOr<user::v1::ListFollowersResponse> ListFollowers(
      const Call&, const user::v1::ListFollowersRequest&) override {
    return absl::UnimplementedError("not asked by gamification");
  }
  absl::StatusOr<user::v1::ListBlockedResponse> ListBlocked(
      const Call&, const user::v1::ListBlockedRequest&) override {
    return absl::UnimplementedError("not asked by gamification");
  }
  absl::StatusOr<user::v1::SuggestPeopleResponse> SuggestPeople(
      const Call&, const user::v1::SuggestPeopleRequest&) override {
    return absl::UnimplementedError("not asked by gamification");
  }

 private:
  const std::shared_ptr<std::vector<int64_t>> friends_;
};

class UserFake final : public service::Module {
 public:
  explicit UserFake(std::shared_ptr<std::vector<int64_t>> friends) : friends_(std::move(friends)) {}
  service::ModuleInfo info() const override { return {.name = "user", .group = "user_accounts"}; }
  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<SocialFake>(friends_));
    return absl::OkStatus();
  }

 private:
  const std::shared_ptr<std::vector<int64_t>> friends_;
};

class GamificationTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(::selfology::testing::Modules(MakeModule(), std::make_unique<UserFake>(friends_)),
              [this](service::Settings& settings) {
                settings.clock = [this] { return absl::Now() + absl::Seconds(ahead_.load()); };
              });
    ledger_.emplace(Peer("gamification"));
    progress_.emplace(Peer("gamification"));
    rules_.emplace(Peer("gamification"));
    badges_.emplace(Peer("gamification"));
    boards_.emplace(Peer("gamification"));
    ratings_.emplace(Peer("gamification"));
  }

  // The clock goes on; events do not.
  void Pass(absl::Duration time) { ahead_ += absl::ToInt64Seconds(time); }

  static uuid::Uuid Id(const std::string& name) { return NamedId(name); }

  static v1::NewTransfer Transfer(const std::string& name, v1::AccountRef debit,
                                  v1::AccountRef credit, int64_t amount) {
    v1::NewTransfer transfer;
    transfer.set_transfer_id(Id(name).ToString());
    *transfer.mutable_debit() = std::move(debit);
    *transfer.mutable_credit() = std::move(credit);
    transfer.set_amount(amount);
    transfer.set_code("test");
    return transfer;
  }
  static v1::AccountRef Wallet(int64_t user_id, const std::string& currency = "coins") {
    v1::AccountRef account;
    account.set_user_id(user_id);
    account.set_currency(currency);
    return account;
  }
  static v1::AccountRef Mint(const std::string& currency = "coins") {
    v1::AccountRef account = Wallet(0, currency);
    account.set_code("mint");
    return account;
  }

  std::vector<v1::TransferResult> Create(const std::vector<v1::NewTransfer>& transfers) {
    v1::CreateTransfersRequest request;
    for (const v1::NewTransfer& transfer : transfers) *request.add_transfers() = transfer;
    const auto response = ledger_->CreateTransfers(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<v1::TransferResult> results;
    if (!response.ok()) return results;
    for (const int result : response->results()) {
      results.push_back(static_cast<v1::TransferResult>(result));
    }
    return results;
  }

  int64_t BalanceOf(int64_t user_id, const std::string& currency,
                    std::optional<absl::Time> at = std::nullopt) {
    v1::GetBalancesRequest request;
    request.set_user_id(user_id);
    if (at.has_value()) request.mutable_at()->set_seconds(absl::ToUnixSeconds(*at));
    const auto response = ledger_->GetBalances(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return -1;
    for (const v1::Balance& balance : response->balances()) {
      if (balance.account().currency() == currency && balance.account().code() == "wallet") {
        return balance.balance();
      }
    }
    return 0;
  }

  void ExpectSound() {
    const auto check = ledger_->CheckLedger(Deadline(), v1::CheckLedgerRequest());
    ASSERT_TRUE(check.ok()) << check.status();
    EXPECT_TRUE(check->sound()) << check->ShortDebugString();
  }

  v1::GetProgressResponse Progress(int64_t user_id = kUser) {
    v1::GetProgressRequest request;
    request.set_user_id(user_id);
    const auto response = progress_->GetProgress(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : v1::GetProgressResponse();
  }

  v1::ListAwardsResponse Awards(bool with_revoked = false, int64_t user_id = kUser) {
    v1::ListAwardsRequest request;
    request.set_user_id(user_id);
    request.set_with_revoked(with_revoked);
    const auto response = badges_->ListAwards(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : v1::ListAwardsResponse();
  }

  // Writes a rule and makes it live.
  void MakeRule(const std::string& text, bool backfill = false) {
    v1::CreateRuleRequest create;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, create.mutable_definition()));
    const auto created = rules_->CreateRule(Deadline(), create);
    ASSERT_TRUE(created.ok()) << created.status();
    v1::PublishRuleRequest publish;
    publish.set_rule_id(create.definition().rule_id());
    publish.set_backfill(backfill);
    const auto published = rules_->PublishRule(Deadline(), publish);
    ASSERT_TRUE(published.ok()) << published.status();
    EXPECT_EQ(published->rule().state(), v1::RULE_STATE_LIVE);
  }

  void Follow(int64_t other, int64_t user_id = kUser) {
    events::v1::PersonFollowed event;
    event.set_user_id(user_id);
    event.set_other_user_id(other);
    Publish(event);
  }
  void Unfollow(int64_t other, int64_t user_id = kUser) {
    events::v1::PersonUnfollowed event;
    event.set_user_id(user_id);
    event.set_other_user_id(other);
    Publish(event);
  }
  void AwaitXp(int64_t xp, int64_t user_id = kUser) {
    Await(absl::StrCat(xp, " points"), [&] { return Progress(user_id).xp() == xp; });
  }

  static v1::BoardRef Board(const std::string& name = "xp") {
    v1::BoardRef board;
    board.set_board(name);
    return board;
  }
  v1::GetStandingResponse Standing(int64_t user_id, const v1::BoardRef& board = Board()) {
    v1::GetStandingRequest request;
    request.set_user_id(user_id);
    *request.mutable_board() = board;
    const auto response = boards_->GetStanding(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : v1::GetStandingResponse();
  }

  const std::shared_ptr<std::vector<int64_t>> friends_ = std::make_shared<std::vector<int64_t>>();
  std::atomic<int64_t> ahead_ = 0;
  std::optional<v1::LedgerServiceClient> ledger_;
  std::optional<v1::ProgressServiceClient> progress_;
  std::optional<v1::RuleServiceClient> rules_;
  std::optional<v1::BadgeServiceClient> badges_;
  std::optional<v1::LeaderboardServiceClient> boards_;
  std::optional<v1::RatingServiceClient> ratings_;
};

}  // namespace selfology::gamification
