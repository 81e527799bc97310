#include "tests/journey/words.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace selfology::journey {

int QuestionNumber(std::string_view text) {
  if (!text.starts_with("Question ")) return 0;
  const std::vector<std::string> words =
      absl::StrSplit(std::string(text.substr(0, 30)), absl::MaxSplits(' ', 3));
  int number = 0;
  if (words.size() < 4 || words[2] != "of" || !absl::SimpleAtoi(words[1], &number)) return 0;
  return number;
}

bool IsWelcome(std::string_view text) { return absl::StrContains(text, "Welcome to Selfology"); }

bool IsLastQuestion(std::string_view text) {
  return absl::StrContains(text, "That was the last question");
}

bool IsInPassing(std::string_view text) { return text.starts_with("✨") || text.starts_with("💡"); }

bool IsRefusal(std::string_view text) {
  // Outages, what came too late, and at last: the bot had forgotten where the person stands.
  for (const std::string_view words :
       {"I saved nothing", "too long on my side", "went wrong on my side", "closed already",
        "We have no open session", "I have your answer to this question already",
        "The next question is on its way; please answer that one.",
        "Here is where we stopped:", "You have been through the questions"}) {
    if (text.find(words) != text.npos) return true;
  }
  return false;
}

}  // namespace selfology::journey
