// What is said back to answers, for readers to judge.
//
//   reflect answers.tsv
//
// Each line of a file is `id language question answer`, separated by tabs. Prints id, tab, what is
// said, or "-" for nothing.

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "services/coaching/lib/reflection/asked.h"
#include "services/coaching/lib/reflection/reflection.h"

namespace selfology::reflection {
namespace {

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
        const auto asked = AskedIn(language::LanguageOf(fields[0]), fields[1]);
        std::printf("%s\t%s\t%s\n", line.c_str(), asked ? asked->link.c_str() : "-",
                    asked ? (asked->told +
                             (asked->told_otherwise.empty() ? "" : " / " + asked->told_otherwise))
                                .c_str()
                          : "-");
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
