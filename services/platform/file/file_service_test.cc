#include "services/platform/file/file_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/file.pb.h"
#include "services/platform/file/digest.h"
#include "services/platform/file/file_fixture_test.h"
#include "services/platform/file/samples_test.h"
#include "services/platform/file/scan/fake_clamd_test.h"
#include "services/platform/file/storage/folder_store.h"
#include "testing/proto_matchers.h"

namespace selfology::file {
namespace {

using events::v1::FileDeleted;
using events::v1::FileReady;
using events::v1::FileRejected;
using ::selfology::testing::EqualsProto;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class FileServiceTest : public FileFixture {};

TEST_F(FileServiceTest, KeepsAFileAndTellsWhatItIs) {
  const auto file = Store("Hello, world", "1");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->state(), v1::FILE_STATE_READY);
  EXPECT_EQ(file->media_type(), "text/plain");
  EXPECT_EQ(file->size_bytes(), 12);
  EXPECT_EQ(file->sha256(), ToHex(Sha256::Of("Hello, world")));
  EXPECT_EQ(file->verdict(), v1::SCAN_VERDICT_NOT_SCANNED);
  EXPECT_THAT(*Get(file->file_id()), EqualsProto(*file));
  EXPECT_EQ(*Read(file->file_id()), "Hello, world");
  const auto ready = Published<FileReady>();
  ASSERT_THAT(ready, SizeIs(1));
  EXPECT_EQ(ready[0].file_id(), file->file_id());
  EXPECT_EQ(ready[0].purpose(), "test");
  EXPECT_EQ(Get(file->file_id(), kUser + 1).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(FileServiceTest, AFileSentTwiceIsKeptAndPublishedOnce) {
  const auto first = Store("one", "key");
  ASSERT_TRUE(first.ok()) << first.status();
  const auto again = Store("one", "key");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(*again, EqualsProto(*first));
  EXPECT_THAT(Published<FileReady>(), SizeIs(1));
  EXPECT_EQ(Objects(), 1);
}

TEST_F(FileServiceTest, TheSameBytesAreKeptAndCountedOncePerPerson) {
  const std::string picture = samples::Picture("png", 64, 64);
  const auto one = Store(picture, "1");
  const auto two = Store(picture, "2");
  ASSERT_TRUE(one.ok() && two.ok()) << one.status() << two.status();
  EXPECT_NE(one->file_id(), two->file_id());
  EXPECT_THAT(two->variants(), SizeIs(1));
  EXPECT_EQ(Usage().used_bytes(),
            static_cast<int64_t>(picture.size()) + two->variants(0).size_bytes());
  ASSERT_TRUE(Store(picture, "1", kUser + 1).ok());
  EXPECT_EQ(Usage(kUser + 1).used_bytes(), Usage().used_bytes());
  ASSERT_TRUE(Delete(one->file_id()));
  EXPECT_EQ(*Read(two->file_id()), picture);
  ASSERT_TRUE(Delete(two->file_id()));
  EXPECT_EQ(Usage().used_bytes(), 0);
}

TEST_F(FileServiceTest, PicturesGetAThumbnailAndWhatIsAskedFor) {
  const auto file = Store(samples::WithPlace(samples::Picture("jpeg", 800, 400)), "1");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->media_type(), "image/jpeg");
  EXPECT_EQ(file->width(), 400);
  EXPECT_EQ(file->height(), 800);
  ASSERT_THAT(file->variants(), SizeIs(1));
  EXPECT_EQ(file->variants(0).variant(), "thumbnail");
  EXPECT_EQ(file->variants(0).height(), 320);
  v1::ProcessFileRequest request;
  request.set_user_id(kUser);
  request.set_file_id(file->file_id());
  request.set_width(100);
  request.set_height(100);
  request.set_fit(v1::FIT_COVER);
  const auto made = client_->ProcessFile(Deadline(), request);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->variant().variant(), "100x100.cover.jpeg.q80");
  EXPECT_EQ(made->variant().width(), 100);
  const int objects = Objects();
  const auto again = client_->ProcessFile(Deadline(), request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(*again, EqualsProto(*made));
  EXPECT_EQ(Objects(), objects);
  const auto bytes = Read(file->file_id(), made->variant().variant());
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  EXPECT_EQ(static_cast<int64_t>(bytes->size()), made->variant().size_bytes());
  EXPECT_EQ(Read(file->file_id(), "no such").status().code(), absl::StatusCode::kNotFound);
  const auto text = Store("text", "2");
  request.set_file_id(text->file_id());
  EXPECT_EQ(client_->ProcessFile(Deadline(), request).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(FileServiceTest, HostileFilesAreRefusedWithTheReason) {
  const std::pair<std::string, std::string> hostile[] = {
      {samples::HugePng(64'000, 64'000), "64000 x 64000"},
      {samples::Gif(10'000), "frames, more than 1000"},
      {"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", "SVG"},
      {samples::Picture("png", 8, 8) + "<script>alert(1)</script>", "as well"},
      {samples::Picture("jpeg", 200, 200).substr(0, 700), "damaged"}};
  int key = 0;
  for (const auto& [bytes, reason] : hostile) {
    const auto file = Store(bytes, absl::StrCat(++key));
    EXPECT_EQ(file.status().code(), absl::StatusCode::kFailedPrecondition) << reason;
    EXPECT_THAT(std::string(file.status().message()), HasSubstr(reason));
    // The same refusal again, and nothing kept.
    EXPECT_EQ(Store(bytes, absl::StrCat(key)).status().message(), file.status().message());
  }
  EXPECT_THAT(Published<FileRejected>(), SizeIs(key));
  EXPECT_THAT(Published<FileReady>(), IsEmpty());
  EXPECT_EQ(Usage().used_bytes(), 0);
  v1::ListFilesRequest list;
  list.set_user_id(kUser);
  const auto listed = client_->ListFiles(Deadline(), list);
  ASSERT_TRUE(listed.ok());
  ASSERT_THAT(listed->files(), SizeIs(key));
  EXPECT_EQ(listed->files(0).state(), v1::FILE_STATE_REJECTED);
  EXPECT_EQ(Read(listed->files(0).file_id()).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(FileServiceTest, UploadsInPieces) {
  v1::CreateUploadRequest create;
  create.set_user_id(kUser);
  create.set_name("big.bin");
  create.set_length_bytes(5 << 20);
  create.set_idempotency_key("1");
  const auto created = client_->CreateUpload(Deadline(), create);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(Usage().used_bytes(), 5 << 20);
  const std::string all(5 << 20, '\x01');
  v1::AppendUploadRequest append;
  append.set_user_id(kUser);
  append.set_upload_id(created->upload().upload_id());
  append.set_content(all.substr(0, 3 << 20));
  auto appended = client_->AppendUpload(Deadline(), append);
  ASSERT_TRUE(appended.ok()) << appended.status();
  EXPECT_FALSE(appended->has_file());
  // The same piece again, a piece from elsewhere, one that is too long.
  EXPECT_EQ(client_->AppendUpload(Deadline(), append)->upload().offset_bytes(), 3 << 20);
  append.set_offset_bytes(100 + (3 << 20));
  append.set_content("x");
  const absl::Status elsewhere = client_->AppendUpload(Deadline(), append).status();
  EXPECT_EQ(elsewhere.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(status::ErrorMetadata(elsewhere).at("offset"), absl::StrCat(3 << 20));
  append.set_offset_bytes(3 << 20);
  append.set_content(std::string((2 << 20) + 1, 'x'));
  EXPECT_EQ(client_->AppendUpload(Deadline(), append).status().code(),
            absl::StatusCode::kInvalidArgument);
  append.set_content(all.substr(3 << 20));
  appended = client_->AppendUpload(Deadline(), append);
  ASSERT_TRUE(appended.ok()) << appended.status();
  EXPECT_EQ(appended->file().state(), v1::FILE_STATE_READY);
  EXPECT_EQ(appended->file().sha256(), ToHex(Sha256::Of(all)));
  // Sent again after it was complete.
  EXPECT_EQ(client_->AppendUpload(Deadline(), append)->file().file_id(),
            created->upload().upload_id());
  v1::ReadFileRequest read;
  read.set_user_id(kUser);
  read.set_file_id(created->upload().upload_id());
  read.set_offset_bytes((3 << 20) - 2);
  read.set_limit_bytes(4);
  EXPECT_EQ(client_->ReadFile(Deadline(), read)->content(), all.substr(0, 4));
  EXPECT_EQ(Usage().used_bytes(), 5 << 20);
}

TEST_F(FileServiceTest, UnfinishedUploadsExpireWithTheirPieces) {
  v1::CreateUploadRequest create;
  create.set_user_id(kUser);
  create.set_length_bytes(100);
  create.set_idempotency_key("1");
  const auto created = client_->CreateUpload(Deadline(), create);
  ASSERT_TRUE(created.ok()) << created.status();
  v1::AppendUploadRequest append;
  append.set_user_id(kUser);
  append.set_upload_id(created->upload().upload_id());
  append.set_content("some");
  ASSERT_TRUE(client_->AppendUpload(Deadline(), append).ok());
  EXPECT_EQ(Objects(), 1);
  skew_ = absl::Hours(25);
  Restart({.clean_period = absl::Milliseconds(50)});
  Await("the pieces to be gone", [&] { return Objects() == 0; });
  Await("the quota to be free", [&] { return Usage().used_bytes() == 0; });
  EXPECT_EQ(client_->AppendUpload(Deadline(), append).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(FileServiceTest, TheQuotaHolds) {
  Restart({.limits = {.max_file_bytes = 1000, .quota_bytes = 1500}});
  ASSERT_TRUE(Store(std::string(1000, 'a'), "1").ok());
  EXPECT_EQ(Store(std::string(501, 'b'), "2").status().code(),
            absl::StatusCode::kResourceExhausted);
  ASSERT_TRUE(Store(std::string(500, 'c'), "3").ok());
  EXPECT_EQ(Store("d", "4").status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Store(std::string(1001, 'e'), "5", kUser + 1).status().code(),
            absl::StatusCode::kInvalidArgument);
  const v1::GetUsageResponse usage = Usage();
  EXPECT_EQ(usage.used_bytes(), 1500);
  EXPECT_EQ(usage.quota_bytes(), 1500);
  EXPECT_EQ(usage.files(), 2);
  ASSERT_THAT(usage.kinds(), SizeIs(1));
  EXPECT_EQ(usage.kinds(0).kind(), "text");
}

TEST_F(FileServiceTest, NobodySeesAFileBeforeTheScannersVerdict) {
  FakeClamd clamd(1 << 20);
  clamd.broken = true;
  Restart({.clamd = clamd.address()});
  const auto file = Store("harmless", "1");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->state(), v1::FILE_STATE_CHECKING);
  EXPECT_EQ(Read(file->file_id()).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Published<FileReady>(), IsEmpty());
  clamd.broken = false;
  const auto ready = AwaitPublished<FileReady>();
  EXPECT_TRUE(ready[0].scanned());
  EXPECT_EQ(Get(file->file_id())->verdict(), v1::SCAN_VERDICT_CLEAN);
  const auto infected = Store(absl::StrCat("x", kTestVirus), "2");
  EXPECT_EQ(infected.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(infected.status().message()), HasSubstr("Test-Signature"));
  const auto rejected = Published<FileRejected>();
  ASSERT_THAT(rejected, SizeIs(1));
  EXPECT_TRUE(rejected[0].infected());
}

TEST_F(FileServiceTest, ListsByKindAndPurposePageByPage) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Store(absl::StrCat("text ", i), absl::StrCat(i)).ok());
  ASSERT_TRUE(Store(samples::Picture("png", 9, 9), "p").ok());
  v1::ListFilesRequest request;
  request.set_user_id(kUser);
  request.set_media_type_prefix("text/");
  request.set_page_size(2);
  std::vector<int64_t> sizes;
  std::vector<std::string> ids;
  do {
    const auto page = client_->ListFiles(Deadline(), request);
    ASSERT_TRUE(page.ok()) << page.status();
    sizes.push_back(page->files_size());
    for (const auto& file : page->files()) ids.push_back(file.file_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(sizes, ElementsAre(2, 1));
  EXPECT_THAT(ids, SizeIs(3));
  EXPECT_TRUE(std::is_sorted(ids.rbegin(), ids.rend()));
}

TEST_F(FileServiceTest, DeletingIsPublishedOnce) {
  const auto file = Store("gone", "1");
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE(Delete(file->file_id()));
  EXPECT_FALSE(Delete(file->file_id()));
  EXPECT_THAT(Published<FileDeleted>(), SizeIs(1));
  EXPECT_EQ(Objects(), 0);
}

TEST_F(FileServiceTest, ErasesAPersonWithAProof) {
  ASSERT_TRUE(Store(samples::Picture("png", 64, 64), "1").ok());
  ASSERT_TRUE(Store("two", "2").ok());
  v1::CreateUploadRequest create;
  create.set_user_id(kUser);
  create.set_length_bytes(100);
  create.set_idempotency_key("1");
  const auto created = client_->CreateUpload(Deadline(), create);
  ASSERT_TRUE(created.ok());
  v1::AppendUploadRequest append;
  append.set_user_id(kUser);
  append.set_upload_id(created->upload().upload_id());
  append.set_content("some");
  ASSERT_TRUE(client_->AppendUpload(Deadline(), append).ok());
  ASSERT_TRUE(Store("of another", "1", kUser + 1).ok());
  EXPECT_EQ(Objects(), 5);
  v1::DeleteUserDataRequest request;
  request.set_user_id(kUser);
  const auto erased = client_->DeleteUserData(Deadline(), request);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_GT(erased->deleted_rows(), 0);
  EXPECT_EQ(Objects(), 1);
  const auto proof = client_->CheckErasures(Deadline(), {});
  ASSERT_TRUE(proof.ok()) << proof.status();
  ASSERT_THAT(proof->erasures(), SizeIs(1));
  EXPECT_EQ(proof->erasures(0).objects(), 4);
  EXPECT_EQ(proof->erasures(0).still_there(), 0);
  EXPECT_THAT(proof->erasures(0).sha256(), ::testing::Contains(ToHex(Sha256::Of("two"))));
  EXPECT_EQ(Usage().used_bytes(), 0);
  // Nothing in any table names them.
  for (const char* table : {"file_usage", "file_files", "file_contents", "file_objects"}) {
    const auto left = DatabaseAs("selfology_file").Read(Deadline(), [&](postgres::Transaction& tx) {
      return tx.QueryOne<int64_t>(
          absl::StrCat("SELECT count(*) FROM ", table, " WHERE user_id = $1"), kUser);
    });
    ASSERT_TRUE(left.ok()) << left.status();
    EXPECT_EQ(std::get<0>(**left), 0) << table;
  }
}

// What a process leaves that ends between the steps of a write.
TEST_F(FileServiceTest, WhatWasNeverFinishedIsSweptAway) {
  const auto file = Store("stays", "1");
  ASSERT_TRUE(file.ok()) << file.status();
  FolderStore store(folder_);
  const std::string unknown = NewKey();    // Written, its row rolled back.
  const std::string half_done = NewKey();  // Written, not yet made to count.
  ASSERT_TRUE(store.Put(Deadline(), unknown, "x").ok());
  ASSERT_TRUE(store.Put(Deadline(), half_done, "y").ok());
  const absl::Status added =
      DatabaseAs("selfology_file").Write(Deadline(), [&](postgres::Transaction& tx) {
        return tx
            .Execute(
                "INSERT INTO file_objects (key, user_id, content_id, variant, begins, size,"
                " sha256, stored, made_at) SELECT $1, user_id, id, 'v', 0, 1, sha256, false,"
                " now() FROM file_contents",
                half_done)
            .status();
      });
  ASSERT_TRUE(added.ok()) << added;
  EXPECT_EQ(Objects(), 3);
  skew_ = absl::Hours(2);
  Restart({.clean_period = absl::Milliseconds(50),
           .sweep_period = absl::Milliseconds(50),
           .orphan_age = absl::Hours(1)});
  Await("both to be gone", [&] { return Objects() == 1; });
  EXPECT_EQ(*Read(file->file_id()), "stays");
}

TEST_F(FileServiceTest, NamesAllThatIsWrongWithARequest) {
  v1::StoreFileRequest request;
  request.set_name("a/b");
  request.set_purpose("NO");
  EXPECT_THAT(status::Violations(client_->StoreFile(Deadline(), request).status()), SizeIs(5));
  EXPECT_THAT(status::Violations(client_->CreateUpload(Deadline(), {}).status()), SizeIs(3));
  v1::GetFileRequest get;
  get.set_user_id(kUser);
  get.set_file_id("../x");
  EXPECT_THAT(status::Violations(client_->GetFile(Deadline(), get).status()), SizeIs(1));
}

}  // namespace
}  // namespace selfology::file
