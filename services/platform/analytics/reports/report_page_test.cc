#include "services/platform/analytics/reports/report_page.h"

#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "services/platform/analytics/reports/report_rules.h"

namespace selfology::analytics {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

v1::ReportContent Content() {
  v1::ReportContent content;
  content.set_title("My <svg onload=x> & week");
  content.set_time_zone("Europe/Berlin");
  *content.mutable_due_at() =
      timestamps::ToProto(absl::FromCivil(absl::CivilDay(2026, 5, 4), absl::UTCTimeZone()));
  v1::ReportSectionContent& section = *content.add_sections();
  section.mutable_section()->set_title("=HYPERLINK(\"http://evil\")");
  section.mutable_section()->set_metric("session.completed");
  section.mutable_section()->set_split_by("queue");
  for (const char* dimension : {"+1", "-1", "@x", "plain, text", ""}) {
    v1::Series& series = *section.add_series();
    series.set_dimension(dimension);
    series.set_total(1234567);
    for (int day = 0; day < 2; ++day) {
      v1::Point& point = *series.add_points();
      *point.mutable_at() = timestamps::ToProto(absl::FromUnixSeconds(1777759200 + 86400 * day));
      point.set_value(day == 0 ? -2.5 : 1234567);
    }
  }
  content.add_sections()->mutable_section()->set_title("Empty");
  return content;
}

TEST(ReportPageTest, APageAsksForNothingFromElsewhere) {
  const std::string page = ReportPage(Content());
  EXPECT_EQ(page.rfind("<!doctype html>", 0), 0);
  EXPECT_THAT(page, HasSubstr("prefers-color-scheme: dark"));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  for (const char* outside : {"https:", "src=", "href=", "url(", "@import", "<script"}) {
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  }
  EXPECT_THAT(page, HasSubstr("My &lt;svg onload=x&gt; &amp; week"));
  EXPECT_THAT(page, HasSubstr("=HYPERLINK(&quot;http://evil&quot;)"));
  // What the file service takes for its type.
  EXPECT_GT(page.find("<svg"), 1024U);
  EXPECT_THAT(page, HasSubstr("<polyline"));
  EXPECT_THAT(page, HasSubstr("<title>plain, text, 2026-05-03: -2.5</title>"));
  EXPECT_THAT(page, HasSubstr("1234567"));
  EXPECT_THAT(page, HasSubstr("2026-05-03"));
  EXPECT_THAT(page, HasSubstr("Nothing happened"));
  EXPECT_THAT(page, Not(HasSubstr("nan")));
}

TEST(ReportPageTest, FormulasInCsvAreTexts) {
  const std::string csv = ReportCsv(Content());
  EXPECT_EQ(csv.rfind("section,series,step,value\r\n"
                      "\"'=HYPERLINK(\"\"http://evil\"\")\",'+1,2026-05-03,-2.5\r\n",
                      0),
            0)
      << csv;
  EXPECT_THAT(csv, HasSubstr(",'-1,"));
  EXPECT_THAT(csv, HasSubstr(",'@x,"));
  EXPECT_THAT(csv, HasSubstr(",\"plain, text\",2026-05-04,1234567\r\n"));
  EXPECT_THAT(csv, HasSubstr(",(none),"));
  EXPECT_EQ(ReportCsv({}), "section,series,step,value\r\n");
}

TEST(ReportPageTest, JsonIsTheSameNumbers) {
  v1::ReportContent read;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(ReportJson(Content()), &read).ok());
  EXPECT_EQ(read.SerializeAsString(), Content().SerializeAsString());
}

TEST(ReportPageTest, DrawsWhateverTheNumbersAre) {
  for (const double value : {0.0, -1e300, 1e300, 1e-300, 5.0}) {
    v1::ReportContent content;
    v1::ReportSectionContent& section = *content.add_sections();
    section.add_series()->add_points()->set_value(value);
    section.mutable_series(0)->add_points()->set_value(value);
    const std::string page = ReportPage(content);
    EXPECT_THAT(page, Not(HasSubstr("nan"))) << value;
    EXPECT_THAT(page, Not(HasSubstr("inf"))) << value;
  }
}

TEST(ReportRulesTest, NamesAllThatIsWrong) {
  v1::Report report;
  status::FieldViolations bad;
  CheckReport(report, bad);
  EXPECT_EQ(status::Violations(bad.ToStatus()).size(), 1U);
  report.set_title("T");
  report.set_time_zone("Mars/Olympus");
  v1::ReportSection& section = *report.add_sections();
  section.set_title(" ");
  section.set_metric("Not a word");
  section.set_measure(v1::MEASURE_PEOPLE);
  section.set_number("x");
  section.set_steps(401);
  report.mutable_schedule()->set_recurrence(v1::RECURRENCE_WEEKLY);
  report.mutable_schedule()->set_minute_of_day(1440);
  report.mutable_schedule()->set_day_of_month(1);
  status::FieldViolations more;
  CheckReport(report, more);
  EXPECT_EQ(status::Violations(more.ToStatus()).size(), 9U) << more.ToStatus();
}

TEST(ReportRulesTest, ASectionHasWholeStepsBeforeTheReportsTime) {
  v1::ReportSection section;
  section.set_step(v1::STEP_MONTH);
  section.set_steps(2);
  absl::TimeZone berlin;
  ASSERT_TRUE(absl::LoadTimeZone("Europe/Berlin", &berlin));
  const v1::SeriesQuery query =
      QueryOf(section, "Europe/Berlin", absl::FromCivil(absl::CivilSecond(2026, 4, 15, 9), berlin));
  EXPECT_EQ(timestamps::FromProto(query.from()),
            absl::FromCivil(absl::CivilDay(2026, 2, 1), berlin));
  EXPECT_EQ(timestamps::FromProto(query.to()), absl::FromCivil(absl::CivilDay(2026, 4, 1), berlin));
}

TEST(ReportRulesTest, MetricsHaveNamesForPeople) {
  EXPECT_EQ(TitleOf("session.completed"), "Session completed");
  EXPECT_EQ(TitleOf("track.read_post"), "Read post");
  EXPECT_EQ(TitleOf(""), "");
  EXPECT_EQ(SummaryOf({}), "Nothing happened in this time.");
}

TEST(ReportRulesTest, ASummaryIsShort) {
  v1::ReportContent content = Content();
  EXPECT_EQ(SummaryOf(content), "=HYPERLINK(\"http://evil\"): +1 1234567; Empty: 0");
  EXPECT_EQ(FormatNumber(0.123456), "0.1235");
  EXPECT_EQ(FormatNumber(-3), "-3");
}

}  // namespace
}  // namespace selfology::analytics
