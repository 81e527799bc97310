#include "services/studio/social/domains.h"

#include <utf8proc.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/text/utf8.h"
#include "services/studio/social/top_domains.h"

namespace selfology::social {
namespace {

constexpr char32_t kNone = 0xFFFFFFFF;  // Before the first character, behind the last.
constexpr int kMaxLabels = 127;         // More fit into no name (RFC 1035).
constexpr size_t kMaxLabel = 63;
constexpr std::string_view kShortener = "t.co/";
constexpr size_t kMaxShortName = 40;

bool IsAlnum(char32_t c) { return c < 128 && absl::ascii_isalnum(static_cast<unsigned char>(c)); }
bool IsOneOf(char32_t c, std::string_view list) {
  return c < 128 && c != 0 && absl::StrContains(list, static_cast<char>(c));
}
bool IsWithin(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

// The letters of Western Europe and Vietnam, and the accents that are put over them.
bool IsAccented(char32_t c) {
  constexpr std::u32string_view kOthers =
      U"\u0253\u0254\u0256\u0257\u0259\u025B\u0260\u0263\u0268\u0269\u026F\u0272\u0275\u0280\u0283"
      U"\u0288\u0289\u028A\u028B\u028C\u0292\u02BB\u0399\u03B9\u1FBE\u2C65\u2C66\u2C7E\u2C7F\uA7DC";
  return (IsWithin(c, 0xC0, 0x24F) && c != 0xD7 && c != 0xF7) || IsWithin(c, 0x300, 0x36F) ||
         IsWithin(c, 0x1E00, 0x1EFF) || kOthers.find(c) != std::u32string_view::npos;
}
bool IsCyrillic(char32_t c) { return IsWithin(c, 0x400, 0x4FF) || IsWithin(c, 0x1C80, 0x1C87); }

bool IsUnusable(char32_t c) { return c == 0xFEFF || c == 0xFFFE || c == 0xFFFF; }

// What the name of a domain is made of, beside '-' and '_': all but punctuation of ASCII, spaces
// and marks of direction.
bool IsNameCharacter(char32_t c) {
  if (c < 128) {
    return !IsWithin(c, 9, 13) && c != ' ' && !IsOneOf(c, "!#$%&'()*+,-./:;<=>?@[\\]^_{|}~");
  }
  return c != kNone && !IsUnusable(c) && c != 0x85 && c != 0xA0 && c != 0x61C && c != 0x1680 &&
         c != 0x180E && !IsWithin(c, 0x2000, 0x200A) && !IsWithin(c, 0x200E, 0x200F) &&
         !IsWithin(c, 0x2028, 0x202F) && c != 0x205F && !IsWithin(c, 0x2066, 0x2069) && c != 0x3000;
}
bool IsLatin(char32_t c) { return IsAlnum(c) || c == '-' || IsAccented(c); }

bool MayPrecede(char32_t c) {
  return !IsAlnum(c) && !IsOneOf(c, "@#$") && c != 0xFF20 && c != 0xFF03 && !IsUnusable(c);
}
// Before a domain without a scheme.
bool IsPartOfAnother(char32_t c) { return IsOneOf(c, "-_./"); }
// "a.com@", "a.com-" and "a.comb" are not of "com".
bool MayFollow(char32_t c) { return !IsAlnum(c) && !IsOneOf(c, "@+-"); }

bool IsOfPath(char32_t c) {
  return IsAlnum(c) || IsOneOf(c, "!*';:=+,.$/%#[]-_~@|&") || c == 0x2013 || IsAccented(c) ||
         IsCyrillic(c);
}
bool EndsPath(char32_t c) {
  return IsAlnum(c) || IsOneOf(c, "+-=_#/") || IsAccented(c) || IsCyrillic(c);
}
bool IsOfQuery(char32_t c) { return IsAlnum(c) || IsOneOf(c, "!?*'();:&=+$/%#[]-_.,~|@"); }
bool EndsQuery(char32_t c) { return IsAlnum(c) || IsOneOf(c, "-_&=#/"); }

// How long a label is in Punycode (RFC 3492), with its prefix.
size_t LengthOfLabel(std::string_view label) {
  std::u32string characters;
  while (!label.empty()) characters += text::TakeCharacter(label);
  const size_t basic =
      std::count_if(characters.begin(), characters.end(), [](char32_t c) { return c < 128; });
  if (basic == characters.size() || characters.size() > kMaxLabel) return characters.size();
  size_t length = 4 + basic + (basic > 0 ? 1 : 0);
  uint64_t delta = 0;
  uint64_t bias = 72;
  char32_t floor = 128;
  for (size_t done = basic; done < characters.size(); ++delta, ++floor) {
    char32_t least = kNone;
    for (const char32_t c : characters) {
      if (c >= floor) least = std::min(least, c);
    }
    delta += (least - floor) * (done + 1);
    floor = least;
    for (const char32_t c : characters) {
      if (c < floor) ++delta;
      if (c != floor) continue;
      uint64_t rest = delta;
      for (uint64_t step = 36;; step += 36) {
        ++length;
        const uint64_t threshold = step <= bias ? 1 : std::min<uint64_t>(step - bias, 26);
        if (rest < threshold) break;
        rest = (rest - threshold) / (36 - threshold);
      }
      delta = done == basic ? delta / 700 : delta / 2;
      delta += delta / (done + 1);
      for (bias = 0; delta > 455; bias += 36) delta /= 35;
      bias += 36 * delta / (delta + 38);
      delta = 0;
      ++done;
    }
  }
  return length;
}

class Finder {
 public:
  explicit Finder(std::string_view text) : text_(text) {}

  std::vector<Link> All() {
    for (size_t at = 0; at < text_.size();) {
      const char32_t before = At(at);
      std::optional<size_t> end;
      if (MayPrecede(before)) end = Take(before, at + SizeAt(at));
      if (!end.has_value() && at == 0) end = Take(kNone, 0);
      at = end.value_or(at + SizeAt(at));
    }
    return std::move(links_);
  }

 private:
  char32_t At(size_t at) const {
    if (at >= text_.size()) return kNone;
    std::string_view rest = text_.substr(at);
    return text::TakeCharacter(rest);
  }
  size_t SizeAt(size_t at) const {
    if (at >= text_.size()) return 0;
    std::string_view rest = text_.substr(at);
    text::TakeCharacter(rest);
    return text_.size() - at - rest.size();
  }
  template <typename Is>
  size_t SkipAll(size_t at, Is is) const {
    while (at < text_.size() && is(At(at))) at += SizeAt(at);
    return at;
  }

  // Where the top-level domain that starts there ends.
  std::optional<size_t> TopDomainEnd(size_t at) const {
    if (absl::StartsWithIgnoreCase(text_.substr(at), "xn--")) {
      const size_t end = SkipAll(at, [](char32_t c) { return IsAlnum(c) || c == '-'; });
      if (end > at + 4) return end;
    }
    std::optional<size_t> found;
    std::string name;
    for (size_t end = at; name.size() < kLongestTopDomain && IsNameCharacter(At(end));) {
      const auto lower = utf8proc_tolower(static_cast<utf8proc_int32_t>(At(end)));
      text::AppendCharacter(static_cast<char32_t>(lower), name);
      end += SizeAt(end);
      if (MayFollow(At(end)) && IsTopDomain(name)) found = end;
    }
    return found;
  }

  // Where the run of a label's characters ends; remembered, since a text may be one long run.
  size_t RunEnd(size_t at) {
    if (at < run_begin_ || at >= run_end_) {
      run_begin_ = at;
      run_end_ = SkipAll(at, [](char32_t c) { return IsNameCharacter(c) || IsOneOf(c, "-_"); });
    }
    return run_end_;
  }

  // Where the longest domain that starts there ends.
  std::optional<size_t> DomainEnd(size_t begin) {
    std::optional<size_t> found;
    size_t at = begin;
    for (int labels = 0; labels < kMaxLabels && IsNameCharacter(At(at)); ++labels) {
      const size_t end = RunEnd(at);
      if (end >= text_.size() || text_[end] != '.' || absl::StrContains("-_", text_[end - 1]))
        break;
      const bool of_host = absl::StrContains(text_.substr(at, end - at), '_');
      at = end + 1;
      if (of_host) continue;
      if (const std::optional<size_t> top = TopDomainEnd(at)) found = top;
    }
    return found;
  }

  // The end of "(...)", within which once more may be brackets; `at` if it is none.
  size_t SkipBrackets(size_t at, bool inner = false) const {
    if (At(at) != '(') return at;
    size_t end = SkipAll(at + 1, &IsOfPath);
    if (!inner && At(end) == '(') {
      const size_t after = SkipBrackets(end, true);
      if (after == end) return at;
      end = SkipAll(after, &IsOfPath);
    }
    return end > at + 1 && At(end) == ')' ? end + 1 : at;
  }

  size_t SkipPath(size_t at) const {
    size_t end = at;
    while (at < text_.size()) {
      const char32_t c = At(at);
      if (c == '(') {
        const size_t after = SkipBrackets(at);
        if (after == at) break;
        // Behind what may not end the path, brackets may not either: "y!(a)", but "y!(a)b".
        if (end == at) end = after;
        at = after;
      } else if (IsOfPath(c)) {
        at += SizeAt(at);
        if (EndsPath(c)) end = at;
      } else {
        break;
      }
    }
    return end;
  }

  size_t SkipQuery(size_t at) const {
    if (At(at) != '?') return at;
    size_t end = at;
    for (size_t next = at + 1; IsOfQuery(At(next)); ++next) {
      if (EndsQuery(At(next))) end = next + 1;
    }
    return end;
  }

  // Of X's own short addresses, only the first part of the path; `host`: it is too long for one.
  size_t ShortenedEnd(size_t host, size_t end) const {
    const size_t name = host + kShortener.size();
    if (!absl::StartsWithIgnoreCase(text_.substr(host), kShortener)) return end;
    const size_t name_end = SkipAll(name, &IsAlnum);
    if (name_end == name) return end;
    return name_end - name > kMaxShortName ? host : SkipQuery(name_end);
  }

  bool HasLongLabel(size_t begin, size_t end) const {
    for (size_t at = begin; at < end;) {
      const size_t dot = std::min(text_.find('.', at), end);
      if (LengthOfLabel(text_.substr(at, dot - at)) > kMaxLabel) return true;
      at = dot + 1;
    }
    return false;
  }

  // Takes what starts there, and returns where it ends.
  std::optional<size_t> Take(char32_t before, size_t begin) {
    const std::string_view rest = text_.substr(std::min(begin, text_.size()));
    const size_t scheme = absl::StartsWithIgnoreCase(rest, "http://")    ? 7
                          : absl::StartsWithIgnoreCase(rest, "https://") ? 8
                                                                         : 0;
    const size_t host = begin + scheme;
    const std::optional<size_t> domain = DomainEnd(host);
    if (!domain.has_value()) return std::nullopt;
    size_t end = *domain;
    if (At(end) == ':') {
      const size_t port = SkipAll(end + 1, [](char32_t c) { return IsWithin(c, '0', '9'); });
      if (port > end + 1) end = port;
    }
    const bool has_path = At(end) == '/';
    if (has_path) end = SkipPath(end);
    end = SkipQuery(end);
    if (HasLongLabel(host, *domain)) return end;
    if (scheme > 0) {
      const size_t link = ShortenedEnd(host, end);
      if (link > host) links_.push_back({.begin = begin, .end = link});
    } else if (!IsPartOfAnother(before)) {
      TakeLatin(host, *domain);
      if (has_path && !links_.empty() && links_.back().begin >= host) {
        // As many characters more as the path has, also where the name goes on in another script.
        size_t& link = links_.back().end;
        for (size_t at = *domain; at < end; at += SizeAt(at)) link += SizeAt(link);
      }
    }
    return end;
  }

  // Of a name without a scheme, the domains of Latin letters.
  void TakeLatin(size_t begin, size_t end) {
    for (size_t at = begin; at < end;) {
      std::optional<size_t> found;
      size_t next = at + SizeAt(at);
      for (size_t label = at; label < end;) {
        const size_t dot = SkipAll(label, &IsLatin);
        if (dot == label || dot >= end || text_[dot] != '.') {
          next = std::max(next, dot);
          break;
        }
        next = label = dot + 1;
        const std::optional<size_t> top = TopDomainEnd(label);
        if (top.has_value() && *top <= end) found = top;
      }
      if (found.has_value()) links_.push_back({.begin = at, .end = *found});
      at = found.value_or(next);
    }
  }

  std::string_view text_;
  std::vector<Link> links_;
  size_t run_begin_ = 0;
  size_t run_end_ = 0;
};

}  // namespace

std::vector<Link> FindXLinks(std::string_view text) { return Finder(text).All(); }

}  // namespace selfology::social
