// The model that is always there: no key, no network, no cost, an answer in milliseconds, the same
// each time.
//
//   ASSIGN_OR_RETURN(std::shared_ptr<LocalProvider> local, LocalProvider::Load());
//
// Analyses come from the word lists (common/lexicon), as JSON of the contract's InstantAnalysis and
// DeepAnalysis, just as the prompts ask of a language model; replies and insights from
// local_coach.h; vectors from local_embedding.h. The text to work on is what the last message
// quotes (common/prompt/quoted.h), or all of it when it quotes nothing. Threads: thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/lexicon/lexicon.h"
#include "services/platform/ai/local_coach.h"
#include "services/platform/ai/provider.h"

namespace selfology::ai {

class LocalProvider : public Provider, public Embedder {
 public:
  static absl::StatusOr<std::shared_ptr<LocalProvider>> Load();
  // How it appears among the models.
  static Model TheModel();

  absl::StatusOr<Answer> Complete(const Call& call, const Model& model,
                                  const v1::CompletionInput& input) override;
  absl::StatusOr<Answer> Stream(const Call& call, const Model& model,
                                const v1::CompletionInput& input, OnText on_text) override;
  absl::StatusOr<Embeddings> Embed(const Call& call, const Model& model,
                                   const std::vector<std::string>& texts, int dimensions) override;

 private:
  LocalProvider(std::shared_ptr<const lexicon::Lexicon> lexicon, LocalCoach coach);

  absl::StatusOr<std::string> TextFor(const v1::CompletionInput& input) const;

  const std::shared_ptr<const lexicon::Lexicon> lexicon_;
  const LocalCoach coach_;
};

}  // namespace selfology::ai
