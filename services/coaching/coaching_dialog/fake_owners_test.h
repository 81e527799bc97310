// Stand-ins for the services that own what the dialog shows: real modules over real gRPC, with the
// answers that a test puts in.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/service/mesh.h"
#include "common/service/module.h"
#include "common/status/status.h"
#include "selfology/analysis/v1/analysis_service_endpoints.h"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/profile/v1/profile_service_endpoints.h"
#include "selfology/question/v1/question_service_endpoints.h"
#include "selfology/safety/v1/safety_service_endpoints.h"
#include "selfology/trait/v1/trait_service_endpoints.h"
#include "services/coaching/coaching_dialog/fake_coach_test.h"
#include "services/coaching/coaching_dialog/fake_session_test.h"
#include "services/coaching/coaching_dialog/owners_test.h"

namespace selfology::coaching_dialog {

class FakeQuestion final : public question::v1::QuestionServiceEndpoints {
 public:
  explicit FakeQuestion(Owners& owners) : owners_(owners) {}

  absl::StatusOr<question::v1::GetQuestionResponse> GetQuestion(
      const Call& call, const question::v1::GetQuestionRequest& request) override {
    using Response = question::v1::GetQuestionResponse;
    return Answer<Response>(owners_, call, "GetQuestion",
                            [&](Owners& o) -> absl::StatusOr<Response> {
                              Response response;
                              *response.mutable_question() = o.questions[request.question_id()];
                              return response;
                            });
  }
  absl::StatusOr<question::v1::SkipQuestionResponse> SkipQuestion(
      const Call& call, const question::v1::SkipQuestionRequest& request) override {
    using Response = question::v1::SkipQuestionResponse;
    return Answer<Response>(owners_, call, "SkipQuestion:" + request.question_id(),
                            [&](Owners& o) -> absl::StatusOr<Response> {
                              o.skipped.push_back(request);
                              return Response();
                            });
  }

  NOT_CALLED(question::v1, SelectNextQuestion)
  NOT_CALLED(question::v1, BatchGetQuestions)
  NOT_CALLED(question::v1, ListQuestions)
  NOT_CALLED(question::v1, ListDomains)
  NOT_CALLED(question::v1, UpdateQuestion)

 private:
  Owners& owners_;
};

class FakeProfile final : public profile::v1::ProfileServiceEndpoints {
 public:
  explicit FakeProfile(Owners& owners) : owners_(owners) {}

  absl::StatusOr<profile::v1::GetProfileResponse> GetProfile(
      const Call& call, const profile::v1::GetProfileRequest& request) override {
    using Response = profile::v1::GetProfileResponse;
    return Answer<Response>(
        owners_, call, "GetProfile", [&](Owners& o) -> absl::StatusOr<Response> {
          const auto found = o.profiles.find(request.user_id());
          if (found == o.profiles.end()) {
            return status::Error(mesh::v1::ERROR_CODE_PROFILE_NOT_FOUND, "none");
          }
          Response response;
          *response.mutable_profile() = found->second;
          return response;
        });
  }

  absl::StatusOr<profile::v1::ListEvidenceResponse> ListEvidence(
      const Call& call, const profile::v1::ListEvidenceRequest& request) override {
    using Response = profile::v1::ListEvidenceResponse;
    return Answer<Response>(
        owners_, call, "ListEvidence", [&](Owners& o) -> absl::StatusOr<Response> {
          Response response;
          for (const trait::v1::TraitEvidence& reason : o.evidence[request.user_id()]) {
            *response.add_evidence() = reason;
          }
          return response;
        });
  }
  absl::StatusOr<profile::v1::CorrectTraitResponse> CorrectTrait(
      const Call& call, const profile::v1::CorrectTraitRequest& request) override {
    using Response = profile::v1::CorrectTraitResponse;
    return Answer<Response>(owners_, call, "CorrectTrait",
                            [&](Owners& o) -> absl::StatusOr<Response> {
                              if (request.fit() == profile::v1::TRAIT_FIT_UNSPECIFIED) {
                                return absl::InvalidArgumentError("fit");
                              }
                              o.corrections.push_back(request);
                              Response response;
                              *response.mutable_profile() = o.profiles[request.user_id()];
                              return response;
                            });
  }
  NOT_CALLED(profile::v1, BatchGetProfiles)
  NOT_CALLED(profile::v1, UpdateProfile)
  NOT_CALLED(profile::v1, SearchSimilarProfiles)
  absl::Status WatchProfile(const Call&, const profile::v1::WatchProfileRequest&,
                            rpc::Writer<profile::v1::WatchProfileResponse>&) override {
    return absl::UnimplementedError("WatchProfile");
  }

 private:
  Owners& owners_;
};

class FakeSafety final : public safety::v1::SafetyServiceEndpoints {
 public:
  explicit FakeSafety(Owners& owners) : owners_(owners) {}
  NOT_CALLED(safety::v1, Assess)
  NOT_CALLED(safety::v1, CheckReply)
  absl::StatusOr<safety::v1::GetModeResponse> GetMode(
      const Call& call, const safety::v1::GetModeRequest& request) override {
    return Answer<safety::v1::GetModeResponse>(owners_, call, "GetMode", [&](Owners& o) {
      safety::v1::GetModeResponse response;
      if (o.in_crisis) response.mutable_mode()->set_user_id(request.user_id());
      return response;
    });
  }

 private:
  Owners& owners_;
};

class FakeAnalysis final : public analysis::v1::AnalysisServiceEndpoints {
 public:
  explicit FakeAnalysis(Owners& owners) : owners_(owners) {}
  NOT_CALLED(analysis::v1, AnalyzeInstant)
  NOT_CALLED(analysis::v1, AnalyzeAnswer)
  NOT_CALLED(analysis::v1, ReanalyzeAnswer)
  NOT_CALLED(analysis::v1, GetAnalysis)
  GIVES_NOTHING(analysis::v1, ListAnalyses)
  GIVES_NOTHING(analysis::v1, ListInsights)

 private:
  Owners& owners_;
};

class FakeTrait final : public trait::v1::TraitServiceEndpoints {
 public:
  explicit FakeTrait(Owners& owners) : owners_(owners) {}
  GIVES_NOTHING(trait::v1, ListTraitHistory)

  absl::StatusOr<trait::v1::GetNextStatementResponse> GetNextStatement(
      const Call& call, const trait::v1::GetNextStatementRequest&) override {
    using Response = trait::v1::GetNextStatementResponse;
    return Answer<Response>(
        owners_, call, "GetNextStatement", [](Owners& o) -> absl::StatusOr<Response> {
          Response response;
          if (!o.statements.empty()) *response.mutable_statement() = o.statements.front();
          response.set_rated_count(static_cast<int>(o.ratings.size()));
          response.set_statement_count(static_cast<int>(o.ratings.size() + o.statements.size()));
          return response;
        });
  }
  absl::StatusOr<trait::v1::RateStatementResponse> RateStatement(
      const Call& call, const trait::v1::RateStatementRequest& request) override {
    using Response = trait::v1::RateStatementResponse;
    return Answer<Response>(
        owners_, call, "RateStatement", [&](Owners& o) -> absl::StatusOr<Response> {
          const auto is_meant = [&](const auto& one) {
            return one.statement_id() == request.statement_id();
          };
          const size_t known =
              std::erase_if(o.statements, is_meant) + std::erase_if(o.ratings, is_meant);
          if (known == 0) return status::Error(mesh::v1::ERROR_CODE_STATEMENT_NOT_FOUND, "none");
          o.ratings.push_back(request);
          Response response;
          response.set_rated_count(static_cast<int>(o.ratings.size()));
          response.set_statement_count(static_cast<int>(o.ratings.size() + o.statements.size()));
          return response;
        });
  }

  NOT_CALLED(trait::v1, GetTraitPatterns)
  NOT_CALLED(trait::v1, GetTraitEvolution)

 private:
  Owners& owners_;
};

#undef GIVES_NOTHING
#undef NOT_CALLED

// A module that serves one of the above.
template <typename Fake>
class FakeModule final : public service::Module {
 public:
  FakeModule(std::string name, Owners& owners) : name_(std::move(name)), owners_(owners) {}
  service::ModuleInfo info() const override { return {.name = name_, .group = name_}; }
  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(std::make_shared<Fake>(owners_));
    mesh.OnErase([this](postgres::Transaction&, int64_t) {
      return owners_.Do([&](Owners& o) -> absl::StatusOr<int64_t> {
        const auto failure = o.failures.find("Erase." + name_);
        if (failure != o.failures.end()) return failure->second;
        o.erased.insert(name_);
        return 1;
      });
    });
    return absl::OkStatus();
  }

 private:
  const std::string name_;
  Owners& owners_;
};

template <typename Fake>
std::unique_ptr<service::Module> Serving(std::string name, Owners& owners) {
  return std::make_unique<FakeModule<Fake>>(std::move(name), owners);
}

}  // namespace selfology::coaching_dialog
