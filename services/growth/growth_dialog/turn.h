// One update of a person, and what the dialog answers to it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/call/call.h"
#include "selfology/telegram/v1/dialog.pb.h"
#include "services/growth/growth_dialog/cards.h"

namespace selfology::growth_dialog {

struct Turn {
  const Call& call;
  int64_t user_id = 0;
  std::string update_key = {};
  Reader reader = {};
  bool other_asks = false;  // A question of another dialog waits for the person's words.

  Language language() const { return reader.language; }
  // Of a request that this update makes: the same update makes it once.
  std::string Key(std::string_view what) const { return absl::StrCat(what, "/", update_key); }
};

inline telegram::DialogReaction Answer(telegram::DialogMessage message) {
  telegram::DialogReaction reaction;
  *reaction.add_messages() = std::move(message);
  return reaction;
}

}  // namespace selfology::growth_dialog
