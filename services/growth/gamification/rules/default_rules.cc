#include "services/growth/gamification/rules/default_rules.h"

#include <cstdlib>
#include <string_view>

#include "google/protobuf/text_format.h"

namespace selfology::gamification {
namespace {

constexpr std::string_view kRules = R"(
definitions {
  rule_id: "task.xp" event_types: "task.completed"
  reward { currency: "xp" amount: 10 max_per_day: 50 }
  revoking_types: "task.reopened" revoking_field: "task_id"
}
definitions {
  rule_id: "task.on_time.xp" event_types: "task.completed"
  conditions { field: "due_at" comparison: CONDITION_OPERATOR_AT_LEAST value: "1" }
  conditions { field: "late" value: "false" }
  reward { currency: "xp" amount: 5 max_per_day: 50 }
  revoking_types: "task.reopened" revoking_field: "task_id"
}
definitions {
  rule_id: "task.coins" event_types: "task.completed"
  reward { currency: "coins" amount: 2 max_per_day: 20 }
  revoking_types: "task.reopened" revoking_field: "task_id"
}
definitions {
  rule_id: "answer.xp" event_types: "user.answer.submitted"
  reward { currency: "xp" amount: 3 max_per_day: 30 }
}
definitions {
  rule_id: "onboarding.xp" event_types: "session.completed"
  conditions { field: "answers_given" comparison: CONDITION_OPERATOR_AT_LEAST value: "5" }
  reward { currency: "xp" amount: 50 }
}
definitions {
  rule_id: "challenge.xp" event_types: "challenge.completed"
  reward { currency: "xp" amount: 25 max_per_day: 10 }
}
definitions {
  rule_id: "challenge.coins" event_types: "challenge.completed"
  reward { currency: "coins" amount: 5 max_per_day: 10 }
}
definitions {
  rule_id: "badge.first_task" event_types: "task.completed"
  badge {
    badge_id: "first_task" title: "First step" description: "Completed a first task."
    titles { key: "ru" value: "Первый шаг" }
    descriptions { key: "ru" value: "Выполнена первая задача." }
    coins: 5
  }
}
definitions {
  rule_id: "badge.ten_tasks" event_types: "task.completed" count: 10
  badge {
    badge_id: "ten_tasks" title: "Getting things done" description: "Completed ten tasks."
    titles { key: "ru" value: "Дела идут" }
    descriptions { key: "ru" value: "Выполнено десять задач." }
    coins: 20
  }
}
definitions {
  rule_id: "badge.hundred_tasks" event_types: "task.completed" count: 100
  badge {
    badge_id: "hundred_tasks" title: "A hundred done" description: "Completed a hundred tasks."
    titles { key: "ru" value: "Сотня" }
    descriptions { key: "ru" value: "Выполнено сто задач." }
    coins: 100
  }
}
definitions {
  rule_id: "badge.early_bird" event_types: "task.completed" count: 5 distinct_field: "day"
  conditions { field: "hour" comparison: CONDITION_OPERATOR_AT_MOST value: "7" }
  badge {
    badge_id: "early_bird" title: "Early bird"
    description: "Completed a task before eight in the morning on five days."
    titles { key: "ru" value: "Ранняя пташка" }
    descriptions { key: "ru" value: "Задача выполнена до восьми утра в пять разных дней." }
    coins: 10
  }
}
definitions {
  rule_id: "badge.streak_3" event_types: "streak.extended"
  conditions { field: "days" comparison: CONDITION_OPERATOR_AT_LEAST value: "3" }
  badge {
    badge_id: "streak_3" title: "Three in a row" description: "Was active on three days in a row."
    titles { key: "ru" value: "Три подряд" }
    descriptions { key: "ru" value: "Три активных дня подряд." }
    coins: 10
  }
}
definitions {
  rule_id: "badge.streak_7" event_types: "streak.extended"
  conditions { field: "days" comparison: CONDITION_OPERATOR_AT_LEAST value: "7" }
  badge {
    badge_id: "streak_7" title: "A whole week" description: "Was active on seven days in a row."
    titles { key: "ru" value: "Целая неделя" }
    descriptions { key: "ru" value: "Семь активных дней подряд." }
    coins: 30
  }
}
definitions {
  rule_id: "badge.streak_30" event_types: "streak.extended"
  conditions { field: "days" comparison: CONDITION_OPERATOR_AT_LEAST value: "30" }
  badge {
    badge_id: "streak_30" title: "A month long" description: "Was active on thirty days in a row."
    titles { key: "ru" value: "Месяц" }
    descriptions { key: "ru" value: "Тридцать активных дней подряд." }
    coins: 150
  }
}
definitions {
  rule_id: "badge.explorer" event_types: "user.answer.submitted" count: 5 distinct_field: "domain"
  badge {
    badge_id: "explorer" title: "Explorer"
    description: "Answered questions about five areas of life."
    titles { key: "ru" value: "Исследователь" }
    descriptions { key: "ru" value: "Ответы на вопросы о пяти сферах жизни." }
    coins: 10
  }
}
definitions {
  rule_id: "badge.level_5" event_types: "level.changed"
  conditions { field: "level" comparison: CONDITION_OPERATOR_AT_LEAST value: "5" }
  badge {
    badge_id: "level_5" title: "Level five" description: "Reached the fifth level."
    titles { key: "ru" value: "Пятый уровень" }
    descriptions { key: "ru" value: "Достигнут пятый уровень." }
    coins: 25
  }
}
definitions {
  rule_id: "badge.first_challenge" event_types: "challenge.completed"
  badge {
    badge_id: "first_challenge" title: "Challenger" description: "Completed a first challenge."
    titles { key: "ru" value: "Вызов принят" }
    descriptions { key: "ru" value: "Выполнен первый вызов." }
    coins: 10
  }
}
)";

}  // namespace

std::vector<v1::RuleDefinition> DefaultRules() {
  v1::RuleSet set;
  // It is text of ours, which a test reads.
  if (!google::protobuf::TextFormat::ParseFromString(std::string(kRules), &set)) std::abort();
  return {set.definitions().begin(), set.definitions().end()};
}

}  // namespace selfology::gamification
