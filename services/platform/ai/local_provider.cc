#include "services/platform/ai/local_provider.h"

#include <algorithm>
#include <utility>

#include "common/json/json.h"
#include "common/lexicon/reading.h"
#include "common/lexicon/report.h"
#include "common/prompt/quoted.h"
#include "common/status/status_macros.h"
#include "common/text/utf8.h"
#include "services/platform/ai/completion_input.h"
#include "services/platform/ai/json_fields.h"
#include "services/platform/ai/local_embedding.h"

namespace selfology::ai {
namespace {

// What the prompts of the mesh quote for a model to work on.
constexpr std::string_view kMaterials[] = {"answer", "message", "insight", "profile", "text"};

std::string MaterialOf(const std::string& message) {
  for (const std::string_view tag : kMaterials) {
    if (auto quoted = prompt::Unquote(tag, message)) return *std::move(quoted);
  }
  return message;
}

v1::CompletionInput WithPlainMessages(v1::CompletionInput input) {
  for (v1::ChatMessage& message : *input.mutable_messages()) {
    message.set_content(MaterialOf(message.content()));
  }
  return input;
}

}  // namespace

LocalProvider::LocalProvider(std::shared_ptr<const lexicon::Lexicon> lexicon, LocalCoach coach)
    : lexicon_(std::move(lexicon)), coach_(std::move(coach)) {}

absl::StatusOr<std::shared_ptr<LocalProvider>> LocalProvider::Load() {
  ASSIGN_OR_RETURN(lexicon::Lexicon lexicon, lexicon::Lexicon::BuiltIn());
  auto shared = std::make_shared<const lexicon::Lexicon>(std::move(lexicon));
  ASSIGN_OR_RETURN(LocalCoach coach, LocalCoach::Load(shared));
  return std::shared_ptr<LocalProvider>(new LocalProvider(std::move(shared), std::move(coach)));
}

Model LocalProvider::TheModel() {
  return {.name = "local-lexicon",
          .api_name = "local-lexicon",
          .provider = "local",
          .tier = v1::TIER_SIMPLE};
}

absl::StatusOr<std::string> LocalProvider::TextFor(const v1::CompletionInput& input) const {
  const std::string material = MaterialOf(input.messages().rbegin()->content());
  const lexicon::Reading reading = lexicon::Read(*lexicon_, material);
  const lexicon::Language language = input.language().empty()
                                         ? reading.language.value_or(lexicon::Language::kEnglish)
                                         : lexicon::LanguageOf(input.language());
  switch (input.task()) {
    case v1::TASK_INSTANT_ANALYSIS:
      return json::Print(lexicon::InstantReport(*lexicon_, reading, language));
    case v1::TASK_DEEP_ANALYSIS:
      return json::Print(lexicon::DeepReport(*lexicon_, reading, language));
    case v1::TASK_SUMMARY:
      return lexicon::SummarySentence(*lexicon_, reading, language);
    case v1::TASK_INSIGHT:
      return coach_.TellInsight(material, language);
    default:
      return coach_.Reply(WithPlainMessages(input));
  }
}

absl::StatusOr<Answer> LocalProvider::Complete(const Call& /*call*/, const Model& /*model*/,
                                               const v1::CompletionInput& input) {
  Answer answer;
  ASSIGN_OR_RETURN(answer.text, TextFor(input));
  const bool is_json =
      input.task() == v1::TASK_INSTANT_ANALYSIS || input.task() == v1::TASK_DEEP_ANALYSIS;
  if (input.response_format() == v1::RESPONSE_FORMAT_JSON && !is_json) {
    answer.text = Dump({{"text", answer.text}});
  }
  if (EstimatedTokens(answer.text) > input.max_tokens()) {
    answer.text = text::Prefix(answer.text, 4 * input.max_tokens());
    answer.truncated = true;
  }
  return Finished(std::move(answer), input);
}

absl::StatusOr<Answer> LocalProvider::Stream(const Call& call, const Model& model,
                                             const v1::CompletionInput& input, OnText on_text) {
  ASSIGN_OR_RETURN(Answer answer, Complete(call, model, input));
  for (std::string_view rest = answer.text; !rest.empty();) {
    const size_t end = std::min(rest.find(' '), rest.size() - 1) + 1;
    RETURN_IF_ERROR(on_text(rest.substr(0, end)));
    rest.remove_prefix(end);
  }
  return answer;
}

absl::StatusOr<Embeddings> LocalProvider::Embed(const Call& /*call*/, const Model& /*model*/,
                                                const std::vector<std::string>& texts,
                                                int dimensions) {
  Embeddings embeddings;
  for (const std::string& text : texts) {
    embeddings.vectors.push_back(LocalEmbedding(*lexicon_, text, dimensions));
    embeddings.tokens += EstimatedTokens(text);
  }
  return embeddings;
}

}  // namespace selfology::ai
