// What is said back to answers, for readers to judge.
//
//   reflect answers.tsv
//
// Each line of a file is `id language question answer`, separated by tabs. Prints id, tab, what is
// said, or "-" for nothing. Of a line `language question` the question and the part of a statement that
// it is said back as (examples/*_questions.tsv).

#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/coaching/lib/reflection/asked.h"
#include "services/coaching/lib/reflection/reflection.h"

namespace selfology::reflection {
namespace {

void PrintAsked(Language language, const std::string& question) {
  const std::optional<Asked> asked = AskedIn(language, question);
  std::string part = asked.has_value() ? absl::StrCat(asked->link, " ", asked->told) : "-";
  if (asked.has_value() && !asked->told_otherwise.empty()) {
    absl::StrAppend(&part, " / ", asked->told_otherwise);
  }
  std::printf("%s\t%s\n", question.c_str(), part.c_str());
}

int Run(int files, char** paths) {
  uint64_t number = 0;
  for (int i = 0; i < files; ++i) {
    std::ifstream file(paths[i]);
    if (!file) {
      std::fprintf(stderr, "cannot read %s\n", paths[i]);
      return 1;
    }
    for (std::string line; std::getline(file, line);) {
      const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits('\t', 3));
      if (fields.size() == 2) {
        PrintAsked(language::LanguageOf(fields[0]), fields[1]);
        continue;
      }
      if (fields.size() < 4 || line.starts_with('#') || fields[1] == "language") continue;
      const Reflection reflection = Reflect({.question = fields[2],
                                             .text = fields[3],
                                             .language = language::LanguageOf(fields[1]),
                                             .number = number++});
      std::printf("%s\t%s\n", fields[0].c_str(),
                  reflection.text.empty() ? "-" : reflection.text.c_str());
    }
  }
  return 0;
}

}  // namespace
}  // namespace selfology::reflection

int main(int argc, char** argv) { return selfology::reflection::Run(argc - 1, argv + 1); }
