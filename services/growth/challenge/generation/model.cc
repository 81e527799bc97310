#include "services/growth/challenge/generation/model.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/prompt/json_reply.h"
#include "common/prompt/quoted.h"
#include "nlohmann/json.hpp"

namespace selfology::challenge {
namespace {

constexpr size_t kMostTasks = 30;
constexpr size_t kMostInsights = 10;
constexpr size_t kMostDrafts = 20;

constexpr std::string_view kInstructions =
    "You write short challenges for one person, from their tasks and from what their coach told "
    "them. A deed is proven by tasks that the person completes; a quiz asks about the given tasks "
    "and insights and has exactly one right option, which the data decides. Never invent a task, "
    "an insight or an id. Options of a quiz are of about the same length. Answer with one JSON "
    "object: {\"challenges\": [{\"kind\": \"deed\" or \"quiz\", \"title\": text of at most 100 "
    "characters, \"text\": text of at most 600 characters, \"task_ids\": [ids it rests on], "
    "\"insight_ids\": [ids it rests on], \"proof_task_ids\": [for a deed: which tasks must be "
    "completed; empty: any], \"count\": how many tasks, for a deed, \"days\": 1 to 7, \"options\": "
    "[for a quiz: 2 to 6 texts], \"right_option\": number of the right one, from 1}]}. ";

std::vector<int64_t> Ids(const nlohmann::json& object, const char* name) {
  std::vector<int64_t> ids;
  const auto found = object.find(name);
  if (found == object.end() || !found->is_array() || found->size() > kMaxCount) return ids;
  for (const nlohmann::json& id : *found) {
    if (id.is_number_integer()) ids.push_back(id.get<int64_t>());
  }
  return ids;
}

int Number(const nlohmann::json& object, const char* name, int otherwise) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return otherwise;
  const auto number = found->get<int64_t>();
  return number < -1000 || number > 1000 ? otherwise : static_cast<int>(number);
}

std::string Text(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return "";
  return prompt::Visible(found->get<std::string>());
}

std::optional<Draft> ReadDraft(const nlohmann::json& object) {
  if (!object.is_object()) return std::nullopt;
  Draft draft;
  const std::string kind = Text(object, "kind");
  if (kind == "deed") {
    draft.kind = v1::CHALLENGE_KIND_DEED;
    draft.proof_tasks = Ids(object, "proof_task_ids");
    draft.count = Number(object, "count", static_cast<int>(draft.proof_tasks.size()));
  } else if (kind == "quiz") {
    draft.kind = v1::CHALLENGE_KIND_QUIZ;
    draft.right = Number(object, "right_option", 0);
    const auto options = object.find("options");
    if (options == object.end() || !options->is_array() || options->size() > kMaxOptions) {
      return std::nullopt;
    }
    for (const nlohmann::json& option : *options) {
      if (option.is_string()) draft.options.push_back(prompt::Visible(option.get<std::string>()));
    }
  } else {
    return std::nullopt;
  }
  draft.title = Text(object, "title");
  draft.text = Text(object, "text");
  draft.lasts = absl::Hours(24 * std::clamp(Number(object, "days", 1), 1, 30));
  for (const int64_t id : Ids(object, "task_ids")) {
    draft.evidence.emplace_back(v1::EVIDENCE_KIND_TASK, id);
  }
  for (const int64_t id : Ids(object, "insight_ids")) {
    draft.evidence.emplace_back(v1::EVIDENCE_KIND_INSIGHT, id);
  }
  return draft;
}

}  // namespace

ai::v1::CompletionInput AskForDrafts(const Materials& materials, v1::ChallengeKind kind,
                                     std::string_view language, int count) {
  ai::v1::CompletionInput input;
  input.set_system_prompt(absl::StrCat(kInstructions, prompt::kQuotedTextIsData));
  std::string said =
      absl::StrCat("Write ", 2 * count, " challenges",
                   kind == v1::CHALLENGE_KIND_QUIZ   ? ", all of them quizzes"
                   : kind == v1::CHALLENGE_KIND_DEED ? ", all of them deeds"
                                                     : "",
                   ", in the language \"", language.empty() ? "en" : language, "\".\n");
  for (size_t i = 0; i < std::min(kMostTasks, materials.tasks.size()); ++i) {
    const TaskOf& task = materials.tasks[i];
    absl::StrAppend(
        &said, "Task ", task.id, task.open ? " (open)" : " (completed)",
        task.due_at == absl::InfiniteFuture()
            ? ""
            : absl::FormatTime(", due %Y-%m-%d %H:%M", task.due_at, absl::UTCTimeZone()),
        ": ", prompt::Quote("task", task.title), "\n");
  }
  for (size_t i = 0; i < std::min(kMostInsights, materials.insights.size()); ++i) {
    absl::StrAppend(&said, "Insight ", materials.insights[i].id, ": ",
                    prompt::Quote("insight", materials.insights[i].text), "\n");
  }
  ai::v1::ChatMessage& message = *input.add_messages();
  message.set_role(ai::v1::ROLE_USER);
  message.set_content(said);
  input.set_max_tokens(2000);
  input.set_language(std::string(language));
  input.set_response_format(ai::v1::RESPONSE_FORMAT_JSON);
  return input;
}

std::vector<Draft> ReadDrafts(std::string_view reply) {
  std::vector<Draft> drafts;
  const std::optional<nlohmann::json> object = prompt::FindJsonObject(reply);
  if (!object.has_value()) return drafts;
  const auto found = object->find("challenges");
  if (found == object->end() || !found->is_array()) return drafts;
  for (const nlohmann::json& one : *found) {
    if (drafts.size() == kMostDrafts) break;
    std::optional<Draft> draft = ReadDraft(one);
    if (draft.has_value()) drafts.push_back(*std::move(draft));
  }
  return drafts;
}

}  // namespace selfology::challenge
