// Challenges for a person: reads what they have, asks the model and the templates, and lets through
// what passes the gates. Writes nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "common/rpc/channel.h"
#include "selfology/ai/v1/ai_service_client.h"
#include "selfology/challenge/v1/challenge_service.pb.h"
#include "selfology/safety/v1/safety_service_client.h"
#include "selfology/task/v1/task_service_client.h"
#include "services/growth/challenge/generation/draft.h"
#include "services/growth/challenge/generation/templates.h"

namespace selfology::challenge {

struct Chosen {
  Draft draft = {};
  rating::Glicko item = {};
  std::string model = {};  // "local", or the model's name.
};

struct Generated {
  std::vector<Chosen> chosen = {};
  std::map<std::string, int> refused = {};  // By gate.
  rating::Glicko person = {};
};

class Generator {
 public:
  // The ways to the services that it asks. The database must outlive it.
  struct Peers {
    std::shared_ptr<rpc::Channel> ai;
    std::shared_ptr<rpc::Channel> task;
    std::shared_ptr<rpc::Channel> safety;
  };
  Generator(postgres::Database& database, Peers peers);

  // Up to `count`. UNAVAILABLE: the safety gate is away, without which nothing is shown.
  absl::StatusOr<Generated> Generate(const Call& call, const v1::GenerateChallengesRequest& request,
                                     int count);

  // Whether the safety gate lets a text through. `written`: by a person, rather than generated.
  absl::StatusOr<bool> IsSafe(const Call& call, const std::string& text,
                              const std::string& language, bool written);

 private:
  Materials ReadTasks(const Call& call, int64_t user_id);
  std::vector<Chosen> AskModel(const Call& call, const Materials& materials,
                               const v1::GenerateChallengesRequest& request, int count);

  postgres::Database& database_;
  ai::v1::AiServiceClient ai_;
  task::v1::TaskServiceClient tasks_;
  safety::v1::SafetyServiceClient safety_;
};

}  // namespace selfology::challenge
