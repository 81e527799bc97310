#include "services/coaching/trait/trait_store.h"

#include <string_view>
#include <utility>

#include "common/enums/word.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::trait::store {
namespace {

TraitName NameOf(std::string_view category, std::string name) {
  return {enums::FromWord<v1::TraitCategory>(category), std::move(name)};
}

struct SampleRow {
  std::string category;
  std::string name;
  absl::Time at;
  double value = 0;
  double confidence = 0;
  std::string trigger;
};
using AskedHistory = postgres::Transaction::Asked<SampleRow>;

AskedHistory AskHistory(postgres::Transaction& tx, int64_t user_id, absl::Time since) {
  return tx.Ask<SampleRow>(
      "SELECT trait_category, trait_name, timestamp, new_value, confidence, trigger"
      " FROM trait_history WHERE user_id = $1 AND timestamp >= $2 AND new_word IS NULL"
      " ORDER BY timestamp, id",
      user_id, since);
}

absl::StatusOr<History> ToHistory(AskedHistory asked) {
  ASSIGN_OR_RETURN(const std::vector<SampleRow> rows, asked.All());
  History history;
  for (const SampleRow& row : rows) {
    history[NameOf(row.category, row.name)].push_back(
        {row.at, row.value, row.confidence, row.trigger});
  }
  return history;
}

struct RecordRow {
  int64_t id = 0;
  std::string category;
  std::string name;
  std::optional<double> old_value;
  double new_value = 0;
  double confidence = 0;
  std::string trigger;
  int64_t answer_id = 0;
  absl::Time at;
  std::string old_word;
  std::string new_word;
};

}  // namespace

void Append(postgres::Transaction& tx, int64_t user_id, int64_t answer_id,
            const std::map<TraitName, Sample>& samples, const History& before) {
  std::vector<std::string> categories, names, triggers;
  std::vector<std::optional<double>> old_values;
  std::vector<double> values, confidences;
  std::vector<absl::Time> times;
  for (const auto& [trait, sample] : samples) {
    categories.push_back(enums::Word(trait.category));
    names.push_back(trait.name);
    const auto known = before.find(trait);
    old_values.push_back(known == before.end() ? std::nullopt
                                               : std::optional(known->second.back().value));
    values.push_back(sample.value);
    confidences.push_back(sample.confidence);
    triggers.push_back(sample.trigger);
    times.push_back(sample.at);
  }
  tx.Queue(
      "INSERT INTO trait_history (user_id, trait_category, trait_name, old_value, new_value,"
      " confidence, trigger, answer_id, timestamp)"
      " SELECT $1, s.category, s.name, coalesce(s.old_value, (SELECT new_value FROM trait_history"
      "   WHERE user_id = $1 AND trait_category = s.category AND trait_name = s.name"
      "   ORDER BY timestamp DESC, id DESC LIMIT 1)), s.value, s.confidence, s.trigger, $2, s.at"
      " FROM unnest($3, $4, $5, $6, $7, $8, $9)"
      "      AS s(category, name, old_value, value, confidence, trigger, at)",
      user_id, answer_id, categories, names, old_values, values, confidences, triggers, times);
}

absl::StatusOr<History> ReadHistory(postgres::Transaction& tx, int64_t user_id, absl::Time since) {
  return ToHistory(AskHistory(tx, user_id, since));
}

absl::StatusOr<Known> ReadKnown(postgres::Transaction& tx, int64_t user_id, absl::Time since) {
  auto asked_history = AskHistory(tx, user_id, since);
  auto asked_shapes = tx.Ask<std::string, std::string, std::string>(
      "SELECT trait_category, trait_name, pattern_type FROM trait_patterns WHERE user_id = $1",
      user_id);
  Known known;
  ASSIGN_OR_RETURN(known.history, ToHistory(std::move(asked_history)));
  ASSIGN_OR_RETURN(const auto shapes, asked_shapes.All());
  for (const auto& [category, name, type] : shapes) {
    known.published_shapes[NameOf(category, name)] = enums::FromWord<v1::TraitPatternType>(type);
  }
  return known;
}

absl::StatusOr<std::vector<v1::TraitRecord>> ListRecords(postgres::Transaction& tx,
                                                         const RecordFilter& filter) {
  ASSIGN_OR_RETURN(
      const std::vector<RecordRow> rows,
      tx.Query<RecordRow>(
          "SELECT id, trait_category, trait_name, old_value, new_value, confidence, trigger,"
          " answer_id, timestamp, coalesce(old_word, ''), coalesce(new_word, '')"
          " FROM trait_history"
          " WHERE user_id = $1 AND ($2 = '' OR trait_name = $2)"
          " AND ($3 = '' OR trait_category = $3) AND timestamp >= $4 AND timestamp < $5 AND id < $6"
          " ORDER BY id DESC LIMIT $7",
          filter.user_id, filter.trait_name, enums::Word(filter.category), filter.from,
          filter.before, filter.before_id, static_cast<int64_t>(filter.limit)));
  std::vector<v1::TraitRecord> records;
  for (const RecordRow& row : rows) {
    v1::TraitRecord& record = records.emplace_back();
    record.set_record_id(row.id);
    record.set_user_id(filter.user_id);
    record.set_trait_category(enums::FromWord<v1::TraitCategory>(row.category));
    record.set_trait_name(row.name);
    if (row.old_value.has_value()) record.set_old_value(*row.old_value);
    record.set_new_value(row.new_value);
    record.set_confidence(row.confidence);
    record.set_trigger(row.trigger);
    record.set_answer_id(row.answer_id);
    *record.mutable_recorded_at() = timestamps::ToProto(row.at);
    record.set_old_word(row.old_word);
    record.set_new_word(row.new_word);
  }
  return records;
}

void SavePublished(postgres::Transaction& tx, int64_t user_id,
                   const std::map<TraitName, v1::TraitPatternType>& shapes) {
  if (shapes.empty()) return;
  std::vector<std::string> categories, names, types;
  for (const auto& [trait, type] : shapes) {
    categories.push_back(enums::Word(trait.category));
    names.push_back(trait.name);
    types.push_back(enums::Word(type));
  }
  tx.Queue(
      "INSERT INTO trait_patterns (user_id, trait_category, trait_name, pattern_type)"
      " SELECT $1, s.category, s.name, s.type FROM unnest($2, $3, $4) AS s(category, name, type)"
      " ON CONFLICT (user_id, trait_category, trait_name)"
      " DO UPDATE SET pattern_type = EXCLUDED.pattern_type",
      user_id, categories, names, types);
}

absl::StatusOr<Words> ReadWords(postgres::Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const auto rows,
      (tx.Query<std::string, std::string, std::string>(
          "SELECT trait_category, trait_name, word FROM trait_words WHERE user_id = $1", user_id)));
  Words words;
  for (const auto& [category, name, word] : rows) words[NameOf(category, name)] = word;
  return words;
}

void AppendWords(postgres::Transaction& tx, int64_t user_id, int64_t answer_id,
                 const std::string& trigger, absl::Time at, const Words& changed,
                 const Words& before) {
  if (changed.empty()) return;
  std::vector<std::string> categories, names, words;
  std::vector<std::optional<std::string>> old_words;
  for (const auto& [trait, word] : changed) {
    categories.push_back(enums::Word(trait.category));
    names.push_back(trait.name);
    words.push_back(word);
    const auto known = before.find(trait);
    old_words.push_back(known == before.end() ? std::nullopt : std::optional(known->second));
  }
  tx.Queue(
      "INSERT INTO trait_history (user_id, trait_category, trait_name, new_value, confidence,"
      " trigger, answer_id, timestamp, old_word, new_word)"
      " SELECT $1, w.category, w.name, 0, 0, $2, $3, $4, w.old_word, w.word"
      " FROM unnest($5::text[], $6::text[], $7::text[], $8::text[])"
      "      AS w(category, name, old_word, word)",
      user_id, trigger, answer_id, at, categories, names, old_words, words);
  tx.Queue(
      "INSERT INTO trait_words (user_id, trait_category, trait_name, word)"
      " SELECT $1, w.category, w.name, w.word"
      " FROM unnest($2::text[], $3::text[], $4::text[]) AS w(category, name, word)"
      " ON CONFLICT (user_id, trait_category, trait_name) DO UPDATE SET word = EXCLUDED.word",
      user_id, categories, names, words);
}

absl::StatusOr<Ratings> ReadRatings(postgres::Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const auto rows,
      (tx.Query<std::string, int64_t>(
          "SELECT statement_id, rating FROM statement_ratings WHERE user_id = $1", user_id)));
  Ratings ratings;
  for (const auto& [id, rating] : rows) ratings[id] = rating;
  return ratings;
}

void SaveRating(postgres::Transaction& tx, int64_t user_id, const std::string& statement_id,
                int64_t rating, absl::Time now) {
  tx.Queue(
      "INSERT INTO statement_ratings (user_id, statement_id, rating, rated_at)"
      " VALUES ($1, $2, $3, $4) ON CONFLICT (user_id, statement_id)"
      " DO UPDATE SET rating = EXCLUDED.rating, rated_at = EXCLUDED.rated_at",
      user_id, statement_id, rating, now);
}

absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id) {
  LockUser(tx, user_id);
  ASSIGN_OR_RETURN(const int64_t records,
                   tx.Execute("DELETE FROM trait_history WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t patterns,
                   tx.Execute("DELETE FROM trait_patterns WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t words,
                   tx.Execute("DELETE FROM trait_words WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t ratings,
                   tx.Execute("DELETE FROM statement_ratings WHERE user_id = $1", user_id));
  return records + patterns + words + ratings;
}

}  // namespace selfology::trait::store
