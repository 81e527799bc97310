#include "services/growth/challenge/generation/templates.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <optional>
#include <utility>

#include "absl/random/distributions.h"
#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/text/text.h"
#include "common/text/utf8.h"

namespace selfology::challenge {
namespace {

constexpr int kQuoted = 80;

// English and Russian, in several ways to say it. $N a number, $D days, $T a title.
struct Words {
  std::string_view title;
  std::string_view text;
};
using Ways = std::array<Words, 3>;
struct Template {
  Ways en;
  Ways ru;
};

constexpr Template kOneTask = {
    {{{"Finish $T", "Complete the task $T within $D days."},
      {"Today's knot: $T", "You have $D days to get $T off your list. Mark it done when it is."},
      {"Close it: $T", "It has waited long enough: complete $T before $D days are over."}}},
    {{{"Закончите $T", "Выполните задачу $T. Срок в днях: $D."},
      {"Узелок: $T", "Вычеркните $T из списка. Дней на это: $D."},
      {"Поставьте точку: $T", "Эта задача ждёт давно: выполните $T. Дней в запасе: $D."}}}};
constexpr Template kTheseTasks = {
    {{{"Clear these $N", "Complete all of these within $D days: $T."},
      {"A set of $N", "Finish the whole set before $D days are over: $T."},
      {"$N in a row", "One after another, within $D days: $T."}}},
    {{{"Разберите эти $N", "Выполните все до одной. Задачи: $T. Дней на это: $D."},
      {"Набор из $N", "Закончите весь набор: $T. Срок в днях: $D."},
      {"$N подряд", "Одна за другой: $T. Дней в запасе: $D."}}}};
constexpr Template kAnyTasks = {
    {{{"$N tasks in $D days", "Complete any $N tasks within $D days. You could begin with $T."},
      {"A run of $N", "How about $N completed tasks in $D days? $T would be a start."},
      {"Keep moving: $N", "$N tasks, $D days, whichever you like; $T, for instance."}}},
    {{{"Задач: $N, дней: $D", "Выполните любые задачи, числом $N, за $D дн. Начать можно с $T."},
      {"Серия из $N", "Как насчёт серии: задач $N, дней $D? Для начала подойдёт $T."},
      {"Не останавливаться: $N", "Любые задачи: $N. Дней: $D. Например, $T."}}}};
constexpr Template kAfterInsight = {
    {{{"Act on it: $N", "Your coach said: $T Answer with $N completed tasks in $D days."},
      {"From words to $N deeds", "Remember: $T Let $N finished tasks in $D days show it."},
      {"$N steps", "Think of what you heard: $T Take $N steps: tasks completed in $D days."}}},
    {{{"Ответьте делом: $N", "Коуч сказал: $T Ответьте делом: выполненных задач $N, дней $D."},
      {"От слов к делу: $N", "Помните: $T Пусть это покажут выполненные задачи: $N за $D дн."},
      {"Шагов: $N", "Подумайте об этих словах: $T Сделайте шаги: задач $N, дней $D."}}}};
constexpr Template kDueFirst = {
    {{{"What comes first?", "Which of these tasks is due first?"},
      {"By the calendar", "One of these has the earliest date. Which?"},
      {"Whose turn is it?", "Which of your tasks below has to be done before the others?"}}},
    {{{"Что раньше?", "У какой из этих задач срок наступает раньше всех?"},
      {"По календарю", "У одной из них самый близкий срок. У какой?"},
      {"Чья очередь?", "Какую из ваших задач нужно сделать прежде других?"}}}};
constexpr Template kDoneLast = {
    {{{"Your latest success", "Which of these tasks did you complete last?"},
      {"Freshly done", "You closed all of these. Which one most recently?"},
      {"Still warm", "Which of these completed tasks is the newest on your done list?"}}},
    {{{"Последний успех", "Какую из этих задач вы выполнили последней?"},
      {"Только что", "Все они закрыты. Какая позже других?"},
      {"Ещё тёплая", "Какая из выполненных задач новее всех в вашем списке сделанного?"}}}};
constexpr Template kOldest = {
    {{{"The longest wait", "Which of these tasks have you had on your list the longest?"},
      {"Where it began", "Which of these did you write down first?"},
      {"First in", "One of these has been yours longer than the others. Which?"}}},
    {{{"Дольше всех", "Какая из этих задач в вашем списке дольше всех?"},
      {"С чего началось", "Какую из них вы записали первой?"},
      {"Старожил", "Одна из них с вами дольше других. Какая?"}}}};
constexpr Template kStillOpen = {
    {{{"Not done yet", "Only one of these tasks is still open. Which?"},
      {"Find the open one", "All of these are completed but one. Which is left?"},
      {"What remains?", "Which of these is not yet crossed off?"}}},
    {{{"Ещё не сделано", "Только одна из этих задач ещё открыта. Какая?"},
      {"Найдите открытую", "Все выполнены, кроме одной. Какая осталась?"},
      {"Что осталось?", "Какая из них ещё не вычеркнута?"}}}};
constexpr Template kSaidLast = {
    {{{"What did you hear?", "Which of these did your coach tell you most recently?"},
      {"The latest word", "Of these thoughts about you, which is the newest?"},
      {"An echo", "Your coach said all of these. What was said last?"}}},
    {{{"Что вы слышали?", "Что из этого коуч сказал вам позже всего?"},
      {"Последнее слово", "Какая из этих мыслей о вас самая новая?"},
      {"Эхо", "Всё это говорил коуч. Что было сказано последним?"}}}};

std::string Quoted(std::string_view words, bool russian) {
  const std::string_view cut = text::Prefix(words, kQuoted);
  const std::string whole = absl::StrCat(cut, cut.size() < words.size() ? "…" : "");
  return russian ? absl::StrCat("«", whole, "»") : absl::StrCat("“", whole, "”");
}

class Generator {
 public:
  Generator(const Materials& materials, std::string_view language, absl::BitGenRef random)
      : materials_(materials),
        russian_(language == "ru" || absl::StartsWith(language, "ru-")),
        random_(random) {
    for (const TaskOf& task : materials.tasks) (task.open ? open_ : done_).push_back(&task);
  }

  std::optional<Draft> Deed() {
    switch (Below(materials_.insights.empty() ? 3 : 4)) {
      case 0:
        return OneTask();
      case 1:
        return TheseTasks();
      case 2:
        return AnyTasks();
      default:
        return AfterInsight();
    }
  }

  std::optional<Draft> Quiz() {
    switch (Below(5)) {
      case 0:
        return Ask("due_first", kDueFirst, Dated(), &TaskOf::due_at, false);
      case 1:
        return Ask("done_last", kDoneLast, done_, &TaskOf::closed_at, true);
      case 2:
        return Ask("oldest", kOldest, All(), &TaskOf::created_at, false);
      case 3:
        return StillOpen();
      default:
        return SaidLast();
    }
  }

 private:
  using Tasks = std::vector<const TaskOf*>;

  int Below(int n) { return absl::Uniform<int>(random_, 0, n); }

  template <typename T>
  std::vector<T> Some(std::vector<T> from, int count) {
    std::shuffle(from.begin(), from.end(), random_);
    if (static_cast<int>(from.size()) > count) from.resize(static_cast<size_t>(count));
    return from;
  }

  Tasks All() const {
    Tasks all = open_;
    all.insert(all.end(), done_.begin(), done_.end());
    return all;
  }
  Tasks Dated() const {
    Tasks dated;
    for (const TaskOf* task : open_) {
      if (task->due_at != absl::InfiniteFuture()) dated.push_back(task);
    }
    return dated;
  }

  void Say(const Template& words, int n, int days, const std::string& quoted, Draft& draft) {
    const Words& way = (russian_ ? words.ru : words.en)[static_cast<size_t>(Below(3))];
    const auto fill = [&](std::string_view pattern) {
      return absl::StrReplaceAll(
          pattern, {{"$N", absl::StrCat(n)}, {"$D", absl::StrCat(days)}, {"$T", quoted}});
    };
    draft.title = std::string(text::Prefix(fill(way.title), kMaxTitle));
    draft.text = fill(way.text);
  }

  static void Rest(const Tasks& tasks, Draft& draft) {
    for (const TaskOf* task : tasks) draft.evidence.emplace_back(v1::EVIDENCE_KIND_TASK, task->id);
  }

  // More to do and less time is harder.
  Draft NewDeed(std::string_view name, int count, int days, double first) {
    Draft draft;
    draft.kind = v1::CHALLENGE_KIND_DEED;
    draft.count = count;
    draft.lasts = absl::Hours(24 * days);
    draft.item = absl::StrCat("deed.", name, ".", count, ".", days);
    draft.first_rating = first + 110 * (count - 1) - 90 * std::log2(days);
    return draft;
  }

  std::optional<Draft> OneTask() {
    if (open_.empty()) return std::nullopt;
    const Tasks task = Some(open_, 1);
    const int days = 1 + Below(4);
    Draft draft = NewDeed("one", 1, days, 1350);
    draft.proof_tasks = {task[0]->id};
    Rest(task, draft);
    Say(kOneTask, 1, days, Quoted(task[0]->title, russian_), draft);
    return draft;
  }

  std::optional<Draft> TheseTasks() {
    const int count = 2 + Below(4);
    if (static_cast<int>(open_.size()) < count) return std::nullopt;
    const Tasks tasks = Some(open_, count);
    const int days = 1 + Below(5);
    Draft draft = NewDeed("these", count, days, 1350);
    std::string quoted;
    for (const TaskOf* task : tasks) {
      draft.proof_tasks.push_back(task->id);
      absl::StrAppend(&quoted, quoted.empty() ? "" : ", ", Quoted(task->title, russian_));
    }
    Rest(tasks, draft);
    Say(kTheseTasks, count, days, quoted, draft);
    return draft;
  }

  std::optional<Draft> AnyTasks() {
    if (open_.empty()) return std::nullopt;
    const int count = 2 + Below(9), days = 1 + Below(7);
    const Tasks first = Some(open_, 1);
    Draft draft = NewDeed("any", count, days, 1200);
    Rest(first, draft);
    Say(kAnyTasks, count, days, Quoted(first[0]->title, russian_), draft);
    return draft;
  }

  std::optional<Draft> AfterInsight() {
    const auto at = static_cast<size_t>(Below(static_cast<int>(materials_.insights.size())));
    const InsightOf& insight = materials_.insights[at];
    const int count = 1 + Below(6), days = 1 + Below(5);
    Draft draft = NewDeed("insight", count, days, 1250);
    draft.evidence.emplace_back(v1::EVIDENCE_KIND_INSIGHT, insight.id);
    Say(kAfterInsight, count, days, Quoted(insight.text, russian_), draft);
    return draft;
  }

  // The options in a random order, the right one among them. Two that read alike make no quiz.
  std::optional<Draft> NewQuiz(std::string_view name, const Template& words,
                               std::vector<std::string> options, const std::string& right,
                               double first) {
    std::shuffle(options.begin(), options.end(), random_);
    if (std::count(options.begin(), options.end(), right) != 1) return std::nullopt;
    Draft draft;
    draft.kind = v1::CHALLENGE_KIND_QUIZ;
    draft.right =
        static_cast<int>(std::find(options.begin(), options.end(), right) - options.begin()) + 1;
    draft.item = absl::StrCat("quiz.", name, ".", options.size());
    draft.first_rating = first + 90 * static_cast<double>(options.size());
    draft.options = std::move(options);
    Say(words, 0, 0, "", draft);
    return draft;
  }

  std::optional<Draft> Ask(std::string_view name, const Template& words, const Tasks& from,
                           absl::Time TaskOf::* when, bool last) {
    const Tasks tasks = Some(from, 2 + Below(4));
    if (tasks.size() < 2) return std::nullopt;
    const auto less = [&](const TaskOf* a, const TaskOf* b) { return a->*when < b->*when; };
    const TaskOf* const right = last ? *std::max_element(tasks.begin(), tasks.end(), less)
                                     : *std::min_element(tasks.begin(), tasks.end(), less);
    std::vector<std::string> options;
    int as_good = 0;
    for (const TaskOf* task : tasks) {
      options.emplace_back(text::Prefix(task->title, kMaxOption));
      as_good += task->*when == right->*when;
    }
    if (as_good != 1) return std::nullopt;
    std::optional<Draft> draft = NewQuiz(name, words, std::move(options),
                                         std::string(text::Prefix(right->title, kMaxOption)), 1100);
    if (draft.has_value()) Rest(tasks, *draft);
    return draft;
  }

  std::optional<Draft> StillOpen() {
    if (open_.empty() || done_.empty()) return std::nullopt;
    const Tasks right = Some(open_, 1);
    Tasks tasks = Some(done_, 1 + Below(4));
    tasks.push_back(right[0]);
    std::vector<std::string> options;
    for (const TaskOf* task : tasks) options.emplace_back(text::Prefix(task->title, kMaxOption));
    std::optional<Draft> draft =
        NewQuiz("still_open", kStillOpen, std::move(options),
                std::string(text::Prefix(right[0]->title, kMaxOption)), 1000);
    if (draft.has_value()) Rest(tasks, *draft);
    return draft;
  }

  std::optional<Draft> SaidLast() {
    std::vector<const InsightOf*> all;
    for (const InsightOf& insight : materials_.insights) all.push_back(&insight);
    const std::vector<const InsightOf*> some = Some(all, 2 + Below(3));
    if (some.size() < 2) return std::nullopt;
    const InsightOf* const right = *std::max_element(
        some.begin(), some.end(),
        [](const InsightOf* a, const InsightOf* b) { return a->told_at < b->told_at; });
    std::vector<std::string> options;
    for (const InsightOf* insight : some) {
      options.emplace_back(text::Prefix(insight->text, kMaxOption));
    }
    std::optional<Draft> draft = NewQuiz("said_last", kSaidLast, std::move(options),
                                         std::string(text::Prefix(right->text, kMaxOption)), 1150);
    if (!draft.has_value()) return draft;
    for (const InsightOf* insight : some) {
      draft->evidence.emplace_back(v1::EVIDENCE_KIND_INSIGHT, insight->id);
    }
    return draft;
  }

  const Materials& materials_;
  const bool russian_;
  absl::BitGenRef random_;
  Tasks open_, done_;
};

}  // namespace

std::vector<Draft> Propose(const Materials& materials, v1::ChallengeKind kind,
                           std::string_view language, absl::BitGenRef random, int count) {
  Generator generator(materials, language, random);
  std::vector<Draft> drafts;
  // Some templates have no materials; so it tries more often than it has to give.
  for (int attempt = 0; attempt < 4 * count && static_cast<int>(drafts.size()) < count; ++attempt) {
    const bool quiz = kind == v1::CHALLENGE_KIND_QUIZ ||
                      (kind != v1::CHALLENGE_KIND_DEED && absl::Bernoulli(random, 0.4));
    std::optional<Draft> draft = quiz ? generator.Quiz() : generator.Deed();
    if (draft.has_value()) drafts.push_back(*std::move(draft));
  }
  return drafts;
}

}  // namespace selfology::challenge
