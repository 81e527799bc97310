// Which of the things that a person said before a message means.
//
//   Recall recall;
//   recall.Add(/*id=*/1, "I had three ECGs and they found nothing", /*context=*/"What worries you?");
//   recall.Add(2, "Mum wants me to call on Sundays", "");
//   recall.Find("what did I tell you about my heart?", 3)   // {{.id = 1, .score = 0.6}}
//
// Own method, without a model: words by their stems, weighed by how rare they are among what the
// person said (BM25); words that mean nearly the same, or name what another belongs to (related.h);
// how near words and the whole are in meaning (meaning.h); what a question word is answered with;
// misspelled and inflected forms by character n-grams. What frames a question ("what did I tell you
// about") does not count. A score of about 0.25 and more is a find; below it is a guess. English and
// Russian.
//
// Adding a passage takes about 0.1 ms, finding among 200 of them 2 ms. Threads: const methods are
// thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/coaching/coach/memory/meaning.h"

namespace selfology::coach {

inline constexpr double kIsRecalled = 0.25;

class Recall {
 public:
  struct Hit {
    int64_t id = 0;
    double score = 0;  // 0 to 1.
  };

  // Groups of words, and whether one of them is a name of the group.
  using Roles = absl::flat_hash_map<int, bool>;

  // `context` is what the person was asked; it counts for less. Empty: nothing was asked.
  void Add(int64_t id, std::string_view text, std::string_view context);

  // By words alone what is found is surely meant; by meaning more is found.
  enum class By { kMeaning, kWords };

  // Best first, at most so many, without those that have nothing in common with the query. Among
  // equals the greater id comes first.
  std::vector<Hit> Find(std::string_view query, int most, By by = By::kMeaning) const;

 private:
  using Grams = absl::flat_hash_map<uint64_t, double>;
  struct Term {
    double count = 0;  // Weighed.
    std::string form;  // As it stands first.
  };
  struct Passage {
    int64_t id = 0;
    absl::flat_hash_map<std::string, Term> terms;  // By stem.
    Meaning meaning;
    absl::flat_hash_map<int, double> names;    // Groups that it names, by weight.
    absl::flat_hash_map<int, double> members;  // Groups that it has members of.
    Roles answers;                             // Groups of question words that it may answer.
    Grams grams;
    double length = 0;
  };
  template <typename Counts, typename Key>
  double Rarity(const Counts& counts, const Key& key) const;
  double GroupStrength(const Passage& passage, const Roles& asked) const;
  double GramSimilarity(const Passage& passage, const Grams& asked) const;

  std::vector<Passage> passages_;
  absl::flat_hash_map<std::string, int> passages_with_;
  absl::flat_hash_map<int, int> passages_with_group_;
  absl::flat_hash_map<int, int> passages_with_answer_;
  absl::flat_hash_map<uint64_t, int> passages_with_gram_;
  double total_length_ = 0;
};

}  // namespace selfology::coach
