#include "services/platform/file/tus/tus_server.h"

#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/http/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/file.pb.h"
#include "services/platform/file/digest.h"
#include "services/platform/file/file_fixture_test.h"
#include "services/platform/file/file_rules.h"
#include "services/platform/file/samples_test.h"

namespace selfology::file {
namespace {

using ::testing::HasSubstr;

class TusServerTest : public FileFixture {
 protected:
  http::ClientResponse Send(const std::string& method, const std::string& path,
                            http::Headers headers, const std::string& body = "",
                            int64_t user_id = kUser) {
    headers.Set("Tus-Resumable", "1.0.0");
    if (user_id > 0) headers.Set("X-User-Id", absl::StrCat(user_id));
    return Raw(method, path, std::move(headers), body);
  }

  http::ClientResponse Raw(const std::string& method, const std::string& path,
                           http::Headers headers, const std::string& body = "") {
    auto response = http_.Send(
        Deadline(),
        {.method = method,
         .url = path.starts_with("http") ? path : absl::StrCat("http://127.0.0.1:", Port(), path),
         .headers = std::move(headers),
         .body = body,
         .target = "test"});
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(http::ClientResponse());
  }

  std::string Create(int64_t length) {
    const auto response =
        Send("POST", "/files/",
             {{"Upload-Length", absl::StrCat(length)},
              {"Upload-Metadata", absl::StrCat("filename ", absl::Base64Escape("../фото.png"),
                                               ",purpose ", absl::Base64Escape("avatar"))}});
    EXPECT_EQ(response.status, 201) << response.body;
    return std::string(response.headers.Get("Location").value_or(""));
  }

  http::ClientResponse Patch(const std::string& path, int64_t offset, const std::string& body,
                             http::Headers more = {}) {
    more.Set("Content-Type", "application/offset+octet-stream");
    more.Set("Upload-Offset", absl::StrCat(offset));
    return Send("PATCH", path, std::move(more), body);
  }

  std::string LinkTo(const std::string& id, const std::string& variant = "") {
    v1::CreateLinkRequest request;
    request.set_user_id(kUser);
    request.set_file_id(id);
    request.set_variant(variant);
    const auto link = client_->CreateLink(Deadline(), request);
    EXPECT_TRUE(link.ok()) << link.status();
    return link.ok() ? link->url() : "";
  }

  http::Client http_{http::Client::Options()};
};

TEST_F(TusServerTest, SaysWhatItCan) {
  const auto response = Raw("OPTIONS", "/files/", {});
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.headers.Get("Tus-Version"), "1.0.0");
  EXPECT_EQ(response.headers.Get("Tus-Extension"),
            "creation,creation-with-upload,checksum,concatenation,expiration,termination");
  EXPECT_EQ(response.headers.Get("Tus-Max-Size"), absl::StrCat(500 << 20));
}

TEST_F(TusServerTest, AnUploadThatIsCutGoesOnWhereItWas) {
  const std::string bytes = samples::Picture("png", 300, 200);
  const std::string path = Create(static_cast<int64_t>(bytes.size()));
  auto response = Patch(path, 0, bytes.substr(0, 1000));
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.headers.Get("Upload-Offset"), "1000");
  EXPECT_TRUE(response.headers.Get("Upload-Expires").has_value());
  // The answer was lost; the client asks, and may have it wrong.
  EXPECT_EQ(Patch(path, 0, bytes.substr(0, 1000)).status, 409);
  response = Send("HEAD", path, {});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.Get("Upload-Offset"), "1000");
  EXPECT_EQ(response.headers.Get("Upload-Length"), absl::StrCat(bytes.size()));
  EXPECT_EQ(response.headers.Get("Cache-Control"), "no-store");
  EXPECT_EQ(Patch(path, 1000, bytes.substr(1000)).status, 204);
  const auto file = Get(path.substr(7));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->state(), v1::FILE_STATE_READY);
  EXPECT_EQ(file->name(), "фото.png");
  EXPECT_EQ(file->purpose(), "avatar");
  EXPECT_EQ(*Read(file->file_id()), bytes);
  EXPECT_EQ(Send("HEAD", path, {}).headers.Get("Upload-Offset"), absl::StrCat(bytes.size()));
}

TEST_F(TusServerTest, CreatesWithTheFirstPieceAndChecksSums) {
  const std::string sum = absl::StrCat("sha256 ", absl::Base64Escape(Sha256::Of("hello")));
  auto response = Send("POST", "/files",
                       {{"Upload-Length", "10"},
                        {"Content-Type", "application/offset+octet-stream"},
                        {"Upload-Checksum", sum}},
                       "hello");
  EXPECT_EQ(response.status, 201) << response.body;
  EXPECT_EQ(response.headers.Get("Upload-Offset"), "5");
  const std::string path(*response.headers.Get("Location"));
  EXPECT_EQ(Patch(path, 5, "world", {{"Upload-Checksum", sum}}).status, 460);
  EXPECT_EQ(Patch(path, 5, "world", {{"Upload-Checksum", "crc32 AAAA"}}).status, 501);
  EXPECT_EQ(Patch(path, 5, "world!").status, 400);
  EXPECT_EQ(Patch(path, 5, "world").status, 204);
  EXPECT_EQ(*Read(path.substr(7)), "helloworld");
}

TEST_F(TusServerTest, PartsBecomeOneFile) {
  const auto part = [this](int64_t length) {
    const auto made = Send("POST", "/files/",
                           {{"Upload-Length", absl::StrCat(length)}, {"Upload-Concat", "partial"}});
    EXPECT_EQ(made.status, 201) << made.body;
    return std::string(made.headers.Get("Location").value_or(""));
  };
  const auto join = [this](const std::string& parts, int64_t user_id = kUser) {
    return Send("POST", "/files/", {{"Upload-Concat", "final;" + parts}}, "", user_id);
  };
  const std::string first = part(6);
  const std::string second = part(5);
  EXPECT_EQ(Patch(second, 0, "world").status, 204);
  EXPECT_EQ(Patch(first, 0, "hel").status, 204);
  EXPECT_EQ(Send("HEAD", first, {}).headers.Get("Upload-Concat"), "partial");
  EXPECT_EQ(join(first + " " + second).status, 409);  // Not complete.
  EXPECT_EQ(Patch(first, 3, "lo ").status, 204);
  // Complete, they wait: nobody sees them, and nothing is told.
  EXPECT_TRUE(Published<events::v1::FileReady>().empty());
  EXPECT_EQ(Usage().used_bytes(), 11);
  EXPECT_EQ(join(first + " " + second, kUser + 1).status, 404);
  EXPECT_EQ(join(first + " " + first).status, 404);
  EXPECT_EQ(join("").status, 400);
  EXPECT_EQ(Send("POST", "/files/", {{"Upload-Length", "1"}, {"Upload-Concat", "half"}}).status,
            400);
  const auto whole = join(absl::StrCat("http://elsewhere.example", first, " ", second));
  ASSERT_EQ(whole.status, 201) << whole.body;
  const std::string path(*whole.headers.Get("Location"));
  EXPECT_EQ(*Read(path.substr(7)), "hello world");
  EXPECT_EQ(Usage().used_bytes(), 11);
  EXPECT_EQ(Objects(), 3);  // As they came.
  EXPECT_EQ(Send("HEAD", first, {}).status, 404);
  EXPECT_EQ(join(first + " " + second).status, 404);
  ASSERT_EQ(AwaitPublished<events::v1::FileReady>().size(), 1u);
  EXPECT_TRUE(Delete(path.substr(7)));
  EXPECT_EQ(Usage().used_bytes(), 0);
}

TEST_F(TusServerTest, RefusesWhatIsWrong) {
  EXPECT_EQ(Raw("POST", "/files/", {{"Upload-Length", "1"}}).status, 412);
  EXPECT_EQ(Raw("POST", "/files/", {{"Tus-Resumable", "0.2.2"}}).headers.Get("Tus-Version"),
            "1.0.0");
  EXPECT_EQ(Send("POST", "/files/", {{"Upload-Length", "1"}}, "", 0).status, 401);
  EXPECT_EQ(Send("POST", "/files/", {}).status, 400);
  EXPECT_EQ(Send("POST", "/files/", {{"Upload-Length", "-1"}}).status, 400);
  EXPECT_EQ(Send("POST", "/files/", {{"Upload-Defer-Length", "1"}}).status, 400);
  EXPECT_EQ(Send("POST", "/files/", {{"Upload-Length", absl::StrCat((500 << 20) + 1)}}).status,
            413);
  EXPECT_EQ(Send("POST", "/files/", {{"Upload-Length", "1"}, {"Upload-Metadata", ",,"}}).status,
            400);
  EXPECT_EQ(Send("HEAD", "/files/x", {}).status, 404);
  EXPECT_EQ(Send("HEAD", "/files/0190b3c4-0000-7000-8000-000000000000", {}).status, 404);
  const std::string path = Create(5);
  EXPECT_EQ(Send("PATCH", path, {{"Upload-Offset", "0"}}, "hello").status, 415);
  EXPECT_EQ(Send("HEAD", path, {}, "", kUser + 1).status, 404);
}

TEST_F(TusServerTest, ARefusedContentSaysWhy) {
  const std::string bytes = samples::HugePng(64'000, 64'000);
  const std::string path = Create(static_cast<int64_t>(bytes.size()));
  const auto response = Patch(path, 0, bytes);
  EXPECT_EQ(response.status, 422);
  EXPECT_THAT(response.body, HasSubstr("64000 x 64000"));
}

TEST_F(TusServerTest, TerminatesAndExpires) {
  const std::string path = Create(10);
  ASSERT_EQ(Patch(path, 0, "hello").status, 204);
  EXPECT_EQ(Send("DELETE", path, {}).status, 204);
  EXPECT_EQ(Send("DELETE", path, {}).status, 404);
  EXPECT_EQ(Send("HEAD", path, {}).status, 404);
  EXPECT_EQ(Objects(), 0);
  const std::string other = Create(10);
  skew_ = absl::Hours(25);
  EXPECT_EQ(Send("HEAD", other, {}).status, 410);
  EXPECT_EQ(Patch(other, 0, "hello").status, 404);
}

TEST_F(TusServerTest, ProxiesThatKnowNoPatch) {
  const std::string path = Create(5);
  http::Headers headers = {{"Content-Type", "application/offset+octet-stream"},
                           {"Upload-Offset", "0"},
                           {"X-HTTP-Method-Override", "PATCH"}};
  EXPECT_EQ(Send("POST", path, headers, "hello").status, 204);
  EXPECT_EQ(*Read(path.substr(7)), "hello");
}

TEST_F(TusServerTest, AnEmptyFile) {
  const std::string path = Create(0);
  const auto file = Get(path.substr(7));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->state(), v1::FILE_STATE_READY);
  EXPECT_EQ(file->size_bytes(), 0);
}

TEST_F(TusServerTest, LinksGiveTheFileUntilTheyExpire) {
  const auto file = Store(samples::Picture("png", 100, 100), "1");
  ASSERT_TRUE(file.ok()) << file.status();
  const std::string url = LinkTo(file->file_id());
  auto response = Raw("GET", url, {});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, *Read(file->file_id()));
  EXPECT_EQ(response.headers.Get("Content-Type"), "image/png");
  EXPECT_EQ(response.headers.Get("X-Content-Type-Options"), "nosniff");
  EXPECT_THAT(std::string(*response.headers.Get("Content-Disposition")), HasSubstr("inline"));
  response = Raw("GET", url, {{"Range", "bytes=1-3"}});
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(response.body, "PNG");
  EXPECT_EQ(response.headers.Get("Content-Range"), absl::StrCat("bytes 1-3/", file->size_bytes()));
  EXPECT_EQ(Raw("GET", url, {{"Range", "bytes=99999999-"}}).status, 416);
  EXPECT_EQ(Raw("GET", LinkTo(file->file_id(), "thumbnail"), {}).headers.Get("Content-Type"),
            "image/webp");
  EXPECT_EQ(Raw("GET", url + "x", {}).status, 403);
  EXPECT_EQ(Raw("GET", absl::StrCat("/files/", file->file_id()), {}).status, 403);
  skew_ = absl::Hours(2);
  EXPECT_EQ(Raw("GET", url, {}).status, 403);
  skew_ = absl::ZeroDuration();
  ASSERT_TRUE(Delete(file->file_id()));
  EXPECT_EQ(Raw("GET", url, {}).status, 404);
}

TEST_F(TusServerTest, AReportsPageIsShownWhereItsLinkLeads) {
  const std::string page = "<!doctype html><html><body><h1>A week</h1></body></html>";
  v1::StoreFileRequest request;
  request.set_user_id(kUser);
  request.set_name("report.html");
  request.set_content(page);
  request.set_purpose(std::string(kReportPurpose));
  request.set_idempotency_key("1");
  const auto ours = client_->StoreFile(Deadline(), request);
  ASSERT_TRUE(ours.ok()) << ours.status();
  auto response = Raw("GET", LinkTo(ours->file().file_id()), {});
  EXPECT_EQ(response.body, page);
  EXPECT_THAT(std::string(*response.headers.Get("Content-Disposition")), HasSubstr("inline"));
  EXPECT_EQ(response.headers.Get("Content-Security-Policy"),
            "sandbox; default-src 'none'; style-src 'unsafe-inline'");
  // A page of somebody's is saved, and nobody can say that it is ours.
  const auto theirs = Store(page, "2");
  ASSERT_TRUE(theirs.ok()) << theirs.status();
  response = Raw("GET", LinkTo(theirs->file_id()), {});
  EXPECT_THAT(std::string(*response.headers.Get("Content-Disposition")), HasSubstr("attachment"));
  EXPECT_EQ(response.headers.Get("Content-Security-Policy"), "sandbox; default-src 'none'");
  response = Send("POST", "/files/",
                  {{"Upload-Length", "5"},
                   {"Upload-Metadata",
                    absl::StrCat("purpose ", absl::Base64Escape(std::string(kReportPurpose)))}});
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("purpose"));
}

// More than is sent at once, of several pieces.
TEST_F(TusServerTest, LargeFilesAreStreamed) {
  std::string bytes;
  for (int i = 0; i < (18 << 20) / 4; ++i) {
    bytes.append({static_cast<char>(i), static_cast<char>(i >> 8), static_cast<char>(i >> 16), 1});
  }
  const std::string path = Create(static_cast<int64_t>(bytes.size()));
  for (size_t at = 0; at < bytes.size(); at += 8 << 20) {
    ASSERT_EQ(Patch(path, static_cast<int64_t>(at), bytes.substr(at, 8 << 20)).status, 204);
  }
  Await("the file to be checked", [&] {
    const auto file = Get(path.substr(7));
    return file.ok() && file->state() == v1::FILE_STATE_READY;
  });
  std::string got;
  const auto response = http_.Send(Deadline(), {.url = LinkTo(path.substr(7)),
                                                .target = "test",
                                                .on_data =
                                                    [&](std::string_view data) {
                                                      got += data;
                                                      return absl::OkStatus();
                                                    },
                                                .max_response_bytes = 32 << 20});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_TRUE(got == bytes);
}

TEST_F(TusServerTest, PagesOfConfiguredOriginsMayUseIt) {
  Restart({.origins = {"https://app.example"}});
  const auto allowed = Raw("OPTIONS", "/files/", {{"Origin", "https://app.example"}});
  EXPECT_EQ(allowed.headers.Get("Access-Control-Allow-Origin"), "https://app.example");
  EXPECT_THAT(std::string(*allowed.headers.Get("Access-Control-Allow-Methods")),
              HasSubstr("PATCH"));
  const auto other = Raw("OPTIONS", "/files/", {{"Origin", "https://evil.example"}});
  EXPECT_FALSE(other.headers.Get("Access-Control-Allow-Origin").has_value());
}

}  // namespace
}  // namespace selfology::file
