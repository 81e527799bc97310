// The locked libraries that single services use compile, link and run.
#include <argon2.h>
#include <cairo/cairo-ft.h>
#include <cairo/cairo.h>
#include <cjose/cjose.h>
#include <cld2/public/compact_lang_det.h>
#include <cmark.h>
#include <ctemplate/template.h>
#include <gumbo.h>
#include <libical/ical.h>
#include <liboath/oath.h>
#include <libstemmer.h>
#include <magic.h>
#include <maxminddb.h>
#include <png.h>
#include <qrencode.h>
#include <utf8proc.h>
#include <vips/vips.h>
#include <zip.h>

#include <cstdlib>
#include <cstring>
#include <eigen3/Eigen/Dense>
#include <exiv2/exiv2.hpp>
#include <memory>
#include <pugixml.hpp>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ServiceLibrariesTest, KeysAndSignatures) {
  cjose_err error;
  cjose_jwk_t* key = cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error);
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(cjose_jwk_get_kty(key, &error), CJOSE_JWK_KTY_EC);
  cjose_jwk_release(key);
}

TEST(ServiceLibrariesTest, PasswordsAndOneTimePasswords) {
  char hash[128];
  ASSERT_EQ(argon2id_hash_encoded(1, 64, 1, "password", 8, "somesalt", 8, 32, hash, sizeof(hash)),
            ARGON2_OK);
  EXPECT_EQ(argon2id_verify(hash, "password", 8), ARGON2_OK);
  char code[9];
  // RFC 6238, appendix B, at 59 s.
  ASSERT_EQ(oath_totp_generate("12345678901234567890", 20, 59, 30, 0, 8, code), OATH_OK);
  EXPECT_STREQ(code, "94287082");
}

TEST(ServiceLibrariesTest, Pictures) {
  cairo_surface_t* surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, 8, 8);
  EXPECT_EQ(cairo_surface_status(surface), CAIRO_STATUS_SUCCESS);
  cairo_surface_destroy(surface);
  FT_Library fonts;
  ASSERT_EQ(FT_Init_FreeType(&fonts), 0);
  FT_Done_FreeType(fonts);
  ASSERT_EQ(vips_init("service_libraries_test"), 0);
  VipsImage* image = nullptr;
  ASSERT_EQ(vips_black(&image, 4, 2, nullptr), 0);
  EXPECT_EQ(vips_image_get_width(image), 4);
  g_object_unref(image);
  vips_shutdown();
  QRcode* code = QRcode_encodeString("selfology", 0, QR_ECLEVEL_M, QR_MODE_8, 1);
  ASSERT_NE(code, nullptr);
  EXPECT_GT(code->width, 0);
  QRcode_free(code);
  EXPECT_EQ(png_access_version_number() / 100, 106u);
  EXPECT_TRUE(Exiv2::testVersion(0, 27, 0));
}

TEST(ServiceLibrariesTest, Documents) {
  std::unique_ptr<char, decltype(&std::free)> html(cmark_markdown_to_html("*a*", 3, 0), &std::free);
  EXPECT_STREQ(html.get(), "<p><em>a</em></p>\n");
  GumboOutput* page = gumbo_parse("<p>a &amp; b");
  EXPECT_EQ(page->root->type, GUMBO_NODE_ELEMENT);
  gumbo_destroy_output(&kGumboDefaultOptions, page);
  pugi::xml_document xml;
  EXPECT_TRUE(xml.load_string("<a b='1'/>"));
  ctemplate::TemplateDictionary words("words");
  words.SetValue("NAME", "<b>");
  std::string text;
  ctemplate::StringToTemplateCache("t", "{{NAME:html_escape}}", ctemplate::DO_NOT_STRIP);
  ASSERT_TRUE(ctemplate::ExpandTemplate("t", ctemplate::DO_NOT_STRIP, &words, &text));
  EXPECT_EQ(text, "&lt;b&gt;");
  EXPECT_EQ(magic_version(), 544);
  EXPECT_THAT(zip_libzip_version(), StartsWith("1.7"));
  EXPECT_STREQ(icalrecur_freq_to_string(ICAL_DAILY_RECURRENCE), "DAILY");
  EXPECT_THAT(MMDB_lib_version(), StartsWith("1.7"));
}

TEST(ServiceLibrariesTest, WordsAndNumbers) {
  EXPECT_EQ(utf8proc_tolower(0x0410), 0x0430);
  sb_stemmer* stemmer = sb_stemmer_new("russian", "UTF_8");
  ASSERT_NE(stemmer, nullptr);
  sb_stemmer_delete(stemmer);
  bool reliable = false;
  const std::string text = "Это предложение написано по-русски, и это должно быть заметно.";
  EXPECT_EQ(CLD2::DetectLanguage(text.data(), static_cast<int>(text.size()), true, &reliable),
            CLD2::RUSSIAN);
  Eigen::Matrix2d matrix;
  matrix << 1, 2, 3, 4;
  EXPECT_DOUBLE_EQ(matrix.determinant(), -2);
}

}  // namespace
