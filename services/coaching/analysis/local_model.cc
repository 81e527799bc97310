#include "services/coaching/analysis/local_model.h"

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/json/json.h"
#include "services/coaching/analysis/local_embedding.h"
#include "services/coaching/lib/lexicon/reading.h"
#include "services/coaching/lib/lexicon/report.h"
#include "services/coaching/lib/local_model/local_model_service.h"

namespace selfology::analysis {
namespace {

using lexicon::Language;
using lexicon::Lexicon;
using lexicon::Reading;

using Report = std::function<absl::StatusOr<std::string>(const Lexicon&, const Reading&, Language)>;

absl::StatusOr<std::string> Instant(const Lexicon& lexicon, const Reading& reading,
                                    Language language) {
  return json::Print(lexicon::InstantReport(lexicon, reading, language));
}

absl::StatusOr<std::string> Deep(const Lexicon& lexicon, const Reading& reading,
                                 Language language) {
  return json::Print(lexicon::DeepReport(lexicon, reading, language));
}

}  // namespace

std::shared_ptr<rpc::Endpoints> MakeLocalModel(std::shared_ptr<const Lexicon> lexicon) {
  // On the last message.
  const auto task = [&](Report report, bool writes_json) {
    return local_model::Task{
        .write =
            [lexicon, report = std::move(report)](const ai::v1::CompletionInput& input) {
              const Reading reading = lexicon::Read(*lexicon, input.messages().rbegin()->content());
              return report(*lexicon, reading, lexicon::LanguageFor(input.language(), reading));
            },
        .writes_json = writes_json};
  };
  return std::make_shared<local_model::LocalModelService>(
      local_model::Tasks{
          {ai::v1::TASK_INSTANT_ANALYSIS, task(&Instant, /*writes_json=*/true)},
          {ai::v1::TASK_DEEP_ANALYSIS, task(&Deep, /*writes_json=*/true)},
          {ai::v1::TASK_SUMMARY, task(&lexicon::SummarySentence, /*writes_json=*/false)}},
      [lexicon](std::string_view text, int dimensions) {
        return LocalEmbedding(*lexicon, text, dimensions);
      });
}

}  // namespace selfology::analysis
