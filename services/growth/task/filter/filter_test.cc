#include "services/growth/task/filter/filter.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::task {
namespace {

absl::TimeZone Berlin() {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone("Europe/Berlin", &zone));
  return zone;
}
// Wednesday.
absl::Time At(int day, int hour) {
  return absl::FromCivil(absl::CivilHour(2026, 5, day, hour), Berlin());
}

v1::Task Milk() {
  v1::Task task;
  task.set_task_id(7);
  task.set_title("Buy Soy Milk");
  task.set_notes("Ёлка");
  task.set_status(v1::TASK_STATUS_OPEN);
  task.set_priority(v1::TASK_PRIORITY_MEDIUM);
  task.add_labels("home");
  task.set_list_id(3);
  *task.mutable_due_at() = timestamps::ToProto(At(6, 18));
  *task.mutable_created_at() = timestamps::ToProto(At(1, 9));
  task.add_assignee_user_ids(12);
  task.set_urgency(5.5);
  return task;
}

bool Matches(std::string_view text, const v1::Task& task = Milk()) {
  const auto filter = Filter::Parse(text);
  EXPECT_TRUE(filter.ok()) << text << ": " << filter.status();
  return filter.ok() &&
         filter->Matches(
             task,
             {.now = At(6, 12), .zone = Berlin(), .person = 12, .list_names = {{3, "To Read"}}});
}

TEST(FilterTest, TermsThatHold) {
  for (const char* text : {"",
                           "milk",
                           "\"soy milk\"",
                           "MILK",
                           "елка",
                           "+home",
                           "-work",
                           "label:home",
                           "is:open",
                           "status:open",
                           "not is:completed",
                           "!is:completed",
                           "list:3",
                           "list:\"to read\"",
                           "-nothing",
                           "priority:medium",
                           "priority>=medium",
                           "priority<high",
                           "due:today",
                           "due<tomorrow",
                           "due<=today",
                           "due>yesterday",
                           "due:2026-05-06",
                           "due:week",
                           "due:month",
                           "due:any",
                           "start:none",
                           "due>=now",
                           "due<+1d",
                           "due>2026-05-06T17:59",
                           "created<today",
                           "urgency>5",
                           "urgency<=5.5",
                           "assignee:me",
                           "assignee:12",
                           "id:7",
                           "title:milk",
                           "milk and +home",
                           "milk or nothing",
                           "(nothing or milk) +home",
                           "not (nothing | work)",
                           "due:wednesday",
                           "closed:none",
                           "parent:none",
                           "http://x.y or milk",
                           "not not milk"}) {
    EXPECT_TRUE(Matches(text)) << text;
  }
}

TEST(FilterTest, TermsThatDoNotHold) {
  for (const char* text :
       {"bread",         "+work",           "-home",        "is:completed",
        "is:overdue",    "is:blocked",      "list:inbox",   "list:4",
        "priority:high", "priority>medium", "due:tomorrow", "due>today",
        "due:none",      "due<now",         "urgency>6",    "assignee:13",
        "assignee:none", "milk and bread",  "not milk",     "not (milk or bread)",
        "due:eow",       "start:any",       "is:recurring", "bread or (milk and +work)"}) {
    EXPECT_FALSE(Matches(text)) << text;
  }
}

TEST(FilterTest, RefusesWhatItDoesNotKnow) {
  const std::string deep(200, '(');
  std::string many = "a";
  for (int i = 0; i < 101; ++i) absl::StrAppend(&many, " a");
  for (const std::string& text :
       {std::string("("), std::string("a or"), std::string(")"), std::string("is:nice"),
        std::string("due:whenever"), std::string("priority:extreme"), std::string("urgency>high"),
        std::string("due:"), std::string("id:x"), std::string("label>a"), std::string("not"),
        std::string("a and"), deep, many, std::string(1001, 'a')}) {
    EXPECT_FALSE(Filter::Parse(text).ok()) << text;
  }
}

TEST(FilterTest, SaysWhichTasksCannotMatch) {
  const auto may = [](std::string_view text) {
    const auto filter = Filter::Parse(text);
    return absl::StrCat(filter->may_match_open() ? "open" : "", " ",
                        filter->may_match_closed() ? "closed" : "");
  };
  EXPECT_EQ(may(""), "open closed");
  EXPECT_EQ(may("is:open milk"), "open ");
  EXPECT_EQ(may("is:completed"), " closed");
  EXPECT_EQ(may("is:completed or milk"), "open closed");
  EXPECT_EQ(may("not is:open"), " closed");
  EXPECT_EQ(may("not is:completed"), "open closed");
  EXPECT_EQ(may("is:overdue"), "open ");
  EXPECT_TRUE(Filter::Parse("is:blocked or a")->needs_computed());
  EXPECT_FALSE(Filter::Parse("a")->needs_computed());
}

TEST(FilterTest, DaysAreOfTheZone) {
  v1::Task task = Milk();
  // 23:30 in Berlin is 21:30 in UTC.
  *task.mutable_due_at() = timestamps::ToProto(At(6, 23) + absl::Minutes(30));
  EXPECT_TRUE(Matches("due:today", task));
  *task.mutable_due_at() = timestamps::ToProto(At(7, 0));
  EXPECT_FALSE(Matches("due:today", task));
  EXPECT_TRUE(Matches("due:tomorrow", task));
}

TEST(FilterTest, OverdueIsTheEndOfTheDayForDays) {
  v1::Task task = Milk();
  task.set_time_zone("Europe/Berlin");
  task.set_due_all_day(true);
  *task.mutable_due_at() = timestamps::ToProto(At(6, 0));
  EXPECT_FALSE(Matches("is:overdue", task));
  *task.mutable_due_at() = timestamps::ToProto(At(5, 0));
  EXPECT_TRUE(Matches("is:overdue", task));
}

}  // namespace
}  // namespace selfology::task
