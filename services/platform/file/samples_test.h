// Pictures for tests, good ones and hostile ones.
#pragma once

#include <string>

namespace selfology::file::samples {

// A colourful picture, "jpeg", "png" or "webp".
std::string Picture(const std::string& format, int width, int height);

// The JPEG with an EXIF block that says where it was taken, and that it lies on its side.
std::string WithPlace(const std::string& jpeg);

// A valid header that claims such a size; almost no pixels.
std::string HugePng(uint32_t width, uint32_t height);

// Each frame one pixel.
std::string Gif(int frames);

}  // namespace selfology::file::samples
