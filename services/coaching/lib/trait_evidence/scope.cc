#include "services/coaching/lib/trait_evidence/scope.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

#include "services/coaching/lib/trait_evidence/rules.h"

namespace selfology::trait_evidence {
namespace {

using lexicon::Script;
using lexicon::Word;
using Words = std::set<std::string_view>;

constexpr size_t kNegationReach = 4;
constexpr double kEpisode = 0.5;  // One day says less of a person than their days do.
constexpr double kHabit = 1.25;

const Words& WriterWords() {
  static const auto& words = *new Words{
      "i",      "i'm",   "im",    "i've",  "ive", "i'd",   "i'll", "me",   "my",   "mine",
      "myself", "we",    "we're", "we've", "us",  "our",   "я",    "меня", "мне",  "мной",
      "мною",   "мой",   "моя",   "мое",   "мои", "моего", "моей", "моих", "моим", "моем",
      "мою",    "моими", "моему", "мы",    "нас", "нам",   "наш",  "наша", "наше", "наши"};
  return words;
}

// Beginnings of those that come in many forms are in IsOther.
const Words& OtherWords() {
  static const auto& words =
      *new Words{"he",        "she",         "they",       "he's",       "she's",    "they're",
                 "he'd",      "she'd",       "they'd",     "his",        "her",      "their",
                 "him",       "them",        "you",        "you're",     "your",     "people",
                 "everyone",  "everybody",   "someone",    "somebody",   "mum",      "mom",
                 "mother",    "dad",         "father",     "brother",    "sister",   "husband",
                 "wife",      "boyfriend",   "girlfriend", "partner",    "boss",     "manager",
                 "friend",    "friends",     "colleague",  "colleagues", "coworker", "coworkers",
                 "neighbour", "neighbor",    "neighbours", "son",        "daughter", "kid",
                 "kids",      "child",       "children",   "girl",       "boy",      "guy",
                 "man",       "woman",       "aunt",       "uncle",      "grandma",  "grandmother",
                 "grandpa",   "grandfather", "gran",       "nan",        "ex",       "teacher",
                 "cousin",    "roommate",    "flatmate",   "team",       "others",   "he'll",
                 "she'll",    "who",         "он",         "она",        "они",      "его",
                 "ее",        "ей",          "им",         "их",         "ему",      "ними",
                 "ним",       "нее",         "него",       "ты",         "вы",       "тебя",
                 "вас",       "тебе",        "вам",        "люди",       "кто-то",   "муж",
                 "мужа",      "мужу",        "мужем",      "отец",       "отца",     "мать",
                 "матери",    "сын",         "сына",       "дочь",       "дочка",    "дочери",
                 "брат",      "брата",       "друг",       "друга",      "друзья",   "шеф",
                 "босс",      "тетя",        "тети",       "дядя",       "дед",      "дети",
                 "парень",    "девушка",     "бывший",     "бывшая",     "теща",     "свекровь",
                 "папа",      "папы",        "мама",       "мамы",       "маме",     "народ",
                 "другие"};
  return words;
}

bool IsOther(const std::string& word) {
  constexpr std::array<std::string_view, 14> kStems = {
      "начальни", "коллег", "подруг", "сосед",  "бабушк", "дедушк",  "сестр",
      "жен",      "ребен",  "дочк",   "учител", "мужик",  "приятел", "женщин"};
  if (OtherWords().contains(word)) return true;
  // "женился" and "жена": the stem alone is not enough.
  if (word.starts_with("жен")) {
    return word == "жена" || word == "жены" || word == "жене" || word == "жену" ||
           word == "женой" || word.starts_with("женщин");
  }
  return std::any_of(kStems.begin(), kStems.end(),
                     [&](std::string_view stem) { return word.starts_with(stem); });
}

// "проверяю", "боюсь": who it is about is in the ending.
bool SaysI(const std::string& word) {
  constexpr std::array<std::string_view, 16> kEndings = {"аю", "яю", "ею",  "ую",  "юю", "лю",
                                                         "рю", "ню", "юсь", "усь", "жу", "шу",
                                                         "чу", "щу", "ою",  "мню"};
  if (word.size() < 2 * 4) return false;
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view ending) { return word.ends_with(ending); });
}

// "says", "call": what comes after it is about whom they speak of.
bool IsSaying(const std::string& word) {
  static const auto& words = *new Words{
      "say",     "says",    "said",    "call",    "calls",   "called",   "describe",  "tell",
      "tells",   "think",   "joke",    "jokes",   "joked",   "complain", "complains", "скажут",
      "говорят", "говорит", "сказали", "сказал",  "сказала", "называют", "называет",  "считают",
      "считает", "шутят",   "скажет",  "описали", "ответят", "назовут"};
  return words.contains(word);
}

bool IsConjunction(const std::string& word) {
  return word == "but" || word == "но" || word == "а" || word == "зато" || word == "because" ||
         word == "so" || word == "and" || word == "и" || word == "or" || word == "или";
}

template <typename Predicate>
bool Any(absl::Span<const Word> words, size_t begin, size_t end, Predicate predicate) {
  return std::any_of(words.begin() + begin, words.begin() + std::min(end, words.size()),
                     [&](const Word& word) { return predicate(word.text); });
}

// Patterns, read once: what a clause says of how far it holds.
class Phrases {
 public:
  explicit Phrases(std::initializer_list<std::string_view> texts) {
    for (const std::string_view text : texts) patterns_.push_back(*Pattern::Parse(text));
  }
  bool AnyIn(absl::Span<const Word> words) const {
    return std::any_of(patterns_.begin(), patterns_.end(),
                       [&](const Pattern& pattern) { return pattern.Contains(words); });
  }

 private:
  std::vector<Pattern> patterns_;
};

const Phrases& Unreal() {
  static const auto& phrases = *new Phrases{"wish i|we",
                                            "if only",
                                            "used to",
                                            "as a kid|child|teenager|girl|boy|student",
                                            "when i was",
                                            "back then",
                                            "years ago",
                                            "not that i",
                                            "it's not that|like",
                                            "not because",
                                            "if i could|were|was|had",
                                            "i'd love to be",
                                            "would like to be",
                                            "i want to be|become",
                                            "pretend* to be",
                                            "в детстве",
                                            "в юности",
                                            "в молодости",
                                            "когда-то",
                                            "раньше",
                                            "хотел|хотела|хотелось бы",
                                            "если бы",
                                            "мечтаю быть|стать|научиться",
                                            "вот бы",
                                            "не то чтобы",
                                            "дело не в том",
                                            "не потому что",
                                            "когда я был|была",
                                            "был|была бы"};
  return phrases;
}

const Phrases& Ironic() {
  static const auto& phrases =
      *new Phrases{"yeah right", "as if",           "ha ha",
                   "haha sure",  "sure jan",        "oh sure",
                   "oh yes",     "totally not",     "said nobody|no",
                   "ага щас",    "ага щаз",         "ага конечно",
                   "ну конечно", "ну да",           "как же",
                   "ага как",    "конечно конечно", "щас прям",
                   "сарказм",    "sarcasm",         "irony|ironic|ironically",
                   "ирония"};
  return phrases;
}

const Phrases& Episodic() {
  static const auto& phrases = *new Phrases{"today",
                                            "yesterday",
                                            "last night|week|weekend|month|year",
                                            "this week|morning|month|year",
                                            "lately",
                                            "right now",
                                            "at the moment",
                                            "on monday|tuesday|wednesday|thursday|friday",
                                            "recently",
                                            "once",
                                            "one time",
                                            "for once",
                                            "сегодня",
                                            "вчера",
                                            "на прошлой неделе",
                                            "на этой неделе",
                                            "в последнее время",
                                            "сейчас",
                                            "недавно",
                                            "однажды",
                                            "один раз",
                                            "как-то",
                                            "в прошлом месяце|году",
                                            "на днях"};
  return phrases;
}

const Phrases& Habitual() {
  static const auto& phrases =
      *new Phrases{"always",
                   "every|each day|morning|night|evening|week|weekend|time|single",
                   "usually",
                   "constantly",
                   "never",
                   "as a rule",
                   "by nature",
                   "всегда",
                   "каждый|каждое|каждую|каждые",
                   "обычно",
                   "вечно",
                   "постоянно",
                   "никогда",
                   "по натуре|жизни",
                   "как правило"};
  return phrases;
}

const Phrases& AboutSomebody() {
  static const auto& phrases = *new Phrases{
      "who ~ admire|inspires|inspired|taught|hurt|influenced|raised|love|loves|loved|knows",
      "person|someone|somebody ~ who|you",
      "tell ~ about your|a ~ mother|father|friend|boss|family",
      "describe ~ mother|father|friend|boss|family|parents|person",
      "your mother|father|parents|grandmother|grandfather ~ like",
      "что ~ за человек",
      "кем|кого ~ восхищаетесь|восхищаешься|любите|любишь",
      "кто ~ повлиял|научил|вдохновляет|вдохновил|воспитал|обидел|вас|тебя",
      "расскажи|расскажите ~ о|об|про ~ человеке|маме|отце|друге|родителях|семье|бабушке",
      "какой|какая|какими ~ был|была|были ~ мама|мать|отец|родители|бабушка"};
  return phrases;
}

const Phrases& AboutImpression() {
  static const auto& phrases = *new Phrases{
      "others|people|friends|family|colleagues|they ~ describe|say|see|call|think|know",
      "would ~ say about you",
      "describe|see you",
      "describe yourself",
      "о вас|тебе",
      "про вас|тебя",
      "вас|тебя ~ описали|опишут|описывают|называют|видят|знают",
      "опишите|опиши себя"};
  return phrases;
}

}  // namespace

QuestionFocus FocusOf(absl::Span<const Word> question) {
  static const auto& openers =
      *new Words{"do",    "are",    "is",     "have",   "can",   "would",  "does", "did", "will",
                 "часто", "любите", "любишь", "умеете", "легко", "бывает", "вы",   "ты"};
  QuestionFocus focus;
  if (question.empty()) return focus;
  focus.how_others_see = AboutImpression().AnyIn(question);
  focus.somebody_else = !focus.how_others_see && AboutSomebody().AnyIn(question);
  size_t last = 0;  // The last sentence is the question.
  for (size_t i = 0; i + 1 < question.size(); ++i) {
    if (question[i].ends_sentence) last = i + 1;
  }
  const auto& opener = question[last].text;
  focus.yes_or_no = openers.contains(opener) ||
                    Any(question, last, question.size(),
                        [](const std::string& word) { return word == "ли" || word == "часто"; }) ||
                    (opener == "how" && last + 1 < question.size() &&
                     (question[last + 1].text == "often" || question[last + 1].text == "easily"));
  return focus;
}

Scope::Scope(std::vector<Word> words, std::string_view text, QuestionFocus focus)
    : words_(std::move(words)), focus_(focus) {
  size_t at = 0;
  bool quoted = false;
  for (const Word& word : words_) {
    for (; at < word.begin; ++at) {
      const std::string_view rest = text.substr(at);
      if (rest.starts_with("«") || rest.starts_with("“") || rest.starts_with("„")) {
        quoted = true;
      } else if (rest.starts_with("»") || rest.starts_with("”")) {
        quoted = false;
      } else if (rest.starts_with('"')) {
        quoted = !quoted;
      }
    }
    quoted_.push_back(quoted);
    capital_.push_back(text[word.begin] >= 'A' && text[word.begin] <= 'Z');
    at = word.end;
  }
}

Scope::Range Scope::ClauseOf(size_t at) const {
  Range range = {at, at + 1};
  while (range.begin > 0 && !words_[range.begin - 1].ends_clause) --range.begin;
  while (range.end < words_.size() && !words_[range.end - 1].ends_clause) ++range.end;
  return range;
}

Scope::Range Scope::SentenceOf(size_t at) const {
  Range range = {at, at + 1};
  while (range.begin > 0 && !words_[range.begin - 1].ends_sentence) --range.begin;
  while (range.end < words_.size() && !words_[range.end - 1].ends_sentence) ++range.end;
  return range;
}

// "Dave is", "Anna never": a capital inside of a sentence before a verb.
bool Scope::IsName(size_t at) const {
  static const auto& verbs =
      *new Words{"is",     "was",   "has", "had", "does", "did",   "will", "says", "said", "told",
                 "always", "never", "can", "got", "went", "keeps", "and",  "gets", "asked"};
  return capital_[at] && at > 0 && !words_[at - 1].ends_sentence && words_[at].text.size() > 2 &&
         !words_[at].text.starts_with("i'") && at + 1 < words_.size() &&
         verbs.contains(words_[at + 1].text);
}

Scope::Owner Scope::OwnerBefore(size_t at, size_t from) const {
  for (size_t i = at; i-- > from;) {
    const std::string& word = words_[i].text;
    if (WriterWords().contains(word)) {
      // "My husband is …" is found as the husband's; "my" alone is the writer's.
      return Owner::kWriter;
    }
    if (SaysI(word)) return Owner::kWriter;
    if (IsSaying(word) && focus_.how_others_see) return Owner::kWriter;
    if (IsOther(word) || IsName(i)) return Owner::kOther;
  }
  return Owner::kUnsaid;
}

bool Scope::IsAboutWriter(size_t at, size_t words) const {
  for (size_t i = at; i < at + words; ++i) {
    if (WriterWords().contains(words_[i].text) || SaysI(words_[i].text)) return true;
  }
  const Range clause = ClauseOf(at);
  Owner owner = OwnerBefore(at, clause.begin);
  // «Тревожно мне»: who it is about may come after.
  if (owner == Owner::kUnsaid) {
    for (size_t i = at + words; i < clause.end && i < at + words + 2; ++i) {
      const std::string& word = words_[i].text;
      if (word == "мне" || word == "меня" || word == "я" || word == "me") return true;
    }
  }
  if (owner == Owner::kUnsaid) owner = OwnerBefore(clause.begin, SentenceOf(at).begin);
  if (owner != Owner::kUnsaid) return owner == Owner::kWriter;
  if (focus_.somebody_else) return false;
  // "Talks to everyone", said of somebody before.
  const std::string& first = words_[at].text;
  const bool third_person = words_[at].script == Script::kLatin && first.size() > 3 &&
                            first.ends_with('s') && !first.ends_with("ss") && words > 1 &&
                            (at == 0 || words_[at - 1].ends_clause);
  if (!third_person) return true;
  return at == 0 || OwnerBefore(SentenceOf(at).begin, 0) != Owner::kOther;
}

bool Scope::IsDenied(size_t at, size_t words) const {
  const Range clause = ClauseOf(at);
  int denials = 0;
  for (size_t i = at; i-- > clause.begin && at - i <= kNegationReach;) {
    const std::string& word = words_[i].text;
    if (at - i > 1 && IsConjunction(word)) break;
    if (!IsNegator(word)) continue;
    const std::string& next = words_[i + 1].text;
    if (next == "only" || next == "just" || next == "только" || next == "просто") continue;
    // "I can't help checking", «не могу не проверить».
    if (word.starts_with("can") && (next == "help" || next == "stop" || next == "resist" ||
                                    next == "wait" || next == "imagine")) {
      continue;
    }
    ++denials;
  }
  const size_t after = at + words;
  for (size_t i = after; i < clause.end && i < after + 3; ++i) {
    const std::string& word = words_[i].text;
    const std::string next = i + 1 < clause.end ? words_[i + 1].text : "";
    if (word == "нет" || word == "нету" || word == "ноль" || word == "отсутствует") ++denials;
    if (word == "не" &&
        (next == "про" || next == "мое" || next == "для" || next == "бывает" || next == "люблю" ||
         next == "моя" || next == "мой" || next == "испытываю" || next == "страдаю")) {
      ++denials;
    }
    if ((word == "isn't" || word == "aren't" || word == "not" || word == "never") &&
        (next == "my" || next == "for" || next == "me" || next == "really" || next == "a")) {
      ++denials;
    }
  }
  return denials % 2 == 1;
}

double Scope::Certainty(size_t at) const {
  if (quoted_[at]) return 0;
  const Range sentence = SentenceOf(at);
  const Range clause = ClauseOf(at);
  const auto part = [&](const Range& range) {
    return absl::MakeConstSpan(words_).subspan(range.begin, range.end - range.begin);
  };
  if (Unreal().AnyIn(part(clause)) || Ironic().AnyIn(part(sentence))) return 0;
  // "…, as if": the next words may take it back.
  if (sentence.end < words_.size() && Ironic().AnyIn(part(SentenceOf(sentence.end)))) return 0;
  if (Episodic().AnyIn(part(sentence))) return kEpisode;
  return Habitual().AnyIn(part(clause)) ? kHabit : 1;
}

}  // namespace selfology::trait_evidence
