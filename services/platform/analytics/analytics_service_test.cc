#include "services/platform/analytics/analytics_service.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/status.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "selfology/analytics/v1/analytics_service_client.h"
#include "selfology/events/v1/analytics.pb.h"
#include "selfology/events/v1/queue.pb.h"
#include "services/platform/analytics/analytics_events.h"
#include "services/platform/analytics/module.h"
#include "testing/mesh_test.h"

namespace selfology::analytics {
namespace {

using events::v1::AnalyticsThresholdReached;
using events::v1::JobCompleted;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr int64_t kUser = 123456;

class AnalyticsServiceTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(::selfology::testing::Modules(MakeModule()));
    client_.emplace(Peer("analytics"));
  }

  static absl::Time Utc(absl::CivilSecond civil) {
    return absl::FromCivil(civil, absl::UTCTimeZone());
  }

  absl::StatusOr<v1::TrackResponse> Track(int64_t user_id, const std::string& event, absl::Time at,
                                          const std::string& properties = "{}",
                                          const std::string& key = "") {
    v1::TrackRequest request;
    request.set_user_id(user_id);
    request.set_event(event);
    EXPECT_TRUE(
        google::protobuf::util::JsonStringToMessage(properties, request.mutable_properties()).ok());
    *request.mutable_occurred_at() = timestamps::ToProto(at);
    request.set_idempotency_key(key.empty() ? absl::StrCat("key-", ++keys_) : key);
    return client_->Track(Deadline(), request);
  }

  static v1::SeriesQuery Query(const std::string& metric, absl::Time from, absl::Time to,
                               v1::Step step = v1::STEP_DAY) {
    v1::SeriesQuery query;
    query.set_metric(metric);
    *query.mutable_from() = timestamps::ToProto(from);
    *query.mutable_to() = timestamps::ToProto(to);
    query.set_step(step);
    return query;
  }
  std::vector<v1::Series> Series(const v1::SeriesQuery& query) {
    v1::QuerySeriesRequest request;
    *request.mutable_query() = query;
    const auto response = client_->QuerySeries(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return {};
    return {response->series().begin(), response->series().end()};
  }
  double Total(const v1::SeriesQuery& query) {
    const auto series = Series(query);
    return series.empty() ? 0 : series[0].total();
  }
  static std::vector<double> Values(const v1::Series& series) {
    std::vector<double> values;
    for (const v1::Point& point : series.points()) values.push_back(point.value());
    return values;
  }
  // Until all that was tracked is in the roll-ups.
  void AwaitFolded() {
    Await("the roll-ups", [&] {
      const auto row =
          DatabaseAs("selfology_analytics").Read(Deadline(), [](postgres::Transaction& tx) {
            return tx.QueryOne<int64_t>("SELECT count(*) FROM analytics_pending");
          });
      return row.ok() && std::get<0>(row->value()) == 0;
    });
  }

  std::optional<v1::AnalyticsServiceClient> client_;

 private:
  int keys_ = 0;
};

TEST_F(AnalyticsServiceTest, CountsEveryEventOnceAlsoAfterAReplay) {
  EXPECT_THAT(*CountedTypes(), Contains("job.completed"));
  EXPECT_THAT(*CountedTypes(), Not(Contains("job.requested")));
  for (int i = 1; i <= 6; ++i) {
    JobCompleted event;
    event.set_job_id(i);
    event.set_user_id(i <= 4 ? kUser : kUser + 1);
    event.set_queue(i % 3 == 0 ? "slow" : "fast");
    event.set_attempt(i);
    event.mutable_took()->set_seconds(2 * i);
    Publish(event);
  }
  const absl::Time now = absl::Now();
  v1::SeriesQuery query =
      Query("job.completed", now - absl::Hours(24), now + absl::Hours(24), v1::STEP_HOUR);
  Await("all events", [&] { return Total(query) == 6; });
  Republish();
  JobCompleted last;
  last.set_job_id(7);
  last.set_user_id(kUser);
  last.set_queue("fast");
  Publish(last);
  Await("the last event", [&] { return Total(query) == 7; });

  query.set_split_by("queue");
  const auto by_queue = Series(query);
  ASSERT_THAT(by_queue, SizeIs(2));
  EXPECT_EQ(by_queue[0].dimension(), "fast");
  EXPECT_EQ(by_queue[0].total(), 5);
  EXPECT_EQ(by_queue[1].total(), 2);
  query.clear_split_by();
  query.set_measure(v1::MEASURE_PEOPLE);
  EXPECT_EQ(Total(query), 2);
  query.set_measure(v1::MEASURE_SUM);
  query.set_number("took_seconds");
  EXPECT_EQ(Total(query), 42);
  query.set_measure(v1::MEASURE_AVERAGE);
  query.set_number("attempt");
  EXPECT_EQ(Total(query), 3);
}

TEST_F(AnalyticsServiceTest, ATrackedEventIsCountedOnceWhereItHappened) {
  ASSERT_TRUE(Track(kUser, "read", Utc(absl::CivilSecond(2026, 5, 1, 10)), "{}", "k")->is_new());
  EXPECT_FALSE(Track(kUser, "read", Utc(absl::CivilSecond(2026, 5, 1, 10)), "{}", "k")->is_new());
  EXPECT_TRUE(Track(kUser + 1, "read", Utc(absl::CivilSecond(2026, 5, 1, 23, 59, 59)), "{}", "k")
                  ->is_new());
  AwaitFolded();
  // One that comes late belongs to its day.
  ASSERT_TRUE(Track(kUser, "read", Utc(absl::CivilSecond(2026, 5, 3, 0, 30))).ok());
  AwaitFolded();
  const auto days =
      Query("track.read", Utc(absl::CivilSecond(2026, 5, 1)), Utc(absl::CivilSecond(2026, 5, 4)));
  ASSERT_THAT(Series(days), SizeIs(1));
  EXPECT_THAT(Values(Series(days)[0]), ElementsAre(2, 0, 1));
  // From the events themselves, in a place where the third day's event is of the second.
  v1::SeriesQuery there = Query("track.read", Utc(absl::CivilSecond(2026, 5, 1, 4)),
                                Utc(absl::CivilSecond(2026, 5, 4, 4)));
  there.set_time_zone("America/New_York");
  EXPECT_THAT(Values(Series(there)[0]), ElementsAre(2, 1, 0));
  v1::SeriesQuery people = days;
  people.set_measure(v1::MEASURE_PEOPLE);
  EXPECT_THAT(Values(Series(people)[0]), ElementsAre(2, 0, 1));
  EXPECT_EQ(Series(people)[0].total(), 2);
  people.set_step(v1::STEP_MONTH);
  EXPECT_THAT(Values(Series(people)[0]), ElementsAre(2));

  v1::RebuildRollupsRequest rebuild;
  *rebuild.mutable_from() = days.from();
  *rebuild.mutable_to() = days.to();
  const auto rebuilt = client_->RebuildRollups(Deadline(), rebuild);
  ASSERT_TRUE(rebuilt.ok()) << rebuilt.status();
  EXPECT_EQ(rebuilt->events(), 3);
  EXPECT_THAT(Values(Series(days)[0]), ElementsAre(2, 0, 1));
  EXPECT_THAT(Series(Query("track.other", Utc(absl::CivilSecond(2026, 5, 1)),
                           Utc(absl::CivilSecond(2026, 5, 4)))),
              IsEmpty());
}

TEST_F(AnalyticsServiceTest, RollupsAndEventsTellTheSame) {
  absl::BitGen random;
  for (int i = 0; i < 120; ++i) {
    ASSERT_TRUE(Track(kUser + i % 7, "seen",
                      Utc(absl::CivilSecond(2026, 5, 1)) +
                          absl::Seconds(absl::Uniform(random, 0, 20 * 86400)),
                      absl::StrCat(R"({"platform": "p)", i % 3, R"("})"))
                    .ok());
  }
  AwaitFolded();
  for (const v1::Step step : {v1::STEP_HOUR, v1::STEP_DAY, v1::STEP_WEEK, v1::STEP_MONTH}) {
    for (const char* split : {"", "platform"}) {
      for (const v1::Measure measure : {v1::MEASURE_EVENTS, v1::MEASURE_PEOPLE}) {
        v1::SeriesQuery query = Query("track.seen", Utc(absl::CivilSecond(2026, 4, 20)),
                                      Utc(absl::CivilSecond(2026, 6, 1)), step);
        query.set_measure(measure);
        query.set_split_by(split);
        const auto rolled = Series(query);
        query.set_time_zone("Etc/UTC");  // The same, but not by that name.
        const auto counted = Series(query);
        ASSERT_EQ(rolled.size(), counted.size());
        for (size_t i = 0; i < rolled.size(); ++i) {
          EXPECT_EQ(rolled[i].total(), counted[i].total());
          EXPECT_EQ(Values(rolled[i]), Values(counted[i])) << v1::Step_Name(step) << split;
        }
      }
    }
  }
}

TEST_F(AnalyticsServiceTest, AFunnelFollowsPeopleInOrderAndTime) {
  const absl::Time begin = Utc(absl::CivilSecond(2026, 5, 1, 12));
  const auto at = [&](double hours) { return begin + absl::Seconds(hours * 3600); };
  // 1 goes all the way, 2 is too late, 3 in the wrong order, 4 never begins.
  for (const auto& [user, event, hours] :
       std::vector<std::tuple<int64_t, std::string, double>>{{1, "see", 0},
                                                             {1, "click", 1},
                                                             {1, "buy", 3},
                                                             {2, "see", 0},
                                                             {2, "click", 2},
                                                             {2, "buy", 25},
                                                             {3, "click", 0},
                                                             {3, "see", 1},
                                                             {4, "buy", 0}}) {
    ASSERT_TRUE(Track(user, event, at(hours)).ok());
  }
  v1::QueryFunnelRequest request;
  for (const char* step : {"track.see", "track.click", "track.buy"}) request.add_steps(step);
  *request.mutable_from() = timestamps::ToProto(begin);
  *request.mutable_to() = timestamps::ToProto(at(24));
  request.mutable_window()->set_seconds(24 * 3600);
  const auto funnel = client_->QueryFunnel(Deadline(), request);
  ASSERT_TRUE(funnel.ok()) << funnel.status();
  ASSERT_THAT(funnel->steps(), SizeIs(3));
  EXPECT_EQ(funnel->steps(0).people(), 3);
  EXPECT_EQ(funnel->steps(1).people(), 2);
  EXPECT_EQ(funnel->steps(2).people(), 1);
  EXPECT_DOUBLE_EQ(funnel->steps(2).of_first(), 1.0 / 3);
  EXPECT_DOUBLE_EQ(funnel->steps(2).of_previous(), 0.5);
  EXPECT_EQ(funnel->steps(1).median_time().seconds(), 5400);
  EXPECT_FALSE(funnel->steps(0).has_median_time());
}

TEST_F(AnalyticsServiceTest, CohortsComeBackPeriodAfterPeriod) {
  const auto day = [&](int n) {
    return Utc(absl::CivilSecond(2026, 5, 4)) + absl::Hours(24 * n + 1);
  };
  // 1 and 2 begin in the first week, 3 in the second.
  for (const auto& [user, n] : std::vector<std::pair<int64_t, int>>{
           {1, 0}, {1, 8}, {1, 15}, {2, 6}, {2, 20}, {3, 7}, {3, 13}, {3, 14}}) {
    ASSERT_TRUE(Track(user, "visit", day(n)).ok());
  }
  AwaitFolded();
  v1::QueryRetentionRequest request;
  request.set_first_metric("track.visit");
  *request.mutable_from() = timestamps::ToProto(Utc(absl::CivilSecond(2026, 5, 4)));
  request.set_periods(3);
  const auto retention = client_->QueryRetention(Deadline(), request);
  ASSERT_TRUE(retention.ok()) << retention.status();
  ASSERT_THAT(retention->cohorts(), SizeIs(3));
  EXPECT_EQ(retention->cohorts(0).people(), 2);
  EXPECT_THAT(retention->cohorts(0).returned(), ElementsAre(2, 1, 2));
  EXPECT_EQ(retention->cohorts(1).people(), 1);
  EXPECT_THAT(retention->cohorts(1).returned(), ElementsAre(1, 1));
  EXPECT_EQ(retention->cohorts(2).people(), 0);
  EXPECT_THAT(retention->cohorts(2).returned(), ElementsAre(0));
}

TEST_F(AnalyticsServiceTest, TrendsAreWhatGrewMost) {
  const absl::Time now = absl::Now();
  const auto track = [&](const std::string& tag, int times, absl::Duration ago) {
    for (int i = 0; i < times; ++i) {
      ASSERT_TRUE(
          Track(0, "tagged", now - ago, absl::StrCat(R"({"hashtag": ")", tag, R"("})")).ok());
    }
  };
  track("new", 9, absl::Hours(1));
  track("steady", 9, absl::Hours(1));
  track("steady", 9, absl::Hours(30));
  track("gone", 9, absl::Hours(30));
  AwaitFolded();
  v1::QueryTrendsRequest request;
  request.set_metric("track.tagged");
  request.set_dimension("hashtag");
  const auto trends = client_->QueryTrends(Deadline(), request);
  ASSERT_TRUE(trends.ok()) << trends.status();
  ASSERT_THAT(trends->trends(), SizeIs(3));
  EXPECT_EQ(trends->trends(0).key(), "new");
  EXPECT_EQ(trends->trends(0).score(), 3);
  EXPECT_EQ(trends->trends(1).key(), "steady");
  EXPECT_EQ(trends->trends(1).events(), 9);
  EXPECT_EQ(trends->trends(1).events_before(), 9);
  EXPECT_EQ(trends->trends(2).key(), "gone");
}

TEST_F(AnalyticsServiceTest, AThresholdIsTellingOnceForEachValue) {
  v1::PutThresholdRequest put;
  v1::Threshold& threshold = *put.mutable_threshold();
  threshold.set_threshold_id("viral");
  threshold.set_metric("track.liked");
  threshold.set_dimension("content_id");
  threshold.set_value(5);
  ASSERT_TRUE(client_->PutThreshold(Deadline(), put).ok());
  const auto like = [&](const std::string& content, int times) {
    for (int i = 0; i < times; ++i) {
      ASSERT_TRUE(
          Track(0, "liked", absl::Now(), absl::StrCat(R"({"content_id": ")", content, R"("})"))
              .ok());
    }
  };
  like("a", 5);
  like("b", 4);
  auto reached = AwaitPublished<AnalyticsThresholdReached>();
  EXPECT_EQ(reached[0].threshold_id(), "viral");
  EXPECT_EQ(reached[0].dimension_value(), "a");
  EXPECT_EQ(reached[0].value(), 5);
  like("a", 1);
  like("b", 2);
  reached = AwaitPublished<AnalyticsThresholdReached>(2);
  ASSERT_THAT(reached, SizeIs(2));
  EXPECT_EQ(reached[1].dimension_value(), "b");
  EXPECT_THAT(client_->ListThresholds(Deadline(), v1::ListThresholdsRequest())->thresholds(),
              SizeIs(1));
  v1::DeleteThresholdRequest remove;
  remove.set_threshold_id("viral");
  ASSERT_TRUE(client_->DeleteThreshold(Deadline(), remove).ok());
  EXPECT_THAT(client_->ListThresholds(Deadline(), v1::ListThresholdsRequest())->thresholds(),
              IsEmpty());
}

TEST_F(AnalyticsServiceTest, GroupsPeopleAndPredicts) {
  const absl::Time now = absl::Now();
  v1::ClusterPeopleRequest cluster;
  EXPECT_THAT(client_->ClusterPeople(Deadline(), cluster)->clusters(), IsEmpty());
  for (int user = 1; user <= 24; ++user) {
    const bool reads = user % 3 != 0;
    for (int i = 0; i < 12; ++i) {
      ASSERT_TRUE(Track(user, reads == (i != 0) ? "read" : "write", now - absl::Hours(i)).ok());
    }
  }
  AwaitFolded();
  cluster.set_clusters(2);
  const auto groups = client_->ClusterPeople(Deadline(), cluster);
  ASSERT_TRUE(groups.ok()) << groups.status();
  ASSERT_THAT(groups->clusters(), SizeIs(2)) << groups->reason();
  EXPECT_EQ(groups->clusters(0).people(), 16);
  EXPECT_EQ(groups->clusters(1).people(), 8);
  EXPECT_THAT(groups->clusters(1).traits(), SizeIs(2));
  EXPECT_THAT(groups->clusters(1).user_ids(), IsEmpty());
  cluster.set_with_people(true);
  EXPECT_THAT(client_->ClusterPeople(Deadline(), cluster)->clusters(1).user_ids(),
              ElementsAre(3, 6, 9, 12, 15, 18, 21, 24));

  v1::PredictSeriesRequest predict;
  *predict.mutable_query() = Query("track.read", now - absl::Hours(20 * 24), now);
  const auto few = client_->PredictSeries(Deadline(), predict);
  ASSERT_TRUE(few.ok()) << few.status();
  EXPECT_THAT(few->predictions(), IsEmpty());
  EXPECT_THAT(few->reason(), ::testing::HasSubstr("30 are needed"));
  *predict.mutable_query() = Query("track.read", now - absl::Hours(60 * 24), now);
  const auto enough = client_->PredictSeries(Deadline(), predict);
  ASSERT_TRUE(enough.ok()) << enough.status();
  EXPECT_THAT(enough->predictions(), SizeIs(7));
}

TEST_F(AnalyticsServiceTest, APersonSeesTheirDaysAndIsErasedForGood) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(Track(kUser, "read", Utc(absl::CivilSecond(2026, 5, 1 + i, 9))).ok());
    ASSERT_TRUE(Track(kUser, "read", Utc(absl::CivilSecond(2026, 5, 1 + i, 10))).ok());
  }
  ASSERT_TRUE(Track(kUser, "write", Utc(absl::CivilSecond(2026, 5, 1))).ok());
  ASSERT_TRUE(Track(kUser + 1, "read", Utc(absl::CivilSecond(2026, 5, 1))).ok());
  AwaitFolded();
  std::vector<std::string> days;
  v1::GetUserSeriesRequest request;
  request.set_user_id(kUser);
  request.set_page_size(2);
  do {
    const auto page = client_->GetUserSeries(Deadline(), request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::UserDay& day : page->days()) {
      days.push_back(absl::StrCat(day.metric(), " ", day.events()));
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(days, ElementsAre("track.read 2", "track.read 2", "track.read 2", "track.read 2",
                                "track.read 2", "track.write 1"));
  v1::DeleteUserDataRequest erase;
  erase.set_user_id(kUser);
  EXPECT_EQ(client_->DeleteUserData(Deadline(), erase)->deleted_rows(), 11 + 6);
  request.clear_page_token();
  EXPECT_THAT(client_->GetUserSeries(Deadline(), request)->days(), IsEmpty());
  v1::SeriesQuery people =
      Query("track.read", Utc(absl::CivilSecond(2026, 5, 1)), Utc(absl::CivilSecond(2026, 5, 8)));
  people.set_measure(v1::MEASURE_PEOPLE);
  EXPECT_EQ(Total(people), 1);
  EXPECT_EQ(client_->DeleteUserData(Deadline(), erase)->deleted_rows(), 0);
}

TEST_F(AnalyticsServiceTest, NamesAllThatIsWrongWithARequest) {
  const auto faults = [](const auto& response) {
    return status::Violations(response.status()).size();
  };
  EXPECT_EQ(faults(client_->Track(Deadline(), v1::TrackRequest())), 2);
  EXPECT_EQ(faults(Track(kUser, "future", absl::Now() + absl::Hours(1))), 1);
  EXPECT_EQ(faults(client_->QuerySeries(Deadline(), v1::QuerySeriesRequest())), 3);
  EXPECT_EQ(faults(client_->QueryFunnel(Deadline(), v1::QueryFunnelRequest())), 3);
  EXPECT_EQ(faults(client_->QueryRetention(Deadline(), v1::QueryRetentionRequest())), 3);
  EXPECT_EQ(faults(client_->PutThreshold(Deadline(), v1::PutThresholdRequest())), 3);
  v1::QuerySeriesRequest huge;
  *huge.mutable_query() = Query("a", Utc(absl::CivilSecond(1990, 1, 1)),
                                Utc(absl::CivilSecond(2026, 1, 1)), v1::STEP_HOUR);
  EXPECT_EQ(faults(client_->QuerySeries(Deadline(), huge)), 1);
}

}  // namespace
}  // namespace selfology::analytics
