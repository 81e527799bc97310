// What /memory shows: what the coach remembers, page by page, and the plan, with buttons to mark as
// done and to forget.
//
//   v1::DialogMessage message = MemoryPanel(language, key, memory, /*page=*/0);
//
// Threads: pure functions.
#pragma once

#include <string>
#include <vector>

#include "selfology/coach/v1/coach.pb.h"
#include "services/coaching/coaching_dialog/settings/panel.h"

namespace selfology::coaching_dialog {

struct Memory {
  std::vector<coach::v1::MemoryItem> items;
  coach::v1::Plan plan;  // plan_id 0: there is none.
};

// `page`: from 0; one that is not there is the nearest that is.
v1::DialogMessage MemoryPanel(Language language, std::string key, const Memory& memory, int page);

// Asks once more before all is forgotten.
v1::DialogMessage ForgetAllPanel(Language language, std::string key);

}  // namespace selfology::coaching_dialog
