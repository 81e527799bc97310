// How much each domain matters to a person, for Smart Mix. Pure.
//
// What the profile says counts (profile.created, profile.updated). For domains it does not know
// yet, what the person did tells: someone who writes much about a domain cares about it. So a first
// session is deepened where it matters, although no analysis may be there yet.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace selfology::question {

using Interests = std::map<std::string, double, std::less<>>;  // By domain, 0 to 1.

struct AnswerLength {
  std::string domain;
  int characters = 0;
};

Interests InterestsOf(const Interests& profile, const std::vector<AnswerLength>& answers);

}  // namespace selfology::question
