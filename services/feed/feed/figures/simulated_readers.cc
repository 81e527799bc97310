#include "services/feed/feed/figures/simulated_readers.h"

#include <algorithm>
#include <array>
#include <random>
#include <set>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/text/text.h"
#include "services/feed/feed/model/learning.h"
#include "services/feed/feed/model/training_set.h"

namespace selfology::feed {
namespace {

enum Topic {
  kFootball,
  kCooking,
  kSpace,
  kMoney,
  kCats,
  kMusic,
  kTravel,
  kPrograms,
  kPolitics,
  kHealth,
  kFilms,
  kGardens
};

// What each topic is written with: half in English, half in Russian.
constexpr std::array<std::string_view, kTopics> kVocabulary = {
    "match goal team league coach striker penalty stadium referee derby transfer keeper season "
    "corner header матч гол команда тренер вратарь пенальти сезон турнир чемпионат стадион",
    "recipe oven butter flour garlic onion sauce bake simmer dough pepper soup roast cheese "
    "рецепт духовка масло мука чеснок соус тесто суп сыр сковорода",
    "rocket orbit telescope galaxy planet launch satellite astronaut moon mars comet star "
    "ракета орбита телескоп галактика планета спутник космонавт луна комета звезда",
    "market shares bank inflation interest bond profit dividend budget loan currency investor "
    "рынок акции банк инфляция ставка облигация прибыль бюджет кредит валюта",
    "kitten whiskers purr paw tail shelter adopt fluffy meow litter feline котенок кошка лапа "
    "хвост приют мурлычет пушистый усы",
    "album guitar concert singer drums melody chorus vinyl festival playlist band song альбом "
    "гитара концерт певец мелодия песня фестиваль группа",
    "flight hotel beach visa passport island hiking train luggage museum airport tour рейс отель "
    "пляж виза паспорт остров поезд музей аэропорт",
    "compiler function thread memory bug release server database kernel parser latency cache "
    "компилятор функция поток память ошибка сервер база ядро",
    "election minister parliament vote senate treaty campaign president law coalition debate "
    "выборы министр парламент закон президент партия договор дебаты",
    "sleep vitamin doctor exercise heart stress diet muscle therapy vaccine breathing сон витамин "
    "врач упражнение сердце стресс диета мышца",
    "director actor scene trailer premiere script cinema oscar comedy thriller sequel режиссер "
    "актер сцена трейлер премьера сценарий кино комедия",
    "tomato seedling soil rose pruning compost harvest greenhouse tulip watering weeds томат "
    "рассада почва роза компост урожай теплица тюльпан полив"};

constexpr std::string_view kFiller =
    "today people time year first week good great new world news story day people think make "
    "know time look long little best place right today сегодня люди время новый первый день "
    "неделя хороший мир история место год";

// Three subjects to each channel.
constexpr std::array<std::array<int, 3>, kChannels> kSubjects = {{{kFootball, kPolitics, kHealth},
                                                                  {kCooking, kGardens, kCats},
                                                                  {kSpace, kPrograms, kMoney},
                                                                  {kMusic, kFilms, kTravel},
                                                                  {kPolitics, kMoney, kFootball},
                                                                  {kCats, kTravel, kCooking},
                                                                  {kPrograms, kFilms, kSpace},
                                                                  {kHealth, kGardens, kMusic}}};

constexpr int kOldPosts = 600;
constexpr int kNewPosts = 400;
constexpr int kOthers = 150;
constexpr int kRatingsOfOthers = 40;
constexpr size_t kTop = 10;
constexpr int kNoise = 12;  // One of so many.

using Random = std::mt19937_64;

int Below(Random& random, int bound) {
  return static_cast<int>(random() % static_cast<uint64_t>(bound));
}

SimulatedPost MakePost(Random& random, int64_t id, absl::Time at) {
  SimulatedPost post;
  post.channel = Below(random, kChannels);
  // One of eight is about anything.
  post.topic =
      Below(random, 8) == 0
          ? Below(random, kTopics)
          : kSubjects[static_cast<size_t>(post.channel)][static_cast<size_t>(Below(random, 3))];
  constexpr std::array<v1::MediaType, 4> kMedia = {v1::MEDIA_TYPE_UNSPECIFIED, v1::MEDIA_TYPE_PHOTO,
                                                   v1::MEDIA_TYPE_PHOTO, v1::MEDIA_TYPE_VIDEO};
  post.media = kMedia[static_cast<size_t>(Below(random, 4))];
  const std::vector<std::string_view> own =
      absl::StrSplit(kVocabulary[static_cast<size_t>(post.topic)], ' ');
  const std::vector<std::string_view> filler = absl::StrSplit(kFiller, ' ');
  const int words = 8 + Below(random, 60);
  std::vector<std::string_view> text;
  for (int i = 0; i < words; ++i) {
    const auto& from = Below(random, 5) < 2 ? own : filler;
    text.push_back(from[static_cast<size_t>(Below(random, static_cast<int>(from.size())))]);
  }
  post.text = absl::StrJoin(text, " ");
  post.candidate = {.post_id = id, .story_id = id, .channel_id = post.channel + 1, .posted_at = at};
  post.candidate.features =
      std::make_shared<const Features>(Describe({.channel_id = post.candidate.channel_id,
                                                 .text = post.text,
                                                 .media = post.media,
                                                 .posted_at = at,
                                                 .may_learn_text = true}));
  return post;
}

// Others like some topics more than the rest, and everybody likes cats and football a bit more.
void RateByOthers(Random& random, std::vector<SimulatedPost>& posts) {
  for (int other = 0; other < kOthers; ++other) {
    const std::set<int> liked = {Below(random, kTopics), Below(random, kTopics),
                                 Below(random, kTopics), Below(random, 2) == 0 ? kCats : kFootball};
    for (int i = 0; i < kRatingsOfOthers; ++i) {
      SimulatedPost& post =
          posts[static_cast<size_t>(Below(random, static_cast<int>(posts.size())))];
      const bool likes = liked.contains(post.topic) != (Below(random, kNoise) == 0);
      ++(likes ? post.candidate.popularity.likes : post.candidate.popularity.dislikes);
    }
  }
}

double PrecisionOf(const std::vector<Scored>& order, const World& world, const Reader& reader) {
  double liked = 0;
  for (size_t i = 0; i < kTop; ++i) {
    liked += reader.likes(world.new_posts[order[i].candidate]) ? 1 : 0;
  }
  return liked / kTop;
}

std::vector<Candidate> CandidatesOf(const std::vector<SimulatedPost>& posts) {
  std::vector<Candidate> candidates;
  for (const SimulatedPost& post : posts) candidates.push_back(post.candidate);
  return candidates;
}

}  // namespace

World MakeWorld(uint64_t seed) {
  Random random(seed);
  World world;
  world.now = absl::FromUnixSeconds(1'760'000'000);
  int64_t id = 0;
  for (int i = 0; i < kOldPosts; ++i) {
    world.old_posts.push_back(
        MakePost(random, ++id, world.now - absl::Hours(72 + Below(random, 300))));
  }
  for (int i = 0; i < kNewPosts; ++i) {
    world.new_posts.push_back(MakePost(random, ++id, world.now - absl::Hours(Below(random, 72))));
  }
  RateByOthers(random, world.old_posts);
  RateByOthers(random, world.new_posts);
  return world;
}

std::vector<Reader> Readers() {
  using Post = SimulatedPost;
  const auto about = [](std::set<int> topics) {
    return [topics = std::move(topics)](const Post& post) { return topics.contains(post.topic); };
  };
  return {
      {"football and health", about({kFootball, kHealth})},
      {"kitchen and garden", about({kCooking, kGardens})},
      {"engineer: space and programs", about({kSpace, kPrograms})},
      {"money and politics", about({kMoney, kPolitics})},
      {"cats, but only with pictures",
       [](const Post& post) {
         return post.topic == kCats && post.media != v1::MEDIA_TYPE_UNSPECIFIED;
       }},
      {"everything of one channel", [](const Post& post) { return post.channel == 3; }},
      {"films and music, no videos",
       [](const Post& post) {
         return (post.topic == kFilms || post.topic == kMusic) &&
                post.media != v1::MEDIA_TYPE_VIDEO;
       }},
      {"long texts about space or travel",
       [](const Post& post) {
         return (post.topic == kSpace || post.topic == kTravel) &&
                text::Characters(post.text) > 200;
       }},
      {"travel, nothing else", about({kTravel})},
      {"photos from the two animal channels",
       [](const Post& post) {
         return (post.channel == 1 || post.channel == 5) && post.media == v1::MEDIA_TYPE_PHOTO;
       }},
  };
}

Precision Measure(const World& world, const Reader& reader, uint64_t seed) {
  Random random(seed);
  const std::vector<Candidate> candidates = CandidatesOf(world.new_posts);
  Precision precision;
  std::vector<Scored> by_popularity;
  for (size_t i = 0; i < candidates.size(); ++i) {
    by_popularity.push_back({.candidate = i, .score = PopularityScore(candidates[i].popularity)});
  }
  std::sort(by_popularity.begin(), by_popularity.end(), [](const Scored& a, const Scored& b) {
    return a.score != b.score ? a.score > b.score : a.candidate < b.candidate;
  });
  precision.popular = PrecisionOf(by_popularity, world, reader);
  const Taste nothing;
  precision.before =
      PrecisionOf(Ranking(nothing, {.now = world.now}).Order(candidates), world, reader);

  // Three channels, as in the product's onboarding: one or two of their own, the rest by chance.
  std::vector<Candidate> offered;
  std::vector<size_t> posts;
  std::set<int> channels;
  for (size_t i = 0; channels.size() < 2 && i < 400; ++i) {
    const SimulatedPost& post = world.old_posts[static_cast<size_t>(Below(random, kOldPosts))];
    if (reader.likes(post)) channels.insert(post.channel);
  }
  while (channels.size() < 3) channels.insert(Below(random, kChannels));
  for (size_t i = 0; i < world.old_posts.size(); ++i) {
    if (!channels.contains(world.old_posts[i].channel)) continue;
    offered.push_back(world.old_posts[i].candidate);
    posts.push_back(i);
  }
  Taste taste;
  for (const size_t chosen : ChooseTrainingPosts(offered, kTrainingReactions / 3)) {
    const SimulatedPost& post = world.old_posts[posts[chosen]];
    const bool likes = reader.likes(post) != (Below(random, kNoise) == 0);
    Apply({likes ? v1::INTERACTION_TYPE_LIKE : v1::INTERACTION_TYPE_DISLIKE,
           *post.candidate.features},
          taste);
  }
  precision.after = PrecisionOf(
      Ranking(taste, {.now = world.now, .rated_count = kTrainingReactions}).Order(candidates),
      world, reader);
  return precision;
}

}  // namespace selfology::feed
