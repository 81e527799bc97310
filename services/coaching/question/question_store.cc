#include "services/coaching/question/question_store.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::question::store {
namespace {

using postgres::Transaction;

constexpr std::string_view kQuestions =
    "SELECT question_id, domain, depth_level, energy_dynamics,"
    " ARRAY(SELECT key FROM jsonb_each_text(translations) ORDER BY key),"
    " ARRAY(SELECT value FROM jsonb_each_text(translations) ORDER BY key),"
    " guidance, retired, version, created_at, updated_at FROM questions_metadata";

struct QuestionRow {
  std::string question_id;
  std::string domain;
  std::string depth_level;
  std::string energy_dynamics;
  std::vector<std::string> languages;
  std::vector<std::string> texts;
  postgres::Bytes guidance;
  bool retired = false;
  int64_t version = 0;
  absl::Time created_at;
  absl::Time updated_at;
};

absl::StatusOr<v1::Question> ToQuestion(const QuestionRow& row) {
  v1::Question question;
  if (!question.ParseFromString(row.guidance.value)) {
    return absl::DataLossError(absl::StrCat(row.question_id, ": its guidance does not parse"));
  }
  question.set_question_id(row.question_id);
  question.set_domain(row.domain);
  question.set_depth_level(enums::FromWord<v1::DepthLevel>(row.depth_level));
  question.set_energy_dynamics(enums::FromWord<v1::EnergyDynamics>(row.energy_dynamics));
  for (size_t i = 0; i < row.languages.size(); ++i) {
    (*question.mutable_translations())[row.languages[i]] = row.texts[i];
  }
  question.set_retired(row.retired);
  question.set_version(row.version);
  *question.mutable_create_time() = timestamps::ToProto(row.created_at);
  *question.mutable_update_time() = timestamps::ToProto(row.updated_at);
  return question;
}

// Writes a question; an existing one only if its version is lower. The number of rows written.
absl::StatusOr<int64_t> Upsert(Transaction& tx, const v1::Question& question, absl::Time created,
                               absl::Time updated) {
  std::vector<std::string> languages;
  std::vector<std::string> texts;
  for (const auto& [language, text] : question.translations()) {
    languages.push_back(language);
    texts.push_back(text);
  }
  v1::Question guidance;
  *guidance.mutable_guidance() = question.guidance();
  return tx.Execute(
      "INSERT INTO questions_metadata (question_id, domain, depth_level, energy_dynamics,"
      " translations, guidance, retired, version, created_at, updated_at)"
      " VALUES ($1, $2, $3, $4, jsonb_object($5, $6), $7, $8, $9, $10, $11)"
      " ON CONFLICT (question_id) DO UPDATE SET domain = EXCLUDED.domain,"
      " depth_level = EXCLUDED.depth_level, energy_dynamics = EXCLUDED.energy_dynamics,"
      " translations = EXCLUDED.translations, guidance = EXCLUDED.guidance,"
      " retired = EXCLUDED.retired,"
      " version = EXCLUDED.version, updated_at = EXCLUDED.updated_at"
      " WHERE questions_metadata.version < EXCLUDED.version",
      question.question_id(), question.domain(), enums::Word(question.depth_level()),
      enums::Word(question.energy_dynamics()), languages, texts,
      postgres::Bytes{guidance.SerializeAsString()}, question.retired(), question.version(),
      created, updated);
}

constexpr std::string_view kLock = " FOR UPDATE";

Transaction::Asked<SessionState> AskSession(Transaction& tx, std::string_view lock, int64_t user_id,
                                            int64_t session_id) {
  return tx.Ask<SessionState>(
      absl::StrCat("SELECT session_id, user_id, language, max_questions, ended"
                   " FROM question_sessions WHERE user_id = $1 AND session_id = $2",
                   lock),
      user_id, session_id);
}

struct SelectionRow {
  int64_t session_id = 0;
  std::string question_id;
  int number = 0;
  std::string strategy;
  absl::Time selected_at;
  std::optional<int> answer_length;
  std::optional<std::string> replaced_by;
};

struct AskedPerson {
  Transaction::Asked<SelectionRow> selections;
  Transaction::Asked<std::string, double> interests;
};

AskedPerson AskPerson(Transaction& tx, int64_t user_id) {
  return {.selections = tx.Ask<SelectionRow>(
              "SELECT session_id, question_id, question_number, strategy, selected_at,"
              " answer_length, replaced_by FROM question_selections WHERE user_id = $1"
              " ORDER BY position",
              user_id),
          .interests = tx.Ask<std::string, double>(
              "SELECT domain, interest FROM question_interests WHERE user_id = $1", user_id)};
}

absl::StatusOr<Person> ToPerson(AskedPerson asked) {
  Person person;
  ASSIGN_OR_RETURN(std::vector<SelectionRow> selected, asked.selections.All());
  for (SelectionRow& row : selected) {
    person.history.push_back({.session_id = row.session_id,
                              .question_id = std::move(row.question_id),
                              .number = row.number,
                              .strategy = enums::FromWord<v1::SelectionStrategy>(row.strategy),
                              .selected_at = row.selected_at,
                              .answer_length = row.answer_length,
                              .replaced_by = std::move(row.replaced_by).value_or("")});
  }
  ASSIGN_OR_RETURN(const auto interesting, asked.interests.All());
  for (const auto& [domain, interest] : interesting) person.interests[domain] = interest;
  return person;
}

// Each statement sees what was committed before it began: behind a lock, what its holder wrote.
absl::StatusOr<std::optional<Standing>> StandingOf(Transaction& tx, std::string_view lock,
                                                   int64_t user_id, int64_t session_id) {
  auto asked_session = AskSession(tx, lock, user_id, session_id);
  AskedPerson asked_person = AskPerson(tx, user_id);
  ASSIGN_OR_RETURN(std::optional<SessionState> session, asked_session.One());
  if (!session.has_value()) return std::nullopt;
  ASSIGN_OR_RETURN(Person person, ToPerson(std::move(asked_person)));
  return Standing{.session = *std::move(session), .person = std::move(person)};
}

}  // namespace

absl::StatusOr<Bank> ReadBank(Transaction& tx) {
  ASSIGN_OR_RETURN(const std::vector<QuestionRow> rows, tx.Query<QuestionRow>(kQuestions));
  std::vector<v1::Question> questions;
  for (const QuestionRow& row : rows) {
    ASSIGN_OR_RETURN(questions.emplace_back(), ToQuestion(row));
  }
  return Bank(std::move(questions));
}

absl::StatusOr<int64_t> LoadBank(Transaction& tx, const Bank& shipped, absl::Time now) {
  int64_t loaded = 0;
  for (const v1::Question& question : shipped.questions()) {
    ASSIGN_OR_RETURN(const int64_t rows, Upsert(tx, question, now, now));
    loaded += rows;
  }
  return loaded;
}

absl::StatusOr<std::optional<v1::Question>> LockQuestion(Transaction& tx,
                                                         std::string_view question_id) {
  ASSIGN_OR_RETURN(
      const std::optional<QuestionRow> row,
      tx.QueryOne<QuestionRow>(absl::StrCat(kQuestions, " WHERE question_id = $1 FOR UPDATE"),
                               question_id));
  if (!row.has_value()) return std::nullopt;
  return ToQuestion(*row);
}

absl::Status SaveQuestion(Transaction& tx, const v1::Question& question) {
  ASSIGN_OR_RETURN(const int64_t rows,
                   Upsert(tx, question, timestamps::FromProto(question.create_time()),
                          timestamps::FromProto(question.update_time())));
  if (rows > 0) return absl::OkStatus();
  return status::Error(mesh::v1::ERROR_CODE_VERSION_CONFLICT,
                       "the same question has just been added by someone else");
}

void InsertSession(Transaction& tx, const SessionState& session) {
  tx.Queue(
      "INSERT INTO question_sessions (session_id, user_id, language, max_questions)"
      " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
      session.session_id, session.user_id, session.language, session.max_questions);
}

void SaveSession(Transaction& tx, const SessionState& session) {
  tx.Queue("UPDATE question_sessions SET language = $2, ended = $3 WHERE session_id = $1",
           session.session_id, session.language, session.ended);
}

absl::StatusOr<std::optional<SessionState>> LockSession(Transaction& tx, int64_t user_id,
                                                        int64_t session_id) {
  return AskSession(tx, kLock, user_id, session_id).One();
}

absl::StatusOr<std::optional<Standing>> LockStanding(Transaction& tx, int64_t user_id,
                                                     int64_t session_id) {
  return StandingOf(tx, kLock, user_id, session_id);
}

absl::StatusOr<std::optional<Standing>> ReadStanding(Transaction& tx, int64_t user_id,
                                                     int64_t session_id) {
  return StandingOf(tx, "", user_id, session_id);
}

absl::StatusOr<Person> ReadPerson(Transaction& tx, int64_t user_id) {
  return ToPerson(AskPerson(tx, user_id));
}

void InsertSelected(Transaction& tx, int64_t user_id, const Selected& selected) {
  tx.Queue(
      "INSERT INTO question_selections (user_id, session_id, question_id, question_number,"
      " strategy, selected_at) VALUES ($1, $2, $3, $4, $5, $6)",
      user_id, selected.session_id, selected.question_id, selected.number,
      enums::Word(selected.strategy), selected.selected_at);
}

void SaveReplaced(Transaction& tx, int64_t user_id, std::string_view question_id,
                  std::string_view replaced_by) {
  tx.Queue(
      "UPDATE question_selections SET replaced_by = $3 WHERE user_id = $1 AND question_id = $2",
      user_id, question_id, replaced_by);
}

void SaveAnswered(Transaction& tx, int64_t user_id, std::string_view question_id,
                  int answer_length) {
  tx.Queue(
      "UPDATE question_selections SET answer_length = $3 WHERE user_id = $1 AND question_id = $2",
      user_id, question_id, answer_length);
}

void SaveInterests(Transaction& tx, int64_t user_id, const Interests& interests) {
  std::vector<std::string> domains;
  std::vector<double> values;
  for (const auto& [domain, value] : interests) {
    domains.push_back(domain);
    values.push_back(std::clamp(value, 0.0, 1.0));
  }
  tx.Queue("DELETE FROM question_interests WHERE user_id = $1 AND domain <> ALL ($2)", user_id,
           domains);
  tx.Queue(
      "INSERT INTO question_interests AS known (user_id, domain, interest)"
      " SELECT $1, domain, interest FROM unnest($2, $3) AS given (domain, interest)"
      " WHERE EXISTS (SELECT FROM question_sessions WHERE user_id = $1)"
      " ON CONFLICT (user_id, domain) DO UPDATE SET interest = EXCLUDED.interest"
      " WHERE known.interest <> EXCLUDED.interest",
      user_id, domains, values);
}

absl::StatusOr<int64_t> DeleteUser(Transaction& tx, int64_t user_id) {
  int64_t deleted = 0;
  // Sessions first: whoever is choosing a question holds one of them, and must have finished.
  RETURN_IF_ERROR(tx.Query<int64_t>(
      "SELECT session_id FROM question_sessions WHERE user_id = $1 ORDER BY session_id FOR UPDATE",
      user_id));
  for (const std::string_view sql : {"DELETE FROM question_selections WHERE user_id = $1",
                                     "DELETE FROM question_sessions WHERE user_id = $1",
                                     "DELETE FROM question_interests WHERE user_id = $1"}) {
    ASSIGN_OR_RETURN(const int64_t rows, tx.Execute(sql, user_id));
    deleted += rows;
  }
  return deleted;
}

}  // namespace selfology::question::store
