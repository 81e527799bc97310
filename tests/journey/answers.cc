#include "tests/journey/answers.h"

#include <iterator>

namespace selfology::journey {
namespace {

constexpr std::string_view kEnglish[] = {
    "I prefer routine and do everything the usual way. New ideas bore me and I dislike change.",
    ("I stay at home alone most evenings; parties make me tired and crowds make me anxious and "
     "afraid."),
    "I often worry about work and money, and I feel nervous before every meeting with my boss.",
    "I forget appointments, I am late and disorganized, and my desk is a mess.",
    "I keep to what I know. Art and poetry say nothing to me.",
    ("Lately I love to paint and imagine new worlds; I am curious and creative, and art inspires "
     "me."),
    ("I joined a band with my friends, we laugh and play music together and I enjoy meeting new "
     "people."),
    ("I plan my week carefully, finish my tasks on time and keep my promises. I am proud of this "
     "discipline."),
    ("I help my neighbours, I listen to my family with kindness and I am grateful for their love "
     "and trust."),
    ("I feel calm and hopeful. I explore ideas, read philosophy, learn languages and dream of "
     "travelling."),
};

constexpr std::string_view kRussian[] = {
    "Я люблю порядок и привычный уклад, новое меня пугает, и я боюсь перемен.",
    "Я часто тревожусь из-за работы и денег и плохо сплю, когда беспокоюсь.",
    "Мне нравится рисовать и придумывать новое, творчество меня вдохновляет и радует.",
    "Я помогаю друзьям и семье, слушаю их и благодарна им за любовь и доверие.",
    ("Я планирую неделю, довожу дела до конца и горжусь своей дисциплиной. Мечтаю путешествовать и "
     "учиться."),
};

}  // namespace

std::string_view EnglishAnswer(int number) { return kEnglish[(number - 1) % std::size(kEnglish)]; }
std::string_view RussianAnswer(int number) { return kRussian[(number - 1) % std::size(kRussian)]; }

}  // namespace selfology::journey
