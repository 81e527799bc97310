#include "common/picture/canvas.h"

#include <cairo/cairo-ft.h>
#include <cairo/cairo.h>

#include <numbers>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/picture/fonts.h"
#include "common/text/utf8.h"

namespace selfology::picture {
namespace {

constexpr int kLargestSide = 4096;

void Use(cairo_t* cairo, Color color) {
  cairo_set_source_rgba(cairo, color.red, color.green, color.blue, color.alpha);
}

void Trace(cairo_t* cairo, const std::vector<Canvas::Point>& points) {
  cairo_new_path(cairo);
  for (const Canvas::Point& point : points) cairo_line_to(cairo, point.x, point.y);
}

cairo_status_t Append(void* bytes, const unsigned char* data, unsigned int size) {
  static_cast<std::string*>(bytes)->append(reinterpret_cast<const char*>(data), size);
  return CAIRO_STATUS_SUCCESS;
}

// Cairo keeps what it read of a font for as long as the process lives and guards it by itself, so the fonts are the
// process's, too.
struct Fonts {
  cairo_font_face_t* regular = nullptr;  // Null: cannot be read.
  cairo_font_face_t* bold = nullptr;
};

cairo_font_face_t* Open(FT_Library library, std::string_view file) {
  FT_Face face = nullptr;
  if (FT_New_Memory_Face(library, reinterpret_cast<const FT_Byte*>(file.data()),
                         static_cast<FT_Long>(file.size()), 0, &face) != 0) {
    return nullptr;
  }
  return cairo_ft_font_face_create_for_ft_face(face, 0);
}

const Fonts& AllFonts() {
  static const Fonts fonts = [] {
    FT_Library library = nullptr;
    if (FT_Init_FreeType(&library) != 0) return Fonts();
    return Fonts{Open(library, kDejaVuSansTtf), Open(library, kDejaVuSansBoldTtf)};
  }();
  return fonts;
}

// With U+FFFD for what is no UTF-8, at which cairo would stop drawing for good.
std::string Valid(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const char32_t character = text::TakeCharacter(text);
    text::AppendCharacter(character == 0 ? U'\uFFFD' : character, valid);
  }
  return valid;
}

void UseFont(cairo_t* cairo, double size, bool bold) {
  cairo_set_font_face(cairo, bold ? AllFonts().bold : AllFonts().regular);
  cairo_set_font_size(cairo, size);
}

}  // namespace

absl::StatusOr<Canvas> Canvas::Make(int width, int height) {
  if (width < 1 || width > kLargestSide || height < 1 || height > kLargestSide) {
    return absl::InvalidArgumentError(
        absl::StrCat("a picture's sides must be 1 to ", kLargestSide, " pixels"));
  }
  if (AllFonts().regular == nullptr || AllFonts().bold == nullptr) {
    return absl::InternalError("the pictures' font cannot be read");
  }
  return Canvas(width, height);
}

Canvas::Canvas(int width, int height)
    : width_(width),
      height_(height),
      surface_(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height)),
      cairo_(cairo_create(surface_)) {
  Use(cairo_, kPaper);
  cairo_paint(cairo_);
  cairo_set_line_join(cairo_, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap(cairo_, CAIRO_LINE_CAP_ROUND);
}

Canvas::Canvas(Canvas&& other) noexcept
    : width_(other.width_),
      height_(other.height_),
      surface_(std::exchange(other.surface_, nullptr)),
      cairo_(std::exchange(other.cairo_, nullptr)) {}

Canvas& Canvas::operator=(Canvas&& other) noexcept {
  std::swap(width_, other.width_);
  std::swap(height_, other.height_);
  std::swap(surface_, other.surface_);
  std::swap(cairo_, other.cairo_);
  return *this;
}

Canvas::~Canvas() {
  if (cairo_ != nullptr) cairo_destroy(cairo_);
  if (surface_ != nullptr) cairo_surface_destroy(surface_);
}

void Canvas::Line(const std::vector<Point>& points, Color color, double thickness) {
  Trace(cairo_, points);
  Use(cairo_, color);
  cairo_set_line_width(cairo_, thickness);
  cairo_stroke(cairo_);
}

void Canvas::Polygon(const std::vector<Point>& points, Color fill, Color edge, double thickness) {
  Trace(cairo_, points);
  cairo_close_path(cairo_);
  Use(cairo_, fill);
  cairo_fill_preserve(cairo_);
  Use(cairo_, edge);
  cairo_set_line_width(cairo_, thickness);
  cairo_stroke(cairo_);
}

void Canvas::Disc(Point center, double radius, Color fill) {
  cairo_new_path(cairo_);
  cairo_arc(cairo_, center.x, center.y, radius, 0, 2 * std::numbers::pi);
  Use(cairo_, fill);
  cairo_fill(cairo_);
}

void Canvas::Text(double x, double y, double size, std::string_view text, const TextStyle& style) {
  double left = x;
  if (style.align != Align::kLeft) {
    const double width = TextWidth(size, text, style.bold);
    left -= style.align == Align::kCenter ? width / 2 : width;
  }
  UseFont(cairo_, size, style.bold);
  Use(cairo_, style.color);
  cairo_move_to(cairo_, left, y);
  cairo_show_text(cairo_, Valid(text).c_str());
}

double Canvas::TextWidth(double size, std::string_view text, bool bold) {
  UseFont(cairo_, size, bold);
  cairo_text_extents_t extents;
  cairo_text_extents(cairo_, Valid(text).c_str(), &extents);
  return extents.x_advance;
}

std::vector<std::string> Canvas::Wrap(std::string_view text, double size, double width, int lines,
                                      bool bold) {
  std::vector<std::string> wrapped;
  for (const std::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (wrapped.empty()) {
      wrapped.emplace_back(word);
      continue;
    }
    const std::string longer = absl::StrCat(wrapped.back(), " ", word);
    if (TextWidth(size, longer, bold) <= width) {
      wrapped.back() = longer;
    } else if (static_cast<int>(wrapped.size()) < lines) {
      wrapped.emplace_back(word);
    } else {
      wrapped.back() += "…";
      break;
    }
  }
  return wrapped;
}

absl::StatusOr<std::string> Canvas::Png() {
  cairo_surface_flush(surface_);
  std::string png;
  const cairo_status_t written = cairo_surface_write_to_png_stream(surface_, &Append, &png);
  if (written != CAIRO_STATUS_SUCCESS) {
    return absl::InternalError(absl::StrCat("picture: ", cairo_status_to_string(written)));
  }
  return png;
}

}  // namespace selfology::picture
