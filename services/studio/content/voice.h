// How a text sounds, by rules: without a model, drafts have the tone that was asked for, and the voice of
// the author's own texts. English and Russian; of texts in other languages punctuation, emoji and layout
// change.
//
//   const Voice voice = VoiceOf(request.tone(), request.voice());
//   std::string draft = InVoice("The garden opens in May. Bring the children.", voice);
//   // "Hi friends! The garden opens in May. Bring the kids! 🌷"
//
// Nothing is said that the text does not say, but for set phrases at its beginning and end.
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/repeated_ptr_field.h"
#include "selfology/content/v1/assistant_service.pb.h"

namespace selfology::content {

enum class WordChoice {
  kAsIs,
  kFormal,  // "do not", "children", "однако".
  kPlain,   // "don't", "kids", "но".
};

enum class SentenceLength {
  kAsIs,
  kShort,  // Long ones are parted.
  kLong,   // Short ones are joined.
};

struct Voice {
  WordChoice words = WordChoice::kAsIs;
  SentenceLength sentences = SentenceLength::kAsIs;
  // The share of sentences that ends with "!"; nullopt: as it is.
  std::optional<double> exclaimed = std::nullopt;
  std::optional<int> emoji_count = std::nullopt;  // In a text; nullopt: as it is.
  std::vector<std::string> emoji = {};            // Which, the likeliest first.
  bool lines = false;                             // Each sentence on a line of its own.
  bool small = false;                             // Sentences begin with small letters.
  int hashtags = 0;                               // At the end, of the text's own words.
  // Of each one is taken, the same for the same text, if it is in the text's script.
  std::vector<std::string> openers = {};
  std::vector<std::string> closers = {};
};

// The tone's; what the samples show is in place of it.
Voice VoiceOf(v1::Tone tone, const google::protobuf::RepeatedPtrField<std::string>& samples);

std::string InVoice(std::string_view text, const Voice& voice);

}  // namespace selfology::content
