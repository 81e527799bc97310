#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

struct _cairo;
struct _cairo_surface;

namespace selfology::picture {

// Parts of red, green and blue, each 0 to 1; alpha 1 covers what is below.
struct Color {
  double red = 0;
  double green = 0;
  double blue = 0;
  double alpha = 1;
};

// The colours that pictures share: dark on light, told apart also by who cannot tell red from green.
inline constexpr Color kPaper{1, 1, 1};
inline constexpr Color kInk{0.13, 0.15, 0.20};
inline constexpr Color kFaintInk{0.42, 0.45, 0.51};
inline constexpr Color kGrid{0.86, 0.88, 0.91};
inline constexpr Color kMain{0.16, 0.38, 0.73};
inline constexpr Color kSecond{0.85, 0.45, 0.10};

enum class Align { kLeft, kCenter, kRight };

// A picture being drawn, in pixels from its upper left corner, with a font of its own (DejaVu Sans), so that it looks
// the same wherever it is drawn. Not thread-safe; several canvases may be used at the same time.
//
//   ASSIGN_OR_RETURN(Canvas canvas, Canvas::Make(1080, 1080));
//   canvas.Text(540, 80, 44, "Your profile", {.align = Align::kCenter, .bold = true});
//   ASSIGN_OR_RETURN(std::string png, canvas.Png());
class Canvas {
 public:
  // A sheet of paper. INVALID_ARGUMENT: a side outside of 1 to 4,096 pixels.
  static absl::StatusOr<Canvas> Make(int width, int height);
  Canvas(Canvas&&) noexcept;
  Canvas& operator=(Canvas&&) noexcept;
  ~Canvas();

  int width() const { return width_; }
  int height() const { return height_; }

  struct Point {
    double x = 0;
    double y = 0;
  };
  void Line(const std::vector<Point>& points, Color color, double thickness);
  void Polygon(const std::vector<Point>& points, Color fill, Color edge, double thickness);
  void Disc(Point center, double radius, Color fill);

  struct TextStyle {
    Align align = Align::kLeft;
    Color color = kInk;
    bool bold = false;
  };
  // One line; `y` is its base line, `size` the letters' height in pixels. Characters that the font does not have are
  // boxes, what is no UTF-8 a replacement character.
  void Text(double x, double y, double size, std::string_view text, const TextStyle& style);
  double TextWidth(double size, std::string_view text, bool bold = false);
  // Breaks at spaces into lines of at most `width` pixels; a word that is longer has a line of its own. At most
  // `lines`; the last one ends with "…" if there was more.
  std::vector<std::string> Wrap(std::string_view text, double size, double width, int lines,
                                bool bold = false);

  // The picture so far. INTERNAL: cairo could not write it.
  absl::StatusOr<std::string> Png();

 private:
  Canvas(int width, int height);

  int width_;
  int height_;
  _cairo_surface* surface_ = nullptr;
  _cairo* cairo_ = nullptr;
};

}  // namespace selfology::picture
