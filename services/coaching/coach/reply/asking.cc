#include "services/coaching/coach/reply/asking.h"

#include "absl/strings/match.h"

namespace selfology::coach {
namespace {

// Replies without a question between two that ask.
constexpr int kBetweenQuestions = 2;

}  // namespace

bool Asks(std::string_view reply) {
  bool quoted = false;
  for (size_t i = 0; i < reply.size(); ++i) {
    const std::string_view rest = reply.substr(i);
    if (absl::StartsWith(rest, "“") || absl::StartsWith(rest, "«")) quoted = true;
    if (absl::StartsWith(rest, "”") || absl::StartsWith(rest, "»")) quoted = false;
    if (!quoted && reply[i] == '?') return true;
  }
  return false;
}

bool MayAsk(absl::Span<const Said> dialogue) {
  int quiet = 0;
  for (auto said = dialogue.rbegin(); said != dialogue.rend() && quiet < kBetweenQuestions;
       ++said) {
    if (said->by_person) continue;
    if (Asks(said->text)) return false;
    ++quiet;
  }
  return true;
}

}  // namespace selfology::coach
