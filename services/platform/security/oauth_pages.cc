#include "services/platform/security/oauth_pages.h"

#include "absl/strings/str_cat.h"
#include "common/text/html.h"
#include "services/platform/security/patterns.h"

namespace selfology::security {
namespace {

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 30rem; margin: 2rem auto; }
body { padding: 0 1rem; color: #1b1b1b; background: #fff; }
label { display: block; margin-top: 1rem; }
input { font: inherit; width: 100%; box-sizing: border-box; padding: .5rem; }
input { border: 1px solid #595959; border-radius: .25rem; }
button { font: inherit; margin: 1.5rem .5rem 0 0; padding: .5rem 1.25rem; }
button { border: 2px solid #1d4e89; border-radius: .25rem; background: #fff; color: #1d4e89; }
button.main { background: #1d4e89; color: #fff; }
:focus-visible { outline: 3px solid #e07a00; outline-offset: 2px; }
[role=alert] { color: #a00000; font-weight: bold; }
</style>
)";

// Signs in, then sends the form with the button's answer.
constexpr std::string_view kScript = R"(
const form = document.getElementById("answer");
const problem = document.getElementById("problem");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.textContent = "";
  form.elements.decision.value = event.submitter ? event.submitter.value : "deny";
  if (form.elements.decision.value === "deny" && !form.dataset.always) { form.submit(); return; }
  const who = document.getElementById("who");
  if (!who.reportValidity()) return;
  const body = { email: who.elements.email.value, password: who.elements.password.value };
  if (who.elements.code.value) body.code = who.elements.code.value;
  try {
    const answer = await fetch("/api/auth/login", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(answer.status === 429 ? "Too many attempts. Try again later."
        : "That did not work. Check the e-mail address, the password and the code.");
    form.elements.access_token.value = (await answer.json()).tokens.access_token;
  } catch (error) {
    problem.textContent = error.message;
    who.elements.password.focus();
    return;
  }
  form.submit();
});
)";

constexpr std::string_view kWho = R"(<form id="who">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" required>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<label for="code">Code of your authenticator, if you use one</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code">
</form>
<p id="problem" role="alert"></p>
)";

constexpr std::string_view kButtons = R"(<input type="hidden" name="decision" value="">
<input type="hidden" name="access_token" value="">
<button class="main" name="choice" value="allow">Allow</button>
<button name="choice" value="deny">Deny</button>
</form>
)";

std::string Hidden(std::string_view name, std::string_view value) {
  return absl::StrCat("<input type=\"hidden\" name=\"", name, "\" value=\"",
                      text::EscapeHtml(value), "\">\n");
}

std::string Page(std::string_view title, std::string_view content, std::string_view nonce) {
  std::string page = absl::StrCat(kHead, "<title>", text::EscapeHtml(title),
                                  " - Selfology</title>\n</head>\n<body>\n<main>\n<h1>",
                                  text::EscapeHtml(title), "</h1>\n", content, "</main>\n");
  if (!nonce.empty()) {
    absl::StrAppend(&page,
                    "<noscript><p role=\"alert\">This page needs JavaScript to sign you in."
                    "</p></noscript>\n<script nonce=\"",
                    nonce, "\">", kScript, "</script>\n");
  }
  return absl::StrCat(page, "</body>\n</html>\n");
}

}  // namespace

std::string ConsentPage(const ConsentFacts& facts, std::string_view nonce) {
  std::string list;
  for (const std::string& word : SplitScope(facts.scope)) {
    if (word == "openid") {
      absl::StrAppend(&list, "<li>know who you are</li>\n");
    } else if (word == "profile") {
      absl::StrAppend(&list, "<li>see your name, language and time zone</li>\n");
    } else if (word == "email") {
      absl::StrAppend(&list, "<li>see your e-mail address</li>\n");
    } else if (word == "offline_access") {
      absl::StrAppend(&list, "<li>go on while you are away</li>\n");
    } else {
      absl::StrAppend(&list, "<li><code>", text::EscapeHtml(word), "</code></li>\n");
    }
  }
  return Page(absl::StrCat("Allow ", facts.client_name, "?"),
              absl::StrCat("<p>It wants to:</p>\n<ul>\n", list, "</ul>\n", kWho,
                           "<form id=\"answer\" method=\"post\" action=\"/oauth/consent\">\n",
                           Hidden("request", facts.request), kButtons),
              nonce);
}

std::string DevicePage(std::string_view user_code, std::string_view nonce) {
  return Page("Connect a device",
              absl::StrCat(kWho,
                           "<form id=\"answer\" method=\"post\" action=\"/oauth/device\" "
                           "data-always=\"1\">\n"
                           "<label for=\"user_code\">The code that the device shows</label>\n"
                           "<input id=\"user_code\" name=\"user_code\" autocomplete=\"off\" "
                           "autocapitalize=\"characters\" required value=\"",
                           text::EscapeHtml(user_code), "\">\n", kButtons),
              nonce);
}

std::string MessagePage(std::string_view title, std::string_view text) {
  return Page(title, absl::StrCat("<p>", text::EscapeHtml(text), "</p>\n"), "");
}

}  // namespace selfology::security
