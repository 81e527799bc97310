#include "services/coaching/coaching_dialog/settings/export_document.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/substitute.h"
#include "common/text/html.h"
#include "nlohmann/json.hpp"
#include "services/coaching/coaching_dialog/settings/wording.h"

namespace selfology::coaching_dialog {
namespace {

using Value = nlohmann::ordered_json;
using text::EscapeHtml;

constexpr std::string_view kNextPage = "next_page_token";
// A response holds few messages within each other; a file that lies about that is not followed.
constexpr int kDeepest = 32;

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="$0">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$1</title>
<style>
body { margin: 0 auto; max-width: 42rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif;
  color: #222; background: #fff; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
article { border-top: 1px solid #ddd; padding: .5rem 0; }
p { margin: .25rem 0; white-space: pre-wrap; }
.q { font-weight: 600; } .m { color: #666; font-size: .85rem; }
.you { border-left: 3px solid #4a7; padding-left: .6rem; }
dl { margin: 0 0 0 .6rem; } dt { color: #666; } dd { margin: 0 0 .3rem .8rem; }
</style>
</head>
<body>
)";

// The text of a member; empty where there is none.
std::string Text(const Value& object, const char* name) {
  if (!object.is_object()) return "";
  const auto found = object.find(name);
  if (found == object.end()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

// What is known of a person, by the path of its names; null where there is none.
const Value& At(const Value& services, std::initializer_list<const char*> path) {
  static const auto& nothing = *new Value();
  const Value* here = &services;
  for (const char* name : path) {
    if (!here->is_object()) return nothing;
    const auto found = here->find(name);
    if (found == here->end()) return nothing;
    here = &*found;
  }
  return *here;
}

// "2026-12-04 19:05" for the standard JSON mapping's "2026-12-04T19:05:00.123Z".
std::string When(const std::string& timestamp) {
  constexpr size_t kToMinutes = 16;
  std::string when = timestamp.substr(0, kToMinutes);
  if (when.size() == kToMinutes && when[10] == 'T') when[10] = ' ';
  return EscapeHtml(when);
}

std::string Paragraph(std::string_view style, const std::string& escaped) {
  if (escaped.empty()) return "";
  return absl::StrCat("<p", style.empty() ? "" : " class=\"", style, style.empty() ? "" : "\"", ">",
                      escaped, "</p>\n");
}

// Any value, member by member.
void AppendValue(const Value& value, int depth, std::string& html) {
  if (depth > kDeepest) return;
  if (value.is_object()) {
    html += "<dl>\n";
    for (const auto& [name, member] : value.items()) {
      absl::StrAppend(&html, "<dt>", EscapeHtml(absl::StrReplaceAll(name, {{"_", " "}})),
                      "</dt><dd>");
      AppendValue(member, depth + 1, html);
      html += "</dd>\n";
    }
    html += "</dl>\n";
  } else if (value.is_array()) {
    for (const Value& element : value) {
      html += "<article>";
      AppendValue(element, depth + 1, html);
      html += "</article>\n";
    }
  } else {
    html += EscapeHtml(value.is_string() ? value.get<std::string>() : value.dump());
  }
}

std::string Answers(const Value& answers, Language /*language*/) {
  std::string html;
  for (const Value& answer : answers) {
    absl::StrAppend(&html, "<article>", Paragraph("q", EscapeHtml(Text(answer, "question_text"))),
                    Paragraph("", EscapeHtml(Text(answer, "answer_text"))),
                    Paragraph("m", When(Text(answer, "created_at"))), "</article>\n");
  }
  return html;
}

// The newest comes first, and is read last.
std::string Conversation(const Value& messages, Language language) {
  std::string html;
  std::for_each(messages.rbegin(), messages.rend(), [&](const Value& message) {
    const bool is_theirs = Text(message, "role") == "MESSAGE_ROLE_USER";
    absl::StrAppend(&html, "<article", is_theirs ? " class=\"you\"" : "", ">",
                    Paragraph("m", absl::StrCat(Phrase(language, is_theirs ? Wording::kPageYou
                                                                           : Wording::kPageCoach),
                                                " · ", When(Text(message, "created_at")))),
                    Paragraph("", EscapeHtml(Text(message, "content"))), "</article>\n");
  });
  return html;
}

std::string Due(const Value& thing, Language language) {
  std::string due = EscapeHtml(Text(thing, "due_date"));
  if (Text(thing, "done") == "true") {
    absl::StrAppend(&due, due.empty() ? "" : " · ", Phrase(language, Wording::kPageDone));
  }
  return due;
}

std::string MemoryItems(const Value& items, Language language) {
  std::string html;
  for (const Value& item : items) {
    const std::string quote = Text(item, "quote");
    absl::StrAppend(&html, "<article>", Paragraph("q", EscapeHtml(Text(item, "text"))),
                    quote.empty() ? "" : Paragraph("", absl::StrCat("“", EscapeHtml(quote), "”")),
                    Paragraph("m", Due(item, language)), "</article>\n");
  }
  return html;
}

std::string PlanSteps(const Value& plan, Language language) {
  std::string html = Paragraph("q", EscapeHtml(Text(plan, "goal")));
  for (const Value& step : At(plan, {"steps"})) {
    absl::StrAppend(&html, "<article>",
                    Paragraph("", absl::StrCat(EscapeHtml(Text(step, "number")), ". ",
                                               EscapeHtml(Text(step, "text")))),
                    Paragraph("m", Due(step, language)), "</article>\n");
  }
  return html;
}

std::string AsItIs(const Value& value, Language /*language*/) {
  std::string html;
  AppendValue(value, 0, html);
  return html;
}

struct Section {
  Wording heading;
  const char* service;
  const char* method;
  const char* member;
  std::string (*render)(const Value& value, Language language);
};

constexpr Section kSections[] = {
    {Wording::kPageAnswers, "session", "ListAnswers", "answers", &Answers},
    {Wording::kPageConversation, "coach", "ListMessages", "messages", &Conversation},
    {Wording::kPageMemory, "coach", "GetMemory", "items", &MemoryItems},
    {Wording::kPagePlan, "coach", "GetMemory", "plan", &PlanSteps},
    {Wording::kPageMoods, "coaching_dialog", "ListMoods", "records", &AsItIs},
    {Wording::kPageTraits, "profile", "GetProfile", "profile", &AsItIs},
    {Wording::kPageConsent, "session", "GetOnboarding", "onboarding", &AsItIs},
    {Wording::kPageSettings, "notification", "GetPreferences", "preferences", &AsItIs},
};

void AppendSection(std::string_view heading, const std::string& body, std::string& html) {
  absl::StrAppend(&html, "<section>\n<h2>", heading, "</h2>\n", body, "</section>\n");
}

}  // namespace

struct ExportDocument::Data {
  Value services = Value::object();
};

ExportDocument::ExportDocument() : data_(std::make_unique<Data>()) {}
ExportDocument::ExportDocument(ExportDocument&&) noexcept = default;
ExportDocument& ExportDocument::operator=(ExportDocument&&) noexcept = default;
ExportDocument::~ExportDocument() = default;

absl::Status ExportDocument::Add(const mesh::v1::ExportUserResponse& page) {
  Value given = Value::parse(page.json(), nullptr, /*allow_exceptions=*/false);
  if (!given.is_object()) return absl::InternalError("a page of an export is no JSON object");
  given.erase(std::string(kNextPage));
  if (given.empty()) return absl::OkStatus();
  Value& known = data_->services[page.service()][page.method()];
  if (known.is_null()) {
    known = std::move(given);
    return absl::OkStatus();
  }
  // Lists go on; what stands beside them is the same on every page.
  for (const auto& [name, value] : given.items()) {
    Value& member = known[name];
    if (member.is_array() && value.is_array()) {
      member.insert(member.end(), value.begin(), value.end());
    } else {
      member = value;
    }
  }
  return absl::OkStatus();
}

std::string ExportDocument::Json(int64_t user_id, absl::Time now) const {
  Value file;
  file["user_id"] = absl::StrCat(user_id);
  file["exported_at"] = absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", now, absl::UTCTimeZone());
  file["services"] = data_->services;
  constexpr int kIndent = 2;
  return file.dump(kIndent, ' ', /*ensure_ascii=*/false, Value::error_handler_t::replace);
}

std::string ExportDocument::Html(Language language, absl::Time now) const {
  const std::string_view title = Phrase(language, Wording::kPageTitle);
  std::string html = absl::Substitute(kHead, std::string(TagOf(language)), std::string(title));
  absl::StrAppend(&html, "<h1>", title, "</h1>\n",
                  Paragraph("m", absl::Substitute(Phrase(language, Wording::kPageMadeAt),
                                                  absl::FormatTime("%Y-%m-%d %H:%M", now,
                                                                   absl::UTCTimeZone()))));
  std::set<std::pair<std::string, std::string>> shown;
  bool is_empty = true;
  for (const Section& section : kSections) {
    shown.emplace(section.service, section.method);
    const auto& value = At(data_->services, {section.service, section.method, section.member});
    if (value.empty()) continue;
    AppendSection(Phrase(language, section.heading), section.render(value, language), html);
    is_empty = false;
  }
  std::string rest;
  for (const auto& [service, methods] : data_->services.items()) {
    for (const auto& [method, value] : methods.items()) {
      if (shown.contains({service, method})) continue;
      absl::StrAppend(&rest, "<details><summary>", EscapeHtml(service), " · ", EscapeHtml(method),
                      "</summary>\n");
      AppendValue(value, 0, rest);
      rest += "</details>\n";
    }
  }
  if (!rest.empty()) AppendSection(Phrase(language, Wording::kPageOther), rest, html);
  if (is_empty && rest.empty()) {
    html += Paragraph("", std::string(Phrase(language, Wording::kPageNothing)));
  }
  html += "</body>\n</html>\n";
  return html;
}

}  // namespace selfology::coaching_dialog
