// Plans: three steps with a day each, made of a person's goal.
//
//   v1::Plan plan = MakePlan(speech, "run a half marathon", today, /*until=*/std::nullopt);
//   const v1::PlanStep* next = NextStep(plan);
//
// Steps fit the kind of goal (tables/*_plans.textproto) and are put into a week, or into the time
// until the day that the goal is due. Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "selfology/coach/v1/coach.pb.h"
#include "services/coaching/coach/reply/speech.h"

namespace selfology::coach {

v1::Plan MakePlan(const LoadedSpeech& speech, std::string_view goal, absl::CivilDay today,
                  std::optional<absl::CivilDay> until);

// The steps of a list that a person wrote: "1. Monday talk to Priya, 2. Tuesday my CV", or a line each
// behind "-". Empty unless there are two or more.
std::vector<std::string> ListedSteps(std::string_view message);

// A plan of the person's own steps, at most nine; one without a day has the day of the one before it.
v1::Plan OwnPlan(const std::vector<std::string>& steps, std::string_view goal,
                 absl::CivilDay today);

// The first that is open; null when all are done.
const v1::PlanStep* NextStep(const v1::Plan& plan);

// The number of a step that a message names ("step 2", «второй шаг»); 0: it names none.
int NamedStep(std::string_view message);

}  // namespace selfology::coach
