// The feed's order for ratings that others collected, to be measured beside other programs (tests/peers/movielens.py):
// reads from standard input, one a line with tabs between
//   post ID CHANNEL TEXT       what there is to rank
//   rate PERSON ID 1|0         a like or dislike, in the order of time
//   rank PERSON N              writes the best N of what the person has not rated: PERSON, then the ids with spaces
//
//   bazel run -c opt //services/feed/feed:rank_ratings < ratings.tsv
#include <algorithm>
#include <cstdint>
#include <deque>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/feed/feed/model/learning.h"
#include "services/feed/feed/model/ranking.h"

namespace selfology::feed {
namespace {

struct Person {
  Taste taste;
  std::set<int64_t> rated = {};
  std::deque<size_t> liked = {};  // Posts' indexes, the last first.
};

class Ratings {
 public:
  bool Take(const std::vector<std::string>& words) {
    int64_t number = 0;
    if (words.size() < 3 || !absl::SimpleAtoi(words[1], &number)) return false;
    if (words[0] == "post" && words.size() == 4) return AddPost(number, words[2], words[3]);
    if (words[0] == "rate" && words.size() == 4) return Rate(number, words[2], words[3] == "1");
    return words[0] == "rank" && Rank(number, words[2]);
  }

 private:
  bool AddPost(int64_t id, const std::string& channel, const std::string& text) {
    int64_t channel_id = 0;
    if (!absl::SimpleAtoi(channel, &channel_id)) return false;
    index_[id] = posts_.size();
    posts_.push_back({.post_id = id,
                      .story_id = id,
                      .channel_id = channel_id,
                      .features = std::make_shared<const Features>(Describe(
                          {.channel_id = channel_id, .text = text, .may_learn_text = true}))});
    return true;
  }
  bool Rate(int64_t person_id, const std::string& post, bool likes) {
    int64_t id = 0;
    if (!absl::SimpleAtoi(post, &id) || !index_.contains(id)) return false;
    Candidate& candidate = posts_[index_.at(id)];
    Person& person = people_[person_id];
    Apply({likes ? v1::INTERACTION_TYPE_LIKE : v1::INTERACTION_TYPE_DISLIKE, *candidate.features},
          person.taste);
    person.rated.insert(id);
    if (likes) {
      person.liked.push_front(index_.at(id));
      if (person.liked.size() > kMostLikes) person.liked.pop_back();
      auto& likers = likers_[index_.at(id)];
      likers.push_back(person_id);
      if (likers.size() > kMostLikers) likers.pop_front();
    }
    ++(likes ? candidate.popularity.likes : candidate.popularity.dislikes);
    return true;
  }
  bool Rank(int64_t person_id, const std::string& count) {
    size_t most = 0;
    if (!absl::SimpleAtoi(count, &most)) return false;
    const Person& person = people_[person_id];
    std::vector<Candidate> candidates;
    for (size_t i = 0; i < posts_.size(); ++i) {
      if (person.rated.contains(posts_[i].post_id)) continue;
      candidates.push_back(posts_[i]);
      candidates.back().audience = AudienceOf(i);
    }
    std::vector<SharedAudience> likes;
    for (const size_t post : person.liked) likes.push_back(AudienceOf(post));
    const Company company(person_id, likes);
    const Ranking ranking(person.taste, {.now = absl::UnixEpoch(),
                                         .rated_count = static_cast<int64_t>(person.rated.size()),
                                         .company = &company});
    std::vector<int64_t> ids;
    for (const Scored& scored : ranking.Order(candidates)) {
      if (ids.size() == most) break;
      ids.push_back(candidates[scored.candidate].post_id);
    }
    std::cout << person_id << '\t' << absl::StrJoin(ids, " ") << '\n';
    return true;
  }

  SharedAudience AudienceOf(size_t post) const {
    const auto found = likers_.find(post);
    if (found == likers_.end()) return nullptr;
    Audience audience(found->second.begin(), found->second.end());
    std::sort(audience.begin(), audience.end());
    return std::make_shared<const Audience>(std::move(audience));
  }

  std::vector<Candidate> posts_;
  std::map<int64_t, size_t> index_;
  std::map<size_t, std::deque<int64_t>> likers_;  // By a post's index; the last ones.
  std::map<int64_t, Person> people_;
};

}  // namespace
}  // namespace selfology::feed

int main() {
  selfology::feed::Ratings ratings;
  for (std::string line; std::getline(std::cin, line);) {
    if (ratings.Take(absl::StrSplit(line, '\t'))) continue;
    std::cerr << "not understood: " << line << '\n';
    return 1;
  }
}
