// What the bot says on a journey, read as a person reads it. For the tests, and for programs that act as people.
//
//   if (const int number = QuestionNumber(message.text); number > 0) Answer(number);
//
// English only. Threads: pure functions.
#pragma once

#include <string_view>

namespace selfology::journey {

// The button under the welcome.
inline constexpr std::string_view kAgree = "✅ I agree";

// 3 of "Question 3 of 10 · Identity..."; 0: no question.
int QuestionNumber(std::string_view text);

bool IsWelcome(std::string_view text);

// No question follows: from here on a person talks with the coach.
bool IsLastQuestion(std::string_view text);

// Feedback and insights, which ask for nothing.
bool IsInPassing(std::string_view text);

// Whether the bot says so that what it was told was not taken down, or may not have been.
bool IsRefusal(std::string_view text);

}  // namespace selfology::journey
