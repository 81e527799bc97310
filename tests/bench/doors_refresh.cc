// Refreshing tokens beside ory/hydra: sessions of 16 clients, each refresh with the token that the one before gave.
// What counts is CPU with PostgreSQL's, since both wait for its disk.

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/observe/metrics.h"
#include "common/rpc/channel.h"
#include "common/status/status_macros.h"
#include "selfology/security/v1/token_service_client.h"
#include "tests/bench/doors_hydra.h"
#include "tests/bench/doors_mesh.h"
#include "tests/bench/rows.h"

namespace selfology::bench {
namespace {

namespace v1 = security::v1;

constexpr int kRounds = 5;
constexpr size_t kClients = 16;
constexpr size_t kSessions = 4'000;
constexpr size_t kHydraSessions = 320;  // A sign-in costs it ten times a refresh.

// Our sessions, and what they cost.
class Ours {
 public:
  static absl::StatusOr<std::unique_ptr<Ours>> Start() {
    auto ours = std::make_unique<Ours>();
    ASSIGN_OR_RETURN(ours->running_, StartDoorsMesh("security"));
    for (size_t i = 0; i < kClients; ++i) {
      ours->clients_.push_back(std::make_unique<v1::TokenServiceClient>(
          rpc::Channel::Connect("security", ours->running_.grpc, ours->requests_)));
    }
    return ours;
  }

  absl::Status SignIn() {
    return EachAtOnce(kSessions, kClients,
                      [&](size_t i) -> absl::Status {
                        v1::IssueTokensRequest request;
                        request.set_user_id(static_cast<int64_t>(i) + 1);
                        request.set_method("password");
                        request.set_idempotency_key("bench");
                        ASSIGN_OR_RETURN(const auto response,
                                         clients_[i % kClients]->IssueTokens(Patient(), request));
                        tokens_[i] = response.tokens().refresh_token();
                        return absl::OkStatus();
                      })
        .status();
  }

  absl::StatusOr<double> RefreshAll() {
    return EachAtOnce(kSessions, kClients, [&](size_t i) -> absl::Status {
      v1::RefreshTokensRequest request;
      request.set_refresh_token(tokens_[i]);
      ASSIGN_OR_RETURN(const auto response,
                       clients_[i % kClients]->RefreshTokens(Patient(), request));
      tokens_[i] = response.tokens().refresh_token();
      return absl::OkStatus();
    });
  }

  absl::Duration Cpu() const {
    return CpuOf(running_.mesh->pid()) + CpuOfTree(running_.ground->postgres->pid());
  }

 private:
  observe::Requests requests_{nullptr, "rpc_client"};
  DoorsMesh running_;
  std::vector<std::unique_ptr<v1::TokenServiceClient>> clients_;
  std::vector<std::string> tokens_ = std::vector<std::string>(kSessions);
};

}  // namespace

absl::Status RefreshRows(const Scale& scale, Report& report) {
  ASSIGN_OR_RETURN(const auto ours, Ours::Start());
  RETURN_IF_ERROR(ours->SignIn());
  std::unique_ptr<Hydra> hydra;
  if (!scale.doors_peers.empty()) {
    ASSIGN_OR_RETURN(hydra, Hydra::Start(absl::StrCat(scale.doors_peers, "/hydra")));
    RETURN_IF_ERROR(hydra->SignIn(kHydraSessions, kClients));
  }
  std::vector<double> per_cpu, per_second, their_per_cpu, their_per_second;
  for (int round = 0; round < kRounds; ++round) {
    const absl::Duration before = ours->Cpu();
    ASSIGN_OR_RETURN(const double seconds, ours->RefreshAll());
    per_cpu.push_back(kSessions / absl::ToDoubleSeconds(ours->Cpu() - before));
    per_second.push_back(kSessions / seconds);
    if (hydra == nullptr) continue;
    const absl::Duration theirs_before = hydra->Cpu();
    ASSIGN_OR_RETURN(const double their_seconds, hydra->RefreshAll(kClients));
    const double refreshes = static_cast<double>(hydra->sessions());
    their_per_cpu.push_back(refreshes / absl::ToDoubleSeconds(hydra->Cpu() - theirs_before));
    their_per_second.push_back(refreshes / their_seconds);
  }
  const std::string peer = hydra == nullptr ? "hydra, not run" : "hydra, opaque tokens";
  report.Add({.name = "doors.refresh.cpu",
              .what = "refreshes, a CPU second with PostgreSQL's",
              .unit = "refreshes/s",
              .ours = Median(per_cpu),
              .reference = hydra == nullptr ? 0 : Median(their_per_cpu),
              .peer = peer,
              .aim = {.kind = Aim::kRatioAtLeast, .value = 3}});
  report.Add({.name = "doors.refresh.rate",
              .what = "refreshes by 16 clients",
              .unit = "refreshes/s",
              .ours = Median(per_second),
              .reference = hydra == nullptr ? 0 : Median(their_per_second),
              .peer = peer});
  return absl::OkStatus();
}

}  // namespace selfology::bench
