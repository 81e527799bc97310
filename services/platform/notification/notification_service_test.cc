#include "services/platform/notification/notification_service.h"

#include <optional>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/notification/v1/notification_service_client.h"
#include "selfology/events/v1/notification.pb.h"
#include "services/platform/notification/module.h"
#include "testing/mesh_test.h"
#include "testing/proto_matchers.h"

namespace selfology::notification {
namespace {

using events::v1::NotificationEntryAdded;
using ::selfology::testing::EqualsProto;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kUser = 123456;

// The module in a process of the mesh, over real PostgreSQL, Redis and relay.
class NotificationServiceTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(::selfology::testing::Modules(MakeModule()));
    client_.emplace(Peer("notification"));
  }

  absl::StatusOr<v1::AddNotificationEntryResponse> Add(const std::string& text, const std::string& key) {
    v1::AddNotificationEntryRequest request;
    request.set_user_id(kUser);
    request.set_text(text);
    request.set_idempotency_key(key);
    return client_->AddNotificationEntry(Deadline(), request);
  }

  std::vector<std::string> Texts() {
    std::vector<std::string> texts;
    v1::ListNotificationEntriesRequest request;
    request.set_user_id(kUser);
    request.set_page_size(2);
    do {
      const auto page = client_->ListNotificationEntries(Deadline(), request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      for (const auto& entry : page->entries()) texts.push_back(entry.text());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return texts;
  }

  int64_t Count() {
    v1::CountNotificationEntriesRequest request;
    request.set_user_id(kUser);
    const auto response = client_->CountNotificationEntries(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->count() : -1;
  }

  std::optional<v1::NotificationServiceClient> client_;
};

TEST_F(NotificationServiceTest, KeepsEntriesAndPagesThroughThem) {
  for (const char* text : {"one", "two", "three"}) {
    const auto added = Add(text, text);
    ASSERT_TRUE(added.ok()) << added.status();
  }
  EXPECT_THAT(Texts(), ElementsAre("three", "two", "one"));
}

TEST_F(NotificationServiceTest, AnEntrySentTwiceIsKeptAndPublishedOnce) {
  const auto first = Add("one", "key");
  ASSERT_TRUE(first.ok()) << first.status();
  const auto again = Add("one", "key");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(*again, EqualsProto(*first));
  EXPECT_THAT(Texts(), SizeIs(1));
  const auto published = Published<NotificationEntryAdded>();
  ASSERT_THAT(published, SizeIs(1));
  EXPECT_EQ(published[0].entry_id(), first->entry().entry_id());
  EXPECT_EQ(published[0].text(), "one");
}

TEST_F(NotificationServiceTest, TheHandlerCountsEachEntryOnce) {
  ASSERT_TRUE(Add("one", "1").ok());
  ASSERT_TRUE(Add("two", "2").ok());
  Await("both entries to be counted", [&] { return Count() == 2; });
}

TEST_F(NotificationServiceTest, NamesAllThatIsWrongWithARequest) {
  const absl::Status bad =
      client_->AddNotificationEntry(Deadline(), v1::AddNotificationEntryRequest()).status();
  EXPECT_EQ(bad.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status::Violations(bad), SizeIs(3)) << bad;
  EXPECT_THAT(Published<NotificationEntryAdded>(), IsEmpty());
}

TEST_F(NotificationServiceTest, ErasesAPersonForGood) {
  ASSERT_TRUE(Add("one", "1").ok());
  Await("the entry to be counted", [&] { return Count() == 1; });
  v1::DeleteUserDataRequest request;
  request.set_user_id(kUser);
  const auto erased = client_->DeleteUserData(Deadline(), request);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_EQ(erased->deleted_rows(), 2);
  EXPECT_THAT(Texts(), IsEmpty());
  EXPECT_EQ(Count(), 0);
}

}  // namespace
}  // namespace selfology::notification
