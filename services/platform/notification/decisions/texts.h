// The words of notifications: templates filled with parameters, escaped for where they stand.
//
//   const Texts texts;
//   Words words = texts.WordsOf(KindOf("task.due"), Language::kEnglish, {{"title", "Tea & <cake>"}});
//   words.title;                                // "Due soon: Tea & <cake>": plain text
//   texts.MailHtml({...})                       // ... "Tea &amp; &lt;cake&gt;" ...: HTML
//
// What a person wrote cannot become markup, a link's scheme, or a further template. A title is one
// line. Threads: thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "common/language/language.h"
#include "services/platform/notification/decisions/kinds.h"

namespace selfology::notification {

using language::Language;

inline constexpr int kLongestTitle = 200;  // Unicode code points.
inline constexpr int kLongestText = 4000;

// Plain text, for inboxes, pushes and SMS.
struct Words {
  std::string title = {};
  std::string text = {};  // May have line breaks; may be empty.
};

// A mail's own parts.
struct MailWords {
  Language language = Language::kEnglish;
  std::string_view title = {};
  std::string_view text = {};
  std::string_view link = {};  // Empty: no button.
  std::string_view button = {};
  std::string_view unsubscribe = {};  // URL; empty: there is no unsubscribing.
};

class Texts {
 public:
  Texts();
  ~Texts();
  Texts(const Texts&) = delete;
  Texts& operator=(const Texts&) = delete;

  Words WordsOf(const Kind& kind, Language language,
                const std::map<std::string, std::string>& parameters) const;

  // A whole page, and the same as plain text.
  std::string MailHtml(const MailWords& words) const;
  std::string MailText(const MailWords& words) const;

  // The page behind a mail's unsubscribe link: a question with a button, or that it is done.
  std::string UnsubscribePage(std::string_view topic, bool done) const;

 private:
  class Templates;
  const std::unique_ptr<Templates> templates_;
};

// Words of one line: what ends lines becomes a space, other control characters go.
std::string OneLine(std::string_view words);

}  // namespace selfology::notification
