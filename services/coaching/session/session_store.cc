#include "services/coaching/session/session_store.h"

#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/status/status_macros.h"

namespace selfology::session::store {
namespace {

using postgres::Transaction;

constexpr std::string_view kSessionColumns =
    "id, user_id, status, language, answers_given, min_answers, max_answers, current_question_id,"
    " started_at, last_activity_at, timeout_at, completed_at, completion_reason";

struct SessionRow {
  int64_t session_id = 0;
  int64_t user_id = 0;
  std::string status;
  std::string language;
  int answers_given = 0;
  int min_answers = 0;
  int max_answers = 0;
  std::string current_question_id;
  absl::Time started_at;
  absl::Time last_activity_at;
  std::optional<absl::Time> timeout_at;
  std::optional<absl::Time> completed_at;
  std::string completion_reason;
};

Session ToSession(SessionRow row) {
  return {.session_id = row.session_id,
          .user_id = row.user_id,
          .status = enums::FromWord<v1::SessionStatus>(row.status),
          .language = std::move(row.language),
          .answers_given = row.answers_given,
          .min_answers = row.min_answers,
          .max_answers = row.max_answers,
          .current_question_id = std::move(row.current_question_id),
          .started_at = row.started_at,
          .last_activity_at = row.last_activity_at,
          .timeout_at = row.timeout_at,
          .completed_at = row.completed_at,
          .completion_reason = enums::FromWord<v1::CompletionReason>(row.completion_reason)};
}

constexpr std::string_view kAnswers =
    "SELECT a.id, a.user_id, a.session_id, a.answer_text, a.answer_number, a.language,"
    " a.created_at, a.withheld, q.question_id, q.question_text, q.domain, q.depth_level,"
    " q.question_number"
    " FROM (SELECT id, user_id, session_id, question_id, answer_text, answer_number, language,"
    "   created_at, false AS withheld FROM user_answers_new"
    "  UNION ALL SELECT id, user_id, session_id, question_id, answer_text, 0, language,"
    "   created_at, true FROM withheld_answers) AS a JOIN session_questions q USING (session_id, "
    "question_id)";

struct AnswerRow {
  int64_t answer_id = 0;
  int64_t user_id = 0;
  int64_t session_id = 0;
  std::string text;
  int answer_number = 0;
  std::string language;
  absl::Time created_at;
  bool withheld = false;
  std::string question_id;
  std::string question_text;
  std::string domain;
  std::string depth_level;
  int question_number = 0;
};

Answer ToAnswer(AnswerRow row) {
  return {.answer_id = row.answer_id,
          .user_id = row.user_id,
          .session_id = row.session_id,
          .question = {.question_id = std::move(row.question_id),
                       .question_text = std::move(row.question_text),
                       .domain = std::move(row.domain),
                       .depth_level = enums::FromWord<question::v1::DepthLevel>(row.depth_level),
                       .question_number = row.question_number,
                       .answer_id = row.answer_id},
          .text = std::move(row.text),
          .language = std::move(row.language),
          .answer_number = row.answer_number,
          .created_at = row.created_at,
          .withheld = row.withheld};
}

struct PersonRow {
  std::string language;
  std::optional<bool> consent_granted;
  std::optional<std::string> consent_policy_version;
  std::optional<absl::Time> consent_decided_at;
  std::optional<absl::Time> start_requested_at;
  bool has_completed = false;
};

constexpr std::string_view kPerson =
    "SELECT language, consent_granted, consent_policy_version, consent_decided_at,"
    " start_requested_at,"
    " EXISTS (SELECT FROM onboarding_sessions WHERE user_id = $1 AND status = 'completed')"
    " FROM onboarding_people WHERE user_id = $1";

Person ToPerson(int64_t user_id, std::optional<PersonRow> row) {
  Person person;
  person.user_id = user_id;
  if (!row.has_value()) return person;
  person.language = std::move(row->language);
  if (row->consent_granted.has_value()) {
    person.consent = Consent{*row->consent_granted, *std::move(row->consent_policy_version),
                             *row->consent_decided_at};
  }
  person.start_requested_at = row->start_requested_at;
  person.has_completed = row->has_completed;
  return person;
}

struct AskedStanding {
  Transaction::Asked<PersonRow> person;
  Transaction::Asked<SessionRow> session;
};

AskedStanding AskStanding(Transaction& tx, int64_t user_id) {
  return {.person = tx.Ask<PersonRow>(kPerson, user_id),
          .session = tx.Ask<SessionRow>(
              absl::StrCat("SELECT ", kSessionColumns,
                           " FROM onboarding_sessions WHERE user_id = $1 ORDER BY id DESC LIMIT 1"),
              user_id)};
}

absl::StatusOr<Standing> ToStanding(int64_t user_id, AskedStanding asked) {
  Standing standing;
  ASSIGN_OR_RETURN(auto person, asked.person.One());
  standing.person = ToPerson(user_id, std::move(person));
  ASSIGN_OR_RETURN(auto session, asked.session.One());
  if (session.has_value()) standing.latest = ToSession(*std::move(session));
  return standing;
}

struct QuestionRow {
  std::string question_id;
  std::string question_text;
  std::string domain;
  std::string depth_level;
  int question_number = 0;
  std::optional<int64_t> answer_id;
};

constexpr std::string_view kQuestion =
    "SELECT q.question_id, q.question_text, q.domain, q.depth_level, q.question_number, a.id"
    " FROM (SELECT id, current_question_id FROM onboarding_sessions WHERE user_id = $1"
    "   ORDER BY id DESC LIMIT 1) AS latest"
    " JOIN session_questions q ON q.session_id = latest.id"
    "   AND q.question_id = CASE $2 WHEN '' THEN latest.current_question_id ELSE $2 END"
    " LEFT JOIN user_answers_new a USING (session_id, question_id)";

std::optional<AskedQuestion> ToQuestion(std::optional<QuestionRow> row) {
  if (!row.has_value()) return std::nullopt;
  return AskedQuestion{.question_id = std::move(row->question_id),
                       .question_text = std::move(row->question_text),
                       .domain = std::move(row->domain),
                       .depth_level = enums::FromWord<question::v1::DepthLevel>(row->depth_level),
                       .question_number = row->question_number,
                       .answer_id = row->answer_id};
}

}  // namespace

absl::StatusOr<Standing> ReadStanding(Transaction& tx, int64_t user_id) {
  return ToStanding(user_id, AskStanding(tx, user_id));
}

void SavePerson(Transaction& tx, const Person& person) {
  std::optional<bool> granted;
  std::optional<std::string> policy_version;
  std::optional<absl::Time> decided_at;
  if (person.consent.has_value()) {
    granted = person.consent->granted;
    policy_version = person.consent->policy_version;
    decided_at = person.consent->decided_at;
  }
  tx.Queue(
      "INSERT INTO onboarding_people (user_id, language, consent_granted, consent_policy_version,"
      " consent_decided_at, start_requested_at) VALUES ($1, $2, $3, $4, $5, $6)"
      " ON CONFLICT (user_id) DO UPDATE SET language = EXCLUDED.language,"
      " consent_granted = EXCLUDED.consent_granted,"
      " consent_policy_version = EXCLUDED.consent_policy_version,"
      " consent_decided_at = EXCLUDED.consent_decided_at,"
      " start_requested_at = EXCLUDED.start_requested_at",
      person.user_id, person.language, granted, policy_version, decided_at,
      person.start_requested_at);
}

absl::Status InsertSession(Transaction& tx, Session& session) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>(
          "INSERT INTO onboarding_sessions (user_id, status, language, answers_given, min_answers,"
          " max_answers, current_question_id, started_at, last_activity_at, timeout_at,"
          " completion_reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '') RETURNING id",
          session.user_id, enums::LowerWord(session.status), session.language,
          session.answers_given, session.min_answers, session.max_answers,
          session.current_question_id, session.started_at, session.last_activity_at,
          session.timeout_at));
  session.session_id = std::get<0>(row.value());
  return absl::OkStatus();
}

void SaveSession(Transaction& tx, const Session& session) {
  tx.Queue(
      "UPDATE onboarding_sessions SET status = $2, language = $3, answers_given = $4,"
      " current_question_id = $5, last_activity_at = $6, timeout_at = $7, completed_at = $8,"
      " completion_reason = $9 WHERE id = $1",
      session.session_id, enums::LowerWord(session.status), session.language, session.answers_given,
      session.current_question_id, session.last_activity_at, session.timeout_at,
      session.completed_at, enums::LowerWord(session.completion_reason));
}

absl::StatusOr<std::optional<Session>> ReadSession(Transaction& tx, int64_t user_id,
                                                   int64_t session_id) {
  ASSIGN_OR_RETURN(auto row,
                   tx.QueryOne<SessionRow>(absl::StrCat("SELECT ", kSessionColumns,
                                                        " FROM onboarding_sessions"
                                                        " WHERE user_id = $1 AND id = $2"),
                                           user_id, session_id));
  if (!row.has_value()) return std::nullopt;
  return ToSession(*std::move(row));
}

absl::StatusOr<std::vector<Session>> ListSessions(Transaction& tx, int64_t user_id,
                                                  v1::SessionStatus status, int64_t before_id,
                                                  int limit) {
  ASSIGN_OR_RETURN(auto rows,
                   tx.Query<SessionRow>(absl::StrCat("SELECT ", kSessionColumns,
                                                     " FROM onboarding_sessions WHERE user_id = $1"
                                                     " AND ($2 = '' OR status = $2) AND id < $3"
                                                     " ORDER BY id DESC LIMIT $4"),
                                        user_id, enums::LowerWord(status), before_id, limit));
  std::vector<Session> sessions;
  for (SessionRow& row : rows) sessions.push_back(ToSession(std::move(row)));
  return sessions;
}

absl::StatusOr<std::vector<int64_t>> UsersDue(Transaction& tx, absl::Time now, int limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT user_id FROM onboarding_sessions"
                                     " WHERE status = 'active' AND timeout_at <= $1"
                                     " ORDER BY timeout_at LIMIT $2",
                                     now, limit));
  std::vector<int64_t> users;
  for (const auto& [user_id] : rows) users.push_back(user_id);
  return users;
}

void SaveQuestion(Transaction& tx, int64_t session_id, const AskedQuestion& question) {
  tx.Queue(
      "INSERT INTO session_questions (session_id, question_id, question_number, question_text,"
      " domain, depth_level) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
      session_id, question.question_id, question.question_number, question.question_text,
      question.domain, enums::Word(question.depth_level));
}

std::function<absl::StatusOr<Answering>()> AskAnswering(Transaction& tx, int64_t user_id,
                                                        std::string_view question_id) {
  return [user_id, standing = AskStanding(tx, user_id),
          question = tx.Ask<QuestionRow>(kQuestion, user_id, question_id),
          id = tx.Ask<int64_t>("SELECT nextval('user_answers_new_id_seq')"),
          withheld = tx.Ask<int64_t, std::string>(
              "SELECT session_id, open_danger FROM withheld_answers WHERE user_id = $1"
              " ORDER BY id DESC LIMIT 1",
              user_id)]() mutable -> absl::StatusOr<Answering> {
    Answering answering;
    ASSIGN_OR_RETURN(answering.standing, ToStanding(user_id, std::move(standing)));
    ASSIGN_OR_RETURN(auto row, question.One());
    answering.asked = ToQuestion(std::move(row));
    ASSIGN_OR_RETURN(const auto next, id.One());
    answering.answer_id = std::get<0>(next.value());
    ASSIGN_OR_RETURN(const auto last, withheld.One());
    const std::optional<Session>& latest = answering.standing.latest;
    if (last.has_value() && latest.has_value() && std::get<0>(*last) == latest->session_id) {
      answering.open_danger = DangerNamed(std::get<1>(*last));
    }
    return answering;
  };
}

void InsertAnswer(Transaction& tx, const Answer& answer) {
  tx.Queue(
      "INSERT INTO user_answers_new (id, user_id, session_id, question_id, answer_text,"
      " answer_number, language, created_at) OVERRIDING SYSTEM VALUE"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      answer.answer_id, answer.user_id, answer.session_id, answer.question.question_id, answer.text,
      answer.answer_number, answer.language, answer.created_at);
}

void InsertWithheld(Transaction& tx, const Answer& answer, safety::Danger open) {
  tx.Queue(
      "INSERT INTO withheld_answers (id, user_id, session_id, question_id, answer_text, language,"
      " open_danger, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      answer.answer_id, answer.user_id, answer.session_id, answer.question.question_id, answer.text,
      answer.language, safety::NameOf(open), answer.created_at);
}

void CloseDanger(Transaction& tx, int64_t user_id, int64_t session_id) {
  tx.Queue(
      "UPDATE withheld_answers SET open_danger = $3"
      " WHERE user_id = $1 AND session_id = $2 AND open_danger <> $3",
      user_id, session_id, safety::NameOf(safety::Danger::kNone));
}

absl::StatusOr<std::optional<Answer>> ReadAnswer(Transaction& tx, int64_t user_id,
                                                 int64_t answer_id) {
  ASSIGN_OR_RETURN(auto row, tx.QueryOne<AnswerRow>(
                                 absl::StrCat(kAnswers, " WHERE a.user_id = $1 AND a.id = $2"),
                                 user_id, answer_id));
  if (!row.has_value()) return std::nullopt;
  return ToAnswer(*std::move(row));
}

absl::StatusOr<std::vector<Answer>> ListAnswers(Transaction& tx, int64_t user_id,
                                                int64_t session_id, int64_t after_id, int limit) {
  ASSIGN_OR_RETURN(
      auto rows,
      tx.Query<AnswerRow>(absl::StrCat(kAnswers,
                                       " WHERE a.user_id = $1 AND ($2 = 0 OR a.session_id = $2)"
                                       " AND a.id > $3 ORDER BY a.id LIMIT $4"),
                          user_id, session_id, after_id, limit));
  std::vector<Answer> answers;
  for (AnswerRow& row : rows) answers.push_back(ToAnswer(std::move(row)));
  return answers;
}

absl::StatusOr<int64_t> DeleteUser(Transaction& tx, int64_t user_id) {
  LockUser(tx, user_id);
  int64_t deleted = 0;
  // Answers and questions first, though sessions would take them along: the caller wants them
  // counted.
  for (const std::string_view sql : {"DELETE FROM user_answers_new WHERE user_id = $1",
                                     "DELETE FROM withheld_answers WHERE user_id = $1",
                                     "DELETE FROM session_questions WHERE session_id IN"
                                     " (SELECT id FROM onboarding_sessions WHERE user_id = $1)",
                                     "DELETE FROM onboarding_sessions WHERE user_id = $1",
                                     "DELETE FROM onboarding_people WHERE user_id = $1"}) {
    ASSIGN_OR_RETURN(const int64_t rows, tx.Execute(sql, user_id));
    deleted += rows;
  }
  return deleted;
}

}  // namespace selfology::session::store
