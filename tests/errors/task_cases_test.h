// The failures of the task service, each with how to come by it; in their order.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/rpc/channel.h"
#include "gtest/gtest.h"
#include "selfology/task/v1/dependency_service_client.h"
#include "selfology/task/v1/task_service_client.h"

namespace selfology {

inline std::vector<std::pair<std::string, std::function<absl::Status()>>> TaskFailures(
    const std::shared_ptr<rpc::Channel>& peer, absl::Duration patience) {
  constexpr int64_t kOwner = 401;
  constexpr int kMoreThanMayBe = 501;  // Lists.
  const auto tasks = std::make_shared<task::v1::TaskServiceClient>(peer);
  const auto dependencies = std::make_shared<task::v1::DependencyServiceClient>(peer);
  const auto call = [patience] { return Call::Background(patience); };

  const auto created = [=](const std::string& title) {
    task::v1::CreateTaskRequest request;
    request.set_user_id(kOwner);
    request.mutable_task()->set_title(title);
    request.set_idempotency_key(title);
    const auto response = tasks->CreateTask(call(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->task().task_id() : 0;
  };
  const auto depends = [=](int64_t before, int64_t after) {
    task::v1::AddDependencyRequest request;
    request.set_user_id(kOwner);
    request.set_before_task_id(before);
    request.set_after_task_id(after);
    return dependencies->AddDependency(call(), request).status();
  };

  return {
      {"TASK_NOT_FOUND",
       [=] {
         task::v1::GetTaskRequest request;
         request.set_user_id(kOwner);
         request.set_task_id(1'000'000);
         return tasks->GetTask(call(), request).status();
       }},
      {"TASK_CYCLE",
       [=] {
         const int64_t one = created("one"), two = created("two");
         EXPECT_EQ(depends(one, two), absl::OkStatus());
         return depends(two, one);
       }},
      {"TASK_LIMIT_REACHED",
       [=] {
         absl::Status status;
         for (int i = 0; i < kMoreThanMayBe && status.ok(); ++i) {
           task::v1::CreateTaskListRequest request;
           request.set_user_id(kOwner);
           request.mutable_list()->set_name(absl::StrCat("list ", i));
           request.set_idempotency_key(absl::StrCat(i));
           status = tasks->CreateTaskList(call(), request).status();
         }
         return status;
       }},
  };
}

}  // namespace selfology
