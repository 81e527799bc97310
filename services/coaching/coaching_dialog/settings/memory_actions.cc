#include "services/coaching/coaching_dialog/settings/memory_actions.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/status/status_macros.h"
#include "services/coaching/coaching_dialog/cards.h"

namespace selfology::coaching_dialog {
namespace {

constexpr int kPage = 200;
constexpr int kMost = 1000;  // More than that nobody pages through.

Reaction Unavailable(const Turn& turn) {
  return Reply(std::string(Phrase(turn.language, Wording::kMemoryUnavailable)));
}

}  // namespace

Reaction MemoryActions::Show(const Turn& turn, int page) {
  const absl::StatusOr<Memory> memory = Read(turn);
  if (!memory.ok()) return Unavailable(turn);
  return Reply(MemoryPanel(turn.language, CardKey(panel::kMemory, turn), *memory, page));
}

Reaction MemoryActions::Press(const Turn& turn, std::string_view argument) {
  const std::vector<std::string> parts = absl::StrSplit(argument, ':');
  const std::string& what = parts[0];
  const auto number = [&](size_t i) {
    int64_t value = 0;
    return i < parts.size() && absl::SimpleAtoi(parts[i], &value) ? value : int64_t{0};
  };
  if (what == "page") return Show(turn, static_cast<int>(number(1)));
  if (what == "close") return Replace(Phrase(turn.language, Wording::kMemoryClosed));

  coach::v1::ForgetMemoryRequest forget;
  if (what == "all") {
    if (parts.size() < 2) {
      return Reply(ForgetAllPanel(turn.language, CardKey(panel::kMemory, turn)));
    }
    forget.set_all(true);
    if (!Forget(turn, forget).ok()) return Unavailable(turn);
    return Replace(Phrase(turn.language, Wording::kForgotten));
  }
  absl::Status done = absl::InvalidArgumentError("a button of other times");
  if (what == "forget") {
    forget.add_memory_ids(number(1));
    done = Forget(turn, forget);
  } else if (what == "plan") {
    forget.set_plan(true);
    done = Forget(turn, forget);
  } else if (what == "done") {
    done = MarkDone(turn, number(1));
  } else if (what == "step") {
    done = MarkStep(turn, static_cast<int>(number(1)));
  }
  // What is gone already, or does not exist, is seen in the panel.
  const bool is_over = absl::IsNotFound(done) || absl::IsInvalidArgument(done);
  if (!done.ok() && !is_over) return Unavailable(turn);
  return Show(turn, static_cast<int>(number(2)));
}

absl::StatusOr<Memory> MemoryActions::Read(const Turn& turn) {
  Memory memory;
  coach::v1::GetMemoryRequest request;
  request.set_user_id(turn.user_id);
  request.set_page_size(kPage);
  do {
    ASSIGN_OR_RETURN(coach::v1::GetMemoryResponse response,
                     Patiently(turn.call, [&](const Call& once) {
                       return peers_.coach.GetMemory(once, request);
                     }));
    for (coach::v1::MemoryItem& item : *response.mutable_items()) {
      memory.items.push_back(std::move(item));
    }
    memory.plan = std::move(*response.mutable_plan());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && memory.items.size() < kMost);
  return memory;
}

absl::Status MemoryActions::MarkDone(const Turn& turn, int64_t memory_id) {
  ASSIGN_OR_RETURN(const Memory memory, Read(turn));
  const auto found = std::find_if(
      memory.items.begin(), memory.items.end(),
      [&](const coach::v1::MemoryItem& item) { return item.memory_id() == memory_id; });
  if (found == memory.items.end()) return absl::NotFoundError("no such item");
  coach::v1::UpdateMemoryRequest request;
  request.set_user_id(turn.user_id);
  *request.mutable_item() = *found;
  request.mutable_item()->set_done(true);
  return Patiently(turn.call,
                   [&](const Call& once) { return peers_.coach.UpdateMemory(once, request); })
      .status();
}

absl::Status MemoryActions::MarkStep(const Turn& turn, int number) {
  coach::v1::UpdateMemoryRequest request;
  request.set_user_id(turn.user_id);
  request.add_done_steps(number);
  return Patiently(turn.call,
                   [&](const Call& once) { return peers_.coach.UpdateMemory(once, request); })
      .status();
}

absl::Status MemoryActions::Forget(const Turn& turn, const coach::v1::ForgetMemoryRequest& what) {
  coach::v1::ForgetMemoryRequest request = what;
  request.set_user_id(turn.user_id);
  return Patiently(turn.call,
                   [&](const Call& once) { return peers_.coach.ForgetMemory(once, request); })
      .status();
}

}  // namespace selfology::coaching_dialog
