// Connections against a provider on this machine, over real HTTP.
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/seal_key.h"
#include "common/http/client.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/integration.pb.h"
#include "selfology/events/v1/notification.pb.h"
#include "selfology/events/v1/user.pb.h"
#include "selfology/integration/v1/connection_service_client.h"
#include "selfology/queue/v1/worker_service_client.h"
#include "services/platform/integration/connection_store.h"
#include "services/platform/integration/local_provider.h"
#include "services/platform/integration/module.h"
#include "services/platform/integration/renewer.h"
#include "services/platform/integration/settings.h"
#include "services/platform/integration/sync_jobs.h"
#include "testing/mesh_test.h"
#include "testing/proto_matchers.h"

namespace selfology::integration {
namespace {

using events::v1::ConnectionEstablished;
using events::v1::ConnectionFailing;
using events::v1::ConnectionRecovered;
using events::v1::ConnectionRemoved;
using events::v1::NotificationRequested;
using ::selfology::testing::EqualsProto;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr int64_t kUser = 123456;

class IntegrationTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    auto provider = LocalProvider::Start(
        {.token_lasts = absl::Hours(1),
         .before_refresh = [this]() -> std::optional<http::Response> {
           if (away_) return http::Response::Text("", 503);
           return std::nullopt;
         },
         .before_account =
             [this] {
               if (erases_) Erase();
             },
         .answer_api = [this](const http::Request& request) { return Answer(request); }});
    ASSERT_TRUE(provider.ok()) << provider.status();
    provider_ = *std::move(provider);
    setting_ = absl::StrCat("[", provider_->Setting(), "]");
    StartMesh(::selfology::testing::Modules(MakeModule(
                  // A look has as long as there is between two of them, also on a busy machine.
                  {.providers = setting_, .works_jobs = false, .look = absl::Seconds(1)})),
              [this](service::Settings& kernel) {
                kernel.clock = [this] { return absl::Now() + absl::Nanoseconds(ahead_.load()); };
              });
    connections_.emplace(Peer("integration"));
    proxy_.emplace(Peer("integration"));
  }
  void TearDown() override { StopMesh(); }

  void Advance(absl::Duration by) { ahead_ += absl::ToInt64Nanoseconds(by); }

  std::optional<http::Response> Answer(const http::Request& request) {
    const int nth = ++api_calls_;
    if (request.path == "/api/limited" && nth == 1) {
      http::Response response = http::Response::Text("", 429);
      response.headers.Set("Retry-After", "120");
      return response;
    }
    if (request.path == "/api/shaky" && nth < 3) return http::Response::Text("", 502);
    if (request.path == "/api/drops") {
      http::Response response;
      response.drop = true;
      return response;
    }
    return std::nullopt;
  }

  v1::StartConnectionResponse Begin(int64_t user_id = kUser, int64_t team_id = 0) {
    v1::StartConnectionRequest request;
    request.set_user_id(user_id);
    request.set_team_id(team_id);
    request.set_provider("local");
    request.set_idempotency_key(absl::StrCat("key-", ++keys_));
    auto response = connections_->StartConnection(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(v1::StartConnectionResponse());
  }
  v1::FinishConnectionRequest Back(const v1::StartConnectionResponse& begun) {
    v1::FinishConnectionRequest request;
    request.set_user_id(kUser);
    request.set_state(begun.state());
    request.set_code(provider_->Allow(begun.authorization_url()));
    return request;
  }
  v1::Connection Connect() {
    const auto response = connections_->FinishConnection(Deadline(), Back(Begin()));
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->connection() : v1::Connection();
  }
  void Erase() {
    v1::DeleteUserDataRequest request;
    request.set_user_id(kUser);
    EXPECT_TRUE(connections_->DeleteUserData(Deadline(), request).ok());
  }
  v1::Connection Get(const std::string& connection_id) {
    v1::GetConnectionRequest request;
    request.set_user_id(kUser);
    request.set_connection_id(connection_id);
    const auto response = connections_->GetConnection(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->connection() : v1::Connection();
  }
  absl::StatusOr<v1::CallProviderResponse> CallIt(const v1::Connection& connection,
                                                  const std::string& path,
                                                  const std::string& method = "GET") {
    v1::CallProviderRequest request;
    request.set_user_id(kUser);
    request.set_connection_id(connection.connection_id());
    request.set_method(method);
    request.set_path(path);
    return proxy_->CallProvider(Deadline(), request);
  }

  std::atomic<bool> away_ = false;
  std::atomic<bool> erases_ = false;  // The person, while the provider is asked whose a token is.
  std::atomic<int> api_calls_ = 0;
  std::atomic<int64_t> ahead_ = 0;
  int keys_ = 0;
  std::string setting_;
  std::unique_ptr<LocalProvider> provider_;
  std::optional<v1::ConnectionServiceClient> connections_;
  std::optional<v1::ProxyServiceClient> proxy_;
};

TEST_F(IntegrationTest, ConnectsByCodeAndPkceAndCallsTheApi) {
  const v1::Connection connection = Connect();
  EXPECT_EQ(connection.account_name(), "you");
  EXPECT_EQ(connection.state(), v1::CONNECTION_STATE_ACTIVE);
  ASSERT_THAT(Published<ConnectionEstablished>(), SizeIs(1));
  EXPECT_FALSE(Published<ConnectionEstablished>()[0].renewed());
  const auto answer = CallIt(connection, "/things");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status(), 200);
  EXPECT_THAT(answer->body(), HasSubstr(R"("account":"you")"));
  // The same account again is the same connection.
  EXPECT_EQ(Connect().connection_id(), connection.connection_id());
  EXPECT_TRUE(Published<ConnectionEstablished>()[1].renewed());
}

TEST_F(IntegrationTest, TokensAreSealed) {
  Connect();
  const auto row = DatabaseAs("").Read(Deadline(), [](postgres::Transaction& tx) {
    return tx.QueryOne<postgres::Bytes>("SELECT tokens FROM selfology.integration_connections");
  });
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_THAT(std::get<0>(**row).value, Not(HasSubstr("at_")));
}

TEST_F(IntegrationTest, AnAttemptIsGoodOnceForItsPersonAndForTenMinutes) {
  const auto begun = Begin();
  auto back = Back(begun);
  back.set_user_id(kUser + 1);
  EXPECT_EQ(connections_->FinishConnection(Deadline(), back).status().code(),
            absl::StatusCode::kNotFound);
  back.set_user_id(kUser);
  const auto first = connections_->FinishConnection(Deadline(), back);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(*connections_->FinishConnection(Deadline(), back), EqualsProto(*first));
  EXPECT_THAT(Published<ConnectionEstablished>(), SizeIs(1));

  const auto refused = Begin();
  v1::FinishConnectionRequest error;
  error.set_user_id(kUser);
  error.set_state(refused.state());
  error.set_error("access_denied");
  EXPECT_EQ(connections_->FinishConnection(Deadline(), error).status().code(),
            absl::StatusCode::kFailedPrecondition);
  auto forged = Back(refused);
  forged.set_code("code_guess");
  EXPECT_EQ(connections_->FinishConnection(Deadline(), forged).status().code(),
            absl::StatusCode::kFailedPrecondition);
  auto late = Back(Begin());
  Advance(absl::Minutes(11));
  EXPECT_EQ(connections_->FinishConnection(Deadline(), late).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(IntegrationTest, TokensAreRenewedAheadOfTheirEnd) {
  const v1::Connection connection = Connect();
  Advance(absl::Minutes(55));
  Await("it to be renewed", [&] { return Get(connection.connection_id()).generation() == 2; });
  EXPECT_EQ(provider_->refreshes(), 1);
  EXPECT_TRUE(CallIt(connection, "/things").ok());
}

// Ten replicas find the token at its end at the same time: one refresh, and all have the new token.
TEST_F(IntegrationTest, TenReplicasRenewOnce) {
  const v1::Connection connection = Connect();
  const auto providers = ParseProviders(setting_);
  ASSERT_TRUE(providers.ok());
  struct Replica {
    Replica(postgres::Database& database, const Providers& providers)
        : seal_key(database, "integration_seal_key", {}),
          client(http),
          renewer({.database = database,
                   .seal_key = seal_key,
                   .client = client,
                   .providers = providers,
                   .clock = [] { return absl::Now(); }}) {}
    http::Client http{{}};
    crypto::SealKey seal_key;
    ProviderClient client;
    Renewer renewer;
  };
  auto& database = DatabaseAs("selfology_integration");
  for (int64_t generation = 1; generation <= 3; ++generation) {
    std::vector<std::thread> replicas;
    std::atomic<int> renewed = 0;
    for (int i = 0; i < 10; ++i) {
      replicas.emplace_back([&] {
        Replica replica(database, *providers);
        const auto row = replica.renewer.Renew(Deadline(), {.user_id = kUser},
                                               connection.connection_id(), generation);
        EXPECT_TRUE(row.ok()) << row.status();
        if (row.ok() && row->generation == generation + 1) ++renewed;
      });
    }
    for (std::thread& replica : replicas) replica.join();
    EXPECT_EQ(renewed, 10);
    EXPECT_EQ(provider_->refreshes(), generation);
  }
  EXPECT_EQ(provider_->reused_refreshes(), 0);
}

TEST_F(IntegrationTest, WhoRenewsTooLateWritesNothing) {
  const v1::Connection connection = Connect();
  auto& database = DatabaseAs("");
  // Somebody began, and never came back.
  ASSERT_TRUE(database
                  .Write(Deadline(),
                         [](postgres::Transaction& tx) -> absl::Status {
                           tx.Queue(
                               "UPDATE selfology.integration_connections SET renewal = 7,"
                               " renewing_until = now() + interval '60 s'");
                           return absl::OkStatus();
                         })
                  .ok());
  v1::RefreshConnectionRequest refresh;
  refresh.set_user_id(kUser);
  refresh.set_connection_id(connection.connection_id());
  EXPECT_FALSE(
      connections_->RefreshConnection(Call::Background(absl::Milliseconds(300)), refresh).ok());
  EXPECT_EQ(provider_->refreshes(), 0) << "it is held";
  Advance(absl::Seconds(61));
  ASSERT_TRUE(connections_->RefreshConnection(Deadline(), refresh).ok());
  EXPECT_EQ(provider_->refreshes(), 1);
}

TEST_F(IntegrationTest, FailsTellsAndRecovers) {
  const v1::Connection connection = Connect();
  away_ = true;
  Advance(absl::Minutes(61));
  Await("it to fail",
        [&] { return Get(connection.connection_id()).state() == v1::CONNECTION_STATE_FAILING; });
  ASSERT_THAT(Published<ConnectionFailing>(), SizeIs(1));
  EXPECT_FALSE(Published<ConnectionFailing>()[0].broken());
  EXPECT_EQ(Published<ConnectionFailing>()[0].reason(), "PROVIDER_AWAY");
  away_ = false;
  Advance(absl::Minutes(2));
  Await("it to recover",
        [&] { return Get(connection.connection_id()).state() == v1::CONNECTION_STATE_ACTIVE; });
  EXPECT_THAT(Published<ConnectionRecovered>(), SizeIs(1));
  ASSERT_THAT(Published<NotificationRequested>(), SizeIs(2));
  EXPECT_EQ(Published<NotificationRequested>()[0].kind(), "connection.unreachable");
  EXPECT_EQ(Published<NotificationRequested>()[1].kind(), "connection.recovered");
}

TEST_F(IntegrationTest, ARevokedGrantBreaksAndConnectingAgainMends) {
  const v1::Connection connection = Connect();
  provider_->RevokeAll();
  EXPECT_EQ(CallIt(connection, "/things").status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Get(connection.connection_id()).state(), v1::CONNECTION_STATE_BROKEN);
  EXPECT_EQ(Get(connection.connection_id()).failure(), v1::CONNECTION_FAILURE_GRANT_REVOKED);
  ASSERT_THAT(Published<ConnectionFailing>(), SizeIs(1));
  EXPECT_TRUE(Published<ConnectionFailing>()[0].broken());
  EXPECT_EQ(CallIt(connection, "/things").status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Published<ConnectionFailing>(), SizeIs(1)) << "told once";
  EXPECT_EQ(Connect().connection_id(), connection.connection_id());
  EXPECT_THAT(Published<ConnectionRecovered>(), SizeIs(1));
  EXPECT_TRUE(CallIt(connection, "/things").ok());
}

TEST_F(IntegrationTest, A401RenewsAndTriesOnceMore) {
  const v1::Connection connection = Connect();
  provider_->ExpireTokens();
  const auto answer = CallIt(connection, "/things", "POST");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status(), 200);
  EXPECT_EQ(Get(connection.connection_id()).generation(), 2);
}

TEST_F(IntegrationTest, ObeysLimitsForTheWholeConnection) {
  const v1::Connection connection = Connect();
  const absl::Status limited = CallIt(connection, "/limited").status();
  EXPECT_EQ(limited.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_GT(status::RetryAfter(limited).value_or(absl::ZeroDuration()), absl::Seconds(60));
  EXPECT_EQ(CallIt(connection, "/things").status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(api_calls_, 1) << "the provider was not asked again";
  Advance(absl::Seconds(121));
  EXPECT_TRUE(CallIt(connection, "/things").ok());
}

TEST_F(IntegrationTest, RepeatsWhatMayBeRepeated) {
  const v1::Connection connection = Connect();
  EXPECT_EQ(CallIt(connection, "/shaky")->status(), 200);
  EXPECT_EQ(api_calls_, 3);
  api_calls_ = 0;
  EXPECT_EQ(CallIt(connection, "/shaky", "POST")->status(), 502) << "the answer is the answer";
  EXPECT_EQ(api_calls_, 1);
  api_calls_ = 0;
  EXPECT_EQ(CallIt(connection, "/drops", "POST").status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(api_calls_, 1);
}

TEST_F(IntegrationTest, DisconnectingRevokes) {
  const v1::Connection connection = Connect();
  v1::DisconnectRequest request;
  request.set_user_id(kUser + 1);
  request.set_connection_id(connection.connection_id());
  EXPECT_FALSE(connections_->Disconnect(Deadline(), request)->disconnected());
  request.set_user_id(kUser);
  EXPECT_TRUE(connections_->Disconnect(Deadline(), request)->disconnected());
  Await("both tokens to be revoked", [&] { return provider_->revocations() == 2; });
  EXPECT_THAT(Published<ConnectionRemoved>(), SizeIs(1));
  EXPECT_FALSE(connections_->Disconnect(Deadline(), request)->disconnected());
  EXPECT_EQ(CallIt(connection, "/things").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(IntegrationTest, ErasesAPersonAndRevokesTheirTokens) {
  Connect();
  Erase();
  v1::ListConnectionsRequest list;
  list.set_user_id(kUser);
  EXPECT_THAT(connections_->ListConnections(Deadline(), list)->connections(), IsEmpty());
  Await("both tokens to be revoked", [&] { return provider_->revocations() == 2; });
}

TEST_F(IntegrationTest, WhoIsErasedWhileTheProviderIsAskedIsNotConnected) {
  const auto back = Back(Begin());
  erases_ = true;
  EXPECT_EQ(connections_->FinishConnection(Deadline(), back).status().code(),
            absl::StatusCode::kNotFound);
  v1::ListConnectionsRequest list;
  list.set_user_id(kUser);
  EXPECT_THAT(connections_->ListConnections(Deadline(), list)->connections(), IsEmpty());
  EXPECT_THAT(Published<ConnectionEstablished>(), IsEmpty());
  Await("both tokens to be revoked", [&] { return provider_->revocations() == 2; });
}

TEST_F(IntegrationTest, ASyncJobReadsTheAccountAndRenewsWhereItMust) {
  const v1::Connection connection = Connect();
  const auto providers = ParseProviders(setting_);
  ASSERT_TRUE(providers.ok());
  auto& database = DatabaseAs("selfology_integration");
  crypto::SealKey seal_key(database, "integration_seal_key", {});
  http::Client http{{}};
  ProviderClient client(http);
  Renewer renewer({.database = database,
                   .seal_key = seal_key,
                   .client = client,
                   .providers = *providers,
                   .clock = [] { return absl::Now(); }});
  SyncJobs sync({.database = database,
                 .seal_key = seal_key,
                 .client = client,
                 .renewer = renewer,
                 .providers = *providers});
  queue::v1::WorkerServiceClient queue(Peer("integration"));
  const auto work = [&](const std::string& connection_id) {
    queue::v1::LeasedJob leased;
    leased.set_kind("integration_sync");
    leased.set_user_id(kUser);
    (*leased.mutable_payload()->mutable_fields())["connection_id"].set_string_value(connection_id);
    return sync.Work(Deadline(), jobs::Job(leased, queue)).status();
  };
  EXPECT_TRUE(work(connection.connection_id()).ok());
  provider_->ExpireTokens();
  EXPECT_TRUE(work(connection.connection_id()).ok());
  EXPECT_EQ(Get(connection.connection_id()).generation(), 2);
  EXPECT_EQ(work("con_none").code(), absl::StatusCode::kNotFound);
  provider_->RevokeAll();
  EXPECT_EQ(work(connection.connection_id()).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Get(connection.connection_id()).state(), v1::CONNECTION_STATE_BROKEN);
}

TEST_F(IntegrationTest, NamesAllThatIsWrong) {
  v1::StartConnectionRequest start;
  start.set_provider("nobody");
  EXPECT_EQ(connections_->StartConnection(Deadline(), start).status().code(),
            absl::StatusCode::kNotFound);
  start.set_provider("local");
  start.set_redirect_uri("https://evil.example/");
  start.add_scopes("a b");
  EXPECT_THAT(status::Violations(connections_->StartConnection(Deadline(), start).status()),
              SizeIs(4));
  EXPECT_EQ(connections_->ListProviders(Deadline(), {})->providers(0).display(), "Local provider");
}

TEST_F(IntegrationTest, ATeamsConnectionIsItsMembersAndEndsWithTheTeam) {
  constexpr int64_t kTeam = 9;
  const v1::StartConnectionResponse begun = Begin(kUser, kTeam);
  v1::FinishConnectionRequest finish = Back(begun);
  EXPECT_EQ(status::Reason(connections_->FinishConnection(Deadline(), finish).status()),
            "NOT_FOUND")
      << "it was begun for the team";
  finish.set_team_id(kTeam);
  const auto made = connections_->FinishConnection(Deadline(), finish);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->connection().team_id(), kTeam);
  v1::GetConnectionRequest get;
  get.set_user_id(kUser);
  get.set_connection_id(made->connection().connection_id());
  EXPECT_EQ(status::Reason(connections_->GetConnection(Deadline(), get).status()), "NOT_FOUND");
  get.set_user_id(kUser + 1);  // Another member.
  get.set_team_id(kTeam);
  EXPECT_TRUE(connections_->GetConnection(Deadline(), get).ok());
  v1::RefreshConnectionRequest refresh;
  refresh.set_user_id(kUser + 1);
  refresh.set_team_id(kTeam);
  refresh.set_connection_id(get.connection_id());
  EXPECT_EQ(connections_->RefreshConnection(Deadline(), refresh)->connection().generation(), 2);
  v1::CallProviderRequest call;
  call.set_user_id(kUser + 1);
  call.set_team_id(kTeam);
  call.set_connection_id(get.connection_id());
  call.set_method("GET");
  call.set_path("/any");
  EXPECT_TRUE(proxy_->CallProvider(Deadline(), call).ok());
  v1::ListConnectionsRequest list;
  list.set_user_id(kUser);
  EXPECT_THAT(connections_->ListConnections(Deadline(), list)->connections(), IsEmpty());
  list.set_team_id(kTeam);
  EXPECT_THAT(connections_->ListConnections(Deadline(), list)->connections(), SizeIs(1));

  events::v1::TeamDeleted deleted;
  deleted.set_team_id(kTeam);
  Publish(deleted);
  Await("the connection to be gone",
        [&] { return connections_->ListConnections(Deadline(), list)->connections().empty(); });
  EXPECT_THAT(AwaitPublished<ConnectionRemoved>(1), SizeIs(1));
}

}  // namespace
}  // namespace selfology::integration
