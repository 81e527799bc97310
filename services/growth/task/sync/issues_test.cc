#include "services/growth/task/sync/issues.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace selfology::task {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;

constexpr char kIssue[] = R"({
  "number": 1347, "title": " Found a bug ", "body": "I'm having\r\na problem.\r\n", "state": "open",
  "state_reason": null, "labels": [{"id": 1, "name": "Good First Issue"}, "bug"],
  "updated_at": "2026-05-06T10:00:00Z", "closed_at": null, "user": {"login": "octocat"}})";

Issue Parsed(std::string_view text) {
  const auto issue = ParseIssue(text);
  EXPECT_TRUE(issue.ok()) << issue.status();
  return issue.value_or(Issue());
}

TEST(IssuesTest, ReadsWhatTheDocumentationShows) {
  const Issue issue = Parsed(kIssue);
  EXPECT_EQ(issue.number, 1347);
  EXPECT_EQ(absl::FormatTime(issue.updated_at, absl::UTCTimeZone()), "2026-05-06T10:00:00+00:00");
  EXPECT_FALSE(issue.is_pull_request);
  EXPECT_EQ(FieldsOf(issue), (SyncFields{.title = "Found a bug",
                                         .notes = "I'm having\na problem.",
                                         .labels = {"bug", "good-first-issue"}}));
  json closed = json::parse(kIssue);
  closed["state"] = "closed";
  closed["state_reason"] = "not_planned";
  closed["body"] = nullptr;
  closed["pull_request"] = {{"url", "https://api.github.com/repos/o/r/pulls/1347"}};
  const Issue dropped = Parsed(closed.dump());
  EXPECT_EQ(dropped.status, v1::TASK_STATUS_DROPPED);
  EXPECT_EQ(dropped.body, "");
  EXPECT_TRUE(dropped.is_pull_request);
  closed["state_reason"] = nullptr;
  EXPECT_EQ(Parsed(closed.dump()).status, v1::TASK_STATUS_COMPLETED);
}

TEST(IssuesTest, RefusesWhatIsNotAsDocumented) {
  for (const std::string_view field : {"number", "title", "state", "updated_at", "labels"}) {
    json odd = json::parse(kIssue);
    odd[std::string(field)] = json::array({json::array()});
    EXPECT_EQ(ParseIssue(odd.dump()).status().code(), absl::StatusCode::kInvalidArgument) << field;
  }
  EXPECT_FALSE(ParseIssue("[]").ok());
  EXPECT_FALSE(ParseIssues("{}").ok());
  EXPECT_FALSE(ParseIssues("[1").ok());
}

TEST(IssuesTest, AMarkIsNoPartOfTheNotesAndSurvivesTheJourney) {
  const SyncFields fields = {
      .title = "Call mum", .notes = "about\nthe <!-- selfology:x --> garden", .labels = {"family"}};
  const json made = json::parse(NewIssueJson(fields, "a-mark_1"));
  const Issue issue = {.title = made["title"], .body = made["body"], .labels = made["labels"]};
  EXPECT_EQ(MarkOf(issue), "a-mark_1");
  EXPECT_EQ(FieldsOf(issue), fields);
  EXPECT_EQ(MarkOf({.body = "about <!-- selfology:x --> the garden"}), "");
  EXPECT_EQ(MarkOf({.body = "<!-- selfology:"}), "");
  // As an editor in a browser sends it back.
  EXPECT_EQ(MarkOf({.body = "text\r\n\r\n<!-- selfology:m -->\r\n"}), "m");
  EXPECT_EQ(FieldsOf(Issue{.body = "text\r\n\r\n<!-- selfology:m -->\r\n"}).notes, "text");
}

TEST(IssuesTest, WritesOnlyWhatDiffersAndKeepsWhatWeCannotHold) {
  Issue issue = Parsed(kIssue);
  SyncFields wanted = FieldsOf(issue);
  EXPECT_EQ(PatchJson(issue, wanted), "");
  wanted.title = "A bug";
  EXPECT_EQ(json::parse(PatchJson(issue, wanted)), json({{"title", "A bug"}}));
  wanted = FieldsOf(issue);
  wanted.labels = {"good-first-issue", "new"};
  EXPECT_EQ(json::parse(PatchJson(issue, wanted)), json({{"labels", {"Good First Issue", "new"}}}));
  wanted = FieldsOf(issue);
  wanted.status = v1::TASK_STATUS_DROPPED;
  EXPECT_EQ(json::parse(PatchJson(issue, wanted)),
            json({{"state", "closed"}, {"state_reason", "not_planned"}}));
  // A body that is too long for notes keeps its end.
  issue.body = std::string(20'000, 'a') + "the end";
  wanted = FieldsOf(issue);
  EXPECT_EQ(wanted.notes.size(), 20'000u);
  wanted.notes = "short";
  EXPECT_EQ(json::parse(PatchJson(issue, wanted))["body"], "shortthe end");
  issue.body = "shortthe end";
  // Twenty of thirty labels are held; taking one away leaves the others.
  issue.labels.clear();
  for (int i = 10; i < 40; ++i) issue.labels.push_back(absl::StrCat("Label ", i));
  wanted = FieldsOf(issue);
  EXPECT_EQ(wanted.labels.size(), 20u);
  wanted.labels.erase(wanted.labels.begin());
  EXPECT_EQ(json::parse(PatchJson(issue, wanted))["labels"].size(), 29u);
}

TEST(IssuesTest, ATaskKeepsWhatTheOtherSideCannotHold) {
  v1::Task task;
  std::string title;
  for (int i = 0; i < 300; ++i) title += "я";
  task.set_title(title);
  task.set_status(v1::TASK_STATUS_OPEN);
  task.add_labels("work");
  SyncFields fields = FieldsOf(task);
  EXPECT_EQ(fields.title.size(), 512u);  // 256 characters.
  fields.labels = {"home"};
  SetFields(fields, task);
  EXPECT_EQ(task.title(), title);
  EXPECT_THAT(task.labels(), ElementsAre("home"));
  fields.title = "short";
  SetFields(fields, task);
  EXPECT_EQ(task.title(), "short");
}

TEST(IssuesTest, EachFieldHasTheTimeOfItsLastChange) {
  std::vector<v1::TaskVersion> versions(3);  // Newest first.
  for (int i = 0; i < 3; ++i) {
    *versions[i].mutable_at() = timestamps::ToProto(absl::FromUnixSeconds(300 - 100 * i));
    versions[i].mutable_task()->set_title(i == 2 ? "old" : "new");
    versions[i].mutable_task()->set_notes(i == 0 ? "more" : "");
  }
  const ChangeTimes at = ChangedAt(versions);
  EXPECT_EQ(at.title, absl::FromUnixSeconds(200));
  EXPECT_EQ(at.notes, absl::FromUnixSeconds(300));
  EXPECT_EQ(at.status, absl::InfinitePast());
  EXPECT_EQ(ChangedAt({}).title, absl::InfinitePast());
}

}  // namespace
}  // namespace selfology::task
