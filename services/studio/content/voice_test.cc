#include "services/studio/content/voice.h"

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "common/text/utf8.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/studio/content/voice_cases_test.h"

namespace selfology::content {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using Samples = google::protobuf::RepeatedPtrField<std::string>;

constexpr char kEnglish[] =
    "We do not close in winter. But the garden is large, and children need warm shoes. Come soon.";
constexpr char kRussian[] =
    "Мы не закрываемся зимой. Но сейчас в саду снег, и детям нужно тепло одеться. Скоро весна.";

std::string InTone(v1::Tone tone, const std::string& text) {
  return InVoice(text, VoiceOf(tone, {}));
}

TEST(VoiceTest, AToneChangesWordsMarksAndLayout) {
  const std::string formal = InTone(v1::TONE_PROFESSIONAL, kEnglish);
  EXPECT_THAT(formal, HasSubstr("do not"));
  EXPECT_THAT(formal, HasSubstr("However, the garden is large"));
  EXPECT_THAT(formal, HasSubstr("shortly"));
  EXPECT_THAT(formal, Not(HasSubstr("!")));
  EXPECT_THAT(formal, EndsWith("Thank you for your attention."));
  const std::string friendly = InTone(v1::TONE_FRIENDLY, kEnglish);
  EXPECT_THAT(friendly, HasSubstr("don't"));
  EXPECT_THAT(friendly, HasSubstr("kids"));
  EXPECT_THAT(friendly, HasSubstr("!"));
  const std::string bold = InTone(v1::TONE_BOLD, kEnglish);
  EXPECT_THAT(bold, HasSubstr("\nKids need warm shoes!\n"));
  EXPECT_NE(InTone(v1::TONE_PLAYFUL, kEnglish), friendly);
}

TEST(VoiceTest, AToneIsOfTheTextsLanguage) {
  const std::string formal = InTone(v1::TONE_PROFESSIONAL, kRussian);
  EXPECT_THAT(formal, HasSubstr("Однако в настоящее время в саду снег"));
  EXPECT_THAT(formal, HasSubstr("необходимо"));
  EXPECT_THAT(formal, EndsWith("Благодарим за внимание."));
  EXPECT_THAT(InTone(v1::TONE_BOLD, kRussian), HasSubstr("\nДетям нужно тепло одеться!\n"));
  EXPECT_THAT(InTone(v1::TONE_FRIENDLY, kRussian), Not(HasSubstr("friends")));
}

TEST(VoiceTest, LinksHashtagsAndQuestionsStayAsTheyAre) {
  const std::string text = "Who comes? See https://a.example/b.html Write to @garden";
  for (const v1::Tone tone : {v1::TONE_PROFESSIONAL, v1::TONE_BOLD, v1::TONE_FRIENDLY}) {
    const std::string written = InTone(tone, text);
    EXPECT_THAT(written, HasSubstr("Who comes?")) << written;
    EXPECT_THAT(written, HasSubstr("https://a.example/b.html Write to @garden")) << written;
  }
}

TEST(VoiceTest, SamplesAreInPlaceOfTheTone) {
  const Author author = EnglishCases().authors[2];
  const Voice voice =
      VoiceOf(v1::TONE_PROFESSIONAL, Samples(author.samples.begin(), author.samples.end()));
  EXPECT_THAT(InVoice(kEnglish, voice), StartsWith("LISTEN UP!\nWe don't close in winter!\n"));
  EXPECT_THAT(InVoice(kEnglish, voice), EndsWith("\nMove!"));
  EXPECT_THAT(InVoice(kRussian, voice), Not(HasSubstr("LISTEN")));
}

TEST(VoiceTest, HashtagsAndSmallLettersAreHabits) {
  Samples samples;
  for (const char* text : {"we opened a window. the air is cold.\n#air #window",
                           "nothing happened today. all stay here.\n#nothing #here"}) {
    samples.Add(text);
  }
  const std::string written = InVoice(kEnglish, VoiceOf(v1::TONE_UNSPECIFIED, samples));
  EXPECT_THAT(written, StartsWith("we do not close in winter. but the garden"));
  EXPECT_THAT(written, EndsWith("\n#children #winter"));
}

// A reader who knows nothing of voices: what somebody writes is like what they wrote, by the runs of
// three characters in it; rare ones count more.
class Reader {
 public:
  explicit Reader(const std::vector<Author>& authors) {
    for (const Author& author : authors) {
      std::map<std::string, double>& runs = known_.emplace_back();
      for (const std::string& sample : author.samples) {
        for (const std::string& run : RunsOf(sample)) runs[run] += 1;
      }
      for (const auto& [run, times] : runs) ++authors_with_[run];
    }
  }

  size_t WhoseIs(const std::string& text) const {
    size_t best = 0;
    double most = -1;
    for (size_t i = 0; i < known_.size(); ++i) {
      double alike = 0, size = 0;
      for (const auto& [run, times] : known_[i]) {
        size += Weight(run) * Weight(run) * times * times;
      }
      for (const std::string& run : RunsOf(text)) {
        const auto found = known_[i].find(run);
        if (found != known_[i].end()) alike += Weight(run) * Weight(run) * found->second;
      }
      alike /= std::sqrt(size);
      if (alike > most) {
        most = alike;
        best = i;
      }
    }
    return best;
  }

 private:
  static std::vector<std::string> RunsOf(std::string_view text) {
    std::vector<std::string> characters, runs;
    while (!text.empty())
      text::AppendCharacter(text::TakeCharacter(text), characters.emplace_back());
    for (size_t i = 0; i + 2 < characters.size(); ++i) {
      runs.push_back(characters[i] + characters[i + 1] + characters[i + 2]);
    }
    return runs;
  }
  double Weight(const std::string& run) const {
    return std::log(1.0 + static_cast<double>(known_.size()) / authors_with_.at(run));
  }

  std::vector<std::map<std::string, double>> known_;
  std::map<std::string, int> authors_with_;
};

struct Score {
  int drafts = 0;
  int right = 0;
};

// How many drafts of each author a reader gives to the right one.
Score Read(const VoiceCases& cases, bool in_voice) {
  const Reader reader(cases.authors);
  Score score;
  for (size_t i = 0; i < cases.authors.size(); ++i) {
    const std::vector<std::string>& samples = cases.authors[i].samples;
    const Voice voice = VoiceOf(v1::TONE_UNSPECIFIED, Samples(samples.begin(), samples.end()));
    for (const std::string& brief : cases.briefs) {
      ++score.drafts;
      score.right += reader.WhoseIs(in_voice ? InVoice(brief, voice) : brief) == i;
    }
  }
  return score;
}

TEST(VoiceTest, ABlindReaderTellsThreeVoicesApart) {
  const Score english = Read(EnglishCases(), true);
  const Score russian = Read(RussianCases(), true);
  ASSERT_GE(english.drafts + russian.drafts, 50);
  EXPECT_GE(english.right, english.drafts * 8 / 10) << "of " << english.drafts;
  EXPECT_GE(russian.right, russian.drafts * 8 / 10) << "of " << russian.drafts;
  // Of the briefs themselves, in no voice, the reader can only guess.
  EXPECT_LE(Read(EnglishCases(), false).right, english.drafts / 2);
}

}  // namespace
}  // namespace selfology::content
