#include "services/coaching/analysis/local_model.h"

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/json/json.h"
#include "common/text/text.h"
#include "common/text/utf8.h"
#include "services/coaching/analysis/local_embedding.h"
#include "services/coaching/analysis/own_words.h"
#include "services/coaching/lib/lexicon/reading.h"
#include "services/coaching/lib/lexicon/report.h"
#include "services/coaching/lib/local_model/local_model_service.h"

namespace selfology::analysis {
namespace {

using lexicon::Language;
using lexicon::Lexicon;

constexpr int kSummaryCharacters = 200;

// What is written of a text in a language.
using Report =
    std::function<absl::StatusOr<std::string>(const Lexicon&, std::string_view, Language)>;

// Without feedback: that of the analyst, which knows the question, stands.
absl::StatusOr<std::string> Instant(const Lexicon& lexicon, std::string_view text,
                                    Language language) {
  return json::Print(lexicon::InstantReport(lexicon, lexicon::Read(lexicon, text), language));
}

absl::StatusOr<std::string> Deep(const Lexicon& lexicon, std::string_view text, Language language) {
  v1::DeepAnalysis deep = lexicon::DeepReport(lexicon, lexicon::Read(lexicon, text), language);
  AddOwnWords(text, language, deep);
  return json::Print(deep);
}

absl::StatusOr<std::string> Summary(const Lexicon&, std::string_view text, Language language) {
  v1::DeepAnalysis deep;
  AddOwnWords(text, language, deep);
  if (!deep.summary().empty()) return deep.summary();
  return reflection::SummaryOf(text::Prefix(text::Trim(text), kSummaryCharacters), language);
}

}  // namespace

std::shared_ptr<rpc::Endpoints> MakeLocalModel(std::shared_ptr<const Lexicon> lexicon) {
  // On the last message.
  const auto task = [&](Report report, bool writes_json) {
    return local_model::Task{
        .write =
            [lexicon, report = std::move(report)](const ai::v1::CompletionInput& input) {
              const std::string& text = input.messages().rbegin()->content();
              return report(*lexicon, text,
                            lexicon::LanguageFor(input.language(), lexicon::Read(*lexicon, text)));
            },
        .writes_json = writes_json};
  };
  return std::make_shared<local_model::LocalModelService>(
      local_model::Tasks{{ai::v1::TASK_INSTANT_ANALYSIS, task(&Instant, /*writes_json=*/true)},
                         {ai::v1::TASK_DEEP_ANALYSIS, task(&Deep, /*writes_json=*/true)},
                         {ai::v1::TASK_SUMMARY, task(&Summary, /*writes_json=*/false)}},
      [lexicon](std::string_view text, int dimensions) {
        return LocalEmbedding(*lexicon, text, dimensions);
      });
}

}  // namespace selfology::analysis
