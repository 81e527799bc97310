// Pictures for tests, good ones and hostile ones.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace selfology::file::samples {

// A colourful picture, "jpeg", "png" or "webp".
std::string Picture(const std::string& format, int width, int height);

// Red, green and blue of sRGB.
using Colour = std::array<uint8_t, 3>;

// A JPEG of 64 x 64 in one colour; wide: given in the colours of Display P3, with that profile.
std::string Plain(const Colour& colour, bool wide);

// As the picture has it, whatever its profile says.
Colour FirstPixel(const std::string& picture);

// The JPEG with an EXIF block that says where it was taken, and that it lies on its side.
std::string WithPlace(const std::string& jpeg);

// A valid header that claims such a size; almost no pixels.
std::string HugePng(uint32_t width, uint32_t height);

// Each frame one pixel.
std::string Gif(int frames);

}  // namespace selfology::file::samples
