// A person's tasks and insights, made up.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "services/growth/challenge/generation/templates.h"

namespace selfology::challenge {

inline Materials MadeUp(int tasks, int insights) {
  constexpr const char* kVerbs[] = {"Call",       "Write to",  "Visit", "Pay",
                                    "Repair",     "Order for", "Thank", "Plan with",
                                    "Read about", "Photograph"};
  constexpr const char* kThings[] = {"the dentist",
                                     "grandmother",
                                     "the landlord",
                                     "the bicycle",
                                     "an old friend from school",
                                     "the garden",
                                     "the tax office",
                                     "the neighbour's cat",
                                     "the choir",
                                     "the library"};
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  Materials materials;
  for (int i = 0; i < tasks; ++i) {
    TaskOf& task = materials.tasks.emplace_back();
    task.id = i + 1;
    task.title = absl::StrCat(kVerbs[i % 10], " ", kThings[(i * 7 + i / 10) % 10],
                              i % 3 == 0 ? " before the weekend comes" : "");
    if (i >= 10) absl::StrAppend(&task.title, " ", i);
    task.open = i % 3 != 2;
    task.created_at = now - absl::Hours(24 * (i * 37 % 101)) - absl::Minutes(i);
    if (i % 2 == 0) task.due_at = now + absl::Hours(5 * (i * 31 % 97)) + absl::Minutes(i);
    if (!task.open) task.closed_at = now - absl::Hours(i * 13 % 89) - absl::Minutes(i);
  }
  for (int i = 0; i < insights; ++i) {
    materials.insights.push_back(
        {1000 + i,
         absl::StrCat("You come alive when ", kThings[i % 10], " needs you, more than when ",
                      kVerbs[i * 3 % 10], " ", kThings[i * 3 % 10], " is due."),
         now - absl::Hours(i * 17 % 71) - absl::Minutes(i)});
  }
  return materials;
}

inline Scene SceneOf(const Materials& materials) {
  Scene scene;
  for (const TaskOf& task : materials.tasks) {
    scene.known.emplace(v1::EVIDENCE_KIND_TASK, task.id);
  }
  for (const InsightOf& insight : materials.insights) {
    scene.known.emplace(v1::EVIDENCE_KIND_INSIGHT, insight.id);
  }
  return scene;
}

}  // namespace selfology::challenge
