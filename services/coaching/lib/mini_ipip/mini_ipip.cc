#include "services/coaching/lib/mini_ipip/mini_ipip.h"

#include "absl/strings/str_format.h"

namespace selfology::mini_ipip {
namespace {

using language::Language;

constexpr int kItemsPerTrait = 4;

constexpr Item kItems[] = {
    {1, Trait::kExtraversion, false, "Am the life of the party.", "Я душа компании."},
    {2, Trait::kAgreeableness, false, "Sympathize with others' feelings.",
     "Я сочувствую другим людям."},
    {3, Trait::kConscientiousness, false, "Get chores done right away.",
     "Я берусь за домашние дела сразу, не откладывая."},
    {4, Trait::kNeuroticism, false, "Have frequent mood swings.",
     "У меня часто меняется настроение."},
    {5, Trait::kOpenness, false, "Have a vivid imagination.", "У меня живое воображение."},
    {6, Trait::kExtraversion, true, "Don't talk a lot.", "Я мало говорю."},
    {7, Trait::kAgreeableness, true, "Am not interested in other people's problems.",
     "Чужие проблемы меня не интересуют."},
    {8, Trait::kConscientiousness, true, "Often forget to put things back in their proper place.",
     "Я часто забываю класть вещи на место."},
    {9, Trait::kNeuroticism, true, "Am relaxed most of the time.",
     "Обычно я чувствую себя спокойно и расслабленно."},
    {10, Trait::kOpenness, true, "Am not interested in abstract ideas.",
     "Отвлечённые идеи мне неинтересны."},
    {11, Trait::kExtraversion, false, "Talk to a lot of different people at parties.",
     "В гостях и на праздниках я разговариваю со многими людьми."},
    {12, Trait::kAgreeableness, false, "Feel others' emotions.", "Я чувствую настроение других."},
    {13, Trait::kConscientiousness, false, "Like order.", "Я люблю порядок."},
    {14, Trait::kNeuroticism, false, "Get upset easily.", "Меня легко расстроить."},
    {15, Trait::kOpenness, true, "Have difficulty understanding abstract ideas.",
     "Мне трудно понимать отвлечённые идеи."},
    {16, Trait::kExtraversion, true, "Keep in the background.", "Я предпочитаю оставаться в тени."},
    {17, Trait::kAgreeableness, true, "Am not really interested in others.",
     "Другие люди мне, в общем-то, неинтересны."},
    {18, Trait::kConscientiousness, true, "Make a mess of things.", "Я часто развожу беспорядок."},
    {19, Trait::kNeuroticism, true, "Seldom feel blue.", "Мне редко бывает грустно."},
    {20, Trait::kOpenness, true, "Do not have a good imagination.",
     "С воображением у меня не очень хорошо."},
};

// A round for each item of a trait; first what is easily said of oneself, to anybody.
constexpr int kAskingOrder[] = {5,  13, 16, 2,  9,  20, 18, 1, 17, 14,
                                10, 3,  11, 12, 19, 15, 8,  6, 7,  4};

// Cronbach's alpha of all four items.
double AlphaOf(Trait trait) {
  switch (trait) {
    case Trait::kOpenness:
      return 0.65;
    case Trait::kConscientiousness:
      return 0.69;
    case Trait::kExtraversion:
      return 0.77;
    case Trait::kAgreeableness:
      return 0.70;
    case Trait::kNeuroticism:
      return 0.68;
  }
  return 0;
}

// Spearman–Brown: the reliability of a scale cut down to so many of its items.
double Reliability(Trait trait, int items) {
  const double part = static_cast<double>(items) / kItemsPerTrait;
  const double alpha = AlphaOf(trait);
  return part * alpha / (1 + (part - 1) * alpha);
}

}  // namespace

std::string_view NameOf(Trait trait) {
  switch (trait) {
    case Trait::kOpenness:
      return "openness";
    case Trait::kConscientiousness:
      return "conscientiousness";
    case Trait::kExtraversion:
      return "extraversion";
    case Trait::kAgreeableness:
      return "agreeableness";
    case Trait::kNeuroticism:
      return "neuroticism";
  }
  return "";
}

absl::Span<const Item> Items() { return kItems; }

std::string IdOf(const Item& item) { return absl::StrFormat("mini_ipip_%02d", item.number); }

const Item* FindItem(std::string_view id) {
  for (const Item& item : kItems) {
    if (IdOf(item) == id) return &item;
  }
  return nullptr;
}

const Item* NextItem(const std::set<int>& answered) {
  std::map<Trait, int> known;
  for (const int number : kAskingOrder) {
    if (answered.contains(number)) ++known[kItems[number - 1].trait];
  }
  const Item* next = nullptr;
  for (const int number : kAskingOrder) {
    const Item& item = kItems[number - 1];
    if (answered.contains(number)) continue;
    if (next == nullptr || known[item.trait] < known[next->trait]) next = &item;
  }
  return next;
}

std::string_view TextOf(const Item& item, Language language) {
  return language == Language::kRussian ? item.russian : item.english;
}

std::array<std::string_view, 5> Labels(Language language) {
  if (language == Language::kRussian) {
    return {"Совсем не про меня", "Скорее не про меня", "И да, и нет", "Скорее про меня",
            "Точно про меня"};
  }
  return {"Very inaccurate", "Moderately inaccurate", "Neither accurate nor inaccurate",
          "Moderately accurate", "Very accurate"};
}

std::map<Trait, Estimate> Score(const std::map<int, int>& answers) {
  struct Sum {
    int total = 0;
    int items = 0;
  };
  std::map<Trait, Sum> sums;
  for (const Item& item : kItems) {
    const auto answer = answers.find(item.number);
    if (answer == answers.end() || answer->second < kLeastAccurate ||
        answer->second > kMostAccurate) {
      continue;
    }
    Sum& sum = sums[item.trait];
    sum.total += item.reversed ? kLeastAccurate + kMostAccurate - answer->second : answer->second;
    ++sum.items;
  }
  std::map<Trait, Estimate> estimates;
  for (const auto& [trait, sum] : sums) {
    const double mean = static_cast<double>(sum.total) / sum.items;
    estimates[trait] = {.value = (mean - kLeastAccurate) / (kMostAccurate - kLeastAccurate),
                        .confidence = Reliability(trait, sum.items)};
  }
  return estimates;
}

}  // namespace selfology::mini_ipip
