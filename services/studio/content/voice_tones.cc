#include "services/studio/content/voice_tones.h"

namespace selfology::content {

Voice VoiceOfTone(v1::Tone tone) {
  switch (tone) {
    case v1::TONE_FRIENDLY:
      return {.words = WordChoice::kPlain,
              .exclaimed = 0.5,
              .emoji_count = 1,
              .emoji = {"😊", "💛", "🤗"},
              .openers = {"Hi friends!", "Hello, dear all!", "Hey everyone!", "Привет, друзья!",
                          "Всем привет!", "Дорогие наши!"},
              .closers = {"Tell us what you think!", "We'd love to hear from you!",
                          "Пишите, что думаете!", "Будем рады каждому!"}};
    case v1::TONE_PROFESSIONAL:
      return {
          .words = WordChoice::kFormal,
          .sentences = SentenceLength::kLong,
          .exclaimed = 0,
          .emoji_count = 0,
          .openers = {"For your information:", "Please note:", "Сообщаем:", "К вашему сведению:"},
          .closers = {"Thank you for your attention.", "Благодарим за внимание."}};
    case v1::TONE_PLAYFUL:
      return {.words = WordChoice::kPlain,
              .exclaimed = 0.5,
              .emoji_count = 3,
              .emoji = {"😄", "🎉", "✨", "🙃"},
              .openers = {"Guess what?", "Psst...", "Drum roll, please...", "Угадайте что?",
                          "Тсс...", "Барабанная дробь..."},
              .closers = {"How about that?", "Fun, right?", "Ну как вам?", "Весело же, правда?"}};
    case v1::TONE_BOLD:
      return {.words = WordChoice::kPlain,
              .sentences = SentenceLength::kShort,
              .exclaimed = 1,
              .emoji_count = 0,
              .lines = true,
              .openers = {"LISTEN UP.", "THIS IS IT.", "ВНИМАНИЕ.", "ВОТ ОНО."},
              .closers = {"Don't wait!", "Now or never!", "Не ждите!", "Сейчас или никогда!"}};
    default:
      return {};
  }
}

}  // namespace selfology::content
