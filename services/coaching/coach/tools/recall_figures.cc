// How often recall finds the answer that a question means.
//
//   bazel run //services/coaching/coach:recall_figures -- $PWD/pairs.tsv
//
// The file has a line for each text, four columns separated by tabs; lines that begin with "#" are
// comments:
//   history  Whose it is: all texts of one person have the same word here.
//   kind     "A" for what they once said or answered, "Q" for a question about it.
//   id       For A: a number of its own within the history. For Q: the number of the A that is meant.
//            -1: of none; then nothing should be found.
//   text     The words. For A: "question ¦ answer" where it answers a question.
// Questions may stand before the texts that they mean. Prints each miss, and the share found first,
// among the first three, and kept silent rightly, for each language and in all.
#include <cstdint>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "services/coaching/coach/memory/recall.h"
#include "services/coaching/coach/understanding/listener.h"

namespace selfology::coach {
namespace {

struct Text {
  int64_t id = 0;
  std::string text;
};
struct History {
  Recall recall;
  std::map<int64_t, std::string> texts;
  std::vector<Text> questions;
};
struct Count {
  int asked = 0, first = 0, top = 0, nothing = 0, silent = 0;
};

void Print(const std::string& name, const Count& count) {
  const auto share = [](int part, int all) { return all == 0 ? 0.0 : 100.0 * part / all; };
  std::cout << name << ": first " << count.first << "/" << count.asked << " ("
            << share(count.first, count.asked) << " %), top 3 " << share(count.top, count.asked)
            << " %, silent " << count.silent << "/" << count.nothing << "\n";
}

int Main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: recall_figures FILE.tsv\n";
    return 1;
  }
  std::ifstream file(argv[1]);
  if (!file) {
    std::cerr << argv[1] << ": cannot be read\n";
    return 1;
  }
  std::map<std::string, History> histories;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const std::vector<std::string> columns = absl::StrSplit(line, absl::MaxSplits('\t', 3));
    Text text;
    if (columns.size() != 4 || !absl::SimpleAtoi(columns[2], &text.id) ||
        (columns[1] != "A" && columns[1] != "Q")) {
      std::cerr << argv[1] << ":" << number << ": not four columns as they should be\n";
      return 1;
    }
    History& history = histories[columns[0]];
    if (columns[1] == "Q") {
      text.text = columns[3];
      history.questions.push_back(text);
      continue;
    }
    const std::vector<std::string> parts = absl::StrSplit(columns[3], absl::MaxSplits("¦", 1));
    history.recall.Add(text.id, parts.back(), parts.size() > 1 ? parts.front() : "");
    history.texts[text.id] = columns[3];
  }
  std::map<std::string, Count> counts;
  for (const auto& [name, history] : histories) {
    for (const Text& question : history.questions) {
      const auto language = LanguageByLetters(question.text);
      const bool russian = language == language::Language::kRussian;
      const std::vector<Recall::Hit> hits = history.recall.Find(question.text, 3);
      for (const std::string& key :
           {std::string(russian ? "Russian" : "English"), std::string("all")}) {
        Count& count = counts[key];
        if (question.id < 0) {
          ++count.nothing;
          count.silent += hits.empty() || hits.front().score < kIsRecalled;
          continue;
        }
        ++count.asked;
        count.first += !hits.empty() && hits.front().id == question.id;
        for (const Recall::Hit& hit : hits) count.top += hit.id == question.id;
      }
      if (question.id >= 0 && (hits.empty() || hits.front().id != question.id)) {
        std::cout << "missed: " << question.text << "\n  meant: " << history.texts.at(question.id)
                  << "\n  found: " << (hits.empty() ? "nothing" : history.texts.at(hits.front().id))
                  << "\n";
      }
    }
  }
  for (const auto& [name, count] : counts) Print(name, count);
  return 0;
}

}  // namespace
}  // namespace selfology::coach

int main(int argc, char** argv) { return selfology::coach::Main(argc, argv); }
