// What PostgreSQL, the truth of it all, says about a person's journey.
//
//   Record record(*mesh);
//   record.AwaitEvents(ann.id(), "coach.message.ready", 1);
//   EXPECT_EQ(record.Answers(ann.id()), 10);
//
// Failures to read fail the test. Threads: may be used from any.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/journey/mesh.h"

namespace selfology::journey {

class Record {
 public:
  explicit Record(Mesh& mesh) : mesh_(mesh) {}

  // One number out of a query with the user as $1.
  int64_t Number(const std::string& sql, int64_t user);

  // Until so many events of the type have been published for the user.
  void AwaitEvents(int64_t user, std::string_view type, int count);
  // Until the consumer group has handled all of them.
  void AwaitHandled(int64_t user, std::string_view type, std::string_view group);
  // Until the relay has published all there is, and every consumer group has passed it.
  void AwaitPassed();
  void Await(std::string_view what, const std::function<bool()>& condition);

  std::map<std::string, int> EventCounts(int64_t user);
  std::vector<std::string> Payloads(int64_t user, std::string_view type);
  std::set<std::string> Traces(int64_t user);
  int64_t Answers(int64_t user);
  int64_t DeadLetters();

 private:
  Mesh& mesh_;
};

}  // namespace selfology::journey
