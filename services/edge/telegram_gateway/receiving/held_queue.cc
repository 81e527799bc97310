#include "services/edge/telegram_gateway/receiving/held_queue.h"

#include <utility>

namespace selfology::telegram_gateway {

void HeldQueue::Refill(std::vector<Person> due) {
  waiting_.clear();
  probed_.clear();
  for (Person& person : due) {
    if (running_.contains(person.user_id)) continue;
    waiting_[std::move(person.dialog)].push_back(person.user_id);
  }
}

void HeldQueue::Add(Person person) {
  if (running_.contains(person.user_id)) {
    again_[person.user_id] = std::move(person.dialog);
  } else {
    waiting_[std::move(person.dialog)].push_back(person.user_id);
  }
}

std::vector<HeldQueue::Person> HeldQueue::Take(const IsAway& is_away) {
  std::vector<Person> begin;
  while (static_cast<int>(running_.size()) < limits_.people) {
    // The first group behind the last one, all around, that may begin.
    auto group = waiting_.upper_bound(last_);
    size_t looked_at = 0;
    for (; looked_at < waiting_.size(); ++looked_at, ++group) {
      if (group == waiting_.end()) group = waiting_.begin();
      if (MayBegin(group->first, is_away)) break;
    }
    if (looked_at == waiting_.size()) break;
    const int64_t user_id = group->second.front();
    last_ = group->first;
    group->second.pop_front();
    if (group->second.empty()) waiting_.erase(group);
    if (Enter(user_id, last_, is_away)) begin.push_back({.user_id = user_id, .dialog = last_});
  }
  return begin;
}

bool HeldQueue::Begin(const Person& person, const IsAway& is_away) {
  return static_cast<int>(running_.size()) < limits_.people && MayBegin(person.dialog, is_away) &&
         Enter(person.user_id, person.dialog, is_away);
}

bool HeldQueue::Enter(int64_t user_id, const std::string& dialog, const IsAway& is_away) {
  if (!running_.try_emplace(user_id, dialog).second) return false;
  ++running_of_[dialog];
  if (is_away(dialog)) probed_.insert(dialog);
  return true;
}

bool HeldQueue::MayBegin(std::string_view dialog, const IsAway& is_away) const {
  const auto count = running_of_.find(dialog);
  const int running = count == running_of_.end() ? 0 : count->second;
  if (is_away(dialog)) return running == 0 && !probed_.contains(dialog);
  return running < limits_.of_dialog;
}

void HeldQueue::Done(int64_t user_id) {
  const auto person = running_.find(user_id);
  if (person == running_.end()) return;
  const auto count = running_of_.find(person->second);
  if (--count->second == 0) running_of_.erase(count);
  running_.erase(person);
  const auto again = again_.find(user_id);
  if (again == again_.end()) return;
  Add({.user_id = user_id, .dialog = std::move(again->second)});
  again_.erase(again);
}

}  // namespace selfology::telegram_gateway
