#include "services/platform/queue/job_rules.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "services/platform/queue/backlog.h"
#include "services/platform/queue/job_types.h"

namespace selfology::queue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

google::protobuf::Struct Json(const std::string& text) {
  google::protobuf::Struct json;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(text, &json).ok()) << text;
  return json;
}

std::vector<std::string> Faults(const v1::NewJob& job) {
  status::FieldViolations bad;
  CheckNewJob(Completed(job), "job", bad);
  std::vector<std::string> fields;
  for (const auto& violation : status::Violations(bad.ToStatus()))
    fields.push_back(violation.field);
  return fields;
}

v1::NewJob SomeJob() {
  v1::NewJob job;
  job.set_queue("mail");
  job.set_kind("greet");
  return job;
}

TEST(JobRulesTest, FillsInWhatAJobLeavesOpen) {
  v1::NewJob job;
  job.set_kind("schedule_post_job");
  const v1::NewJob completed = Completed(job);
  EXPECT_EQ(completed.kind(), "schedule_post");
  EXPECT_EQ(completed.queue(), "content_publishing_queue");
  EXPECT_EQ(completed.priority(), 5);
  EXPECT_EQ(completed.max_attempts(), 5);
}

TEST(JobRulesTest, NamesEachRuleThatIsBroken) {
  EXPECT_THAT(Faults(SomeJob()), IsEmpty());
  EXPECT_THAT(Faults(v1::NewJob()), ElementsAre("job.queue", "job.kind"));
  v1::NewJob job = SomeJob();
  job.set_queue("Mail!");
  job.set_priority(10);
  job.set_max_attempts(-1);
  job.set_user_id(-5);
  job.add_after_job_ids(0);
  job.add_retry_delays()->set_seconds(-1);
  job.set_ordering_key(std::string(129, 'x'));
  EXPECT_THAT(Faults(job),
              ElementsAre("job.queue", "job.priority", "job.max_attempts", "job.user_id",
                          "job.after_job_ids", "job.retry_delays", "job.ordering_key"));
  // Characters are counted, not bytes.
  job = SomeJob();
  std::string key;
  for (int i = 0; i < 128; ++i) key += "ж";
  job.set_unique_key(key);
  EXPECT_THAT(Faults(job), IsEmpty());
  job.set_unique_key(key + "ж");
  EXPECT_THAT(Faults(job), ElementsAre("job.unique_key"));
  job = SomeJob();
  *job.mutable_payload() = Json("{\"a\": \"" + std::string(50'000, 'a') + "\"}");
  EXPECT_THAT(Faults(job), ElementsAre("job.payload"));
}

TEST(JobRulesTest, HoldsAKnownKindToItsQueueAndPayload) {
  v1::NewJob job;
  job.set_kind("schedule_post");
  *job.mutable_payload() = Json(
      R"({"content_id": "content_123", "platforms": ["facebook", "twitter", "linkedin"],
          "scheduled_time": "2024-01-15T10:00:00Z", "user_id": "456"})");
  EXPECT_THAT(Faults(job), IsEmpty());
  job.set_queue("elsewhere");
  EXPECT_THAT(Faults(job), ElementsAre("job.queue"));
  job.clear_queue();
  *job.mutable_payload() = Json(R"({"content_id": 5, "platforms": "facebook"})");
  EXPECT_THAT(Faults(job), ElementsAre("job.payload"));
  *job.mutable_payload() = Json(R"({"contentid": "5"})");
  EXPECT_THAT(Faults(job), ElementsAre("job.payload"));
}

TEST(JobTypesTest, AreFiveQueuesOfThree) {
  std::map<std::string, int> by_queue;
  std::set<std::string> names;
  for (const JobTypeEntry& type : JobTypes()) {
    ++by_queue[type.options.queue()];
    names.insert(type.options.kind());
    names.insert(type.options.alias());
    EXPECT_EQ(type.options.alias(), type.options.kind() + "_job");
    EXPECT_FALSE(type.options.owner().empty());
    EXPECT_TRUE(CheckPayload(type, {}).ok()) << type.options.kind();
    EXPECT_EQ(KindOf(type.options.alias()), type.options.kind());
  }
  EXPECT_EQ(names.size(), 30);
  EXPECT_THAT(by_queue, ElementsAre(std::pair("analytics_processing_queue", 3),
                                    std::pair("content_publishing_queue", 3),
                                    std::pair("file_processing_queue", 3),
                                    std::pair("notification_delivery_queue", 3),
                                    std::pair("webhook_processing_queue", 3)));
  EXPECT_EQ(FindJobType("something_else"), nullptr);
  EXPECT_EQ(KindOf("something_else"), "something_else");
}

TEST(JobRulesTest, AJobWaitsForOneThingAfterTheOther) {
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  EXPECT_EQ(StatusOf({true, true, now}, now), v1::JOB_STATUS_BLOCKED);
  EXPECT_EQ(StatusOf({false, true, now}, now), v1::JOB_STATUS_QUEUED);
  EXPECT_EQ(StatusOf({false, false, now + absl::Seconds(1)}, now), v1::JOB_STATUS_SCHEDULED);
  EXPECT_EQ(StatusOf({false, false, now}, now), v1::JOB_STATUS_READY);
}

TEST(JobRulesTest, DecidesWhatBecomesOfAFailedAttempt) {
  EXPECT_EQ(OutcomeOf({.attempt = 1, .max_attempts = 2}), Outcome::kRetry);
  EXPECT_EQ(OutcomeOf({.attempt = 2, .max_attempts = 2}), Outcome::kDead);
  EXPECT_EQ(OutcomeOf({.attempt = 1, .max_attempts = 2, .permanent = true}), Outcome::kDead);
  EXPECT_EQ(OutcomeOf({.attempt = 2, .max_attempts = 2, .not_counted = true}), Outcome::kRetry);
  EXPECT_EQ(OutcomeOf({.attempt = 1, .max_attempts = 2, .cancel_requested = true}),
            Outcome::kCancelled);
}

TEST(BacklogTest, CallsOnceAndNotAtTheEdge) {
  EXPECT_EQ(ChangeOf({1000, 1000, false}), BacklogChange::kNone);
  EXPECT_EQ(ChangeOf({1001, 1000, false}), BacklogChange::kExceeded);
  EXPECT_EQ(ChangeOf({1001, 1000, true}), BacklogChange::kNone);
  EXPECT_EQ(ChangeOf({501, 1000, true}), BacklogChange::kNone);
  EXPECT_EQ(ChangeOf({500, 1000, true}), BacklogChange::kCleared);
  EXPECT_EQ(ChangeOf({0, 1, true}), BacklogChange::kCleared);
}

}  // namespace
}  // namespace selfology::queue
