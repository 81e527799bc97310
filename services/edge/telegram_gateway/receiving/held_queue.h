// Whose held updates are tried next: as many people at a time as there are slots, and no dialog's
// people in the way of another's.
//
//   queue.Refill(people_due);                        // what a look at the table found
//   queue.Add(person);                               // whose turn has come in between
//   for (const HeldQueue::Person& person : queue.Take(is_away)) Run(person);
//   ...
//   queue.Done(person.user_id);                      // and Take again
//
// People are grouped by the dialog that their next update waits out, and the groups take turns. A
// dialog that is away is tried with one person at a time, once a look, until it answers; then its
// people come back as fast as it takes them. Threads: a plain value, for one thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace selfology::telegram_gateway {

class HeldQueue {
 public:
  struct Person {
    int64_t user_id = 0;
    std::string dialog = {};  // Empty: none.
    friend bool operator==(const Person&, const Person&) = default;
  };
  struct Limits {
    int people = 16;     // At a time.
    int of_dialog = 10;  // Of these with the same dialog: others always find a slot.
  };

  explicit HeldQueue(Limits limits) : limits_(limits) {}

  // Those who waited longest first. It takes the place of what is left from before.
  void Refill(std::vector<Person> due);

  // The last of that dialog's people; of somebody who is running, once that is done.
  void Add(Person person);

  using IsAway = std::function<bool(std::string_view dialog)>;
  // Those to begin with now; each is running until Done.
  std::vector<Person> Take(const IsAway& is_away);
  // Begins with that one, out of turn. False: there is no slot, or they are running.
  bool Begin(const Person& person, const IsAway& is_away);
  bool IsRunning(int64_t user_id) const { return running_.contains(user_id); }
  void Done(int64_t user_id);

 private:
  using Groups = std::map<std::string, std::deque<int64_t>, std::less<>>;

  bool MayBegin(std::string_view dialog, const IsAway& is_away) const;
  // False: they are running already.
  bool Enter(int64_t user_id, const std::string& dialog, const IsAway& is_away);

  const Limits limits_;
  Groups waiting_;
  absl::flat_hash_map<int64_t, std::string> running_;
  absl::flat_hash_map<int64_t, std::string> again_;  // Of those who are running.
  std::map<std::string, int, std::less<>> running_of_;
  std::set<std::string, std::less<>> probed_;  // Since the last look, while away.
  std::string last_;                           // Whose turn it was.
};

}  // namespace selfology::telegram_gateway
