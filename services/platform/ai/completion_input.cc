#include "services/platform/ai/completion_input.h"

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/language/language.h"
#include "common/language/tag.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"

namespace selfology::ai {
namespace {

constexpr int kMaxMessages = 500;
constexpr int kDefaultMaxTokens = 1024;
constexpr int kLargestMaxTokens = 8192;
constexpr double kDefaultTemperature = 0.7;

bool IsAllowed(v1::Task task) { return task == v1::TASK_UNSPECIFIED || enums::IsNamed(task); }
bool IsAllowed(v1::Tier tier) { return tier == v1::TIER_UNSPECIFIED || enums::IsNamed(tier); }

// Languages by name: models understand both, people who read logs and prompts rather this.
std::string NameOf(std::string_view language) {
  if (const auto spoken = language::Spoken(language)) {
    return std::string(language::EnglishNameOf(*spoken));
  }
  return absl::StrCat("the language with the BCP 47 tag \"", language, "\"");
}

void CheckMessages(const v1::CompletionInput& input, status::FieldViolations& bad) {
  if (input.messages().empty() || input.messages_size() > kMaxMessages) {
    bad.Add("input.messages", "must be 1 to 500");
    return;
  }
  for (int i = 0; i < input.messages_size(); ++i) {
    const v1::ChatMessage& message = input.messages(i);
    const std::string field = absl::StrCat("input.messages[", i, "]");
    if (!enums::IsNamed(message.role())) bad.Add(field + ".role", "must be USER or ASSISTANT");
    if (text::Trim(message.content()).empty()) bad.Add(field + ".content", "must not be empty");
  }
  if (input.messages().rbegin()->role() != v1::ROLE_USER) {
    bad.Add("input.messages", "the last one must be the person's");
  }
}

}  // namespace

absl::StatusOr<v1::CompletionInput> Normalise(const v1::CompletionInput& input) {
  status::FieldViolations bad;
  CheckMessages(input, bad);
  if (!IsAllowed(input.task())) bad.Add("input.task", "must be a task of the contract");
  if (!IsAllowed(input.tier())) bad.Add("input.tier", "must be a tier of the contract");
  if (input.max_tokens() < 0 || input.max_tokens() > kLargestMaxTokens) {
    bad.Add("input.max_tokens", "must be 1 to 8,192, or 0 for 1,024");
  }
  if (!(input.temperature() >= 0 && input.temperature() <= 1)) {
    bad.Add("input.temperature", "must be 0 to 1");
  }
  // A tag goes into a prompt, so nothing but a tag may be in it.
  if (!input.language().empty() && !language::Tag::Parse(input.language()).has_value()) {
    bad.Add("input.language", "must be a BCP 47 tag");
  }
  RETURN_IF_ERROR(bad.ToStatus());

  v1::CompletionInput normal = input;
  if (normal.max_tokens() == 0) normal.set_max_tokens(kDefaultMaxTokens);
  if (!normal.has_temperature()) normal.set_temperature(kDefaultTemperature);
  return normal;
}

std::string SystemText(const v1::CompletionInput& input) {
  std::string text = input.system_prompt();
  const auto add = [&](std::string_view line) {
    absl::StrAppend(&text, text.empty() ? "" : "\n\n", line);
  };
  if (!input.language().empty()) add(absl::StrCat("Answer in ", NameOf(input.language()), "."));
  if (input.response_format() == v1::RESPONSE_FORMAT_JSON) {
    add("Answer with one JSON object and nothing else: no code fence, no words around it.");
  }
  return text;
}

int EstimatedTokens(std::string_view text) { return (text::Characters(text) + 3) / 4; }

int EstimatedTokens(const v1::CompletionInput& input) {
  int tokens = EstimatedTokens(SystemText(input));
  for (const v1::ChatMessage& message : input.messages())
    tokens += EstimatedTokens(message.content());
  return tokens;
}

}  // namespace selfology::ai
