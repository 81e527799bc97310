// The module in a mesh, asked over gRPC.

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/http/client.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/ai/v1/ai_service_client.h"
#include "services/platform/ai/fake_models_test.h"
#include "services/platform/ai/fake_room_test.h"
#include "services/platform/ai/settings.h"
#include "testing/mesh_test.h"

namespace selfology::ai {
namespace {

using ::testing::SizeIs;

class AiServiceTest : public testing::MeshTest {
 protected:
  void Start(Settings settings) {
    StartMesh(testing::Modules(MakeModule(std::move(settings))), [this](service::Settings& mesh) {
      mesh.peers["coach"] = coach_room_.address();
      mesh.peers["analysis"] = analysis_room_.address();
    });
    ai_.emplace(Peer("ai"));
  }
  // With keys, against the fake server.
  void StartWithKeys() {
    Settings settings;
    settings.openai_base_url = fake_.openai_url();
    settings.openai_key = "key";
    settings.anthropic_base_url = fake_.anthropic_url();
    settings.anthropic_key = "key";
    Start(std::move(settings));
  }
  template <typename Request>
  static Request Asking(std::string_view text) {
    Request request;
    v1::ChatMessage& message = *request.mutable_input()->add_messages();
    message.set_role(v1::ROLE_USER);
    message.set_content(std::string(text));
    return request;
  }

  FakeModels fake_;
  std::shared_ptr<FakeLocalModel> coach_ = std::make_shared<FakeLocalModel>();
  std::shared_ptr<FakeLocalModel> analysis_ = std::make_shared<FakeLocalModel>();
  FakeRoom coach_room_{coach_};
  FakeRoom analysis_room_{analysis_};
  std::optional<v1::AiServiceClient> ai_;
};

TEST_F(AiServiceTest, AnswersWithoutAnyKey) {
  Start({});
  auto request = Asking<v1::CompleteRequest>("I am tired of my job.");
  for (const auto& [task, room] : {std::pair(v1::TASK_UNSPECIFIED, coach_),
                                   {v1::TASK_INSTANT_ANALYSIS, analysis_},
                                   {v1::TASK_DEEP_ANALYSIS, analysis_},
                                   {v1::TASK_COACH_REPLY, coach_},
                                   {v1::TASK_INSIGHT, coach_},
                                   {v1::TASK_SUMMARY, analysis_}}) {
    request.mutable_input()->set_task(task);
    const auto response = ai_->Complete(Deadline(), request);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->completion().provider(), "local");
    EXPECT_EQ(response->completion().model_used(), "local-lexicon");
    EXPECT_EQ(response->completion().text(), "Tell me more.");
    EXPECT_EQ(response->completion().output_tokens(), 4) << "estimated";
    EXPECT_GT(response->completion().input_tokens(), 0);
    EXPECT_EQ(room->asked().back().task(), task);
    EXPECT_EQ(room->asked().back().max_tokens(), 1024) << "defaults are filled in";
  }
  EXPECT_THAT(coach_->asked(), SizeIs(3));
  EXPECT_THAT(analysis_->asked(), SizeIs(3));

  v1::EmbedRequest texts;
  texts.add_texts("I love painting");
  const auto embedded = ai_->Embed(Deadline(), texts);
  ASSERT_TRUE(embedded.ok()) << embedded.status();
  EXPECT_EQ(embedded->embeddings(0).values_size(), 512);
  EXPECT_EQ(embedded->model_used(), "local-lexicon");
  EXPECT_EQ(embedded->tokens_used(), 4);
}

TEST_F(AiServiceTest, StreamsWhatARoomSaysPieceByPiece) {
  Start({});
  auto request = Asking<v1::StreamCompleteRequest>("I am tired of my job.");
  request.mutable_input()->set_task(v1::TASK_COACH_REPLY);
  std::vector<std::string> pieces;
  std::optional<v1::Completion> completion;
  coach_->WaitForAListener();
  const absl::Status status =
      ai_->StreamComplete(Deadline(), request, [&](const v1::StreamCompleteResponse& reply) {
        if (reply.has_completion()) {
          completion = reply.completion();
        } else {
          EXPECT_FALSE(reply.restart());
          pieces.push_back(reply.text_delta());
          coach_->Hear();
        }
        return true;
      });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(pieces, ::testing::ElementsAre("Tell ", "me ", "more."));
  ASSERT_TRUE(completion.has_value());
  EXPECT_EQ(completion->text(), "Tell me more.");
  EXPECT_EQ(completion->provider(), "local");
}

TEST_F(AiServiceTest, ARoomThatFailsIsAChainThatIsExhausted) {
  Start({});
  auto request = Asking<v1::CompleteRequest>("I am tired of my job.");
  request.mutable_input()->set_task(v1::TASK_COACH_REPLY);
  coach_->Fail(absl::InvalidArgumentError("not my task"));
  const absl::Status failure = ai_->Complete(Deadline(), request).status();
  EXPECT_EQ(failure.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status::Reason(failure), "FALLBACK_CHAIN_EXHAUSTED");
  EXPECT_EQ(status::ErrorMetadata(failure).at("attempts"), "local-lexicon: INVALID_ARGUMENT");

  coach_->Fail(absl::DeadlineExceededError("too slow"));
  const absl::Status late =
      ai_->Complete(Call::Background(absl::Milliseconds(500)), request).status();
  EXPECT_EQ(late.code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(AiServiceTest, ARoomThatIsAwayIsNotWaitedForBeyondTheDeadline) {
  // Without the rooms, and with an address where nobody listens.
  StartMesh(testing::Modules(MakeModule(Settings())),
            [](service::Settings& settings) { settings.peers["coach"] = "127.0.0.1:1"; });
  const v1::AiServiceClient ai(Peer("ai"));
  auto request = Asking<v1::CompleteRequest>("I am tired of my job.");
  request.mutable_input()->set_task(v1::TASK_COACH_REPLY);
  const absl::Status failure =
      ai.Complete(Call::Background(absl::Milliseconds(300)), request).status();
  EXPECT_EQ(failure.code(), absl::StatusCode::kDeadlineExceeded) << failure;
  Await("the failure to be counted", [&] {
    const auto listed = ai.ListModels(Deadline(), {});
    return listed.ok() && listed->models().rbegin()->failures_total() == 1;
  });
}

TEST_F(AiServiceTest, RoutesToTheProvidersWithKeys) {
  StartWithKeys();
  auto request = Asking<v1::CompleteRequest>("Hello");
  request.mutable_input()->set_tier(v1::TIER_PREMIUM);
  const auto response = ai_->Complete(Deadline(), request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->completion().model_used(), "claude-sonnet-4");
}

TEST_F(AiServiceTest, Streams) {
  StartWithKeys();
  fake_.Next("gpt-4o", FakeModels::Streams({"One ", "two ", "three"}));
  std::string text;
  std::vector<v1::StreamCompleteResponse> replies;
  const absl::Status status =
      ai_->StreamComplete(Deadline(), Asking<v1::StreamCompleteRequest>("Count"),
                          [&](const v1::StreamCompleteResponse& reply) {
                            text += reply.text_delta();
                            replies.push_back(reply);
                            return true;
                          });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(text, "One two three");
  ASSERT_EQ(replies.size(), 4u);
  EXPECT_EQ(replies.back().completion().text(), text);
  EXPECT_FALSE(replies.front().has_completion());
}

TEST_F(AiServiceTest, SaysWhyNobodyAnswered) {
  StartWithKeys();
  fake_.Always("gpt-4o-mini", FakeModels::Status(400));
  coach_->Fail(absl::InvalidArgumentError("not my task"));
  auto request = Asking<v1::CompleteRequest>("Hello");
  request.mutable_input()->set_tier(v1::TIER_SIMPLE);
  // Over a socket, as between processes, where channels repeat calls to peers that are away.
  observe::Requests requests(nullptr, "test_client");
  const v1::AiServiceClient remote(rpc::Channel::Connect("ai", host().grpc_address(), requests));
  const absl::Status failure = remote.Complete(Deadline(), request).status();
  EXPECT_EQ(failure.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status::Reason(failure), "FALLBACK_CHAIN_EXHAUSTED");
  EXPECT_EQ(status::ErrorMetadata(failure).at("attempts"),
            "gpt-4o-mini: HTTP 400, local-lexicon: INVALID_ARGUMENT");
  EXPECT_THAT(fake_.asked(), SizeIs(1)) << "gRPC does not repeat what the chain has given up";
}

TEST_F(AiServiceTest, TheRoomAnswersWhenNoModelDoes) {
  StartWithKeys();
  for (const char* model : {"gpt-4o", "gpt-4o-mini"}) fake_.Always(model, FakeModels::Status(400));
  auto request = Asking<v1::StreamCompleteRequest>("I am tired of my job.");
  request.mutable_input()->set_task(v1::TASK_COACH_REPLY);
  v1::Completion completion;
  const absl::Status status =
      ai_->StreamComplete(Deadline(), request, [&](const v1::StreamCompleteResponse& reply) {
        if (reply.has_completion()) completion = reply.completion();
        return true;
      });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(completion.text(), "Tell me more.");
  EXPECT_EQ(completion.provider(), "local");
  EXPECT_EQ(completion.failed_attempts_size(), 2);
}

TEST_F(AiServiceTest, EmbedsAtAServerOfItsOwn) {
  FakeModels embedder;
  Settings settings;
  settings.openai_base_url = fake_.openai_url();
  settings.openai_key = "key";
  settings.embedding = "openai,bge-m3,0,0,width=1024";
  settings.embedding_base_url = embedder.openai_url();
  settings.embedding_key = "another";
  Start(settings);
  embedder.Always("bge-m3", FakeModels::Embeds(1024));
  v1::EmbedRequest texts;
  texts.add_texts("I love painting");
  const auto embedded = ai_->Embed(Deadline(), texts);
  ASSERT_TRUE(embedded.ok()) << embedded.status();
  EXPECT_EQ(embedded->embeddings(0).values_size(), 512);
  EXPECT_EQ(embedded->model_dimensions(), 1024);
  EXPECT_EQ(embedded->model_used(), "bge-m3");
  EXPECT_EQ(embedded->space(), "bge-m3-1024-project-512");
  EXPECT_EQ(embedder.last_headers().Get("authorization"), "Bearer another");
  EXPECT_THAT(fake_.asked(), ::testing::IsEmpty());
}

TEST_F(AiServiceTest, RefusesSettingsThatItDoesNotUnderstand) {
  for (const auto& change : std::vector<std::function<void(Settings&)>>{
           [](Settings& settings) { settings.task_timeouts = {"dream=1s"}; },
           [](Settings& settings) { settings.embedding_width = "stretch"; },
           [](Settings& settings) { settings.embedding_key = "of no server"; },
           [](Settings& settings) { settings.embedding = "anthropic,claude,0,0"; },
           [](Settings& settings) { settings.simple = "openai,gpt,0,0,concurrency=no"; }}) {
    Settings refused;
    change(refused);
    service::Settings mesh;
    mesh.database_url = url();
    mesh.redis_url = servers::TestRedis().url();
    const auto host = service::Host::Start(mesh, testing::Modules(MakeModule(std::move(refused))));
    EXPECT_TRUE(absl::IsInvalidArgument(host.status())) << host.status();
  }
}

TEST_F(AiServiceTest, ListsItsModels) {
  StartWithKeys();
  const auto response = ai_->ListModels(Deadline(), {});
  ASSERT_TRUE(response.ok());
  ASSERT_EQ(response->models_size(), 4);
  EXPECT_EQ(response->models(0).model(), "claude-sonnet-4");
  EXPECT_EQ(response->models(0).tier(), v1::TIER_PREMIUM);
  EXPECT_TRUE(response->models(0).configured());
  EXPECT_EQ(response->models(1).model(), "gpt-4o");
  EXPECT_EQ(response->models(1).breaker_state(), v1::BREAKER_STATE_CLOSED);
  EXPECT_DOUBLE_EQ(response->models(2).output_usd_per_million(), 0.6);
  EXPECT_EQ(response->models(3).provider(), "local");
}

TEST_F(AiServiceTest, NamesBadFields) {
  Start({});
  const auto field = [](const absl::Status& status) {
    const auto violations = status::Violations(status);
    return violations.empty() ? "" : violations[0].field;
  };
  EXPECT_EQ(field(ai_->Complete(Deadline(), {}).status()), "input.messages");
  auto json = Asking<v1::StreamCompleteRequest>("Hello");
  json.mutable_input()->set_response_format(v1::RESPONSE_FORMAT_JSON);
  EXPECT_EQ(field(ai_->StreamComplete(Deadline(), json, [](const auto&) { return true; })),
            "input.response_format");
  v1::EmbedRequest embed;
  EXPECT_EQ(field(ai_->Embed(Deadline(), embed).status()), "texts");
  embed.add_texts(std::string(8001, 'a'));
  EXPECT_EQ(field(ai_->Embed(Deadline(), embed).status()), "texts[0]");
  embed.set_texts(0, "a");
  embed.set_dimensions(7);
  EXPECT_EQ(field(ai_->Embed(Deadline(), embed).status()), "dimensions");
}

}  // namespace
}  // namespace selfology::ai
