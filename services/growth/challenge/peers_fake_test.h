// What challenges ask of others, as the test says: tasks, the safety gate, the ledger, a model.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"
#include "common/service/mesh.h"
#include "selfology/gamification/v1/ledger_service_endpoints.h"
#include "selfology/safety/v1/safety_service_endpoints.h"
#include "selfology/task/v1/task_service_endpoints.h"

namespace selfology::challenge {

// Refuses what has the word "forbidden" in it.
class SafetyFake final : public safety::v1::SafetyServiceEndpoints {
 public:
  absl::StatusOr<safety::v1::AssessResponse> Assess(
      const Call&, const safety::v1::AssessRequest& request) override {
    safety::v1::AssessResponse response;
    if (absl::StrContains(request.text(), "forbidden")) {
      response.mutable_assessment()->set_level(safety::v1::DANGER_LEVEL_ACT);
    }
    return response;
  }
  absl::StatusOr<safety::v1::CheckReplyResponse> CheckReply(
      const Call&, const safety::v1::CheckReplyRequest& request) override {
    safety::v1::CheckReplyResponse response;
    response.set_allowed(!absl::StrContains(request.reply(), "forbidden"));
    return response;
  }
  absl::StatusOr<safety::v1::GetModeResponse> GetMode(const Call&,
                                                      const safety::v1::GetModeRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
};

class TaskFake final : public task::v1::TaskServiceEndpoints {
 public:
  explicit TaskFake(std::shared_ptr<std::vector<task::v1::Task>> tasks)
      : tasks_(std::move(tasks)) {}
  absl::StatusOr<task::v1::ListTasksResponse> ListTasks(
      const Call&, const task::v1::ListTasksRequest& request) override {
    task::v1::ListTasksResponse response;
    for (const task::v1::Task& task : *tasks_) {
      if (task.user_id() == request.user_id()) *response.add_tasks() = task;
    }
    return response;
  }
  absl::StatusOr<task::v1::CreateTaskResponse> CreateTask(
      const Call&, const task::v1::CreateTaskRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<task::v1::WriteTaskResponse> WriteTask(
      const Call&, const task::v1::WriteTaskRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<task::v1::GetTaskResponse> GetTask(const Call&,
                                                    const task::v1::GetTaskRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<task::v1::UpdateTaskResponse> UpdateTask(
      const Call&, const task::v1::UpdateTaskRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<task::v1::DeleteTaskResponse> DeleteTask(
      const Call&, const task::v1::DeleteTaskRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<task::v1::CompleteTaskResponse> CompleteTask(
      const Call&, const task::v1::CompleteTaskRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<task::v1::ReopenTaskResponse> ReopenTask(
      const Call&, const task::v1::ReopenTaskRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<task::v1::SnoozeTaskResponse> SnoozeTask(
      const Call&, const task::v1::SnoozeTaskRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<task::v1::GetBoardResponse> GetBoard(const Call&,
                                                      const task::v1::GetBoardRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<mesh::v1::HttpResponse> GetCalendar(const Call&,
                                                     const task::v1::GetCalendarRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<task::v1::ListTaskVersionsResponse> ListTaskVersions(
      const Call&, const task::v1::ListTaskVersionsRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<task::v1::GetTaskVersionResponse> GetTaskVersion(
      const Call&, const task::v1::GetTaskVersionRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<task::v1::CompareTaskVersionsResponse> CompareTaskVersions(
      const Call&, const task::v1::CompareTaskVersionsRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<task::v1::RestoreTaskVersionResponse> RestoreTaskVersion(
      const Call&, const task::v1::RestoreTaskVersionRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<task::v1::AddTaskCommentResponse> AddTaskComment(
      const Call&, const task::v1::AddTaskCommentRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<task::v1::ListTaskCommentsResponse> ListTaskComments(
      const Call&, const task::v1::ListTaskCommentsRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<task::v1::ListOwnCommentsResponse> ListOwnComments(
      const Call&, const task::v1::ListOwnCommentsRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<task::v1::DeleteTaskCommentResponse> DeleteTaskComment(
      const Call&, const task::v1::DeleteTaskCommentRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<task::v1::CreateTaskListResponse> CreateTaskList(
      const Call&, const task::v1::CreateTaskListRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<task::v1::ListTaskListsResponse> ListTaskLists(
      const Call&, const task::v1::ListTaskListsRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<task::v1::UpdateTaskListResponse> UpdateTaskList(
      const Call&, const task::v1::UpdateTaskListRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<task::v1::DeleteTaskListResponse> DeleteTaskList(
      const Call&, const task::v1::DeleteTaskListRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }

 private:
  const std::shared_ptr<std::vector<task::v1::Task>> tasks_;
};

// A ledger of one currency that knows holds and moves, each id once.
class LedgerFake final : public gamification::v1::LedgerServiceEndpoints {
 public:
  int64_t BalanceOf(int64_t user_id) {
    absl::MutexLock lock(&mutex_);
    return balances_[{user_id, ""}];
  }
  void Give(int64_t user_id, int64_t coins) {
    absl::MutexLock lock(&mutex_);
    balances_[{user_id, ""}] += coins;
  }
  // Coins in all accounts together, held ones included.
  int64_t Total() {
    absl::MutexLock lock(&mutex_);
    int64_t total = 0;
    for (const auto& [account, balance] : balances_) total += balance;
    for (const auto& [id, hold] : holds_) total += hold.open ? hold.transfer.amount() : 0;
    return total;
  }

  absl::StatusOr<gamification::v1::CreateTransfersResponse> CreateTransfers(
      const Call&, const gamification::v1::CreateTransfersRequest& request) override {
    absl::MutexLock lock(&mutex_);
    gamification::v1::CreateTransfersResponse response;
    for (const gamification::v1::NewTransfer& transfer : request.transfers()) {
      response.add_results(Make(transfer));
    }
    return response;
  }
  absl::StatusOr<gamification::v1::ReverseTransfersResponse> ReverseTransfers(
      const Call&, const gamification::v1::ReverseTransfersRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<gamification::v1::GetBalancesResponse> GetBalances(
      const Call&, const gamification::v1::GetBalancesRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<gamification::v1::ListEntriesResponse> ListEntries(
      const Call&, const gamification::v1::ListEntriesRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<gamification::v1::ExplainTransferResponse> ExplainTransfer(
      const Call&, const gamification::v1::ExplainTransferRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<gamification::v1::SetLimitsResponse> SetLimits(
      const Call&, const gamification::v1::SetLimitsRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }
  absl::StatusOr<gamification::v1::CheckLedgerResponse> CheckLedger(
      const Call&, const gamification::v1::CheckLedgerRequest&) override {
    return absl::UnimplementedError("not asked by challenge");
  }

 private:
  using Account = std::pair<int64_t, std::string>;
  struct Hold {
    gamification::v1::NewTransfer transfer;
    bool open = true;
  };
  static Account Of(const gamification::v1::AccountRef& account) {
    return {account.user_id(), account.code()};
  }
  gamification::v1::TransferResult Make(const gamification::v1::NewTransfer& transfer)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto [known, is_new] = results_.try_emplace(transfer.transfer_id());
    if (!is_new) return gamification::v1::TRANSFER_RESULT_EXISTS;
    switch (transfer.kind()) {
      case gamification::v1::TRANSFER_KIND_PENDING:
        if (balances_[Of(transfer.debit())] < transfer.amount()) {
          results_.erase(known);
          return gamification::v1::TRANSFER_RESULT_BELOW_FLOOR;
        }
        balances_[Of(transfer.debit())] -= transfer.amount();
        holds_[transfer.transfer_id()] = {transfer};
        break;
      case gamification::v1::TRANSFER_KIND_POST:
      case gamification::v1::TRANSFER_KIND_VOID: {
        Hold& hold = holds_[transfer.pending_transfer_id()];
        if (!hold.open) return gamification::v1::TRANSFER_RESULT_ALREADY_VOIDED;
        hold.open = false;
        const bool post = transfer.kind() == gamification::v1::TRANSFER_KIND_POST;
        balances_[Of(post ? hold.transfer.credit() : hold.transfer.debit())] +=
            hold.transfer.amount();
        break;
      }
      default:
        balances_[Of(transfer.debit())] -= transfer.amount();
        balances_[Of(transfer.credit())] += transfer.amount();
    }
    return gamification::v1::TRANSFER_RESULT_CREATED;
  }

  absl::Mutex mutex_;
  std::map<Account, int64_t> balances_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Hold> holds_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> results_ ABSL_GUARDED_BY(mutex_);
};

// One of these as a service of the mesh.
class FakeModule final : public service::Module {
 public:
  FakeModule(std::string name, std::shared_ptr<rpc::Endpoints> endpoints)
      : name_(std::move(name)), group_(name_ + "_fake"), endpoints_(std::move(endpoints)) {}
  service::ModuleInfo info() const override { return {.name = name_, .group = group_}; }
  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(endpoints_);
    return absl::OkStatus();
  }

 private:
  const std::string name_;
  const std::string group_;
  const std::shared_ptr<rpc::Endpoints> endpoints_;
};

}  // namespace selfology::challenge
