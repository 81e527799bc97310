// Prints 50 drafts in three voices, mixed, for somebody to tell apart: first what the authors wrote
// themselves, then the drafts by number, and with --key whose each is.
//
//   bazel run //services/studio/content:print_drafts > drafts.txt
//   bazel run //services/studio/content:print_drafts -- --key > key.txt

#include <algorithm>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "services/studio/content/voice.h"
#include "services/studio/content/voice_cases_test.h"

ABSL_FLAG(bool, key, false, "Print whose each draft is instead of the drafts");

namespace selfology::content {
namespace {

constexpr size_t kDrafts = 50;

struct Drafted {
  std::string author = {};
  std::string text = {};
};

void Print(bool key) {
  std::vector<Drafted> drafts;
  for (const VoiceCases& cases : {EnglishCases(), RussianCases()}) {
    for (const Author& author : cases.authors) {
      const google::protobuf::RepeatedPtrField<std::string> samples(author.samples.begin(),
                                                                    author.samples.end());
      if (!key) std::printf("== %s writes ==\n", author.name.c_str());
      for (const std::string& sample : author.samples) {
        if (!key) std::printf("%s\n--\n", sample.c_str());
      }
      const Voice voice = VoiceOf(v1::TONE_UNSPECIFIED, samples);
      for (const std::string& brief : cases.briefs) {
        drafts.push_back({author.name, InVoice(brief, voice)});
      }
    }
  }
  // The same order each time, so that the key fits.
  std::shuffle(drafts.begin(), drafts.end(), std::mt19937(50));
  drafts.resize(std::min(drafts.size(), kDrafts));
  for (size_t i = 0; i < drafts.size(); ++i) {
    std::printf("%s%zu%s%s\n", key ? "" : "\n[", i + 1, key ? " " : "]\n",
                key ? drafts[i].author.c_str() : drafts[i].text.c_str());
  }
}

}  // namespace
}  // namespace selfology::content

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  selfology::content::Print(absl::GetFlag(FLAGS_key));
}
