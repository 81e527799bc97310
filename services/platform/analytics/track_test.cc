// Events that are tracked many at once.
#include <optional>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/analytics/v1/analytics_service_client.h"
#include "services/platform/analytics/module.h"
#include "testing/mesh_test.h"

namespace selfology::analytics {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kUser = 123456;

class TrackTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(::selfology::testing::Modules(MakeModule()));
    client_.emplace(Peer("analytics"));
  }

  // `count` events, those of one key in ten the same.
  static v1::TrackManyRequest Request(int count, int64_t user_id = kUser) {
    v1::TrackManyRequest request;
    request.set_user_id(user_id);
    for (int i = 0; i < count; ++i) {
      v1::TrackedEvent& event = *request.add_events();
      event.set_event("read");
      auto& properties = *event.mutable_properties()->mutable_fields();
      properties["where"].set_string_value(i % 2 == 0 ? "it's \"here\"" : "there, \\");
      properties["minutes"].set_number_value(i);
      *event.mutable_occurred_at() = timestamps::ToProto(absl::Now() - absl::Hours(i));
      event.set_idempotency_key(absl::StrCat("key-", i));
    }
    return request;
  }
  int64_t CountedBy(const v1::TrackManyRequest& request) {
    const auto response = client_->TrackMany(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->counted() : -1;
  }
  std::string FaultOf(const v1::TrackManyRequest& request) {
    const auto faults = status::Violations(client_->TrackMany(Deadline(), request).status());
    return faults.empty() ? "" : faults[0].field;
  }
  int64_t Kept() {
    const auto row =
        DatabaseAs("selfology_analytics").Read(Deadline(), [](postgres::Transaction& tx) {
          return tx.QueryOne<int64_t>("SELECT count(*) FROM analytics_events");
        });
    return row.ok() ? std::get<0>(row->value()) : -1;
  }

  std::optional<v1::AnalyticsServiceClient> client_;
};

TEST_F(TrackTest, EachIsCountedOnceInWhateverCompanyItComes) {
  EXPECT_EQ(CountedBy(Request(300)), 300);
  EXPECT_EQ(CountedBy(Request(300)), 0);
  EXPECT_EQ(CountedBy(Request(500)), 200);
  // Another person's keys are others; the same twice in one request is one.
  v1::TrackManyRequest twice = Request(2, kUser + 1);
  twice.mutable_events(1)->set_idempotency_key(twice.events(0).idempotency_key());
  EXPECT_EQ(CountedBy(twice), 1);
  // And what was tracked alone is known, too.
  v1::TrackRequest alone;
  alone.set_user_id(kUser);
  alone.set_event("read");
  alone.set_idempotency_key("key-7");
  EXPECT_FALSE(client_->Track(Deadline(), alone)->is_new());
  EXPECT_EQ(Kept(), 501);

  v1::QuerySeriesRequest ask;
  v1::SeriesQuery& query = *ask.mutable_query();
  query.set_metric("track.read");
  query.set_split_by("where");
  query.set_step(v1::STEP_DAY);
  *query.mutable_from() = timestamps::ToProto(absl::Now() - absl::Hours(600));
  *query.mutable_to() = timestamps::ToProto(absl::Now() + absl::Hours(24));
  Await("the roll-ups", [&] {
    const auto series = client_->QuerySeries(Deadline(), ask);
    return series.ok() && series->series_size() == 2 && series->series(0).total() == 251 &&
           series->series(0).dimension() == "it's \"here\"" && series->series(1).total() == 250 &&
           series->series(1).dimension() == "there, \\";
  });
}

TEST_F(TrackTest, NothingIsCountedIfOneIsWrong) {
  EXPECT_EQ(FaultOf({}), "events");
  EXPECT_EQ(FaultOf(Request(501)), "events");
  EXPECT_EQ(FaultOf(Request(1, -1)), "user_id");
  v1::TrackManyRequest request = Request(3);
  request.mutable_events(2)->set_event("Not a word");
  EXPECT_EQ(FaultOf(request), "events[2].event");
  request = Request(3);
  *request.mutable_events(1)->mutable_occurred_at() =
      timestamps::ToProto(absl::Now() + absl::Hours(1));
  EXPECT_EQ(FaultOf(request), "events[1].occurred_at");
  request = Request(3);
  (*request.mutable_events(0)->mutable_properties()->mutable_fields())["list"].mutable_list_value();
  EXPECT_THAT(FaultOf(request), HasSubstr("events[0].properties"));
  EXPECT_EQ(Kept(), 0);
}

}  // namespace
}  // namespace selfology::analytics
