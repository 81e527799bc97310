// One process of the kernel with a module that does what the test says, for tests.
//
//   class HostTest : public HostFixture {};
//   TEST_F(HostTest, ...) {
//     Start([&](Mesh& mesh) { ... });                 // what the module plugs in
//     probe_->on_list = [&](const Call& call) { ... };
//     EXPECT_TRUE(client_->ListTraitHistory(Deadline(), {}).ok());
//   }
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/http/client.h"
#include "common/service/mesh.h"
#include "common/service/module.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/trait/v1/trait_service_client.h"
#include "selfology/trait/v1/trait_service_endpoints.h"
#include "testing/mesh_test.h"

namespace selfology::service {

// Answers what it is told to, after what it is told to wait for.
class Probe : public trait::v1::TraitServiceEndpoints {
 public:
  std::function<absl::Status(const Call&)> on_list = [](const Call&) { return absl::OkStatus(); };

  std::function<bool(const trait::v1::ListTraitHistoryRequest&)> serves = nullptr;
  bool serves_while_draining = false;

  bool Serves(const google::protobuf::Message& request) const override {
    return serves == nullptr ||
           serves(dynamic_cast<const trait::v1::ListTraitHistoryRequest&>(request));
  }
  bool ServesWhileDraining() const override { return serves_while_draining; }

  absl::StatusOr<trait::v1::ListTraitHistoryResponse> ListTraitHistory(
      const Call& call, const trait::v1::ListTraitHistoryRequest&) override {
    RETURN_IF_ERROR(on_list(call));
    return trait::v1::ListTraitHistoryResponse();
  }
  absl::StatusOr<trait::v1::GetTraitPatternsResponse> GetTraitPatterns(
      const Call&, const trait::v1::GetTraitPatternsRequest&) override {
    return status::InvalidField("user_id", "must be positive");
  }
  absl::StatusOr<trait::v1::GetTraitEvolutionResponse> GetTraitEvolution(
      const Call&, const trait::v1::GetTraitEvolutionRequest&) override {
    return status::Error(mesh::v1::ERROR_CODE_PROFILE_NOT_FOUND, "nobody");
  }
  absl::StatusOr<trait::v1::GetNextStatementResponse> GetNextStatement(
      const Call&, const trait::v1::GetNextStatementRequest&) override {
    return trait::v1::GetNextStatementResponse();
  }
  absl::StatusOr<trait::v1::RateStatementResponse> RateStatement(
      const Call&, const trait::v1::RateStatementRequest&) override {
    return trait::v1::RateStatementResponse();
  }
  absl::StatusOr<trait::v1::DeleteUserDataResponse> DeleteUserData(
      const Call&, const trait::v1::DeleteUserDataRequest&) override {
    return trait::v1::DeleteUserDataResponse();
  }
};

class ProbeModule : public Module {
 public:
  explicit ProbeModule(std::function<absl::Status(Mesh&)> start, std::string_view name = "probe")
      : start_(std::move(start)), name_(name) {}
  ModuleInfo info() const override {
    return {.name = name_,
            .group = "probe_group",
            .requests_table = name_ == "probe" ? "probe_requests" : ""};
  }
  absl::Status Start(Mesh& mesh) override { return start_(mesh); }

 private:
  std::function<absl::Status(Mesh&)> start_;
  const std::string_view name_;
};

class HostFixture : public testing::MeshTest {
 protected:
  void Start(std::function<absl::Status(Mesh&)> start) {
    StartMesh(testing::Modules(
        std::make_unique<ProbeModule>([this, start = std::move(start)](Mesh& mesh) {
          mesh.Serve(probe_);
          return start ? start(mesh) : absl::OkStatus();
        })));
    client_.emplace(Peer("probe"));
  }

  http::ClientResponse Get(const std::string& path) {
    const auto response =
        http_.Send(Deadline(), {.url = absl::StrCat("http://", host().http_address(), path)});
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(http::ClientResponse{});
  }
  nlohmann::json GetJson(const std::string& path) {
    return nlohmann::json::parse(Get(path).body, nullptr, false);
  }

  std::shared_ptr<Probe> probe_ = std::make_shared<Probe>();
  std::optional<trait::v1::TraitServiceClient> client_;
  http::Client http_{{}};
};

}  // namespace selfology::service
