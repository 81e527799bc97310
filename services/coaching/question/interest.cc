#include "services/coaching/question/interest.h"

#include <algorithm>

namespace selfology::question {

Interests InterestsOf(const Interests& profile, const std::vector<AnswerLength>& answers) {
  struct Total {
    double characters = 0;
    int answers = 0;
  };
  std::map<std::string, Total> totals;
  for (const AnswerLength& answer : answers) {
    Total& total = totals[answer.domain];
    total.characters += answer.characters;
    ++total.answers;
  }
  Interests means;
  double longest = 0;
  for (const auto& [domain, total] : totals) {
    const double mean = total.characters / total.answers;
    means[domain] = mean;
    longest = std::max(longest, mean);
  }

  Interests interests = profile;
  for (const auto& [domain, mean] : means) {
    // Relative to the person's own longest: some write little about everything. Does not overwrite
    // the profile's.
    if (longest > 0) interests.emplace(domain, mean / longest);
  }
  return interests;
}

}  // namespace selfology::question
