// Every word the dialog itself says, in English and in Russian: one entry for each Text. texts.h
// puts numbers and other people's words into them; $0, $1 are the places for these.
//
//   Phrase(Language::kRussian, Text::kPaused)
//
// Phrases are Telegram's HTML, those under "Plain" have no markup. Threads: pure functions.
#pragma once

#include <string_view>

#include "common/language/language.h"

namespace selfology::coaching_dialog {

using language::kLanguages;
using language::Language;
using language::LanguageOf;
using language::TagOf;

enum class Text {
  // Meeting.
  kConsentPrompt,
  kWhatIsStored,
  kConsentThanks,
  kConsentDeclined,
  kConsentStands,
  // Questions.
  kSessionStarting,
  kSessionGoesOn,
  kNothingOpen,
  kQuestionHeading,           // $0: number, $1: of how many, $2: domain
  kQuestionHeadingUncounted,  // $0: domain
  kPaused,
  kIsPaused,
  kResumed,
  kNextQuestionComing,
  kWhichQuestion,
  kQuestionUnavailable,
  kAnswerIsThere,
  kAnswerIsThereNextComing,
  kTimedOut,  // $0: answers, counted
  kTimedOutUnanswered,
  kCompleted,  // $0: answers, counted
  kCompletedUnanswered,
  kFinished,  // $0: answers, counted
  kFinishedUnanswered,
  kCompletedBefore,
  kPausedBefore,
  kProfileHeading,
  kProfileInterests,  // $0: domains
  kProfileComing,
  kTalkToMe,
  kNoProfileYet,
  // The coach.
  kChatPaused,
  kChatIsPaused,
  kChatResumed,
  kChatEnded,
  // Commands with nothing to do.
  kNothingToPause,
  kNothingToResume,
  kNothingToFinish,
  kNoTalkToFinish,
  kNothingToSkip,
  kHelp,
  // Language and data.
  kChooseLanguage,
  kLanguageChosen,
  kDeleteWarning,
  kDeleted,
  kDeleteCancelled,
  kDeleteIncomplete,
  // What cannot be read.
  kCannotReadPicture,
  kCannotReadVoice,
  kCannotReadSticker,
  kCannotReadOther,
  kPictureUnseen,
  kRecordingUnheard,
  kFileUnread,
  kEditsUnseen,
  kAnswerEdited,
  // Failures.
  kTooShort,
  kTooLong,  // $0: characters
  kNotUnderstood,
  kSessionTooShort,  // $0: answers still missing, counted
  kNoSession,
  kNoQuestion,
  kNoOtherQuestion,
  kConsentFirst,
  kUnavailable,
  kUncertain,
  kOurFault,
  // Plain: buttons and the notice over the chat.
  kButtonAgree,
  kButtonWhatIsStored,
  kButtonDecline,
  kButtonBegin,
  kButtonBeginAgain,
  kButtonResume,
  kButtonDeleteAll,
  kButtonKeep,
  kStaleButton,
  kLanguageName,
  kTitle,  // Of the dialog, where there are several.
  // Plain: what commands do.
  kMenuStart,
  kMenuPause,
  kMenuResume,
  kMenuSkip,
  kMenuFinish,
  kMenuProfile,
  kMenuLanguage,
  kMenuDelete,
};

std::string_view Phrase(Language language, Text text);

// "Identity" for "IDENTITY"; empty for words the catalogue does not have.
std::string_view DomainName(Language language, std::string_view domain);
// "Openness" for "openness".
std::string_view TraitName(Language language, std::string_view trait);

}  // namespace selfology::coaching_dialog
