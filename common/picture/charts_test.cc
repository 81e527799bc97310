#include "common/picture/charts.h"

#include <png.h>

#include <cstring>
#include <string>
#include <vector>

#include "common/picture/canvas.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::picture {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// What a PNG shows, by libpng's own reader.
class Pixels {
 public:
  explicit Pixels(const std::string& png) {
    std::memset(&image_, 0, sizeof(image_));
    image_.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_memory(&image_, png.data(), png.size()) == 0) return;
    image_.format = PNG_FORMAT_RGB;
    bytes_.resize(PNG_IMAGE_SIZE(image_));
    ok_ = png_image_finish_read(&image_, nullptr, bytes_.data(), 0, nullptr) != 0;
  }
  ~Pixels() { png_image_free(&image_); }

  bool ok() const { return ok_; }
  int width() const { return static_cast<int>(image_.width); }
  int height() const { return static_cast<int>(image_.height); }
  // Share of pixels that are not paper.
  double Drawn(int left, int top, int right, int bottom) const {
    int drawn = 0;
    for (int y = top; y < bottom; ++y) {
      for (int x = left; x < right; ++x) {
        const size_t at = (static_cast<size_t>(y) * image_.width + static_cast<size_t>(x)) * 3;
        drawn += bytes_[at] + bytes_[at + 1] + bytes_[at + 2] < 3 * 250;
      }
    }
    return static_cast<double>(drawn) / ((right - left) * (bottom - top));
  }

 private:
  png_image image_;
  std::vector<unsigned char> bytes_;
  bool ok_ = false;
};

Radar Five() {
  return {.title = "Твой профиль",
          .axes = {{.label = "Открытость", .value = 0.8, .spread = 0.1, .note = "почти наверняка"},
                   {.label = "Организованность", .value = 0.4},
                   {.label = "Общительность"},
                   {.label = "Доброжелательность", .value = 0.7},
                   {.label = "Тревожность", .value = 0.2}},
          .footer = "По двенадцати ответам."};
}

TEST(RadarTest, IsAPngThatShowsSomethingEverywhereItShould) {
  const absl::StatusOr<std::string> png = DrawRadar(Five());
  ASSERT_TRUE(png.ok()) << png.status();
  const Pixels pixels(*png);
  ASSERT_TRUE(pixels.ok());
  EXPECT_EQ(pixels.width(), 1080);
  EXPECT_GT(pixels.Drawn(300, 50, 780, 120), 0.02) << "title";
  EXPECT_GT(pixels.Drawn(400, 450, 680, 700), 0.05) << "shape";
  EXPECT_GT(pixels.Drawn(850, 420, 1070, 560), 0.02) << "a label on the right";
  EXPECT_GT(pixels.Drawn(10, 420, 230, 560), 0.02) << "a label on the left";
  EXPECT_EQ(pixels.Drawn(0, 0, 1080, 30), 0) << "the upper edge";
}

TEST(RadarTest, TheSameDataGiveTheSameBytes) {
  EXPECT_EQ(*DrawRadar(Five()), *DrawRadar(Five()));
  Radar other = Five();
  other.axes[1].value = 0.5;
  EXPECT_NE(*DrawRadar(Five()), *DrawRadar(other));
}

TEST(RadarTest, NothingKnownYetIsStillAPicture) {
  Radar radar = Five();
  for (RadarAxis& axis : radar.axes) axis.value.reset();
  EXPECT_TRUE(DrawRadar(radar).ok());
}

TEST(RadarTest, TextThatIsNoUtf8DoesNotSpoilIt) {
  Radar radar = Five();
  radar.axes[0].label = "\xff\xfe bytes";
  EXPECT_TRUE(DrawRadar(radar).ok());
}

TEST(RadarTest, SaysWhatIsWrong) {
  Radar radar = Five();
  radar.axes.resize(2);
  EXPECT_THAT(DrawRadar(radar).status().message(), HasSubstr("axes: 3 to 12"));
  radar = Five();
  radar.axes[0].value = 1.5;
  EXPECT_THAT(DrawRadar(radar).status().message(), HasSubstr("axes.value: 0 to 1"));
  radar = Five();
  radar.axes[0].spread = -1;
  EXPECT_THAT(DrawRadar(radar).status().message(), HasSubstr("axes.spread"));
}

Trend Month() {
  const absl::CivilDay first(2026, 3, 1);
  return {.title = "Mood",
          .first = first,
          .last = first + 30,
          .lines = {{.label = "you", .points = {{first, 0.25}, {first + 7, 0.5}, {first + 30, 1}}}},
          .levels = {"awful", "okay", "great"}};
}

TEST(TrendTest, RisesFromLeftToRight) {
  const absl::StatusOr<std::string> png = DrawTrend(Month());
  ASSERT_TRUE(png.ok()) << png.status();
  const Pixels pixels(*png);
  ASSERT_TRUE(pixels.ok());
  // The line ends in the upper right corner of the plot and not in the lower one.
  EXPECT_GT(pixels.Drawn(980, 162, 1024, 200), 0.1);
  EXPECT_LT(pixels.Drawn(980, 500, 1024, 560), 0.01);
}

TEST(TrendTest, SeveralLinesHaveALegend) {
  Trend trend = Month();
  trend.lines.push_back({.label = "average", .points = {{trend.first, 0.5}}});
  const absl::StatusOr<std::string> one = DrawTrend(Month());
  const absl::StatusOr<std::string> two = DrawTrend(trend);
  ASSERT_TRUE(two.ok()) << two.status();
  EXPECT_GT(Pixels(*two).height(), Pixels(*one).height());
}

TEST(TrendTest, SaysWhatIsWrong) {
  Trend trend = Month();
  trend.last = trend.first;
  EXPECT_THAT(DrawTrend(trend).status().message(), HasSubstr("last: after first"));
  trend = Month();
  trend.lines[0].points[0].day = trend.first - 1;
  EXPECT_THAT(DrawTrend(trend).status().message(), HasSubstr("lines.points.day"));
  trend = Month();
  trend.lines.clear();
  EXPECT_THAT(DrawTrend(trend).status().message(), HasSubstr("lines: 1 to 6"));
}

TEST(CanvasTest, WrapsAtSpaces) {
  absl::StatusOr<Canvas> canvas = Canvas::Make(100, 100);
  ASSERT_TRUE(canvas.ok());
  const double width = canvas->TextWidth(20, "one two") + 1;
  EXPECT_THAT(canvas->Wrap("one two three", 20, width, 3), ElementsAre("one two", "three"));
  EXPECT_THAT(canvas->Wrap("one two three four five", 20, width, 2), SizeIs(2));
  EXPECT_THAT(canvas->Wrap("one two three four five", 20, width, 2).back(), HasSubstr("…"));
  EXPECT_THAT(canvas->Wrap("", 20, width, 2), SizeIs(0));
}

TEST(CanvasTest, HasLimits) {
  EXPECT_FALSE(Canvas::Make(0, 10).ok());
  EXPECT_FALSE(Canvas::Make(10, 5000).ok());
}

}  // namespace
}  // namespace selfology::picture
