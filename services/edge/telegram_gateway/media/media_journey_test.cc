// Files from a person to a dialog and back, through Telegram, byte for byte.
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "services/edge/telegram_gateway/media/media_fixture_test.h"

namespace selfology::telegram_gateway {
namespace {

using telegram_emulator::Conversations;
using telegram_emulator::Filling;
using telegram_emulator::Ogg;
using telegram_emulator::Png;
using telegram_emulator::Webp;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class MediaJourneyTest : public MediaTest {
 protected:
  void SetUp() override {
    MediaTest::SetUp();
    Start([](GatewaySettings& s) {
      s.pacing = {.chat = {.per_second = 1000, .burst = 1000},
                  .all = {.per_second = 1000, .burst = 1000}};
    });
    Meet();
    AwaitQuiet();
  }

  // What the garden was told of the last message with content, once it was.
  v1::SentContent AwaitContent(size_t messages = 1) {
    v1::SentContent content;
    MeshTest::Await("content", [&] {
      size_t seen = 0;
      for (const v1::ReactRequest& request : garden().Reacted()) {
        if (!request.update().has_content()) continue;
        content = request.update().content();
        ++seen;
      }
      return seen >= messages;
    });
    return content;
  }

  // The garden answers the next event with this.
  void Say(const v1::DialogMessage& message) {
    garden().Do([&](FakeDialog& d) {
      d.render = [message](const v1::RenderEventRequest&) {
        return Answering<v1::RenderEventResponse>({message});
      };
    });
    Tell("garden.changed", "Something.");
  }

  std::vector<Message> OfBot(int64_t after) {
    std::vector<Message> messages = telegram().Messages(ann());
    std::erase_if(messages, [&](const Message& m) { return !m.from_bot || m.id <= after; });
    return messages;
  }
  int64_t Last() { return telegram().Messages(ann()).back().id; }
};

TEST_F(MediaJourneyTest, APersonsFilesReachTheDialogByteForByte) {
  struct Case {
    Conversations::Sent sent;
    v1::ContentKind kind;
  };
  const std::vector<Case> cases = {
      {{.kind = "photo", .bytes = Png(640, 480, 10'000), .caption = "Look"},
       v1::CONTENT_KIND_PHOTO},
      {{.kind = "document", .bytes = Filling(20 << 20), .name = "large.bin"},
       v1::CONTENT_KIND_DOCUMENT},
      {{.kind = "voice", .bytes = Ogg(5'000), .duration = 3}, v1::CONTENT_KIND_VOICE},
      {{.kind = "sticker", .bytes = Webp(8'000), .emoji = "🙂"}, v1::CONTENT_KIND_STICKER}};
  size_t messages = 0;
  for (const Case& each : cases) {
    ASSERT_TRUE(telegram().SendFile(ann(), each.sent).ok());
    const v1::SentContent content = AwaitContent(++messages);
    EXPECT_EQ(content.kind(), each.kind);
    EXPECT_EQ(content.caption(), each.sent.caption);
    ASSERT_THAT(content.media(), SizeIs(1));
    const v1::Media& media = content.media(0);
    EXPECT_EQ(media.kind(), each.kind);
    EXPECT_EQ(media.file_name(), each.sent.name);
    EXPECT_EQ(media.size(), static_cast<int64_t>(each.sent.bytes.size()));
    EXPECT_EQ(media.duration().seconds(), each.sent.duration);
    EXPECT_EQ(media.emoji(), each.sent.emoji);
    EXPECT_TRUE(Bytes(media.media_id()) == each.sent.bytes) << each.sent.kind;
  }
  // Nothing is fetched that nobody reads, and what was read is not fetched again.
  EXPECT_EQ(Calls("getFile"), 4);
}

TEST_F(MediaJourneyTest, ADialogReadsThemWhileItReacts) {
  garden().Do([&](FakeDialog& d) {
    d.react = [&](const v1::ReactRequest& request) {
      const std::string& id = request.update().content().media(0).media_id();
      return Answering({Saying(Bytes(id))});
    };
  });
  ASSERT_TRUE(telegram().SendFile(ann(), {.kind = "document", .bytes = "What I wrote."}).ok());
  Await("What I wrote.");
}

TEST_F(MediaJourneyTest, AnAlbumOfTenReachesTheDialogAsOne) {
  std::vector<Conversations::Sent> ten;
  for (int i = 0; i < 10; ++i) ten.push_back({.kind = "photo", .bytes = Png(10 + i, 10, 1000)});
  ASSERT_TRUE(telegram().SendAlbum(ann(), ten).ok());
  const v1::SentContent content = AwaitContent();
  ASSERT_THAT(content.media(), SizeIs(10));
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(content.media(i).width(), 10 + i);
    EXPECT_TRUE(Bytes(content.media(i).media_id()) == ten[static_cast<size_t>(i)].bytes);
  }
}

TEST_F(MediaJourneyTest, WhatIsMadeHereReachesThePersonByteForByte) {
  struct Case {
    v1::ContentKind kind;
    std::string bytes;
    const char* shown_as;
  };
  for (const Case& each :
       std::vector<Case>{{v1::CONTENT_KIND_PHOTO, Png(640, 480, 10'000), "photo"},
                         {v1::CONTENT_KIND_DOCUMENT, Filling(20 << 20), "document"},
                         {v1::CONTENT_KIND_VOICE, Ogg(5'000), "voice"},
                         {v1::CONTENT_KIND_STICKER, Webp(8'000), "sticker"}}) {
    const std::vector<int64_t> ids = Send(Sending("", {Make(each.kind, each.bytes)}));
    ASSERT_THAT(ids, SizeIs(1));
    const Message message = MessageOf(ids[0]);
    EXPECT_EQ(message.media.kind, each.shown_as);
    EXPECT_TRUE(Shown(message) == each.bytes) << each.shown_as;
  }
}

TEST_F(MediaJourneyTest, AnAlbumOfTenReachesThePersonAsOne) {
  std::vector<std::string> bytes;
  std::vector<std::string> media_ids;
  for (int i = 0; i < 10; ++i) {
    bytes.push_back(Png(10 + i, 10, 1000));
    media_ids.push_back(Make(v1::CONTENT_KIND_PHOTO, bytes.back()));
  }
  const std::vector<int64_t> ids = Send(Sending("Ten of them", media_ids));
  ASSERT_THAT(ids, SizeIs(10));
  EXPECT_EQ(Calls("sendMediaGroup"), 1);
  for (size_t i = 0; i < ids.size(); ++i) {
    const Message message = MessageOf(ids[i]);
    EXPECT_FALSE(message.album.empty());
    EXPECT_EQ(message.album, MessageOf(ids[0]).album);
    EXPECT_EQ(message.text, i == 0 ? "Ten of them" : "");
    EXPECT_TRUE(Shown(message) == bytes[i]) << i;
  }
}

TEST_F(MediaJourneyTest, ASecondSendUploadsNothing) {
  const std::string photo = Make(v1::CONTENT_KIND_PHOTO, Png(3, 2, 1000));
  const std::string other = Make(v1::CONTENT_KIND_PHOTO, Png(5, 4, 1000));
  const auto uploads = [&] {
    const std::vector<ApiCall> log = telegram().Log();
    return std::count_if(log.begin(), log.end(), [](const ApiCall& call) {
      return call.parameters.contains("file0") && call.code == 200;
    });
  };
  const Message first = MessageOf(Send(Sending("First", {photo})).at(0));
  EXPECT_EQ(uploads(), 1);
  const Message second = MessageOf(Send(Sending("Second", {photo})).at(0));
  EXPECT_EQ(uploads(), 1);
  EXPECT_EQ(second.media.file_id, first.media.file_id);
  // In an album the other alone is new.
  Send(Sending("Both", {photo, other}));
  EXPECT_EQ(uploads(), 2);
  Send(Sending("Both again", {other, photo}));
  EXPECT_EQ(uploads(), 2);
}

TEST_F(MediaJourneyTest, WhatAPersonSentGoesBackWithoutItsBytes) {
  ASSERT_TRUE(telegram().SendFile(ann(), {.kind = "voice", .bytes = Ogg(500), .duration = 2}).ok());
  const std::string id = AwaitContent().media(0).media_id();
  const Message message = MessageOf(Send(Sending("You said", {id})).at(0));
  EXPECT_EQ(message.media.kind, "voice");
  EXPECT_EQ(message.text, "You said");
  EXPECT_TRUE(Shown(message) == Ogg(500));
  EXPECT_EQ(Calls("getFile"), 0);
}

TEST_F(MediaJourneyTest, ANameThatTelegramForgotIsUploadedAgain) {
  const std::string photo = Make(v1::CONTENT_KIND_PHOTO, Png(3, 2, 1000));
  Send(Sending("First", {photo}));
  Execute("UPDATE media SET telegram_file_id = 'AgACforgotten'");
  const Message message = MessageOf(Send(Sending("Second", {photo})).at(0));
  EXPECT_EQ(message.text, "Second");
  EXPECT_TRUE(Shown(message) == Png(3, 2, 1000));
  EXPECT_EQ(Rows("SELECT count(*) FROM media WHERE telegram_file_id = 'AgACforgotten'"), 0);
}

TEST_F(MediaJourneyTest, AMessageRepliesAndQuotes) {
  const int64_t question = GatewayTest::Say("Which way shall I go?");
  Await("garden heard");
  v1::DialogMessage answer = Saying("That way.");
  answer.set_reply_to_message_id(question);
  answer.set_quote("Which way");
  answer.add_media_ids(Make(v1::CONTENT_KIND_PHOTO, Png(3, 2)));
  Say(answer);
  const Message told = Await("That way.");
  EXPECT_EQ(told.reply_to_id, question);
  EXPECT_EQ(told.quote, "Which way");
  EXPECT_EQ(told.media.kind, "photo");
  // What she never said is not quoted, and what is gone not replied to.
  answer.set_message_text("Or that way.");
  answer.set_quote("Whither");
  Say(answer);
  const Message unquoted = Await("Or that way.");
  EXPECT_EQ(unquoted.reply_to_id, question);
  EXPECT_EQ(unquoted.quote, "");
  answer.set_message_text("Or nowhere.");
  answer.set_reply_to_message_id(999'999);
  Say(answer);
  EXPECT_EQ(Await("Or nowhere.").reply_to_id, 0);
}

TEST_F(MediaJourneyTest, ALongTextFollowsItsPhotoWithTheButtons) {
  const int64_t before = Last();
  v1::DialogMessage message = Asking(std::string(5000, 'x') + " The end.", "More", "garden:more");
  message.add_media_ids(Make(v1::CONTENT_KIND_PHOTO, Png(3, 2)));
  Say(message);
  const Message last = Await("The end.");
  const std::vector<Message> pieces = OfBot(before);
  ASSERT_THAT(pieces, SizeIs(3));
  EXPECT_EQ(pieces[0].media.kind, "photo");
  EXPECT_EQ(pieces[0].text, "");
  EXPECT_TRUE(pieces[1].markup.is_null());
  EXPECT_EQ(pieces[2].id, last.id);
  EXPECT_FALSE(last.markup.is_null());
}

TEST_F(MediaJourneyTest, WhatComesAfterAnAlbumIsNotSkippedNorSentTwice) {
  const int64_t before = Last();
  v1::DialogMessage message = Asking("Which of them?", "The first", "garden:first");
  for (int i = 0; i < 3; ++i) message.add_media_ids(Make(v1::CONTENT_KIND_PHOTO, Png(10 + i, 10)));
  // Between the pieces Telegram goes away, and then the gateway.
  telegram().AddFault(
      {.method = "sendMessage", .times = 1000, .error_code = 429, .retry_after_s = 1});
  Say(message);
  MeshTest::Await("the album to be sent, and the text to fail", [&] {
    return Rows(
               "SELECT count(*) FROM outgoing_messages WHERE pieces_sent = 1"
               " AND cardinality(message_ids) = 3 AND failures > 0") == 1;
  });
  StopMesh();
  // As if it had died while it sent the text.
  Execute(
      "UPDATE outgoing_messages SET status = 'sending', due_at = now()"
      " WHERE status = 'waiting' AND pieces_sent = 1");
  telegram().ClearFaults();
  Start();
  const Message last = Await("Which of them?");
  AwaitQuiet();
  EXPECT_FALSE(last.markup.is_null());
  EXPECT_THAT(OfBot(before), SizeIs(4));
  EXPECT_EQ(Calls("sendMediaGroup"), 1);
}

TEST_F(MediaJourneyTest, AMessageGoesWithoutWhatCannotBeSent) {
  v1::DialogMessage message = Saying("Look at this.");
  message.add_media_ids("m_none");
  ::testing::internal::CaptureStderr();
  Say(message);
  const Message shown = Await("Look at this.");
  EXPECT_TRUE(shown.media.empty());
  AwaitQuiet();
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("file omitted from message"));
}

TEST_F(MediaJourneyTest, AMessageGoesWithoutAPictureThatTelegramRefuses) {
  ::testing::internal::CaptureStderr();
  v1::DialogMessage message = Asking("Which way?", "That", "garden:that");
  message.add_media_ids(Make(v1::CONTENT_KIND_PHOTO, Png(12'000, 50)));
  Say(message);
  const Message shown = Await("Which way?");
  EXPECT_TRUE(shown.media.empty());
  EXPECT_FALSE(shown.markup.is_null());
  // What follows an album is sent, too.
  message.set_message_text("Or which of these?");
  message.add_media_ids(Make(v1::CONTENT_KIND_PHOTO, Png(3, 2)));
  Say(message);
  EXPECT_FALSE(Await("Or which of these?").markup.is_null());
  AwaitQuiet();
  EXPECT_EQ(Calls("sendMediaGroup"), 1);
  EXPECT_EQ(Rows("SELECT count(*) FROM outgoing_messages WHERE status = 'dropped'"), 0);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("file omitted from message"));
}

TEST_F(MediaJourneyTest, WhatNobodyHasAnyMoreIsLeftOut) {
  ASSERT_TRUE(telegram().SendFile(ann(), {.kind = "voice", .bytes = Ogg(500), .duration = 2}).ok());
  const std::string id = AwaitContent().media(0).media_id();
  Execute("UPDATE media SET telegram_file_id = 'AwACforgotten'");
  const Message message = MessageOf(Send(Sending("You said", {id})).at(0));
  EXPECT_TRUE(message.media.empty());
  EXPECT_EQ(message.text, "You said");
  // Nothing is left of one that is nothing else.
  EXPECT_FALSE(gateway().SendMessage(Deadline(), Sending("", {id})).ok());
}

TEST_F(MediaJourneyTest, AChatThatTakesNoPhotosTakesTexts) {
  telegram().AddFault({.method = "sendPhoto",
                       .error_code = 400,
                       .description = "Bad Request: not enough rights to send photos to the chat"});
  v1::DialogMessage message = Saying("Look at this.");
  message.add_media_ids(Make(v1::CONTENT_KIND_PHOTO, Png(3, 2)));
  Say(message);
  EXPECT_TRUE(Await("Look at this.").media.empty());
  AwaitQuiet();
  EXPECT_EQ(Rows("SELECT count(*) FROM outgoing_messages WHERE status = 'dropped'"), 0);
}

TEST_F(MediaJourneyTest, LargeFilesHoldNobodyUp) {
  // More than there are threads.
  constexpr int kReaders = 20;
  std::vector<int64_t> readers;
  for (int i = 0; i < kReaders; ++i) {
    readers.push_back(*telegram().AddUser({.first_name = "Ben", .language_code = "en"}));
    ASSERT_TRUE(telegram().SendText(readers.back(), "/start").ok());
  }
  AwaitQuiet();
  v1::CreateMediaRequest nobodys = Creation(v1::CONTENT_KIND_DOCUMENT, 3 * kChunk);
  nobodys.set_user_id(0);
  const std::string large = Make(nobodys, Filling(3 * kChunk));
  garden().Do([&](FakeDialog& d) {
    d.render = [large](const v1::RenderEventRequest& request) {
      v1::DialogMessage message = Saying(request.payload());
      if (request.payload() == "Read this.") message.add_media_ids(large);
      return Answering<v1::RenderEventResponse>({message});
    };
  });
  telegram().AddFault({.method = "sendDocument", .times = 4, .delay = absl::Seconds(10)});
  for (const int64_t reader : readers) Tell("garden.changed", "Read this.", reader);
  MeshTest::Await("four uploads to be under way, and the others to wait", [&] {
    return Rows(
               "SELECT count(*) FROM outgoing_messages WHERE media_ids <> '{}'"
               " AND status = 'sending'") == 4 &&
           Rows(
               "SELECT count(*) FROM outgoing_messages WHERE media_ids <> '{}'"
               " AND status = 'waiting'") == kReaders - 4;
  });
  Tell("garden.changed", "It rains.");
  Await("It rains.");
  EXPECT_GT(Rows("SELECT count(*) FROM outgoing_messages WHERE status = 'sending'"), 0);
  EXPECT_EQ(Rows("SELECT count(*) FROM outgoing_messages WHERE failures > 0"), 0);
  AwaitQuiet();
  for (const int64_t reader : readers) EXPECT_EQ(Count("Read this.", reader), 1);
}

TEST_F(MediaJourneyTest, StoppingDoesNotWaitForAnUpload) {
  const std::string large = Make(v1::CONTENT_KIND_DOCUMENT, Filling(kChunk));
  v1::DialogMessage message = Saying("Read this.");
  message.add_media_ids(large);
  telegram().AddFault({.method = "sendDocument", .times = 1, .delay = absl::Seconds(60)});
  Say(message);
  MeshTest::Await("an upload", [&] {
    return Rows("SELECT count(*) FROM outgoing_messages WHERE status = 'sending'") == 1;
  });
  const absl::Time before = absl::Now();
  StopMesh();
  EXPECT_LT(absl::Now() - before, absl::Seconds(8));
  Start();
  EXPECT_FALSE(Await("Read this.").media.empty());
}

TEST_F(MediaJourneyTest, BytesAreInNoTable) {
  ASSERT_TRUE(telegram().SendFile(ann(), {.kind = "document", .bytes = "a-secret-file"}).ok());
  EXPECT_EQ(Bytes(AwaitContent().media(0).media_id()), "a-secret-file");
  Send(Sending("", {Make(v1::CONTENT_KIND_DOCUMENT, "a-secret-file")}));
  AwaitQuiet();
  for (const char* const table : {"media", "outgoing_messages", "held_updates"}) {
    EXPECT_EQ(
        Rows(absl::StrCat("SELECT count(*) FROM ", table, " AS t WHERE t::text LIKE ANY ('{%",
                          "a-secret-file,%", absl::BytesToHexString("a-secret-file"), "%}')")),
        0)
        << table;
  }
}

}  // namespace
}  // namespace selfology::telegram_gateway
