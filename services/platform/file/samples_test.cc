#include "services/platform/file/samples_test.h"

#include <vips/vips.h>
#include <zlib.h>

#include <cstdint>
#include <cstdlib>

namespace selfology::file::samples {
namespace {

std::string BigEndian(uint32_t number) {
  return {static_cast<char>(number >> 24), static_cast<char>(number >> 16),
          static_cast<char>(number >> 8), static_cast<char>(number)};
}

std::string Chunk(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  const uint32_t crc =
      crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return BigEndian(static_cast<uint32_t>(data.size())) + body + BigEndian(crc);
}

void StartVips() {
  static const int started = vips_init("samples");
  if (started != 0) std::abort();
}

// 8 bits of red, green and blue for each pixel.
VipsImage* ImageOf(const std::string& pixels, int width, int height) {
  VipsImage* memory = vips_image_new_from_memory_copy(pixels.data(), pixels.size(), width, height,
                                                      3, VIPS_FORMAT_UCHAR);
  VipsImage* image = nullptr;
  if (vips_copy(memory, &image, "interpretation", VIPS_INTERPRETATION_sRGB, nullptr) != 0) {
    std::abort();
  }
  g_object_unref(memory);
  return image;
}

std::string Encoded(VipsImage* image, const std::string& suffix) {
  void* bytes = nullptr;
  size_t size = 0;
  if (vips_image_write_to_buffer(image, suffix.c_str(), &bytes, &size, nullptr) != 0) std::abort();
  std::string encoded(static_cast<const char*>(bytes), size);
  g_free(bytes);
  g_object_unref(image);
  return encoded;
}

}  // namespace

std::string Picture(const std::string& format, int width, int height) {
  StartVips();
  std::string pixels;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      pixels += static_cast<char>(x * 255 / width);
      pixels += static_cast<char>(y * 255 / height);
      pixels += static_cast<char>((x * 7 + y * 13) % 256);
    }
  }
  return Encoded(ImageOf(pixels, width, height), "." + format);
}

std::string Plain(const Colour& colour, bool wide) {
  StartVips();
  constexpr int kSide = 64;
  std::string pixels;
  for (int i = 0; i < kSide * kSide; ++i) pixels.append(colour.begin(), colour.end());
  VipsImage* image = ImageOf(pixels, kSide, kSide);
  if (wide) {
    VipsImage* converted = nullptr;
    if (vips_icc_transform(image, &converted, "p3", "input_profile", "srgb", nullptr) != 0) {
      std::abort();
    }
    g_object_unref(image);
    image = converted;
  }
  return Encoded(image, ".jpg[Q=98]");
}

Colour FirstPixel(const std::string& picture) {
  StartVips();
  VipsImage* const image = vips_image_new_from_buffer(picture.data(), picture.size(), "", nullptr);
  double* values = nullptr;
  int count = 0;
  if (image == nullptr || vips_getpoint(image, &values, &count, 0, 0, nullptr) != 0 || count < 3) {
    std::abort();
  }
  Colour colour = {};
  for (size_t i = 0; i < colour.size(); ++i) colour[i] = static_cast<uint8_t>(values[i]);
  g_free(values);
  g_object_unref(image);
  return colour;
}

std::string WithPlace(const std::string& jpeg) {
  using std::string_literals::operator""s;
  // TIFF, little endian: IFD0 with Orientation = 6 and a GPS directory with GPSLatitudeRef "N".
  const std::string tiff =
      "II*\0\x08\0\0\0"s
      "\x02\0"
      "\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"
      "\x25\x88\x04\0\x01\0\0\0\x26\0\0\0"
      "\0\0\0\0"
      "\x01\0"
      "\x01\0\x02\0\x02\0\0\0N\0\0\0"
      "\0\0\0\0"s;
  const std::string body = "Exif\0\0"s + tiff;
  const size_t size = body.size() + 2;
  std::string segment = "\xFF\xE1";
  segment += static_cast<char>(size >> 8);
  segment += static_cast<char>(size);
  return jpeg.substr(0, 2) + segment + body + jpeg.substr(2);
}

std::string HugePng(uint32_t width, uint32_t height) {
  using std::string_literals::operator""s;
  std::string packed(100, '\0');
  uLongf size = packed.size();
  const std::string line(40, '\0');
  compress(reinterpret_cast<Bytef*>(packed.data()), &size,
           reinterpret_cast<const Bytef*>(line.data()), line.size());
  packed.resize(size);
  return "\x89PNG\r\n\x1A\n"s +
         Chunk("IHDR", BigEndian(width) + BigEndian(height) + "\x08\x02\0\0\0"s) +
         Chunk("IDAT", packed) + Chunk("IEND", "");
}

std::string Gif(int frames) {
  using std::string_literals::operator""s;
  std::string gif = "GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xFF\xFF\xFF"s;
  for (int i = 0; i < frames; ++i) {
    gif += "\x21\xF9\x04\0\x0A\0\0\0\x2C\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"s;
  }
  return gif + ";";
}

}  // namespace selfology::file::samples
