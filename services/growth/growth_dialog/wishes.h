// What a person who writes tasks wants when the words are no task: to see the list, to tick one off, to
// move one, to stop.
//
//   ReadWish("what's for today?").kind                  // kList
//   const Wish wish = ReadWish("купил молоко вчера");   // kMaybeDone, about "молоко", when "вчера"
//   BestMatches(wish.about, {"купить молоко", "позвонить маме"})   // {0}
//
// English and Russian. Words that may as well be a task ("move the sofa tomorrow") are a wish only if
// a task of that name is there; else they are a task. Threads: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace selfology::growth_dialog {

struct Wish {
  enum Kind {
    kTask,  // None: the words are a task.
    kList,
    kAll,
    kWeek,
    kProgress,
    kTop,
    kChallenges,
    kBadge,
    kDone,       // One is done; `about` may be empty.
    kMaybeDone,  // "bought milk": if there is such a task.
    kMove,       // One is to be done at another time.
    kMaybeMove,
    kDelete,
    kMaybeDelete,
    kRemind,    // To be reminded `lead_minutes` before one; without `about`, the last.
    kUndo,      // What was done last is to be undone.
    kLeave,     // No more tasks are to come.
    kThanks,    // Nothing is wanted.
    kQuestion,  // Something that is no task, and that this dialog knows nothing about.
  } kind = kTask;
  std::string about = {};  // The words that say which task; empty: none do.
  std::string when = {};   // The words that say when: "tomorrow at 6", "вчера".
  int lead_minutes = 0;    // Of kRemind.
};

Wish ReadWish(std::string_view words);

// Which of the titles have all words of `about`, in any form of theirs; all equally good ones of the
// best. Empty: none.
std::vector<size_t> BestMatches(std::string_view about, const std::vector<std::string>& titles);

}  // namespace selfology::growth_dialog
