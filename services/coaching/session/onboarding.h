// The rules of onboarding: who may begin, and what may become of a session. Pure: time is passed
// in, nothing is read or written, so every order of events can be tried in a test.
//
//   ASSIGN_OR_RETURN(Session session, OpenSession(standing));
//   if (Pause(session, now)) store::SaveSession(tx, session);
//
// Errors carry the contract's reasons (SESSION_NOT_FOUND, SESSION_NOT_ACTIVE, ...); see
// session_service.proto. Threads: values and pure functions. Requirements: R000-6,
// R001-6.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "selfology/session/v1/session.pb.h"

namespace selfology::session {

// What an operator may set; see module.cc.
struct Policy {
  int min_answers = 5;
  int max_answers = 10;
  absl::Duration idle_timeout = absl::Minutes(30);
  std::string consent_version = "2025-10-01";  // The text to show for consent now.
};

struct Consent {
  bool granted = false;
  std::string policy_version;
  absl::Time decided_at;
  friend bool operator==(const Consent&, const Consent&) = default;
};

// What is known of someone apart from their sessions. Someone unknown has it all empty.
struct Person {
  int64_t user_id = 0;
  std::string language;  // Empty: never chosen.
  std::optional<Consent> consent;
  std::optional<absl::Time> start_requested_at;  // Until the session that was asked for begins.
  bool has_completed = false;                    // A session, at any time.
  friend bool operator==(const Person&, const Person&) = default;
};

struct Session {
  int64_t session_id = 0;
  int64_t user_id = 0;
  v1::SessionStatus status = v1::SESSION_STATUS_UNSPECIFIED;
  std::string language;
  int answers_given = 0;
  int min_answers = 0;
  int max_answers = 0;
  std::string current_question_id;  // Empty: none waits for an answer.
  absl::Time started_at;
  absl::Time last_activity_at;
  std::optional<absl::Time> timeout_at;  // Absent while paused.
  std::optional<absl::Time> completed_at;
  v1::CompletionReason completion_reason = v1::COMPLETION_REASON_UNSPECIFIED;
  friend bool operator==(const Session&, const Session&) = default;
};

bool IsOpen(const Session& session);  // Active or paused.

struct Standing {
  Person person;
  std::optional<Session> latest;  // Whatever its status. Only the latest can be open.
};

v1::OnboardingStage StageOf(const Standing& standing, const Policy& policy);

// Whether the session that the person asked for should have begun by now: user.onboarding.initiated
// is stuck somewhere, and who asks again is not to wait for it.
bool StartIsStuck(const Person& person, absl::Time now);

// The tag of the language to speak for a BCP 47 tag: "ru" for "ru-RU", "en" for what the product
// does not speak.
std::string LanguageToSpeak(std::string_view tag);

// Whether a new session may begin, apart from consent: none is open, and none was completed unless
// this is a restart.
bool MayBegin(const Standing& standing, bool restart);

// A new session, yet without an id.
Session Begin(const Person& person, std::string_view language, const Policy& policy,
              absl::Time now);

// OK if `session_id` is 0 or the latest session's, else SESSION_NOT_FOUND: no other can be open.
absl::Status CheckIsLatest(const Standing& standing, int64_t session_id);

// The open session, or SESSION_NOT_FOUND: also when `session_id` is another one's. 0: any.
absl::StatusOr<Session> OpenSession(const Standing& standing, int64_t session_id = 0);

// The session that CompleteSession means: `session_id`, or with 0 the open one, or else the one
// just completed, for a caller that repeats itself.
absl::StatusOr<Session> SessionToComplete(const Standing& standing,
                                          const std::optional<Session>& asked_for,
                                          int64_t session_id);

// Completes an open session, whatever it has.
void Finish(Session& session, v1::CompletionReason reason, absl::Time now);

// Each changes an open session and says whether there was anything to change.
bool Pause(Session& session, absl::Time now);
bool Resume(Session& session, const Policy& policy, absl::Time now);
absl::StatusOr<bool> Complete(Session& session, v1::CompletionReason reason, absl::Time now);

// Ends an active session whose time is over; false when it is not, or not active. Until this is
// called a late answer still counts: better than to throw away what someone has written.
bool TimeOut(Session& session, absl::Time now);

}  // namespace selfology::session
