// The rules of answering: which answer a session takes, and what it does to the session. Pure, as
// onboarding.h.
//
//   ASSIGN_OR_RETURN(const Accepted accepted, Accept(standing.latest, asked, text, policy, now));
//
// Every refusal has a reason of its own:
//   SESSION_NOT_FOUND         no session is open
//   SESSION_NOT_ACTIVE        it is paused
//   NO_QUESTION_PENDING       none waits for an answer, or this one was skipped; with RetryInfo
//                             when the next one may be on its way
//   QUESTION_NOT_FOUND        this person was not asked it in this session; with RetryInfo, for one
//                             that took another's place may have reached the person first
//   ANSWER_ALREADY_SUBMITTED  it has an answer
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/status/status.h"
#include "selfology/question/v1/question.pb.h"
#include "services/coaching/session/onboarding.h"

namespace selfology::session {

// Lengths of an answer in characters (Unicode code points), without white space around it. A single
// letter tells nothing that could be analysed; 4,096 is the longest message Telegram carries.
inline constexpr int kShortestAnswer = 2;
inline constexpr int kLongestAnswer = 4096;

// A question that was put to the person, as question.selected told it.
struct AskedQuestion {
  std::string question_id;
  std::string question_text;
  std::string domain;
  question::v1::DepthLevel depth_level = question::v1::DEPTH_LEVEL_UNSPECIFIED;
  int question_number = 0;           // From 1; a replacement has the number of what it replaces.
  std::optional<int64_t> answer_id;  // Once it was answered.
  friend bool operator==(const AskedQuestion&, const AskedQuestion&) = default;
};

struct Answer {
  int64_t answer_id = 0;
  int64_t user_id = 0;
  int64_t session_id = 0;
  AskedQuestion question;
  std::string text;
  std::string language;
  int answer_number = 0;  // 0: withheld.
  absl::Time created_at;
  bool withheld = false;  // Of somebody in danger (help_first.h): it does not count.
  friend bool operator==(const Answer&, const Answer&) = default;
};

// `text`: trimmed already.
void CheckAnswerText(std::string_view text, status::FieldViolations& bad);

// Notes that a question was asked: it now waits for an answer. False when it has come too late to
// matter, because the session has ended or is already past it.
bool Ask(Session& session, const AskedQuestion& question);

struct Accepted {
  Answer answer;    // Yet without an id.
  Session session;  // After the answer: completed if it was the last.
};

// `asked`: the question that the caller answers, if it was asked in `latest`.
absl::StatusOr<Accepted> Accept(const std::optional<Session>& latest,
                                const std::optional<AskedQuestion>& asked, std::string text,
                                const Policy& policy, absl::Time now);
// The same for an answer that does not count: its question waits still.
absl::StatusOr<Accepted> Withhold(const std::optional<Session>& latest,
                                  const std::optional<AskedQuestion>& asked, std::string text,
                                  const Policy& policy, absl::Time now);

}  // namespace selfology::session
