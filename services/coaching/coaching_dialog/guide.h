// Texts about the questions: why one is asked, what an answer might be, how long it takes; and the
// offers between them: a deeper question, statements to rate with one tap.
//
//   guide::Why(Language::kRussian, question)
//   guide::StatementMessage(Language::kEnglish, response, {.left = 1}, "statement:9:3")
//
// All texts are Telegram's HTML, with others' words escaped; a second catalogue beside catalogue.h.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/question/v1/question.pb.h"
#include "selfology/telegram/v1/dialog.pb.h"
#include "selfology/trait/v1/trait_service.pb.h"
#include "services/coaching/coaching_dialog/catalogue.h"
#include "services/coaching/coaching_dialog/messages.h"

namespace selfology::coaching_dialog {

enum class Guide {
  kWhy,             // $0: why
  kWhyUnknown,      //
  kRephrased,       // $0: the question
  kNotRephrased,    //
  kExample,         // $0: an answer
  kNoExample,       //
  kStaysYours,      //
  kHelp,            //
  kUnclear,         // They asked something.
  kTalkLater,       // They want something of the coach.
  kTask,            // They want a task of what they wrote, and no dialog makes one.
  kSorry,           // They feel unheard.
  kWelcome,         // They said thanks.
  kHowLong,         // $0: number, $1: of how many
  kHowLongInAll,    //
  kWhatIAm,         //
  kWhyConsent,      //
  kConsentAgain,    //
  kNoQuestionNow,   //
  kInformal,        // The form of address is chosen.
  kFormal,          //
  kNormal,          // They asked whether something is.
  kQuestionWaits,   // $0: the question
  kHeavyOffer,      //
  kHeavyQuestion,   //
  kNotToday,        //
  kStatement,       // $0: rated, $1: of how many, $2: the statement, $3 and $4: least and most
  kStatementsLast,  // Likewise, when the questions are over.
  kStatementsDone,  // $0: rated, $1: of how many
  kStatementsOver,  //
  kNoStatements,    //
  // Plain.
  kButtonWhy,
  kButtonExample,
  kButtonSkip,
  kButtonHeavyYes,
  kButtonHeavyNo,
  kButtonNoStatements,
  kButtonFinish,
  kMenuWhy,
  kMenuExample,
};

std::string_view Phrase(Language language, Guide text);

namespace guide {

// With the question's guidance, in the language that it was read in.
std::string Why(Language language, const question::v1::Question& question);
std::string Rephrased(Language language, const question::v1::Question& question);
std::string Example(Language language, const question::v1::Question& question);

// Whether it is time to offer a heavy question in place of this one; `answer_length`: of the answer
// before it, in characters. When the way down has come to what one would rather not look at, or
// when somebody has just opened up; not where Smart Mix would not give one.
bool IsTimeForHeavy(const events::v1::QuestionSelected& event, int answer_length);
// The key by which its buttons go.
std::string HeavyOfferKey(int64_t session_id, std::string_view question_id);
v1::DialogMessage HeavyOffer(Language language, int64_t session_id, std::string_view question_id);

// Whether statements come with this question: with every other one.
bool IsTimeForStatements(const events::v1::QuestionSelected& event);

// A tap on a statement, as its button says it.
struct Rating {
  int rating = 0;  // 1 to 5.
  int left = 0;    // So many statements follow.
  std::string statement_id = {};
};
std::string RatingButton(const Rating& rating);
std::optional<Rating> ParseRating(std::string_view argument);  // Of the button.

// With the buttons to rate it; absent: there is none left. There is one in the chat, which the next
// one replaces. `left`: how many follow it. `key`: empty for the update's own.
std::optional<v1::DialogMessage> StatementMessage(Language language,
                                                  const trait::v1::GetNextStatementResponse& next,
                                                  int left, Guide introduction, std::string key);

}  // namespace guide
}  // namespace selfology::coaching_dialog
