// How somebody was on the last days, drawn in characters.
//
//   const std::string html = MoodChart(records, today);    // <code>21.11 ▁·▅█ 4.12</code>
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "selfology/coach/v1/mood.pb.h"

namespace selfology::coaching_dialog {

inline constexpr int kMoodDays = 14;
inline constexpr coach::v1::Mood kMoods[] = {coach::v1::MOOD_AWFUL, coach::v1::MOOD_BAD,
                                             coach::v1::MOOD_OKAY, coach::v1::MOOD_GOOD,
                                             coach::v1::MOOD_GREAT};

// "🙂"; empty for none of kMoods.
std::string_view FaceOf(coach::v1::Mood mood);

// One column for each of the kMoodDays until `today`, a dot for one without a mood; the first and
// the last day beside it. Telegram's HTML.
std::string MoodChart(const std::vector<coach::v1::MoodRecord>& records, absl::CivilDay today);

// For how many days in a row, up to `today`, there is a mood.
int MoodStreak(const std::vector<coach::v1::MoodRecord>& records, absl::CivilDay today);

}  // namespace selfology::coaching_dialog
