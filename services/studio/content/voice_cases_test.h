// Authors with a voice each, and briefs to be written in them; for the test that reads blindly, and for
// tools/print_drafts, whose reader is a person. Written for this purpose.
#pragma once

#include <string>
#include <vector>

namespace selfology::content {

struct Author {
  std::string name = {};
  std::vector<std::string> samples = {};  // Their own texts, of other things than the briefs.
};

struct VoiceCases {
  std::vector<Author> authors = {};
  std::vector<std::string> briefs = {};
};

inline VoiceCases EnglishCases() {
  return {
      .authors =
          {{"formal",
            {"Dear customers. We are pleased to present our annual report, which contains"
             " information regarding all branches of the company and their results. The document"
             " is available to all partners, and additional copies will be provided shortly. Thank"
             " you for your trust.",
             "Dear customers. The office will be closed for maintenance from Monday to Wednesday,"
             " and requests that reach us during this period will be processed on Thursday. We"
             " are grateful for your patience. Thank you for your trust.",
             "Dear partners. It is our duty to inform you that the terms of delivery have been"
             " revised, and that the new terms do not affect orders that were placed prior to"
             " this date. Thank you for your trust."}},
           {"friendly",
            {"Hi dear neighbours! We've baked far too many cakes again, so come and help us eat"
             " them 🍰 It's raining anyway! Hugs from the kitchen! 💛",
             "Hi dear neighbours! The cat is back, and she's fine! Thanks to everyone who looked"
             " for her 💛 Hugs from the kitchen! 🐱",
             "Hi dear neighbours! There's a new bench under the old tree. Sit down and tell us"
             " your stories! We're always happy when you drop in 💛 Hugs from the kitchen! 🍰"}},
           {"bold",
            {"LISTEN UP!\nFive laps.\nNo breaks!\nYou're stronger than you think!\nMove!",
             "LISTEN UP!\nThe old record is gone!\nWe broke it!\nWho breaks ours?\nMove!",
             "LISTEN UP!\nDoors open at six!\nBring water!\nLeave the excuses at home!\nMove!"}}},
      .briefs = {
          "The city library reopens on 3 May. The reading room has forty new seats, and there is a"
          " quiet corner for children.",
          "Our bakery now delivers bread before seven in the morning. Orders are taken until ten"
          " in the evening, and delivery is free within the town.",
          "The course on beekeeping starts in April. It has eight evenings, and you do not need"
          " hives of your own.",
          "We repaired 120 bicycles this winter. Most of them go to the school, and the rest is"
          " for sale on Saturday.",
          "The museum shows photographs of the old harbour until the end of June. Admission is"
          " free on Sundays. There is a guided tour at three.",
          "Version 4 of our calendar is here. It works without a network, and it is twice as fast"
          " as before.",
          "The swimming pool is closed in August. The water heater is being replaced, so the"
          " water will be warmer in autumn.",
          "Volunteers planted 300 trees along the river. The young trees need water in the first"
          " summer, and we are looking for people who help on Fridays.",
          "The night train to the coast runs again from June. It leaves at eleven and arrives at"
          " eight. Bicycles travel free of charge.",
      }};
}

inline VoiceCases RussianCases() {
  return {
      .authors =
          {{"formal",
            {"Уважаемые клиенты. Сообщаем, что в настоящее время подготовлен годовой отчёт,"
             " который содержит сведения обо всех отделениях компании и их результатах. Документ"
             " доступен всем партнёрам, а также может быть направлен по запросу. Благодарим за"
             " доверие.",
             "Уважаемые клиенты. Офис будет закрыт на обслуживание с понедельника по среду,"
             " поскольку необходимо заменить оборудование в главном здании. Обращения будут"
             " рассмотрены в четверг. Благодарим за доверие.",
             "Уважаемые партнёры. Условия поставки пересмотрены, однако новые условия не"
             " распространяются на заказы, которые были оформлены ранее этой даты. Благодарим за"
             " доверие."}},
           {"friendly",
            {"Привет, соседи! Мы опять напекли слишком много пирогов, так что приходите помогать"
             " 🍰 Всё равно дождь! Обнимаем с кухни! 💛",
             "Привет, соседи! Кошка нашлась, с ней всё хорошо! Спасибо всем, кто искал 💛"
             " Обнимаем с кухни! 🐱",
             "Привет, соседи! Под старой липой теперь стоит лавочка. Садитесь и рассказывайте"
             " свои истории! Мы всегда вам рады 💛 Обнимаем с кухни! 🍰"}},
           {"bold",
            {"ВНИМАНИЕ!\nПять кругов.\nБез перерывов!\nТы сильнее, чем думаешь!\nВперёд!",
             "ВНИМАНИЕ!\nСтарого рекорда больше нет!\nМы его побили!\nКто побьёт наш?\nВперёд!",
             "ВНИМАНИЕ!\nДвери открываются в шесть!\nВозьми воду!\nОтговорки оставь дома!\n"
             "Вперёд!"}}},
      .briefs = {
          "Городская библиотека снова открывается 3 мая. В читальном зале сорок новых мест, и"
          " есть тихий уголок для детей.",
          "Наша пекарня теперь привозит хлеб до семи утра. Заказы принимаем до десяти вечера, а"
          " доставка по городу бесплатная.",
          "Курс пчеловодства начинается в апреле. В нём восемь вечеров, и свои ульи не нужны.",
          "За зиму мы починили 120 велосипедов. Большая часть пойдёт в школу, а остальные можно"
          " будет купить в субботу.",
          "Музей показывает фотографии старой гавани до конца июня. По воскресеньям вход"
          " свободный. В три часа проходит экскурсия.",
          "Вышла четвёртая версия нашего календаря. Она работает без сети, и она вдвое быстрее"
          " прежней.",
          "В августе бассейн закрыт. Мы меняем нагреватель, поэтому осенью вода будет теплее.",
          "Ночной поезд к морю снова ходит с июня. Он отправляется в одиннадцать и прибывает в"
          " восемь. Велосипеды едут бесплатно.",
      }};
}

}  // namespace selfology::content
