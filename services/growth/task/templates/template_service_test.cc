#include "services/growth/task/templates/template_service.h"

#include <map>
#include <string>
#include <vector>

#include "services/growth/task/task_fixture_test.h"

namespace selfology::task {
namespace {

using events::v1::TaskCreated;
using ::selfology::testing::EqualsProto;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class TemplateServiceTest : public TaskTest {
 protected:
  // Write, then review and translate, then publish.
  static v1::TaskTemplate Newsletter() {
    v1::TaskTemplate tmpl;
    tmpl.set_name("Newsletter");
    const std::map<std::string, std::vector<std::string>> nodes = {
        {"write", {}},
        {"review", {"write"}},
        {"translate", {"write"}},
        {"publish", {"review", "translate"}}};
    int day = 0;
    for (const char* id : {"write", "review", "translate", "publish"}) {
      v1::TemplateNode& node = *tmpl.add_nodes();
      node.set_node_id(id);
      node.set_title(id);
      node.set_due_day(day++);
      for (const std::string& before : nodes.at(id)) node.add_after_node_ids(before);
    }
    return tmpl;
  }
  absl::StatusOr<v1::TaskTemplate> Make(v1::TaskTemplate tmpl) {
    v1::CreateTaskTemplateRequest request;
    request.set_user_id(kAnn);
    *request.mutable_template_() = std::move(tmpl);
    request.set_idempotency_key(Key());
    const auto response = templates_->CreateTaskTemplate(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->template_();
  }
};

TEST_F(TemplateServiceTest, ARunIsTheWholeGraph) {
  const auto tmpl = Make(Newsletter());
  ASSERT_TRUE(tmpl.ok()) << tmpl.status();
  v1::RunTaskTemplateRequest request;
  request.set_user_id(kAnn);
  request.set_template_id(tmpl->template_id());
  *request.mutable_day() = At(11, 0);
  request.set_idempotency_key("run");
  const auto run = templates_->RunTaskTemplate(Deadline(), request);
  ASSERT_TRUE(run.ok()) << run.status();
  ASSERT_THAT(run->tasks(), SizeIs(4));
  EXPECT_THAT(run->tasks(0).blocked_by_task_ids(), IsEmpty());
  EXPECT_THAT(run->tasks(3).blocked_by_task_ids(),
              ElementsAre(run->tasks(1).task_id(), run->tasks(2).task_id()));
  EXPECT_THAT(run->tasks(3).due_at(), EqualsProto(At(14, 0)));
  EXPECT_TRUE(run->tasks(3).due_all_day());
  const auto again = templates_->RunTaskTemplate(Deadline(), request);
  EXPECT_EQ(again->run_id(), run->run_id());
  EXPECT_THAT(Published<TaskCreated>(), SizeIs(4));
}

TEST_F(TemplateServiceTest, ACycleIsNamed) {
  v1::TaskTemplate tmpl = Newsletter();
  tmpl.mutable_nodes(0)->add_after_node_ids("publish");
  const absl::Status refused = Make(tmpl).status();
  ASSERT_THAT(status::Violations(refused), SizeIs(1));
  EXPECT_THAT(status::Violations(refused)[0].rule, HasSubstr("publish"));
  tmpl = Newsletter();
  tmpl.mutable_nodes(0)->set_parent_node_id("write");
  EXPECT_FALSE(Make(tmpl).ok());
  tmpl = Newsletter();
  tmpl.mutable_nodes(0)->add_after_node_ids("nobody");
  EXPECT_FALSE(Make(tmpl).ok());
}

TEST_F(TemplateServiceTest, AFixedGraphComesAgainAsAWhole) {
  v1::TaskTemplate tmpl = Newsletter();
  tmpl.mutable_recurrence()->set_rrule("FREQ=WEEKLY;BYDAY=TH");
  tmpl.mutable_recurrence()->set_mode(v1::RECURRENCE_MODE_FIXED);
  tmpl.set_runs_in_sequence(true);
  ASSERT_TRUE(Make(tmpl).ok());
  Wait(absl::Hours(24));
  AwaitPublished<TaskCreated>(4);
  Wait(absl::Hours(7 * 24));
  AwaitPublished<TaskCreated>(8);
  // The second run's first task waits for the first run's; the rest is as in the template.
  EXPECT_THAT(Titles("is:blocked title:write"), SizeIs(1));
  EXPECT_THAT(Titles("is:blocked"), SizeIs(7));
}

TEST_F(TemplateServiceTest, AGraphCanComeAgainWhenItIsDone) {
  v1::TaskTemplate tmpl;
  tmpl.set_name("Clean");
  tmpl.add_nodes()->set_node_id("clean");
  tmpl.mutable_nodes(0)->set_title("clean");
  tmpl.mutable_recurrence()->set_rrule("FREQ=DAILY;INTERVAL=3");
  tmpl.mutable_recurrence()->set_mode(v1::RECURRENCE_MODE_AFTER_COMPLETION);
  ASSERT_TRUE(Make(tmpl).ok());
  const auto first = AwaitPublished<TaskCreated>();
  ASSERT_TRUE(Complete(first[0].task_id()).ok());
  v1::ListTaskTemplatesRequest list;
  list.set_user_id(kAnn);
  Await("the next run to be planned", [&] {
    const auto listed = templates_->ListTaskTemplates(Deadline(), list);
    return listed.ok() && listed->templates(0).has_next_run_at();
  });
  EXPECT_THAT(templates_->ListTaskTemplates(Deadline(), list)->templates(0).next_run_at(),
              EqualsProto(At(9, 0)));
}

}  // namespace
}  // namespace selfology::task
