#include "services/studio/social/domains.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace selfology::social {
namespace {

// ISO 3166 as IANA delegates it, with two of its own (eu, uk).
constexpr std::string_view kCountries =
    " ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs"
    " bt bv bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec"
    " ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy"
    " hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz"
    " la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx"
    " my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re"
    " ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th"
    " tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm "
    "zw ";
constexpr std::string_view kGeneric =
    " academy aero agency app art asia bar biz blog cafe care cat center chat church click cloud"
    " club coach codes com community company coop design dev digital earth edu education email"
    " events expert family fitness fun fund fyi gallery games global gov group guide guru health"
    " help host how info ink int jobs land law life link live love ltd media mil mobi money museum"
    " name net network news ngo one online org page photo photos pics plus press pro pub review"
    " run school science services shop show site social software solutions space store studio"
    " style support systems team tech tel tips today tools top town training travel tube video"
    " vip watch website wiki work works world wtf xyz yoga zone ";

bool IsLabel(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-'; }

bool IsIn(std::string_view list, std::string_view name) {
  return absl::StrContains(list, absl::StrCat(" ", name, " "));
}

// Not after these, which make it part of a word, an address, a tag or a name.
bool MayFollow(char c) {
  return !IsLabel(c) && !absl::StrContains("@#$._/&=", c) && static_cast<unsigned char>(c) < 128;
}

// The domain that is `text` up to where its labels end; 0: it is none. Without a path.
size_t DomainLength(std::string_view text) {
  size_t end = 0;
  while (end < text.size() && (IsLabel(text[end]) || text[end] == '.')) ++end;
  while (end > 0 && text[end - 1] == '.') --end;
  return end;
}

}  // namespace

std::vector<Link> FindDomains(std::string_view text) {
  const std::vector<Link> links = FindLinks(text);
  std::vector<Link> domains;
  size_t link = 0;
  for (size_t at = 0; at < text.size();) {
    while (link < links.size() && links[link].end <= at) ++link;
    if (link < links.size() && links[link].begin <= at) {
      at = links[link].end;
      continue;
    }
    const bool starts = absl::ascii_isalnum(static_cast<unsigned char>(text[at])) &&
                        (at == 0 || MayFollow(text[at - 1]));
    if (!starts) {
      ++at;
      continue;
    }
    const size_t length = DomainLength(text.substr(at));
    const std::string domain = absl::AsciiStrToLower(text.substr(at, length));
    size_t end = at + length;
    const bool has_path = end < text.size() && text[end] == '/';
    const bool address = end < text.size() && text[end] == '@';
    const size_t dot = domain.rfind('.');
    at = std::max(end, at + 1);
    if (dot == std::string::npos || dot == 0 || address || absl::StrContains(domain, ".."))
      continue;
    const std::string top = domain.substr(dot + 1);
    const bool country = IsIn(kCountries, top);
    const bool alone = country && domain.find('.') == dot && top != "co" && top != "tv";
    if (!country && !IsIn(kGeneric, top)) continue;
    if (alone && !has_path) continue;
    if (has_path) {
      while (end < text.size() && !absl::ascii_isspace(static_cast<unsigned char>(text[end])) &&
             !absl::StrContains("<>\"", text[end])) {
        ++end;
      }
      while (absl::StrContains(".,;:!?')", text[end - 1])) --end;
    }
    domains.push_back({.begin = at - length, .end = end});
    at = end;
  }
  return domains;
}

}  // namespace selfology::social
