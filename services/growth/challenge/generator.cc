#include "services/growth/challenge/generator.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/growth/challenge/challenge_store.h"
#include "services/growth/challenge/generation/model.h"

namespace selfology::challenge {
namespace {

using postgres::Transaction;

constexpr int kProposals = 60;
constexpr int kTasks = 200;
constexpr int64_t kSeen = 1000;
constexpr absl::Duration kModelTime = absl::Seconds(15);
constexpr double kFirstDeviation = 200;  // Of a template: its first rating is more than nothing.

std::string AllWords(const Draft& draft) {
  return absl::StrCat(draft.title, "\n", draft.text, "\n", absl::StrJoin(draft.options, "\n"));
}

TaskOf ToTask(const task::v1::Task& task) {
  TaskOf one;
  one.id = task.task_id();
  one.title = task.title();
  one.open = task.status() == task::v1::TASK_STATUS_OPEN;
  one.created_at = timestamps::FromProto(task.created_at());
  if (task.has_due_at()) one.due_at = timestamps::FromProto(task.due_at());
  if (task.has_closed_at()) one.closed_at = timestamps::FromProto(task.closed_at());
  return one;
}

}  // namespace

Generator::Generator(postgres::Database& database, Peers peers)
    : database_(database),
      ai_(std::move(peers.ai)),
      tasks_(std::move(peers.task)),
      safety_(std::move(peers.safety)) {}

absl::StatusOr<Generated> Generator::Generate(const Call& call,
                                              const v1::GenerateChallengesRequest& request,
                                              int count) {
  Materials materials = ReadTasks(call, request.user_id());
  Scene scene;
  Generated generated;
  RETURN_IF_ERROR(database_.Read(
      call,
      [&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(materials.insights, store::ReadInsights(tx, request.user_id()));
        ASSIGN_OR_RETURN(scene.seen, store::ReadFingerprints(tx, request.user_id(), kSeen));
        ASSIGN_OR_RETURN(scene.person, store::ReadPersonRating(tx, request.user_id()));
        ASSIGN_OR_RETURN(scene.tally, store::ReadTally(tx));
        return absl::OkStatus();
      },
      {.newest = true}));
  generated.person = scene.person;
  for (const TaskOf& task : materials.tasks) {
    scene.known.emplace(v1::EVIDENCE_KIND_TASK, task.id);
  }
  for (const InsightOf& insight : materials.insights) {
    scene.known.emplace(v1::EVIDENCE_KIND_INSIGHT, insight.id);
  }
  absl::BitGen random;
  std::vector<Chosen> proposals = AskModel(call, materials, request, count);
  const size_t by_model = proposals.size();
  for (Draft& draft : Propose(materials, request.kind(), request.language(), random, kProposals)) {
    proposals.push_back({.draft = std::move(draft), .model = "local"});
  }
  std::vector<std::string> items;
  for (Chosen& one : proposals) {
    one.item = {one.draft.first_rating, one.draft.item.empty() ? 350 : kFirstDeviation, 0.06};
    if (!one.draft.item.empty()) items.push_back(one.draft.item);
  }
  ASSIGN_OR_RETURN(const auto learned, database_.Read(call, [&](Transaction& tx) {
    return store::ReadItemRatings(tx, items);
  }));
  for (Chosen& one : proposals) {
    for (const auto& [item, rating] : learned) {
      if (item == one.draft.item) one.item = rating;
    }
  }
  // A model's first; of the templates' those first that the person may well succeed in.
  const auto far = [&](const Chosen& one) {
    return std::abs(rating::WinChance(scene.person, one.item) - kBestChance);
  };
  std::stable_sort(proposals.begin() + static_cast<std::ptrdiff_t>(by_model), proposals.end(),
                   [&](const Chosen& a, const Chosen& b) { return far(a) < far(b); });
  for (Chosen& one : proposals) {
    if (static_cast<int>(generated.chosen.size()) == count) break;
    scene.item = one.item;
    std::string_view gate = FailedGate(one.draft, scene);
    if (gate.empty() && request.kind() != v1::CHALLENGE_KIND_UNSPECIFIED &&
        one.draft.kind != request.kind()) {
      gate = "schema";
    }
    if (gate.empty()) {
      ASSIGN_OR_RETURN(const bool safe,
                       IsSafe(call, AllWords(one.draft), request.language(), false));
      if (!safe) gate = "safety";
    }
    if (!gate.empty()) {
      ++generated.refused[std::string(gate)];
      continue;
    }
    scene.seen.push_back(Fingerprint(one.draft));
    scene.tally = WithQuiz(scene.tally, one.draft);
    generated.chosen.push_back(std::move(one));
  }
  return generated;
}

absl::StatusOr<bool> Generator::IsSafe(const Call& call, const std::string& text,
                                       const std::string& language, bool written) {
  if (written) {
    safety::v1::AssessRequest assess;
    assess.set_text(text);
    assess.set_language(language);
    ASSIGN_OR_RETURN(const auto assessed, safety_.Assess(call, assess));
    if (assessed.assessment().level() >= safety::v1::DANGER_LEVEL_ASK) return false;
  }
  safety::v1::CheckReplyRequest check;
  check.set_reply(text);
  check.set_language(language);
  ASSIGN_OR_RETURN(const auto checked, safety_.CheckReply(call, check));
  return checked.allowed();
}

// Without tasks there are insights still.
Materials Generator::ReadTasks(const Call& call, int64_t user_id) {
  Materials materials;
  task::v1::ListTasksRequest list;
  list.set_user_id(user_id);
  list.set_page_size(kTasks);
  const auto tasks = tasks_.ListTasks(call, list);
  if (!tasks.ok()) {
    observe::Warning("tasks not read", {{"status", tasks.status()}});
    return materials;
  }
  for (const task::v1::Task& task : tasks->tasks()) {
    // Those of others that are assigned to the person are no ground: their owners may take them away.
    if (task.user_id() == user_id) materials.tasks.push_back(ToTask(task));
  }
  return materials;
}

std::vector<Chosen> Generator::AskModel(const Call& call, const Materials& materials,
                                        const v1::GenerateChallengesRequest& request, int count) {
  std::vector<Chosen> drafts;
  if (materials.tasks.empty() && materials.insights.empty()) return drafts;
  ai::v1::CompleteRequest complete;
  *complete.mutable_input() = AskForDrafts(materials, request.kind(), request.language(), count);
  const auto completed = ai_.Complete(call.WithTimeout(kModelTime), complete);
  if (!completed.ok()) {
    observe::Warning("no challenges by a model", {{"status", completed.status()}});
    return drafts;
  }
  // Without a key the answer is of a program that writes no challenges.
  if (completed->completion().provider() == "local") return drafts;
  for (Draft& draft : ReadDrafts(completed->completion().text())) {
    drafts.push_back({.draft = std::move(draft), .model = completed->completion().model_used()});
  }
  return drafts;
}

}  // namespace selfology::challenge
