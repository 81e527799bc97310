// Each room of services.bzl's LOCAL_MODELS, in a process of its own: does it serve what it is given?

#include "services/platform/ai/local_models.h"

#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "selfology/ai/v1/local_model_service_client.h"
#include "services/local_model_rooms.h"
#include "testing/mesh_test.h"

namespace selfology {
namespace {

class LocalModelsTest : public testing::MeshTest {
 protected:
  ai::v1::LocalModelServiceClient Start(std::string_view room) {
    StopMesh();
    for (const service::LinkedModule& linked : LinkedModules()) {
      if (linked.name == room) StartMesh(testing::Modules(linked.make()));
    }
    return ai::v1::LocalModelServiceClient(Peer(room));
  }
};

TEST_F(LocalModelsTest, EveryRoomServesTheTasksAssignedToIt) {
  std::map<std::string_view, std::vector<ai::v1::Task>> tasks;
  for (const ai::LocalModel& local : ai::kLocalModels) tasks[local.room].push_back(local.task);
  for (const auto& [room, assigned] : tasks) {
    const ai::v1::LocalModelServiceClient client = Start(room);
    for (const ai::v1::Task task : assigned) {
      for (const auto format :
           {ai::v1::RESPONSE_FORMAT_UNSPECIFIED, ai::v1::RESPONSE_FORMAT_JSON}) {
        ai::v1::CompleteLocallyRequest request;
        ai::v1::CompletionInput& input = *request.mutable_input();
        input.set_task(task);
        input.set_response_format(format);
        input.set_max_tokens(1024);
        input.add_messages()->set_role(ai::v1::ROLE_USER);
        input.mutable_messages(0)->set_content("I worry about money.");
        const auto response = client.CompleteLocally(Deadline(), request);
        ASSERT_TRUE(response.ok()) << room << ai::v1::Task_Name(task) << response.status();
        EXPECT_FALSE(response->text().empty());
        if (format == ai::v1::RESPONSE_FORMAT_JSON) {
          EXPECT_TRUE(nlohmann::json::parse(response->text(), nullptr, false).is_object())
              << ai::v1::Task_Name(task) << response->text();
        }
      }
    }
  }
}

TEST_F(LocalModelsTest, EveryTaskHasARoom) {
  std::map<ai::v1::Task, std::string_view> rooms;
  for (const ai::LocalModel& local : ai::kLocalModels) rooms[local.task] = local.room;
  for (int i = 0; i < ai::v1::Task_descriptor()->value_count(); ++i) {
    const int task = ai::v1::Task_descriptor()->value(i)->number();
    EXPECT_TRUE(rooms.contains(static_cast<ai::v1::Task>(task))) << task;
  }
}

TEST_F(LocalModelsTest, TheRoomOfVectorsMakesThem) {
  const ai::v1::LocalModelServiceClient client = Start(ai::kLocalEmbeddings);
  ai::v1::EmbedLocallyRequest request;
  request.add_texts("I love painting");
  for (const int dimensions : {8, 512, 1536}) {
    request.set_dimensions(dimensions);
    const auto response = client.EmbedLocally(Deadline(), request);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->embeddings(0).values_size(), dimensions);
    double squares = 0;
    for (const float x : response->embeddings(0).values()) squares += x * x;
    EXPECT_NEAR(squares, 1, 1e-4);
  }
}

}  // namespace
}  // namespace selfology
