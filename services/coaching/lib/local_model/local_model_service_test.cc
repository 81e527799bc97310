// Two rooms with local models in one process, asked over gRPC.

#include "services/coaching/lib/local_model/local_model_service.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/prompt/quoted.h"
#include "common/status/status.h"
#include "common/text/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "selfology/ai/v1/local_model_service_client.h"
#include "testing/mesh_test.h"
#include "testing/serving_module.h"

namespace selfology::local_model {
namespace {

using ai::v1::CompletionInput;
using ::testing::ElementsAre;

class LocalModelServiceTest : public testing::MeshTest {
 protected:
  void SetUp() override {
    const Task echo = {.write = [](const CompletionInput& input) {
      return absl::StrCat("You said: ", input.messages().rbegin()->content());
    }};
    const Task object = {.write = [](const CompletionInput&) { return R"({"themes":[]})"; },
                         .writes_json = true};
    const Task broken = {
        .write = [](const CompletionInput&) { return absl::InternalError("broken"); }};
    auto writer = std::make_shared<LocalModelService>(Tasks{{ai::v1::TASK_COACH_REPLY, echo},
                                                            {ai::v1::TASK_DEEP_ANALYSIS, object},
                                                            {ai::v1::TASK_INSIGHT, broken}});
    auto embedder =
        std::make_shared<LocalModelService>(Tasks{}, [](std::string_view text, int dimensions) {
          std::vector<float> vector(dimensions);
          vector[text::Characters(text) % dimensions] = 1;
          return vector;
        });
    StartMesh(testing::Modules(testing::ServingModule("writer", writer),
                               testing::ServingModule("embedder", embedder)));
  }

  ai::v1::LocalModelServiceClient Client(std::string_view room) {
    return ai::v1::LocalModelServiceClient(Peer(room));
  }
  static CompletionInput Asking(ai::v1::Task task, std::string_view message) {
    CompletionInput input;
    input.set_task(task);
    input.set_max_tokens(1024);
    input.add_messages()->set_role(ai::v1::ROLE_USER);
    input.mutable_messages(0)->set_content(std::string(message));
    return input;
  }
  absl::StatusOr<ai::v1::CompleteLocallyResponse> Complete(CompletionInput input) {
    ai::v1::CompleteLocallyRequest request;
    *request.mutable_input() = std::move(input);
    return Client("writer").CompleteLocally(Deadline(), request);
  }
  std::string FieldOf(CompletionInput input) {
    const auto violations = status::Violations(Complete(std::move(input)).status());
    return violations.empty() ? "" : violations[0].field;
  }
};

TEST_F(LocalModelServiceTest, WorksOnWhatThePromptQuotes) {
  const auto plain = Complete(Asking(ai::v1::TASK_COACH_REPLY, "Hello"));
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_EQ(plain->text(), "You said: Hello");
  EXPECT_FALSE(plain->truncated());
  const std::string prompt = absl::StrCat(prompt::Quote("question", "How are you?"), "\n",
                                          prompt::Quote("answer", "Fine & well"));
  EXPECT_EQ(Complete(Asking(ai::v1::TASK_COACH_REPLY, prompt))->text(), "You said: Fine & well");
}

TEST_F(LocalModelServiceTest, WrapsTextWhereJsonIsAskedFor) {
  CompletionInput input = Asking(ai::v1::TASK_COACH_REPLY, "\"Hello\"");
  input.set_response_format(ai::v1::RESPONSE_FORMAT_JSON);
  EXPECT_EQ(nlohmann::json::parse(Complete(input)->text())["text"], "You said: \"Hello\"");
  input.set_task(ai::v1::TASK_DEEP_ANALYSIS);
  EXPECT_EQ(Complete(input)->text(), R"({"themes":[]})");
}

TEST_F(LocalModelServiceTest, KeepsToTheTokensAllowed) {
  CompletionInput input = Asking(ai::v1::TASK_COACH_REPLY, "Мне грустно из-за работы");
  input.set_max_tokens(5);
  const auto response = Complete(input);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->text(), "You said: Мне грустн");
  EXPECT_TRUE(response->truncated());
  input.mutable_messages(0)->set_content("Мне грустн");
  EXPECT_FALSE(Complete(input)->truncated()) << "twenty characters are five tokens";
}

TEST_F(LocalModelServiceTest, StreamsWordByWord) {
  ai::v1::StreamCompleteLocallyRequest request;
  *request.mutable_input() = Asking(ai::v1::TASK_COACH_REPLY, "two  words");
  std::vector<std::string> pieces;
  const auto stream = [&](const ai::v1::StreamCompleteLocallyResponse& reply) {
    pieces.push_back(absl::StrCat(reply.text_delta(), reply.truncated() ? "…" : "|"));
    return true;
  };
  ASSERT_TRUE(Client("writer").StreamCompleteLocally(Deadline(), request, stream).ok());
  EXPECT_THAT(pieces, ElementsAre("You |", "said: |", "two |", " |", "words|", "|"));

  request.mutable_input()->set_max_tokens(2);
  pieces.clear();
  ASSERT_TRUE(Client("writer").StreamCompleteLocally(Deadline(), request, stream).ok());
  EXPECT_THAT(pieces, ElementsAre("You |", "said|", "…"));
}

TEST_F(LocalModelServiceTest, StopsStreamingWhenNobodyListens) {
  LocalModelService service({{ai::v1::TASK_COACH_REPLY, {.write = [](const CompletionInput&) {
                                return "many words for nobody";
                              }}}});
  int pieces = 0;
  const auto gone = [&](const google::protobuf::Message&) { return ++pieces < 2; };
  rpc::Writer<ai::v1::StreamCompleteLocallyResponse> replies(gone);
  ai::v1::StreamCompleteLocallyRequest request;
  *request.mutable_input() = Asking(ai::v1::TASK_COACH_REPLY, "Hello");
  EXPECT_TRUE(absl::IsCancelled(service.StreamCompleteLocally(Deadline(), request, replies)));
  EXPECT_EQ(pieces, 2);
}

// As grpcurl asks, which says no more than the request does.
TEST_F(LocalModelServiceTest, InOneProcessARequestGoesToTheRoomThatServesIt) {
  for (const std::string_view name : {"writer", "embedder", ""}) {
    const ai::v1::LocalModelServiceClient anyone = Client(name);
    ai::v1::EmbedLocallyRequest texts;
    texts.add_texts("a");
    texts.set_dimensions(8);
    EXPECT_TRUE(anyone.EmbedLocally(Deadline(), texts).ok()) << name;
    ai::v1::CompleteLocallyRequest reply;
    *reply.mutable_input() = Asking(ai::v1::TASK_COACH_REPLY, "Hello");
    EXPECT_EQ(anyone.CompleteLocally(Deadline(), reply)->text(), "You said: Hello") << name;
    reply.mutable_input()->set_task(ai::v1::TASK_SUMMARY);
    EXPECT_TRUE(absl::IsInvalidArgument(anyone.CompleteLocally(Deadline(), reply).status()));
  }
}

TEST(LocalModelServiceDrainingTest, AnswersWhatItsOwnProcessAsksFor) {
  EXPECT_TRUE(LocalModelService({}).ServesWhileDraining());
}

TEST_F(LocalModelServiceTest, EmbedsEachText) {
  ai::v1::EmbedLocallyRequest request;
  request.add_texts("a");
  request.add_texts("bb");
  request.set_dimensions(8);
  const auto response = Client("embedder").EmbedLocally(Deadline(), request);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->embeddings_size(), 2);
  EXPECT_THAT(response->embeddings(1).values(), ElementsAre(0, 0, 1, 0, 0, 0, 0, 0));
  LocalModelService without_vectors({});
  EXPECT_TRUE(absl::IsUnimplemented(without_vectors.EmbedLocally(Deadline(), request).status()));
}

TEST_F(LocalModelServiceTest, NamesBadFields) {
  EXPECT_EQ(FieldOf(Asking(ai::v1::TASK_SUMMARY, "Hello")), "input.task");
  CompletionInput input = Asking(ai::v1::TASK_COACH_REPLY, "Hello");
  for (const int tokens : {-1, 0, 8193}) {
    input.set_max_tokens(tokens);
    EXPECT_EQ(FieldOf(input), "input.max_tokens");
  }
  input = Asking(ai::v1::TASK_COACH_REPLY, "Hello");
  while (input.messages_size() <= 500) input.add_messages();
  EXPECT_EQ(FieldOf(input), "input.messages");
  input.clear_messages();
  EXPECT_EQ(FieldOf(input), "input.messages");
  EXPECT_EQ(Complete(Asking(ai::v1::TASK_INSIGHT, "Hello")).status().code(),
            absl::StatusCode::kInternal);

  const auto field = [&](const ai::v1::EmbedLocallyRequest& request) {
    const auto violations =
        status::Violations(Client("embedder").EmbedLocally(Deadline(), request).status());
    return violations.empty() ? "" : violations[0].field;
  };
  ai::v1::EmbedLocallyRequest request;
  request.set_dimensions(8);
  EXPECT_EQ(field(request), "texts");
  request.add_texts(" ");
  EXPECT_EQ(field(request), "texts[0]");
  request.set_texts(0, std::string(8001, 'a'));
  EXPECT_EQ(field(request), "texts[0]");
  request.set_texts(0, "a");
  request.set_dimensions(1537);
  EXPECT_EQ(field(request), "dimensions");
  while (request.texts_size() <= 100) request.add_texts("a");
  EXPECT_EQ(field(request), "texts");
}

}  // namespace
}  // namespace selfology::local_model
