#include "services/coaching/question/bank.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/language/tag.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/coaching/question/bank_text.h"
#include "services/coaching/question/question_update.h"

namespace selfology::question {
namespace {

constexpr std::string_view kFallbackLanguage = "en";

class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber /*column*/,
                const std::string& message) override {
    if (message_.empty()) message_ = absl::StrCat("line ", line + 1, ": ", message);
  }
  const std::string& message() const { return message_; }

 private:
  std::string message_;
};

bool ById(const v1::Question& a, const v1::Question& b) {
  return a.question_id() < b.question_id();
}

// The translation in this language; nullopt if there is none.
std::optional<std::string> TranslationFor(const v1::Question& question, std::string_view language) {
  const std::optional<language::Tag> tag = language::Tag::Parse(language);
  if (!tag.has_value()) return std::nullopt;
  for (std::string& wanted : tag->Fallbacks()) {
    if (question.translations().contains(wanted)) return std::move(wanted);
  }
  return std::nullopt;
}

// The key of the translation to show, or empty if there is no text at all.
std::string NearestLanguage(const v1::Question& question, std::string_view language) {
  if (auto translation = TranslationFor(question, language)) return *std::move(translation);
  const auto& translations = question.translations();
  if (translations.contains(std::string(kFallbackLanguage))) return std::string(kFallbackLanguage);
  std::string first;
  for (const auto& [key, text] : translations) {
    if (first.empty() || key < first) first = key;
  }
  return first;
}

}  // namespace

Bank::Bank(std::vector<v1::Question> questions) {
  std::sort(questions.begin(), questions.end(), ById);
  questions_ = std::make_shared<const std::vector<v1::Question>>(std::move(questions));
}

const v1::Question* Bank::Find(std::string_view question_id) const {
  const auto found = std::lower_bound(questions().begin(), questions().end(), question_id,
                                      [](const v1::Question& question, std::string_view id) {
                                        return question.question_id() < id;
                                      });
  return found != questions().end() && found->question_id() == question_id ? &*found : nullptr;
}

std::vector<v1::Domain> Bank::Domains() const {
  std::map<std::string, int> counts;
  for (const v1::Question& question : questions()) {
    if (!question.retired()) ++counts[question.domain()];
  }
  std::vector<v1::Domain> domains;
  for (const auto& [name, count] : counts) {
    v1::Domain& domain = domains.emplace_back();
    domain.set_domain(name);
    domain.set_question_count(count);
  }
  return domains;
}

absl::StatusOr<Bank> ShippedBank() {
  google::protobuf::TextFormat::Parser parser;
  FirstError error;
  parser.RecordErrorsTo(&error);
  v1::ListQuestionsResponse list;
  if (!parser.ParseFromString(std::string(kBankTextproto), &list)) {
    return absl::InternalError(absl::StrCat("bank/*.textproto, all in one, ", error.message()));
  }
  for (const v1::Question& question : list.questions()) {
    status::FieldViolations bad;
    CheckQuestion(question, bad);
    if (!bad.empty()) {
      return absl::InternalError(
          absl::StrCat(question.question_id(), ": ", bad.ToStatus().message()));
    }
  }
  return Bank({std::make_move_iterator(list.mutable_questions()->begin()),
               std::make_move_iterator(list.mutable_questions()->end())});
}

std::vector<std::string> Outvoted(const Bank& shipped, const Bank& stored) {
  std::vector<std::string> ids;
  for (const v1::Question& question : shipped.questions()) {
    const v1::Question* other = stored.Find(question.question_id());
    if (other == nullptr || other->version() != question.version()) continue;
    v1::Question timeless = *other;
    timeless.clear_create_time();
    timeless.clear_update_time();
    if (!google::protobuf::util::MessageDifferencer::Equals(timeless, question)) {
      ids.push_back(question.question_id());
    }
  }
  return ids;
}

v1::Question InLanguage(v1::Question question, std::string_view language) {
  const std::string nearest = NearestLanguage(question, language);
  question.set_language(nearest);
  const auto text = question.translations().find(nearest);
  question.set_question_text(text == question.translations().end() ? "" : text->second);
  v1::Guidance guidance;
  if (const auto found = question.guidance().find(nearest); found != question.guidance().end()) {
    guidance = found->second;
  }
  question.set_why(guidance.why());
  question.set_rephrased(guidance.rephrased());
  question.set_example(guidance.example());
  *question.mutable_follow_ups() = guidance.follow_ups();
  return question;
}

bool Speaks(const v1::Question& question, std::string_view language) {
  return TranslationFor(question, language).has_value();
}

}  // namespace selfology::question
