#include "services/edge/telegram_gateway/media/media_store.h"

#include <string>
#include <thread>
#include <vector>

#include "common/status/status.h"
#include "services/edge/telegram_gateway/media/media_fixture_test.h"

namespace selfology::telegram_gateway {
namespace {

using telegram_emulator::Filling;
using telegram_emulator::Png;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class MediaStoreTest : public MediaTest {
 protected:
  std::vector<std::string> Wrong(const absl::Status& refused) {
    EXPECT_TRUE(absl::IsInvalidArgument(refused)) << refused;
    std::vector<std::string> fields;
    for (const auto& violation : status::Violations(refused)) fields.push_back(violation.field);
    return fields;
  }

  // A document that she has sent, as the gateway knows it before anybody reads it.
  std::string Received(std::string bytes) {
    const auto sent = telegram().SendFile(
        ann(), {.kind = "document", .bytes = std::move(bytes), .name = "a.bin"});
    EXPECT_TRUE(sent.ok()) << sent.status();
    // The gateway has heard of it, too, and is done with that.
    AwaitQuiet();
    const auto media = store().Remember(Deadline(), kBot, ann(),
                                        {{.content = Content::kDocument,
                                          .file_id = sent->media.file_id,
                                          .unique_id = sent->media.unique_id,
                                          .file_name = sent->media.name,
                                          .size = sent->media.size}});
    EXPECT_TRUE(media.ok()) << media.status();
    return media.ok() ? media->front().media_id() : "";
  }
};

TEST_F(MediaStoreTest, NamesTheFieldThatBreaksARule) {
  Start();
  v1::CreateMediaRequest bad;
  bad.set_user_id(-1);
  bad.set_file_name(std::string(256, 'n'));
  bad.set_mime_type("image/\n");
  EXPECT_THAT(Wrong(gateway().CreateMedia(Deadline(), bad).status()),
              ElementsAre("user_id", "idempotency_key", "kind", "file_name", "mime_type", "size"));
  const auto size = [&](v1::ContentKind kind, size_t bytes) {
    return gateway().CreateMedia(Deadline(), Creation(kind, bytes)).status();
  };
  EXPECT_EQ(size(v1::CONTENT_KIND_PHOTO, 10'000'000), absl::OkStatus());
  EXPECT_THAT(Wrong(size(v1::CONTENT_KIND_PHOTO, 10'000'001)), ElementsAre("size"));
  EXPECT_EQ(size(v1::CONTENT_KIND_DOCUMENT, 50'000'000), absl::OkStatus());
  EXPECT_THAT(Wrong(size(v1::CONTENT_KIND_DOCUMENT, 50'000'001)), ElementsAre("size"));

  EXPECT_THAT(Wrong(Append("../etc", -1, "").status()), ElementsAre("media_id", "offset", "data"));
  EXPECT_THAT(Wrong(Append("m_1", 0, std::string(kChunk + 1, 'x')).status()), ElementsAre("data"));
  EXPECT_THAT(Wrong(Read("M", -1, 2 << 20).status()), ElementsAre("media_id", "offset", "limit"));
  EXPECT_TRUE(absl::IsNotFound(Append("m_1", 0, "x").status()));
  EXPECT_TRUE(absl::IsNotFound(Read("m_1").status()));
}

TEST_F(MediaStoreTest, AKeyMakesOneFile) {
  Start();
  const v1::CreateMediaRequest request = Creation(v1::CONTENT_KIND_DOCUMENT, 5, "k");
  const auto first = gateway().CreateMedia(Deadline(), request);
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string id = first->media().media_id();
  EXPECT_EQ(first->stored(), 0);
  EXPECT_EQ(*Append(id, 0, "abc"), 3);
  const auto again = gateway().CreateMedia(Deadline(), request);
  EXPECT_EQ(again->media().media_id(), id);
  EXPECT_EQ(again->stored(), 3);
  v1::CreateMediaRequest others = request;
  others.set_user_id(0);
  EXPECT_NE(gateway().CreateMedia(Deadline(), others)->media().media_id(), id);
}

TEST_F(MediaStoreTest, BytesAreAddedInTheirOrderAndOnce) {
  Start();
  const std::string id =
      gateway().CreateMedia(Deadline(), Creation(v1::CONTENT_KIND_DOCUMENT, 6))->media().media_id();
  EXPECT_TRUE(absl::IsOutOfRange(Append(id, 3, "def").status()));
  EXPECT_EQ(*Append(id, 0, "abc"), 3);
  EXPECT_EQ(*Append(id, 0, "abc"), 3);
  EXPECT_EQ(*Append(id, 2, "cde"), 5);
  EXPECT_THAT(Wrong(Append(id, 5, "fg").status()), ElementsAre("data"));
  EXPECT_EQ(Bytes(id), "abcde");
  EXPECT_EQ(*Append(id, 5, "f"), 6);
  EXPECT_EQ(Read(id, 1, 3)->data(), "bcd");
  EXPECT_EQ(Read(id, 1, 3)->media().size(), 6);
  EXPECT_EQ(Read(id, 6)->data(), "");
  EXPECT_EQ(Read(id, 1'000'000'000'000)->data(), "");
}

TEST_F(MediaStoreTest, WhatTheFolderLostCountsAsNotWritten) {
  Start();
  const v1::CreateMediaRequest request = Creation(v1::CONTENT_KIND_DOCUMENT, 6);
  const std::string id = gateway().CreateMedia(Deadline(), request)->media().media_id();
  EXPECT_EQ(*Append(id, 0, "abc"), 3);
  std::filesystem::remove_all(media_folder());
  EXPECT_TRUE(absl::IsOutOfRange(Append(id, 3, "def").status()));
  EXPECT_EQ(gateway().CreateMedia(Deadline(), request)->stored(), 0);
  EXPECT_EQ(*Append(id, 0, "abc"), 3);
  EXPECT_EQ(*Append(id, 3, "def"), 6);
  EXPECT_EQ(Bytes(id), "abcdef");
}

TEST_F(MediaStoreTest, ConcurrentReadersFetchOnce) {
  Start();
  Meet();
  const std::string bytes = Filling(3'000'000);
  const std::string id = Received(bytes);
  telegram().AddFault({.method = "getFile", .times = 1, .delay = absl::Milliseconds(300)});
  std::vector<std::thread> readers;
  for (int i = 0; i < 8; ++i) {
    readers.emplace_back([&] { EXPECT_TRUE(Bytes(id) == bytes); });
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(Calls("getFile"), 1);
}

TEST_F(MediaStoreTest, AFetchThatFailedIsTriedByTheNextReader) {
  Start();
  Meet();
  const std::string id = Received("words");
  telegram().AddFault({.method = "getFile", .times = 1000, .error_code = 500});
  EXPECT_TRUE(absl::IsUnavailable(Read(id).status()));
  telegram().ClearFaults();
  MeshTest::Await("the circuit to close", [&] { return Read(id).ok(); });
  EXPECT_EQ(Bytes(id), "words");
}

TEST_F(MediaStoreTest, AFileThatGotLostIsFetchedAgain) {
  Start();
  Meet();
  const std::string id = Received("words");
  EXPECT_EQ(Bytes(id), "words");
  std::filesystem::remove_all(media_folder());
  EXPECT_EQ(Bytes(id), "words");
}

TEST_F(MediaStoreTest, TelegramGivesBotsNoLargeFiles) {
  Start();
  Meet();
  const std::string id = Received(Filling((20 << 20) + 1));
  EXPECT_TRUE(absl::IsFailedPrecondition(Read(id).status()));
}

TEST_F(MediaStoreTest, TheTokenIsInNoLine) {
  ::testing::internal::CaptureStderr();
  Start();
  Meet();
  const std::string id = Received("words");
  telegram().AddFault({.method = "getFile", .times = 1, .drop = true});
  EXPECT_EQ(Bytes(id), "words");
  StopMesh();
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              ::testing::Not(::testing::HasSubstr("a-token-nobody-may-see")));
}

TEST_F(MediaStoreTest, TheSameFileHasTheSameName) {
  const File file{.file_id = "a", .unique_id = "u"};
  EXPECT_EQ(MediaIdOf(42, 7, file), MediaIdOf(42, 7, {.file_id = "b", .unique_id = "u"}));
  EXPECT_NE(MediaIdOf(42, 7, file), MediaIdOf(42, 8, file));
  EXPECT_NE(MediaIdOf(42, 7, file), MediaIdOf(43, 7, file));
  EXPECT_NE(MediaIdOf(42, 7, file), MediaIdOf(42, 7, {.file_id = "a", .unique_id = "v"}));
  EXPECT_TRUE(IsMediaId(MediaIdOf(42, 7, file)));
}

TEST_F(MediaStoreTest, FilesGoAfterADayUnlessAMessageNeedsThem) {
  Start();
  Meet();
  AwaitQuiet();
  const std::string old = Make(v1::CONTENT_KIND_PHOTO, Png(3, 2));
  const std::string needed = Make(v1::CONTENT_KIND_PHOTO, Png(5, 4));
  EXPECT_EQ(*store().ForgetOld(Deadline()), 0);
  MoveClock(absl::Hours(23));
  telegram().AddFault(
      {.method = "sendPhoto", .times = 1000, .error_code = 429, .retry_after_s = 60});
  garden().Do([&](FakeDialog& d) {
    d.render = [needed](const v1::RenderEventRequest&) {
      v1::DialogMessage message = Saying("");
      message.add_media_ids(needed);
      return Answering<v1::RenderEventResponse>({message});
    };
  });
  Tell("garden.changed", "Something.");
  MeshTest::Await("a failure", [&] {
    return Rows("SELECT count(*) FROM outgoing_messages WHERE failures > 0") == 1;
  });
  const std::string young = Make(v1::CONTENT_KIND_PHOTO, Png(7, 6));
  MoveClock(absl::Hours(2));
  EXPECT_EQ(*store().ForgetOld(Deadline()), 1);
  EXPECT_TRUE(absl::IsNotFound(Read(old).status()));
  EXPECT_TRUE(Bytes(needed) == Png(5, 4));
  EXPECT_TRUE(Bytes(young) == Png(7, 6));
  EXPECT_EQ(FilesOnDisk(), 2);
}

TEST_F(MediaStoreTest, TheFolderHasALimit) {
  Start([](GatewaySettings& s) { s.media_bytes = 100; });
  Meet();
  const std::string received = Received(std::string(60, 'r'));
  EXPECT_EQ(Bytes(received), std::string(60, 'r'));
  // Telegram has that as well: it makes room.
  const std::string made = Make(v1::CONTENT_KIND_DOCUMENT, std::string(70, 'm'));
  EXPECT_EQ(FilesOnDisk(), 1);
  EXPECT_EQ(Bytes(made), std::string(70, 'm'));
  // Nobody else has what was made.
  const std::string more = gateway()
                               .CreateMedia(Deadline(), Creation(v1::CONTENT_KIND_DOCUMENT, 31))
                               ->media()
                               .media_id();
  EXPECT_TRUE(absl::IsResourceExhausted(Append(more, 0, std::string(31, 'x')).status()));
  EXPECT_TRUE(absl::IsResourceExhausted(Read(received).status()));
  EXPECT_EQ(*Append(more, 0, std::string(30, 'x')), 30);
  Execute(absl::StrCat("DELETE FROM media WHERE media_id = '", made, "'"));
  EXPECT_EQ(Bytes(received), std::string(60, 'r'));
}

TEST_F(MediaStoreTest, FilesWithoutARowGo) {
  Start();
  const std::string kept = Make(v1::CONTENT_KIND_PHOTO, Png(3, 2));
  ASSERT_EQ(MediaFiles(media_folder()).Write("m_orphan", 0, "x"), absl::OkStatus());
  ASSERT_EQ(store().RemoveOrphans(Deadline()), absl::OkStatus());
  EXPECT_EQ(FilesOnDisk(), 1);
  EXPECT_TRUE(Bytes(kept) == Png(3, 2));
}

TEST_F(MediaStoreTest, FilesGoWithTheirPerson) {
  Start();
  Meet();
  const std::string received = Received("her words");
  EXPECT_EQ(Bytes(received), "her words");
  const std::string made = Make(v1::CONTENT_KIND_PHOTO, Png(3, 2));
  v1::CreateMediaRequest nobodys = Creation(v1::CONTENT_KIND_PHOTO, Png(5, 4).size());
  nobodys.set_user_id(0);
  const std::string kept = Make(nobodys, Png(5, 4));
  EXPECT_EQ(FilesOnDisk(), 3);
  v1::DeleteUserDataRequest request;
  request.set_user_id(ann());
  ASSERT_GE(gateway().DeleteUserData(Deadline(), request)->deleted_rows(), 2);
  EXPECT_TRUE(absl::IsNotFound(Read(received).status()));
  EXPECT_TRUE(absl::IsNotFound(Read(made).status()));
  EXPECT_EQ(FilesOnDisk(), 1);
  EXPECT_TRUE(Bytes(kept) == Png(5, 4));
}

TEST_F(MediaStoreTest, APersonsFilesAreSentToNobodyElse) {
  Start();
  Meet();
  const std::string hers = Make(v1::CONTENT_KIND_PHOTO, Png(3, 2));
  v1::CreateMediaRequest nobodys = Creation(v1::CONTENT_KIND_PHOTO, Png(5, 4).size());
  nobodys.set_user_id(0);
  const std::string for_all = Make(nobodys, Png(5, 4));
  EXPECT_THAT(store().ForMessage(Deadline(), kBot, ann(), {hers, for_all})->files, SizeIs(2));
  constexpr int64_t kChannel = -1'000'000'000'001;
  for (const int64_t other : {ann() + 1, kChannel}) {
    EXPECT_THAT(store().ForMessage(Deadline(), kBot, other, {for_all})->files, SizeIs(1));
    const auto found = store().ForMessage(Deadline(), kBot, other, {hers});
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_THAT(found->files, IsEmpty());
    EXPECT_EQ(found->problem, "must all exist");
  }
}

TEST_F(MediaStoreTest, SaysWhatCannotBeSent) {
  Start();
  const std::string photo = Make(v1::CONTENT_KIND_PHOTO, Png(3, 2));
  const std::string document = Make(v1::CONTENT_KIND_DOCUMENT, "x");
  const std::string half =
      gateway().CreateMedia(Deadline(), Creation(v1::CONTENT_KIND_PHOTO, 5))->media().media_id();
  const auto found = [&](const std::vector<std::string>& ids) {
    return *store().ForMessage(Deadline(), kBot, ann(), ids);
  };
  EXPECT_EQ(found({photo, photo}).problem, "");
  EXPECT_THAT(found({photo, photo}).files, SizeIs(2));
  EXPECT_EQ(found({"m_none"}).problem, "must all exist");
  EXPECT_EQ(found({half}).problem, "must all be complete");
  EXPECT_THAT(found({half}).files, IsEmpty());
  EXPECT_EQ(found({photo, document}).problem, "must be one, or all photos or all documents");
  EXPECT_THAT(found({photo, document}).files, SizeIs(1));
  EXPECT_EQ(found(std::vector<std::string>(11, photo)).problem, "must be at most 10");

  EXPECT_THAT(Wrong(gateway().SendMessage(Deadline(), Sending("Hi", {half})).status()),
              ElementsAre("media_ids"));
  EXPECT_THAT(Wrong(gateway().SendMessage(Deadline(), Sending("", {})).status()),
              ElementsAre("message_text"));
}

}  // namespace
}  // namespace selfology::telegram_gateway
