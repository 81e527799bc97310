// The words of settings, memory, moods, reminders and exports, in English and in Russian: one entry
// for each Wording; $0, $1 are places for what is put into them. What the dialog says besides is in
// ../catalogue.h.
//
//   Phrase(Language::kRussian, Wording::kSettingsTitle)
//
// Phrases are Telegram's HTML, those under "Plain" have no markup. Threads: pure functions.
#pragma once

#include <string_view>

#include "services/coaching/coaching_dialog/catalogue.h"

namespace selfology::coaching_dialog {

enum class Wording {
  // Settings.
  kSettingsTitle,
  kLineLanguage,   // $0: the language's name
  kLineAddress,    // $0: how
  kLineReminders,  // $0: when, or off
  kLineZone,       // $0: which, $1: what time it is there
  kLineNoZone,
  kLineQuiet,  // $0: from, $1: until
  kLineNoQuiet,
  kLineStatements,   // $0: on or off
  kLineHeavy,        // $0: asked first or welcome
  kRemindersDaily,   // $0: time
  kRemindersSeldom,  // $0: time, $1: days, counted
  kOn,
  kOff,
  kAddressAsYou,
  kAddressFormal,
  kAddressInformal,
  kHeavyAsk,
  kHeavyWelcome,
  kChooseTime,
  kChooseZone,
  kChooseQuiet,
  kChooseAddress,
  kUnknownZone,  // $0: what they wrote
  kSettingsDone,
  // Reminders.
  kReminderOffer,
  kReminderOfferDeclined,
  kRemindersOn,        // $0: time
  kRemindersOnNoZone,  // $0: time
  kRemindersFewer,     // $0: days, counted
  kRemindersOff,
  // Privacy and export.
  kPrivacy,
  kExportCaption,
  kExportTooSoon,  // $0: minutes, counted
  kExportFailed,
  // Linking to a web account.
  kLinkHow,
  kLinked,
  kLinkedAlready,
  kLinkCodeInvalid,
  kLinkUncertain,
  kLinkChoose,
  kLinkChatStays,
  kLinkWebStays,
  // Memory.
  kMemoryTitle,
  kMemoryEmpty,
  kMemoryPersons,
  kMemoryDates,
  kMemoryPromises,
  kMemoryGoals,
  kMemoryFacts,
  kMemoryPlan,  // $0: what it is for
  kForgetAllWarning,
  kForgotten,
  kMemoryClosed,
  kMemoryUnavailable,
  // Moods.
  kMoodQuestion,
  kMoodTaken,   // $0: face
  kMoodStreak,  // $0: days, counted
  kMoodConsentFirst,
  // The profile.
  kWhyTitle,
  kWhyQuote,      // $0: the person's words
  kWhyStatement,  // $0: the statement
  kWhyCorrection,
  kWhyNothing,
  kFitTitle,
  kFitTaken,  // $0: the trait
  kFitDone,
  // Plain: in the profile's picture.
  kProfileTitle,
  kProfileFooter,
  kProfileUnknown,
  kProfileLikely,
  kProfileSure,
  // Cancelling.
  kCancelled,
  kNothingToCancel,
  // Plain: buttons.
  kButtonLanguage,
  kButtonAddress,
  kButtonRemindersOn,
  kButtonRemindersOff,
  kButtonTime,
  kButtonZone,
  kButtonQuiet,
  kButtonNoQuiet,
  kButtonStatementsOn,
  kButtonStatementsOff,
  kButtonHeavyOn,
  kButtonHeavyOff,
  kButtonBack,
  kButtonDone,
  kButtonFewer,
  kButtonStop,
  kButtonNoReminders,
  kButtonExport,
  kButtonErase,
  kButtonLinkKeepChat,
  kButtonLinkKeepWeb,
  kButtonForgetAll,
  kButtonForgetAllYes,
  kButtonForgetPlan,
  kButtonStepDone,  // $0: number
  kButtonWhy,
  kButtonFit,
  kButtonLess,
  kButtonMore,
  // Plain: what commands do.
  kMenuSettings,
  kMenuMemory,
  kMenuMood,
  kMenuPrivacy,
  kMenuExport,
  kMenuLink,
  kMenuCancel,
  // Plain: the page of an export.
  kPageTitle,
  kPageMadeAt,  // $0: when
  kPageAnswers,
  kPageConversation,
  kPageMemory,
  kPagePlan,
  kPageMoods,
  kPageTraits,
  kPageConsent,
  kPageSettings,
  kPageOther,
  kPageYou,
  kPageCoach,
  kPageNothing,
  kPageDone,
};

std::string_view Phrase(Language language, Wording wording);

}  // namespace selfology::coaching_dialog
