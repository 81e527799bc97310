// What the local coach understands and says, loaded: patterns ready to match, replies ready to fill.
//
//   ASSIGN_OR_RETURN(const LoadedSpeech speech, LoadedSpeech::Load(Language::kEnglish));
//   Slots slots{{"x", "sleep"}};
//   Fill("What happens when you try to {x}?", slots, /*informal=*/false)
//
// A reply that names a slot which nobody filled cannot be said (nullopt). "[вы|ты]" is one or the
// other by the form of address. A slot that begins a sentence gets a capital letter. Errors of
// Load: INTERNAL for malformed tables, which a test rules out. Threads: immutable.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/language/language.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "services/coaching/coach/speech.pb.h"
#include "services/coaching/coach/understanding/pattern.h"
#include "services/coaching/coach/understanding/people.h"

namespace selfology::coach {

using Slots = std::map<std::string, std::string, std::less<>>;
using ReplyTexts = google::protobuf::RepeatedPtrField<std::string>;

std::optional<std::string> Fill(std::string_view reply, const Slots& slots, bool informal);

// Whether a text was made of this reply, whatever filled it.
bool WasMadeOf(std::string_view text, std::string_view reply);

class LoadedSpeech {
 public:
  static absl::StatusOr<LoadedSpeech> Load(language::Language language);

  struct CompiledFrame {
    const Frame* frame;
    std::vector<Pattern> patterns;
    std::vector<Pattern> unless;
  };
  struct CompiledMemoryRule {
    const MemoryRule* rule;
    std::vector<Pattern> patterns;
  };

  language::Language language() const { return language_; }
  const Speech& speech() const { return *speech_; }
  const std::vector<CompiledFrame>& frames() const { return frames_; }
  const std::vector<CompiledMemoryRule>& memory_rules() const { return memory_rules_; }
  const People& people() const { return *people_; }
  // Those of a name; there are always some.
  const ReplyTexts& replies(std::string_view name) const;

  // The words as they are said back to who wrote them: "my boss" as "your boss".
  std::string SaidBack(const Utterance& message, WordRange words, bool informal) const;

 private:
  language::Language language_ = language::Language::kEnglish;
  std::shared_ptr<const Speech> speech_;  // Pointed to.
  std::shared_ptr<const People> people_;
  std::vector<CompiledFrame> frames_;
  std::vector<CompiledMemoryRule> memory_rules_;
  std::map<std::string, const Replies*, std::less<>> replies_;
  std::map<std::string, std::string, std::less<>> said_back_;
};

// As a quotation of the language: “...” or «...».
std::string Quoted(std::string_view text, language::Language language);

}  // namespace selfology::coach
