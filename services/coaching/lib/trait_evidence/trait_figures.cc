// How well traits are read, on simulated people whose traits are known.
//
//   trait_figures [--part=odd|even] [--signs] people_en.tsv people_ru.tsv
//
// A file is UTF-8, one record a line, fields separated by one tab; empty lines and those that begin
// with "#" are skipped. A person's lines stand together, `person` first:
//
//   person  ID  LANGUAGE  O  C  E  A  N       LANGUAGE: en or ru; the true traits: -1, 0 or 1
//   answer  ID  QUESTION  ANSWER              usually ten
//   rating  ID  STATEMENT_ID  RATING          mini_ipip_01 to _20, 1 to 5; may be left out
//
// Who has no ratings gets twenty simulated ones, by the seed kSeed: a rating is the middle, moved by
// the person's trait (kPoleDistance standard deviations for those of a pole), a leaning of the
// person to agree with everything, and noise that gives each scale its published reliability;
// rounded and kept within 1 to 5.
//
// Prints, for text alone, statements alone and both, for each language and all: of the expected
// strong signs (true traits of -1 or 1) the share shown (confidence of at least kShown), of those
// the share that are right, the same for each pole, what is shown of people who are average, and the
// expected calibration error in ten bins over all traits with evidence; in it, neither pole is right
// of who is average. For text also how many signs there are at each pole, and how many of them with
// people of that pole, average ones and the opposite ones, with the worth that follows
// (TextWorth). --part takes every other person, so that worths can be set by one half and measured
// with the other. --signs prints no answers, but each sign's person, trait, direction and the true
// value.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/coaching/lib/trait_evidence/pool.h"
#include "services/coaching/lib/trait_evidence/rules.h"
#include "services/coaching/lib/trait_evidence/signs.h"

namespace selfology::trait_evidence {
namespace {

using trait::v1::TraitEvidence;

constexpr unsigned kSeed = 20251001;
constexpr double kAgreeing = 0.25;  // Standard deviation of the leaning to agree, points.
constexpr int kBins = 10;

struct Person {
  std::string id;
  std::string language;
  std::map<std::string, int> truth;
  std::vector<TraitEvidence> texts;
  std::vector<TraitEvidence> ratings;
};

std::vector<TraitEvidence> SimulatedRatings(const Person& person, std::mt19937& random) {
  std::normal_distribution<double> normal;
  std::vector<TraitEvidence> ratings;
  const double leaning = kAgreeing * normal(random);
  for (const mini_ipip::Item& item : mini_ipip::Items()) {
    const std::string name(mini_ipip::NameOf(item.trait));
    const double correlation = ItemCorrelation(item.trait);
    const double trait =
        kPoleDistance * person.truth.at(name) * kRatingDeviation * std::sqrt(correlation);
    const double noise = kRatingDeviation * std::sqrt(1 - correlation) * normal(random);
    const double rating = 3 + (item.reversed ? -trait : trait) + leaning + noise;
    const int rounded = static_cast<int>(std::lround(std::clamp(rating, 1.0, 5.0)));
    ratings.push_back(StatementEvidence(name, item.reversed, rounded));
  }
  return ratings;
}

struct Pole {
  int expected = 0, shown = 0, right = 0;
};
struct Bin {
  int count = 0, right = 0;
  double confidence = 0;
};
struct Figures {
  Pole all;
  std::map<std::string, Pole> poles;
  int average = 0, average_shown = 0;
  Bin bins[kBins];
};

std::string PoleName(const std::string& trait, bool high) {
  return absl::StrCat(trait, high ? " +" : " -");
}

void Count(const Person& person, const std::vector<TraitEvidence>& evidence, Figures& figures) {
  const auto estimates = Pool(evidence);
  for (const auto& [trait, truth] : person.truth) {
    const auto found = estimates.find(trait);
    const bool known = found != estimates.end();
    const bool shown = known && found->second.confidence() >= kShown;
    const bool right = known && truth != 0 && (found->second.value() > 0.5) == (truth > 0);
    if (truth == 0) {
      ++figures.average;
      figures.average_shown += shown;
    } else {
      for (Pole* pole : {&figures.all, &figures.poles[PoleName(trait, truth > 0)]}) {
        ++pole->expected;
        pole->shown += shown;
        pole->right += shown && right;
      }
    }
    if (!known) continue;
    const double confidence = found->second.confidence();
    Bin& bin = figures.bins[std::min(kBins - 1, static_cast<int>(confidence * kBins))];
    ++bin.count;
    bin.right += right;
    bin.confidence += confidence;
  }
}

double Percent(int some, int all) { return all == 0 ? 0 : 100.0 * some / all; }

void Print(const std::string& name, const Figures& figures) {
  double error = 0;
  int count = 0;
  for (const Bin& bin : figures.bins) {
    error += std::abs(bin.right - bin.confidence);
    count += bin.count;
  }
  std::printf(
      "%s: shown %d/%d (%.0f %%), right %d/%d (%.0f %%), average people shown %d/%d (%.0f %%), "
      "calibration error %.3f of %d\n",
      name.c_str(), figures.all.shown, figures.all.expected,
      Percent(figures.all.shown, figures.all.expected), figures.all.right, figures.all.shown,
      Percent(figures.all.right, figures.all.shown), figures.average_shown, figures.average,
      Percent(figures.average_shown, figures.average), count == 0 ? 0 : error / count, count);
  for (const auto& [pole, counts] : figures.poles) {
    std::printf("    %-20s shown %2d/%2d, right %2d/%2d (%.0f %%)\n", pole.c_str(), counts.shown,
                counts.expected, counts.right, counts.shown, Percent(counts.right, counts.shown));
  }
  std::printf("    bins:");
  for (const Bin& bin : figures.bins) {
    if (bin.count == 0) continue;
    std::printf(" %.2f->%.2f (%d)", bin.confidence / bin.count,
                static_cast<double>(bin.right) / bin.count, bin.count);
  }
  std::printf("\n");
}

// How many signs of a pole people of each true value give.
void PrintSigns(const std::vector<Person>& people) {
  struct Given {
    double of[3] = {};  // By truth, -1 to 1: signs.
    int answers = 0;
  };
  std::map<std::string, Given> signs;
  std::map<std::string, int> people_of[3];
  for (const Person& person : people) {
    for (const auto& [trait, truth] : person.truth) ++people_of[truth + 1][trait];
    for (const TraitEvidence& sign : person.texts) {
      Given& given = signs[PoleName(sign.trait_name(), sign.direction() > 0)];
      given.of[person.truth.at(sign.trait_name()) + 1] += 1;
    }
  }
  for (const auto& [pole, given] : signs) {
    const std::string trait = pole.substr(0, pole.size() - 2);
    double rates[3] = {};
    for (int i = 0; i < 3; ++i) {
      rates[i] = (given.of[i] + 0.5) / (people_of[i][trait] + 1.0);
    }
    const bool high = pole.ends_with('+');
    const double own = rates[high ? 2 : 0];
    std::printf(
        "    signs of %-20s low %3.0f, average %3.0f, high %3.0f; worth %.2f to average, "
        "%.2f to opposite\n",
        pole.c_str(), given.of[0], given.of[1], given.of[2], std::log(own / rates[1]),
        std::log(own / rates[high ? 0 : 2]));
  }
}

// Adds what one line says; an error names what is wrong with it.
absl::Status AddRecord(const std::vector<std::string>& fields, int64_t number,
                       const SignRules& rules, std::vector<Person>& people) {
  if (fields[0] == "person" && fields.size() == 8) {
    Person& person = people.emplace_back();
    person.id = fields[1];
    person.language = fields[2];
    for (size_t i = 0; i < std::size(mini_ipip::kTraits); ++i) {
      int& truth = person.truth[std::string(mini_ipip::NameOf(mini_ipip::kTraits[i]))];
      if (!absl::SimpleAtoi(fields[3 + i], &truth) || truth < -1 || truth > 1) {
        return absl::InvalidArgumentError("traits must be -1, 0 or 1");
      }
    }
    return absl::OkStatus();
  }
  if (fields.size() != 4 || people.empty() || people.back().id != fields[1]) {
    return absl::InvalidArgumentError("must be a person or of the person before");
  }
  Person& person = people.back();
  if (fields[0] == "answer") {
    for (TraitEvidence& sign : FindSigns(rules, fields[2], fields[3])) {
      sign.set_answer_id(number);
      person.texts.push_back(std::move(sign));
    }
    return absl::OkStatus();
  }
  const mini_ipip::Item* const item = mini_ipip::FindItem(fields[2]);
  int rating = 0;
  if (fields[0] != "rating" || item == nullptr || !absl::SimpleAtoi(fields[3], &rating)) {
    return absl::InvalidArgumentError("must be an answer or a rating");
  }
  person.ratings.push_back(
      StatementEvidence(mini_ipip::NameOf(item->trait), item->reversed, rating));
  return absl::OkStatus();
}

absl::Status ReadPeople(const std::string& path, const SignRules& rules,
                        std::vector<Person>& people) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  int64_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    const absl::Status added = AddRecord(absl::StrSplit(line, '\t'), number, rules, people);
    if (!added.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(path, ":", number, ": ", added.message()));
    }
  }
  return absl::OkStatus();
}

// Every other one of each language; all when `part` is empty.
std::vector<Person> PartOf(std::vector<Person> people, std::string_view part) {
  std::map<std::string, int> of_language;
  std::erase_if(people, [&](const Person& person) {
    const bool odd = ++of_language[person.language] % 2 == 1;
    return !part.empty() && odd != (part == "odd");
  });
  return people;
}

int Run(const std::vector<std::string>& arguments) {
  std::string part;
  bool print_signs = false;
  std::vector<Person> people;
  const absl::StatusOr<SignRules> rules = SignRules::BuiltIn();
  absl::Status read = rules.status();
  for (const std::string& argument : arguments) {
    if (argument.starts_with("--part=")) {
      part = argument.substr(argument.find('=') + 1);
    } else if (argument == "--signs") {
      print_signs = true;
    } else if (read.ok()) {
      read = ReadPeople(argument, *rules, people);
    }
  }
  if (!read.ok()) {
    std::fprintf(stderr, "%s\n", read.ToString().c_str());
    return 1;
  }
  people = PartOf(std::move(people), part);
  std::mt19937 random(kSeed);
  std::map<std::string, std::map<std::string, Figures>> figures;
  for (Person& person : people) {
    if (person.ratings.empty()) person.ratings = SimulatedRatings(person, random);
    std::vector<TraitEvidence> both = person.texts;
    both.insert(both.end(), person.ratings.begin(), person.ratings.end());
    for (const std::string& language : {person.language, std::string("all")}) {
      Count(person, person.texts, figures[language]["text"]);
      Count(person, person.ratings, figures[language]["statements"]);
      Count(person, both, figures[language]["text and statements"]);
    }
    if (!print_signs) continue;
    for (const TraitEvidence& sign : person.texts) {
      std::printf("%s %s %+.0f %.2f, true %+d\n", person.id.c_str(), sign.trait_name().c_str(),
                  sign.direction(), sign.weight(), person.truth.at(sign.trait_name()));
    }
  }
  std::printf("%zu people, %zu rules\n", people.size(), rules->size());
  for (const auto& [language, by_source] : figures) {
    for (const auto& [source, found] : by_source)
      Print(absl::StrCat(language, ", ", source), found);
  }
  for (const std::string language : {"en", "ru"}) {
    std::vector<Person> those;
    for (const Person& person : people) {
      if (person.language == language) those.push_back(person);
    }
    if (those.empty()) continue;
    std::printf("%s\n", language.c_str());
    PrintSigns(those);
  }
  return 0;
}

}  // namespace
}  // namespace selfology::trait_evidence

int main(int argc, char** argv) {
  return selfology::trait_evidence::Run(std::vector<std::string>(argv + 1, argv + argc));
}
