// The bank of questions, as values, and the one that ships with the product (bank/*.textproto).
//
//   ASSIGN_OR_RETURN(const Bank shipped, ShippedBank());
//   const v1::Question* question = shipped.Find("q_identity_001");
//
// The files are the one place where shipped questions are written. At start they are loaded into
// questions_metadata, whatever is there already: a question of a file replaces the stored one only
// if its `version` is higher. So an operator's change (UpdateQuestion), which raises the stored
// version, stays until a file goes beyond it, and an old replica that restarts during a deployment
// changes nothing back. A question is never taken out of its file, but set to `retired: true`, for
// those whom it was asked. How the texts are to be written: bank_wording_test.cc.
//
// Errors: INTERNAL naming the place where a file does not parse, or the question that breaks a rule
// of CheckQuestion (question_update.h). Threads: values.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "selfology/question/v1/question_service.pb.h"

namespace selfology::question {

// Copies share the questions.
class Bank {
 public:
  // In any order.
  explicit Bank(std::vector<v1::Question> questions);

  // By question_id.
  const std::vector<v1::Question>& questions() const { return *questions_; }
  // nullptr: there is none.
  const v1::Question* Find(std::string_view question_id) const;
  // Those in use, by name.
  std::vector<v1::Domain> Domains() const;

 private:
  std::shared_ptr<const std::vector<v1::Question>> questions_;
};

absl::StatusOr<Bank> ShippedBank();

// Ids of shipped questions that are shadowed by a stored question of the same version with other
// contents.
std::vector<std::string> Outvoted(const Bank& shipped, const Bank& stored);

// The question with its text, and what goes with it, in a language, or the nearest there is:
// "ru-RU" is Russian, then English, then whatever comes first.
v1::Question InLanguage(v1::Question question, std::string_view language);
// Whether it has a text in exactly that language, regions apart.
bool Speaks(const v1::Question& question, std::string_view language);

}  // namespace selfology::question
