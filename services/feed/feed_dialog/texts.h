// What the feed's dialog says, in English and Russian.
//
//   Phrase(Language::kRussian, Text::kWelcome)
//   Fill(Phrase(language, Text::kTrainingOf), {"3", "21"})      // "{}" one after the other
//
// Texts are Telegram's HTML; what is filled in must be escaped. Threads: pure functions.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "common/language/language.h"

namespace selfology::feed_dialog {

using language::Language;

enum class Text {
  kTitle,
  kHelp,
  kMenuFeed,
  kMenuTrain,
  kMenuChannels,
  kMenuSaved,
  kMenuDigest,
  kMenuSettings,
  kMenuMute,
  kMenuUnmute,
  kWelcome,
  kAskChannels,
  kNoChannelsYet,
  kChannelsHead,
  kChannelAdded,
  kChannelKnown,
  kChannelUnreadable,
  kChannelRefused,
  kChannelRemoved,
  kNoAddress,
  kUnclearAddresses,
  kTooManyAddresses,
  kTooManyChannels,
  kTrainingOf,
  kTrainingWaits,
  kTrainingReading,
  kTrainingMore,
  kTrainingDone,
  kTrainingEnough,
  kNotTrained,
  kFeedHead,
  kFeedEmpty,
  kFeedStale,
  kFeedEnd,
  kSavedHead,
  kSavedEmpty,
  kDigestHead,
  kDigestEmpty,
  kSettingsHead,
  kSettingsSaved,
  kMuteHelp,
  kMuted,
  kUnmuted,
  kNudge,
  kOwnerAdded,
  kOwnerRemoved,
  kScopeSaved,
  kScopeNotYours,
  kLiked,
  kDisliked,
  kSkipped,
  kSaved,
  kTakenBack,
  kDrafted,
  kNothingToUndo,
  kGone,
  kPlace,
  kWhyHead,
  kAway,
  kProposal,
  kNoProposal,
  kSuggested,
  kButtonAdd,
  kButtonTrain,
  kButtonFeed,
  kButtonMore,
  kButtonChannels,
  kButtonSettings,
  kButtonSaved,
  kButtonUndo,
  kButtonStop,
  kButtonEnough,
  kButtonWhy,
  kButtonOpen,
  kButtonRemove,
  kButtonPropose,
  kButtonBack,
  kButtonOthers,
  kButtonLater,
  kButtonNudgesOn,
  kButtonNudgesOff,
  kButtonDigestOff,
  kButtonDigestAt,
  kButtonExplore,
  kButtonLanguage,
  kButtonLearn,
  kButtonShowOnly,
  kButtonNothing,
  kReasonChannel,
  kReasonWords,
  kReasonMedia,
  kReasonNoMedia,
  kReasonLength,
  kReasonTime,
  kReasonAlike,
  kReasonPopular,
  kReasonFresh,
  kReasonExploration,
  kMedia,
  kNoText,
  kCount,  // Of texts; none itself.
};

std::string_view Phrase(Language language, Text text);

// With the values in place of "{}", in their order; what has no value is left out.
std::string Fill(std::string_view phrase, std::initializer_list<std::string_view> values);

}  // namespace selfology::feed_dialog
